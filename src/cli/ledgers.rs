//! Where the ledgers of runs are, and what is told of them.

use std::path::{Path, PathBuf};

use onrecord::contract::BUILT_IN;
use onrecord::encoding::shell_word;
use onrecord::net::Upstream;
use onrecord::runner::{Began, Ledger, LedgerError, Mark, Patience};

use super::context::Context;
use super::contracts::Overlays;
use super::failure::Failure;
use super::origin::Whereabouts;

/// How the names of ledgers end.
const ENDING: &str = "ledger";

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match &error {
            LedgerError::Broken { .. } | LedgerError::There(_) => Self::Input(error.to_string()),
            LedgerError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self::Input(format!("{error}; name the file that a run told"))
            }
            LedgerError::Io { .. } | LedgerError::Busy(_) => Self::Environment(error.to_string()),
        }
    }
}

/// Whom a run asks, as its command line says it.
pub(super) struct Asked<'a> {
    pub(super) contract: &'a str,
    pub(super) id: &'a str,
    pub(super) overlays: &'a Overlays,
    pub(super) target: &'a str,
    /// What earlier contracts of the run have left over keeps its ledger.
    pub(super) left: &'a [PathBuf],
}

/// The ledger of a run that begins. Earlier runs that left something at the same target are told.
pub(super) fn begin(
    file: Option<&Path>,
    mark: &Mark,
    asked: &Asked<'_>,
    context: &Context,
) -> Result<Ledger, Failure> {
    let path = match file {
        Some(file) => file.to_owned(),
        None => {
            let folder = folder(context).ok_or_else(|| {
                Failure::Input("there is no HOME to keep the ledger in; name a file with --ledger".to_owned())
            })?;
            tell_of_others(&folder, asked, context);
            folder.join(format!("{}.{ENDING}", mark.as_str()))
        }
    };
    let path = match asked.left.contains(&path) {
        true => {
            let own = beside(path, asked.id);
            context.tell(&format!("onrecord: the ledger of {} is {}", asked.id, own.display()));
            own
        }
        false => path,
    };
    let overlays = asked.overlays.files.iter().map(|file| lasting(&file.display().to_string()));
    let began = Began::now(
        mark,
        lasting(asked.contract),
        overlays.collect(),
        asked.target.to_owned(),
        context.region.clone(),
    );
    Ok(Ledger::new(path, mark.clone(), began)?)
}

/// A contract's own ledger beside that of an earlier one.
fn beside(ledger: PathBuf, contract: &str) -> PathBuf {
    let mut name = ledger.into_os_string();
    name.push(format!(".{contract}.{ENDING}"));
    name.into()
}

/// The ledgers that runs have left.
pub(super) fn all(context: &Context) -> Vec<PathBuf> {
    folder(context).map(|folder| of(&folder)).unwrap_or_default()
}

/// The command that deletes what a ledger still names.
pub(super) fn cure(ledger: &Path) -> String {
    format!("onrecord check --clean-up {}", shell_word(&ledger.display().to_string()))
}

/// How long is waited for what cannot be deleted yet, or is listed late. An emulator on this machine has
/// at most the request in hand that was under way when the run died.
pub(super) fn patience(upstream: &Upstream) -> Patience {
    let seconds = std::time::Duration::from_secs;
    match upstream.into() {
        Whereabouts::Here => Patience { busy: seconds(6), late: seconds(2) },
        Whereabouts::Elsewhere => Patience { busy: seconds(1800), late: seconds(30) },
    }
}

fn tell_of_others(folder: &Path, asked: &Asked<'_>, context: &Context) {
    let target = asked.target;
    for path in of(folder).into_iter().filter(|path| !asked.left.contains(path)) {
        // One that cannot be read may be another run's, under way.
        let Ok(Some(ledger)) = Ledger::open(&path) else { continue };
        if ledger.began().target == target {
            let cure = cure(&path);
            context.tell(&format!(
                "onrecord: an earlier run has left something at {target}; delete it with: {cure}"
            ));
        }
    }
}

fn of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == ENDING));
    found.sort();
    found
}

/// `$XDG_STATE_HOME/onrecord`, or what stands for it.
fn folder(context: &Context) -> Option<PathBuf> {
    let state = context.variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || context.variable("HOME").map(|home| Path::new(home).join(".local/state"));
    Some(state.or_else(home)?.join("onrecord"))
}

/// A contract or an overlay as it is still found from another folder.
fn lasting(name: &str) -> String {
    let path =
        (!BUILT_IN.iter().any(|(id, _)| *id == name)).then(|| std::fs::canonicalize(name).ok()).flatten();
    path.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_beside_another_keeps_its_whole_name() {
        assert_eq!(beside("led/run.json".into(), "eks"), Path::new("led/run.json.eks.ledger"));
    }
}
