//! A contract, held against the sandbox: each case is a trial, for `cargo test` and
//! `cargo nextest run` alike.

use onrecord::contract::Level;
use onrecord::harness::{Arguments, sandbox};

fn main() -> std::process::ExitCode {
    sandbox("msk").breaks(Level::Advisory).run(&Arguments::from_args())
}
