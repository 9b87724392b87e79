//! Words: a run, and its renderings. Every report is a pure function of the run.

mod run;

pub use run::{Case, Cell, CheckInfo, ContractInfo, Finding, Run, Tally, Target};
