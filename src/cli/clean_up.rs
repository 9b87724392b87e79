//! `check --clean-up`: deletes what killed runs have left.

use std::path::{Path, PathBuf};

use onrecord::encoding::shell_word;
use onrecord::net::{Stop, Upstream};
use onrecord::runner::{CleanUpError, Ledger, Proof, Remote, clean_up};
use serde::Serialize;

use super::context::Context;
use super::contracts::{self, Overlays};
use super::failure::{End, Failure};
use super::format::Format;
use super::{check, ledgers};

/// What is said of one ledger.
#[derive(Debug, Serialize)]
struct Told {
    ledger: String,
    contract: String,
    target: String,
    /// When the run began.
    began: String,
    created: usize,
    deleted: usize,
    /// How many of those were deleted now.
    now: usize,
    left: Vec<String>,
}

/// What the command line says instead of the ledger.
pub(super) struct Instead<'a> {
    pub(super) contract: Option<&'a str>,
    pub(super) overlays: &'a Overlays,
}

/// Cleans up after the run of a ledger, or of all that there are.
pub(super) fn run(
    ledger: Option<&Path>,
    instead: &Instead<'_>,
    format: Format,
    context: &Context,
) -> Result<End, Failure> {
    let ledgers: Vec<PathBuf> = ledger.map_or_else(|| ledgers::all(context), |path| vec![path.to_owned()]);
    let (mut all, mut failures) = (Vec::new(), Vec::new());
    for path in &ledgers {
        match one(path, instead, context) {
            Ok(told) => {
                if format == Format::Human {
                    context.say(&told.text());
                }
                all.push(told);
            }
            Err(failure) => failures.push(failure),
        }
    }
    match format {
        Format::Json => context.say(&serde_json::to_string_pretty(&all).unwrap_or_default()),
        Format::Human if ledgers.is_empty() => context.say("no run has left anything that a ledger names"),
        Format::Human => {}
    }
    for told in all.iter().filter(|told| !told.left.is_empty()) {
        let ledger = shell_word(&told.ledger);
        context.complain(&format!(
            "not all could be deleted; try again later: onrecord check --clean-up {ledger}"
        ));
    }
    // The last one is told as the command's own.
    let last = failures.pop();
    failures.iter().for_each(|failure| context.complain(&failure.to_string()));
    match last {
        Some(failure) => Err(failure),
        None if all.iter().all(|told| told.left.is_empty()) => Ok(End::Well),
        None => Ok(End::Found),
    }
}

fn one(path: &Path, instead: &Instead<'_>, context: &Context) -> Result<Told, Failure> {
    let Some(mut ledger) = Ledger::open(path)? else {
        // Its run was killed before it had asked for anything.
        std::fs::remove_file(path)
            .map_err(|error| Failure::Environment(format!("cannot remove {}: {error}", path.display())))?;
        return Ok(Told::nothing(path));
    };
    let began = ledger.began().clone();
    let contract = instead.contract.unwrap_or(&began.contract);
    let overlays = match instead.contract {
        Some(_) => instead.overlays.and(&[]),
        None => instead.overlays.and(&began.overlays.iter().map(PathBuf::from).collect::<Vec<_>>()),
    };
    let contract = contracts::load(contract, &overlays, context)?;
    let upstream = Upstream::parse(&began.target)?;
    let signer = check::signer(&contract, &began.region, context);
    let mut provider = Remote::new(&upstream, signer)?;
    let patience = ledgers::patience(&upstream);
    let proof = clean_up(&contract, &mut provider, &mut ledger, patience, &Stop::new());
    let proof = proof.map_err(|error| failed(path, error))?.unwrap_or_default();
    let Proof { created, deleted, now, left } = proof;
    Ok(Told {
        ledger: path.display().to_string(),
        contract: contract.id.clone(),
        target: began.target,
        began: began.at,
        created,
        deleted,
        now,
        left,
    })
}

fn failed(path: &Path, error: CleanUpError) -> Failure {
    match error {
        CleanUpError::Ledger(error) => error.into(),
        CleanUpError::Foreign(..) => Failure::Input(format!("{}: {error}", path.display())),
        CleanUpError::Net(_) | CleanUpError::Unlisted { .. } => {
            Failure::Environment(format!("{error}; then try again: {}", ledgers::cure(path)))
        }
    }
}

impl Told {
    fn nothing(path: &Path) -> Self {
        let [contract, target, began] = [(); 3].map(|()| String::new());
        let ledger = path.display().to_string();
        Self { ledger, contract, target, began, created: 0, deleted: 0, now: 0, left: Vec::new() }
    }

    fn text(&self) -> String {
        let Self { ledger, contract, target, began, created, deleted, now, left } = self;
        if contract.is_empty() {
            return format!("{ledger}: its run had asked for nothing");
        }
        let head = format!(
            "{contract} at {target}, run of {began}: {created} created, {deleted} deleted ({now} of them now), {} left over",
            left.len()
        );
        let left = left.iter().map(|name| format!("left over: {name}"));
        [head].into_iter().chain(left).collect::<Vec<_>>().join("\n")
    }
}
