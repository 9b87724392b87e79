//! Every fault of the sandbox is found by exactly the checks that it breaks, and the sandbox
//! without faults by none, whatever the seed. One trial for each.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use onrecord::check::CHECKS;
use onrecord::contract::{Contract, Level};
use onrecord::report::{Run, Target};
use onrecord::runner::{Live, Outcome, Permission, Settings, Suite};
use onrecord::sandbox::{FAULTS, Fault, Sandbox};

/// How many seeds the sandbox without faults must be silent for.
const SEEDS: u64 = 10;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let contract = Contract::built_in("msk").expect("msk is built in").expect("msk loads");
    let contract = Arc::new(contract);
    let mut trials = Vec::new();
    for fault in FAULTS {
        let contract = contract.clone();
        trials.push(Trial::test(format!("finds {}", fault.name), move || finds(&contract, fault)));
    }
    for seed in 0..SEEDS {
        let contract = contract.clone();
        trials.push(Trial::test(format!("is silent for seed {seed}"), move || is_silent(&contract, seed)));
    }
    trials.push(Trial::test("every law with ground in msk has a fault", move || laws_have_faults(&contract)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn finds(contract: &Arc<Contract>, fault: &Fault) -> Result<(), Failed> {
    let run = run(contract, &[*fault], 0)?;
    let found: BTreeSet<_> = run.findings.iter().map(|finding| finding.check.as_str()).collect();
    let broken: BTreeSet<_> = fault.breaks.iter().copied().collect();
    match found == broken {
        true => Ok(()),
        false => Err(format!("breaks {broken:?}, and {found:?} found something").into()),
    }
}

fn is_silent(contract: &Arc<Contract>, seed: u64) -> Result<(), Failed> {
    let run = run(contract, &[], seed)?;
    match run.findings.first() {
        None => Ok(()),
        Some(finding) => Err(format!("{} at {}: {}", finding.check, finding.place, finding.again).into()),
    }
}

/// A law that nothing can break here cannot be shown to work.
fn laws_have_faults(contract: &Contract) -> Result<(), Failed> {
    let grounded =
        CHECKS.iter().filter(|check| contract.operations.iter().any(|op| (check.applies)(contract, op)));
    let broken = |id: &str| FAULTS.iter().any(|fault| fault.breaks.contains(&id));
    let missing: Vec<_> = grounded.map(|check| check.id).filter(|id| !broken(id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no fault breaks {missing:?}").into()) }
}

fn run(contract: &Arc<Contract>, faults: &[Fault], seed: u64) -> Result<Run, Failed> {
    let sandbox = Sandbox::new(contract.clone(), faults);
    let channel = Live::new(sandbox, contract.clone(), "127.0.0.1:4566", None);
    let settings = Settings {
        seed,
        cases: 4,
        permission: Permission::Everything,
        max_resources: usize::MAX,
        shrinking: 0,
        breaks: Level::Must,
        target: Target::Sandbox { faults: faults.iter().map(|fault| fault.name.to_owned()).collect() },
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: format!("onrecord check --contract msk --sandbox --seed {seed} --cases 4"),
    };
    let suite = Suite::new(contract.clone(), Box::new(channel), settings);
    for case in suite.cases() {
        if let Outcome::Broken(reason) = suite.run(&case) {
            return Err(format!("{}: {reason}", case.name).into());
        }
    }
    Ok(suite.finish()?)
}
