//! Every fault of the sandbox is found by exactly the checks that it breaks, and the sandbox
//! without faults by none, whatever the seed: for our contracts, one trial for each. Of the large contracts
//! only a part of the faults is tried, unless the whole matrix is asked for.
//!
//! `ONRECORD_MATRIX=whole` tries every fault on the large contracts too, `ONRECORD_SEEDS=100` so many seeds,
//! and `ONRECORD_MODELS=FOLDER` the contracts in a folder, such as the models that a provider publishes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use onrecord::check::{CHECKS, OF_CLIENTS};
use onrecord::contract::{Contract, Level};
use onrecord::report::{Finding, Run, Target};
use onrecord::runner::{Live, Outcome, Permission, Settings, Suite};
use onrecord::sandbox::{FAULTS, Fault, Sandbox};

/// How many seeds the sandbox without faults must be silent for, if `ONRECORD_SEEDS` does not say.
const SEEDS: u64 = 3;

/// Contracts of which a run takes several times as long as of the others. Unless the whole matrix is
/// wanted, each tries one of so many faults, and those that need it: no smaller one gives them ground.
const LARGE: &[&str] = &["contracts/msk.json", "contracts/eks.json"];
const ONE_OF: usize = 4;
const NEED_LARGE: &[&str] = &["lifecycle.leaves-refused"];

/// How many valid inputs are made up for each operation.
const CASES: usize = 4;

/// Of the inputs that break something, every so many-th is enough where not they are the fault's
/// matter.
const SAMPLE: usize = 16;

/// Our contracts, and one for what none of them has ground for.
const CONTRACTS: &[&str] = &[
    "contracts/msk.json",
    "contracts/eks.json",
    "contracts/dsql.json",
    "contracts/cloudhsm.json",
    "contracts/astronomer.yaml",
    "tests/linked.yaml",
];

/// A model as providers publish them, without a word of ours: what the sandbox makes up for it has to be
/// taken by it, and deleted again.
const PUBLISHED: &str = "tests/published.json";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let models = models().into_iter().flat_map(|file| silences(file, finds_nothing));
    let trials = CONTRACTS.iter().copied().flat_map(trials);
    let trials = trials.chain(silences(PUBLISHED, is_silent)).chain(models);
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The contracts in the folder that `ONRECORD_MODELS` names.
fn models() -> Vec<&'static str> {
    let Some(folder) = std::env::var_os("ONRECORD_MODELS") else { return Vec::new() };
    let files = std::fs::read_dir(folder).expect("ONRECORD_MODELS names a folder");
    let mut files: Vec<_> =
        files.map(|file| file.expect("it is read").path().display().to_string()).collect();
    files.sort();
    files.into_iter().map(|file| &*file.leak()).collect()
}

/// What is tried with a contract, and a number.
type Try = fn(&Arc<Contract>, u64) -> Result<(), Failed>;

/// What makes the trials of one contract, which is read once, by the first of them.
fn trial(file: &'static str) -> impl Fn(String, Try, u64) -> Trial {
    let contract = Arc::new(Mutex::new(None));
    let name = file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or(file);
    move |title, run, number| {
        let contract = contract.clone();
        Trial::test(format!("{name} {title}"), move || run(&read(file, &contract)?, number))
    }
}

fn trials(file: &'static str) -> Vec<Trial> {
    let trial = trial(file);
    let faults = (0..).zip(FAULTS).filter(|(number, fault)| is_tried(file, *number, fault));
    let faults = faults.map(|(number, fault)| trial(format!("finds {}", fault.name), finds, number as u64));
    let mut trials: Vec<_> = faults.chain(silences(file, is_silent)).collect();
    trials.push(trial("has a fault for every law with ground".to_owned(), laws_have_faults, 0));
    trials
}

fn is_tried(file: &str, number: usize, fault: &Fault) -> bool {
    let Some(place) = LARGE.iter().position(|large| *large == file) else { return true };
    let is_turn = (number + place).is_multiple_of(ONE_OF);
    is_turn
        || NEED_LARGE.contains(&fault.name)
        || std::env::var_os("ONRECORD_MATRIX").is_some_and(|it| it == "whole")
}

fn silences(file: &'static str, silent: Try) -> impl Iterator<Item = Trial> {
    let trial = trial(file);
    let seeds = std::env::var("ONRECORD_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    (0..seeds).map(move |seed| trial(format!("is silent for seed {seed}"), silent, seed))
}

fn read(file: &str, kept: &Mutex<Option<Arc<Contract>>>) -> Result<Arc<Contract>, Failed> {
    let mut kept = kept.lock().map_err(|_| "the contract could not be read")?;
    if let Some(contract) = &*kept {
        return Ok(contract.clone());
    }
    let contract = Arc::new(Contract::open(&place(file), &[])?);
    *kept = Some(contract.clone());
    Ok(contract)
}

/// Files of ours are named from the root of the project.
fn place(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).display().to_string()
}

/// The fault breaks its laws, and no other of the same weight: what is only advice may come with it.
/// Where it made no difference, or no law of its has ground, there is nothing to find.
fn finds(contract: &Arc<Contract>, number: u64) -> Result<(), Failed> {
    let fault = &FAULTS[number as usize];
    let broken: BTreeSet<_> = fault.breaks.iter().copied().filter(|id| has_ground(contract, id)).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let sandbox = Sandbox::new(contract.clone(), &[*fault]);
    let effect = sandbox.effect();
    let run = run(contract, sandbox, Some(fault), 0)?;
    let broken = if effect.is_there() { broken } else { BTreeSet::new() };
    let counts = |finding: &&Finding| finding.level != "ADV" || broken.contains(finding.check.as_str());
    let found: BTreeSet<_> =
        run.findings.iter().filter(counts).map(|finding| finding.check.as_str()).collect();
    match found == broken {
        true => Ok(()),
        false => Err(format!("breaks {broken:?}, and {found:?} found something").into()),
    }
}

fn is_silent(contract: &Arc<Contract>, seed: u64) -> Result<(), Failed> {
    let run = silent(contract, seed)?;
    let left = run.notes.iter().find(|note| note.starts_with("left over"));
    left.map_or(Ok(()), |left| Err(left.as_str().into()))
}

/// Not everything that the models of others create has an operation that deletes it.
fn finds_nothing(contract: &Arc<Contract>, seed: u64) -> Result<(), Failed> {
    silent(contract, seed).map(drop)
}

fn silent(contract: &Arc<Contract>, seed: u64) -> Result<Run, Failed> {
    let run = run(contract, Sandbox::new(contract.clone(), &[]), None, seed)?;
    match run.findings.first() {
        None => Ok(run),
        Some(finding) => Err(format!("{} at {}: {}", finding.check, finding.place, finding.again).into()),
    }
}

/// A law that nothing can break here cannot be shown to work.
fn laws_have_faults(contract: &Arc<Contract>, _: u64) -> Result<(), Failed> {
    let of_providers = CHECKS.iter().map(|check| check.id).filter(|id| !OF_CLIENTS.contains(id));
    let grounded = of_providers.filter(|id| has_ground(contract, id));
    let broken = |id: &str| FAULTS.iter().any(|fault| fault.breaks.contains(&id));
    let missing: Vec<_> = grounded.filter(|id| !broken(id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no fault breaks {missing:?}").into()) }
}

fn has_ground(contract: &Contract, id: &str) -> bool {
    let check = CHECKS.iter().find(|check| check.id == id);
    check
        .is_some_and(|check| contract.operations.iter().any(|operation| (check.applies)(contract, operation)))
}

fn run(contract: &Arc<Contract>, sandbox: Sandbox, fault: Option<&Fault>, seed: u64) -> Result<Run, Failed> {
    let channel = Live::new(sandbox, contract.clone(), "127.0.0.1:4566", None);
    let settings = Settings {
        seed,
        cases: CASES,
        permission: Permission::Everything,
        max_resources: usize::MAX,
        shrinking: 0,
        breaks: Level::Must,
        target: Target::Sandbox { faults: fault.iter().map(|fault| fault.name.to_owned()).collect() },
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: format!(
            "onrecord check --contract {} --sandbox --seed {seed} --cases {CASES} --exact ",
            contract.id
        ),
        mark: None,
    };
    let suite = Suite::new(contract.clone(), Box::new(channel), settings);
    let is_about_inputs = fault.is_none_or(|fault| fault.name.starts_with("validation."));
    for (number, case) in suite.cases().into_iter().enumerate() {
        if !is_about_inputs && case.name.contains("/violates/") && number % SAMPLE != 0 {
            continue;
        }
        if let Outcome::Broken(reason) = suite.run(&case) {
            return Err(format!("{}: {reason}", case.name).into());
        }
    }
    Ok(suite.finish()?)
}
