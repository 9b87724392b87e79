//! Words: a run, and its renderings. Every report is a pure function of the run.

mod begin;
mod coverage;
pub mod curl;
pub mod drift;
mod evidence;
#[cfg(test)]
mod example;
mod file;
pub mod html;
mod join;
pub mod junit;
mod known;
mod links;
pub mod markdown;
mod matrix;
mod merge;
mod notes;
mod overall;
mod place;
mod pretty;
mod reason;
mod run;
pub mod sarif;
mod shard;
mod standing;
pub mod text;
mod visible;

pub use file::RunError;
pub use join::{Part, qualified};
pub use known::Known;
pub use merge::MergeError;
pub use notes::not_called;
pub use overall::{Overall, Strictness};
pub use run::{Case, Cell, CheckInfo, ContractInfo, Finding, Run, Tally, Target, UNSEEN};
pub use shard::Shard;
