//! Words: a run, and its renderings. Every report is a pure function of the run.

mod begin;
pub mod curl;
pub mod drift;
mod evidence;
#[cfg(test)]
mod example;
mod file;
pub mod html;
pub mod junit;
mod links;
pub mod markdown;
mod matrix;
mod merge;
mod overall;
mod place;
mod pretty;
mod reason;
mod run;
pub mod text;
mod visible;

pub use file::RunError;
pub use merge::MergeError;
pub use overall::{Overall, Strictness};
pub use run::{Case, Cell, CheckInfo, ContractInfo, Finding, Run, Tally, Target};
