//! One contract of a run: what it is held against, and what follows from that.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::cassette::{Durability, Header, Journal, Origin, Plan};
use onrecord::contract::{Contract, Level};
use onrecord::net::Upstream;
use onrecord::redact::PROVIDER;
use onrecord::replay::Replayer;
use onrecord::report::{Target, curl, qualified};
use onrecord::runner::{
    Case, Channel, Ledger, Live, Mark, Permission, RecordedSuite, Remote, Replayed, Settings, cases,
};
use onrecord::sandbox::Sandbox;

use super::{Args, address, signer};
use crate::cli::context::Context;
use crate::cli::contracts::{self, Overlays};
use crate::cli::failure::Failure;
use crate::cli::{cassette, ledgers, origin, sandbox};

/// The address that `curl` lines of a sandbox run name: where `onrecord sandbox` listens.
const SANDBOX_URL: &str = "http://127.0.0.1:4566";

/// What a contract is held against.
pub(super) enum Against {
    /// A running provider.
    Target(Upstream),
    /// A recording, judged as it is.
    Cassette(PathBuf),
    /// The embedded provider.
    Sandbox,
    /// A recorded run.
    Replay(PathBuf),
}

/// What the contracts of a run have in common.
pub(super) struct Shared<'a> {
    pub(super) args: &'a Args,
    /// As the contracts were named: built-in names, or files.
    pub(super) names: &'a [String],
    pub(super) overlays: &'a Overlays,
    pub(super) contracts: &'a [Arc<Contract>],
    /// The mark of the run, if it may make something that lasts.
    pub(super) mark: Option<Mark>,
}

/// One contract of a run.
pub(super) struct Part<'a> {
    args: &'a Args,
    overlays: &'a Overlays,
    /// As the contracts of the run were named.
    names: &'a [String],
    /// As it was named.
    name: &'a str,
    pub(super) contract: Arc<Contract>,
    pub(super) against: Against,
    record: Option<PathBuf>,
    pub(super) plan: Plan,
    is_one_of_several: bool,
}

impl<'a> Part<'a> {
    /// The contracts of a run, each with what it is held against.
    pub(super) fn all(shared: &Shared<'a>) -> Result<Vec<Self>, Failure> {
        let named = shared.contracts.iter().zip(shared.names);
        named.map(|(contract, name)| Self::new(shared, contract, name)).collect()
    }

    fn new(shared: &Shared<'a>, contract: &Arc<Contract>, name: &'a str) -> Result<Self, Failure> {
        let args = shared.args;
        let is_one_of_several = shared.contracts.len() > 1;
        let own = |flag: &str, path: &Path| match is_one_of_several {
            true => of_contract(flag, path, contract),
            false => Ok(path.to_owned()),
        };
        let against = match (&args.cassette, &args.replay) {
            (Some(path), _) if path.is_dir() => Against::Cassette(own("--cassette", path)?),
            (Some(path), _) => Against::Cassette(path.clone()),
            (None, Some(path)) => Against::Replay(own("--replay", path)?),
            (None, None) if args.sandbox => Against::Sandbox,
            (None, None) => Against::Target(address::of(&args.target, contract)?),
        };
        let record = args.record.as_deref().map(|path| own("--record", path)).transpose()?;
        let plan = match &against {
            Against::Replay(path) => recorded(path, shared)?,
            _ => plan(shared, contract, &against),
        };
        let (contract, overlays, names) = (contract.clone(), shared.overlays, shared.names);
        let part = Self { args, overlays, names, name, contract, against, record, plan, is_one_of_several };
        if let Against::Replay(path) = &part.against
            && !part.cases().is_empty()
        {
            part.vet_replay(path)?;
        }
        if let Some(path) = part.record.as_ref().filter(|path| path.exists()) {
            part.vet_record(path)?;
        }
        Ok(part)
    }

    /// A recording is replayed with its own contract.
    fn vet_replay(&self, path: &Path) -> Result<(), Failure> {
        match cassette::load(path)?.header.contract {
            Some(recorded) if recorded.id != self.contract.id => Err(Failure::Input(format!(
                "{} is a recording of {}, and not of {}; name it with --contract {}",
                path.display(),
                recorded.id,
                self.contract.id,
                recorded.id
            ))),
            _ => Ok(()),
        }
    }

    /// A run is recorded anew over an earlier one of its contract, and over nothing else.
    fn vet_record(&self, path: &Path) -> Result<(), Failure> {
        let header = cassette::load(path)?.header;
        let is_own = header.contract.is_some_and(|recorded| recorded.id == self.contract.id);
        if header.plan.is_some() && is_own {
            return Ok(());
        }
        let (path, id) = (path.display(), &self.contract.id);
        Err(Failure::Input(format!(
            "{path} is there, and is no recorded run of checks of {id}; name another file with --record, or take it away"
        )))
    }

    /// What a case is called in this run.
    pub(super) fn named(&self, case: &str) -> String {
        match self.is_one_of_several {
            true => qualified(&self.contract.id, case),
            false => case.to_owned(),
        }
    }

    /// Whether FILTER lets a case through.
    pub(super) fn takes(&self, case: &str) -> bool {
        self.args.selection.takes(&self.named(case))
    }

    /// The names of all cases that FILTER lets through.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = match self.against {
            Against::Cassette(_) => RecordedSuite::all_cases(&self.contract),
            _ => cases(&self.contract, self.plan.cases).into_iter().map(|case| case.name).collect(),
        };
        names.retain(|name| self.takes(name));
        names
    }

    /// Whether a case falls to the shard. The contract's name has no part in it.
    pub(super) fn deals(&self, case: &str) -> bool {
        self.args.shard.is_none_or(|shard| shard.takes(case))
    }

    /// The cases to play.
    pub(super) fn cases(&self) -> Vec<Case> {
        let mut cases = cases(&self.contract, self.plan.cases);
        cases.retain(|case| self.takes(&case.name) && self.deals(&case.name));
        cases
    }

    pub(super) fn settings(&self, context: &Context) -> Result<Settings, Failure> {
        let plan = &self.plan;
        let allowed = plan.allowed.as_ref().map(|names| names.iter().cloned().collect());
        let mark = plan.mark.as_deref().map(|text| {
            let wrong = || format!("header.plan.mark: `{text}` is no mark of a run; record it again");
            Mark::parse(text).ok_or_else(|| Failure::Input(wrong()))
        });
        let signing = self.contract.signing_name.clone().filter(|_| !self.args.sandbox);
        Ok(Settings {
            seed: plan.seed,
            cases: plan.cases,
            permission: allowed.map_or(Permission::Everything, Permission::ReadsAnd),
            max_resources: plan.max_resources.unwrap_or(usize::MAX),
            shrinking: 24,
            breaks: if self.args.strict { Level::Should } else { Level::Must },
            target: self.described(),
            base_url: self.base_url(),
            signing: signing.map(|service| curl::Signing { service, region: context.region.clone() }),
            again: self.again(),
            mark: mark.transpose()?,
        })
    }

    /// Where `curl` lines go; a recording does not say where its provider is.
    fn base_url(&self) -> String {
        match &self.against {
            Against::Target(upstream) => upstream.to_string(),
            Against::Sandbox => SANDBOX_URL.to_owned(),
            Against::Cassette(_) | Against::Replay(_) => format!("http://{PROVIDER}"),
        }
    }

    pub(super) fn described(&self) -> Target {
        match &self.against {
            Against::Target(upstream) => Target::Url(upstream.to_string()),
            Against::Cassette(path) | Against::Replay(path) => Target::Cassette(path.display().to_string()),
            Against::Sandbox => Target::Sandbox { faults: self.args.faults.clone() },
        }
    }

    /// Whether other contracts of the run judge the same recording.
    pub(super) fn shares_a_cassette(&self) -> bool {
        let is_shared = |path| self.args.cassette.as_ref() == Some(path);
        self.is_one_of_several && matches!(&self.against, Against::Cassette(path) if is_shared(path))
    }

    /// The command for this contract alone, as far as it changes what is sent, up to a case's name. Which
    /// exchanges of a shared recording are its own, only all contracts say.
    fn again(&self) -> String {
        let Args { faults, seed, cases, allow, max_resources, .. } = self.args;
        let (named, case) = match self.shares_a_cassette() {
            true => (self.names.join(" --contract "), self.named("")),
            false => (self.name.to_owned(), String::new()),
        };
        let mut words = vec![format!("onrecord check --contract {named}")];
        let path = |path: &Path| path.display().to_string();
        words.extend(self.overlays.files.iter().map(|file| format!("--overlay {}", path(file))));
        words.push(match &self.against {
            Against::Target(upstream) => format!("--target {upstream}"),
            Against::Cassette(file) => format!("--cassette {}", path(file)),
            Against::Replay(file) => format!("--replay {}", path(file)),
            Against::Sandbox => "--sandbox".to_owned(),
        });
        words.extend(faults.iter().map(|name| format!("--fault {name}")));
        if let Against::Target(_) | Against::Sandbox = self.against {
            words.push(format!("--seed {seed} --cases {cases}"));
            let allow = allowed(allow, &self.contract).join(",");
            words.extend((!allow.is_empty()).then(|| format!("--allow {allow}")));
            words.extend((!self.args.sandbox).then(|| format!("--max-resources {max_resources}")));
            words.extend(self.args.no_ledger.then(|| "--no-ledger".to_owned()));
        }
        words.push(format!("--exact {case}"));
        words.join(" ")
    }

    /// Runs on a target that may make something have a mark, and a ledger. What an earlier contract of
    /// the run has left over keeps its own.
    pub(super) fn begin_ledger(
        &self,
        mark: Option<&Mark>,
        left: &[PathBuf],
        context: &Context,
    ) -> Result<Option<Ledger>, Failure> {
        let (Against::Target(target), Some(mark)) = (&self.against, mark) else { return Ok(None) };
        let asked = ledgers::Asked {
            contract: self.name,
            id: &self.contract.id,
            overlays: self.overlays,
            target: &target.to_string(),
            left,
        };
        ledgers::begin(self.args.ledger.as_deref(), mark, &asked, context).map(Some)
    }

    pub(super) fn channel(
        &self,
        ledger: Option<Ledger>,
        context: &Context,
    ) -> Result<Box<dyn Channel>, Failure> {
        let contract = &self.contract;
        let upstream = match &self.against {
            Against::Target(upstream) => upstream,
            Against::Sandbox => {
                let sandbox = Sandbox::new(contract.clone(), &sandbox::faults(&self.args.faults)?);
                let journal = self.journal(Origin::Sandbox)?;
                return Ok(Box::new(Live::new(sandbox, contract.clone(), "127.0.0.1:4566", journal)));
            }
            Against::Cassette(path) | Against::Replay(path) => {
                let replayer = Replayer::new(vec![contract.clone()], vec![cassette::load(path)?]);
                return Ok(Box::new(Replayed::new(Arc::new(replayer))));
            }
        };
        let journal = self.journal(origin::of(self.args.origin.as_ref(), upstream.into()))?;
        let remote = Remote::new(upstream, signer(contract, &context.region, context))?;
        let live = Live::new(remote, contract.clone(), upstream.authority(), journal);
        Ok(match ledger {
            Some(ledger) => Box::new(live.with_ledger(ledger, ledgers::patience(upstream))),
            None => Box::new(live),
        })
    }

    fn journal(&self, origin: Origin) -> Result<Option<Journal>, Failure> {
        let Some(path) = &self.record else { return Ok(None) };
        let reference = contracts::reference(&self.contract);
        let header = Header { plan: Some(self.plan.clone()), ..Header::new(Some(reference), origin) };
        Ok(Some(Journal::replacing(path, &header, Durability::Grouped)?))
    }
}

/// A contract's own cassette in the folder that several have.
fn of_contract(flag: &str, folder: &Path, contract: &Contract) -> Result<PathBuf, Failure> {
    if folder.is_file() {
        let folder = folder.display();
        return Err(Failure::Input(format!(
            "{flag} {folder} is a file: with several contracts it is a folder, with a cassette of each, \
             {}.json; name a folder",
            contract.id
        )));
    }
    Ok(folder.join(format!("{}.json", contract.id)))
}

/// What the requests followed from that were recorded. Of a contract that FILTER or the shard leaves out
/// there is no recording; it has what the others follow from.
fn recorded(path: &Path, shared: &Shared<'_>) -> Result<Plan, Failure> {
    let of_others = shared.contracts.iter().map(|other| path.with_file_name(format!("{}.json", other.id)));
    let there = std::iter::once(path.to_owned()).chain(of_others).find(|path| path.exists());
    let path = there.as_deref().unwrap_or(path);
    let plan = cassette::load(path)?.header.plan;
    plan.ok_or_else(|| {
        let path = path.display();
        Failure::Input(format!("{path} is no recorded run of checks; judge it with --cassette {path}"))
    })
}

/// What the requests follow from.
fn plan(shared: &Shared<'_>, contract: &Contract, against: &Against) -> Plan {
    let args = shared.args;
    let is_target = matches!(against, Against::Target(_));
    let allowed = is_target.then(|| allowed(&args.allow, contract));
    // What only reads makes up no names that others could see.
    let mark = shared.mark.as_ref().filter(|_| allowed.as_ref().is_some_and(|names| !names.is_empty()));
    Plan {
        seed: args.seed,
        cases: args.cases,
        mark: mark.map(|mark| mark.as_str().to_owned()),
        allowed,
        max_resources: is_target.then_some(args.max_resources),
    }
}

/// Those of the operations that this contract has. One that is named with its contract is no other's,
/// but the name of an operation may have a colon of its own.
pub(super) fn allowed(names: &[String], contract: &Contract) -> Vec<String> {
    let is_own = |name: &&str| contract.operation(name).is_some();
    let of_contract = qualified(&contract.id, "");
    let own = names.iter().filter_map(|name| {
        let whole = Some(name.as_str()).filter(is_own);
        whole.or_else(|| name.strip_prefix(&of_contract).filter(is_own))
    });
    own.map(str::to_owned).collect()
}
