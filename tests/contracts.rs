//! The contracts, held against the sandbox: each case is a trial, for `cargo test` and
//! `cargo nextest run` alike.

#![expect(clippy::print_stderr, reason = "a test target says why it fails")]

use std::process::ExitCode;
use std::sync::Arc;

use onrecord::contract::{Contract, Level};
use onrecord::harness::{self, Arguments};
use onrecord::report::Target;
use onrecord::runner::{Live, Permission, Settings, Suite};
use onrecord::sandbox::Sandbox;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let contract = Contract::built_in("msk").expect("msk is built in").expect("msk loads");
    let contract = Arc::new(contract);
    let sandbox = Sandbox::new(contract.clone(), &[]);
    let channel = Live::new(sandbox, contract.clone(), "127.0.0.1:4566", None);
    let settings = Settings {
        seed: 0,
        cases: 10,
        permission: Permission::Everything,
        max_resources: usize::MAX,
        shrinking: 24,
        breaks: Level::Advisory,
        target: Target::Sandbox { faults: Vec::new() },
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: "onrecord check --contract msk --sandbox --seed 0 --cases 10".to_owned(),
        mark: None,
    };
    let suite = Suite::new(contract, Box::new(channel), settings);
    match harness::run(suite, &arguments) {
        Ok((verdict, _)) => verdict.exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
