//! Promise 9: a run that dies, at whatever request, leaves a ledger that leads to all that it made, and to
//! nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use onrecord::contract::{Contract, Outcome as Meaning, Resource, Safety, at_path};
use onrecord::exchange::{Ending, Request, Response, Timestamp, Timing};
use onrecord::generate::{Known, simplest};
use onrecord::net::{NetError, Stop};
use onrecord::report::Target;
use onrecord::runner::{
    Began, CleanUpError, Ledger, LedgerError, Live, Mark, Outcome, Patience, Permission, Proof, Provider,
    Settings, Suite, clean_up,
};
use onrecord::sandbox::{Fault, Sandbox};

/// Every so many-th case is played, from a case on that is another one for each death.
const STRIDE: usize = 23;

/// How often one looks at a list: what is deleted goes step by step.
const LOOKS: usize = 6;

/// A sandbox does at once what it is asked.
const NONE: Patience = Patience { busy: Duration::ZERO, late: Duration::ZERO };

/// What becomes of the last request of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// It never arrives.
    Lost,
    /// It is done, and its answer never arrives.
    Unanswered,
}

/// The sandbox, out of reach after some requests that change something.
struct Dying {
    sandbox: Arc<Sandbox>,
    contract: Arc<Contract>,
    changes: usize,
    last: Last,
}

impl Provider for Dying {
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        let changes = self.contract.route(request).is_some_and(|operation| operation.safety != Safety::Read);
        let dead = || NetError::Broken { upstream: "sandbox".to_owned(), why: "the run is dead".to_owned() };
        match self.changes {
            0 => return Err(dead()),
            1 if changes => {
                self.changes = 0;
                if self.last == Last::Unanswered {
                    self.sandbox.answer(request);
                }
                return Err(dead());
            }
            _ => self.changes -= usize::from(changes),
        }
        Ok(answered(&self.sandbox, request))
    }

    fn region(&self) -> Option<String> {
        Some("us-east-1".to_owned())
    }
}

struct Whole(Arc<Sandbox>);

impl Provider for Whole {
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        Ok(answered(&self.0, request))
    }
}

fn answered(sandbox: &Sandbox, request: &Request) -> (Response, Ending, Timing) {
    let started = Timestamp::now();
    let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
    (sandbox.answer(request), Ending::Complete, timing)
}

fn ledger(path: &Path, mark: &Mark, contract: &Contract) -> Result<Ledger, LedgerError> {
    let words = [&contract.id, "http://127.0.0.1:4566", "us-east-1"].map(str::to_owned);
    let [contract, target, region] = words;
    Ledger::new(path.to_owned(), mark.clone(), Began::now(mark, contract, Vec::new(), target, region))
}

/// Plays cases until the provider is out of reach.
fn die(contract: &Arc<Contract>, sandbox: &Arc<Sandbox>, path: &Path, changes: usize, last: Last) {
    let mark = Mark::random().unwrap();
    let dying = Dying { sandbox: sandbox.clone(), contract: contract.clone(), changes, last };
    let all = contract.operations.iter().map(|operation| operation.name.clone()).collect();
    let settings = Settings {
        seed: changes as u64,
        cases: 2,
        permission: Permission::ReadsAnd(all),
        max_resources: 8,
        shrinking: 0,
        breaks: onrecord::contract::Level::Must,
        target: Target::Url("http://127.0.0.1:4566".to_owned()),
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: "onrecord check".to_owned(),
        mark: Some(mark.clone()),
    };
    let live = Live::new(dying, contract.clone(), "127.0.0.1:4566", None);
    let live = live.with_ledger(ledger(path, &mark, contract).unwrap(), NONE);
    let suite = Suite::new(contract.clone(), Box::new(live), settings);
    let cases = suite.cases();
    let some = cases.iter().skip(changes * 7 % STRIDE).step_by(STRIDE);
    let died = some.map(|case| suite.run(case)).any(|outcome| matches!(outcome, Outcome::Broken(_)));
    assert!(died, "{}: there were fewer than {changes} requests that change something", contract.id);
}

fn cleaned(contract: &Contract, sandbox: &Arc<Sandbox>, path: &Path) -> Result<Option<Proof>, CleanUpError> {
    let Some(mut ledger) = Ledger::open(path)? else { return Ok(None) };
    clean_up(contract, &mut Whole(sandbox.clone()), &mut ledger, NONE, &Stop::new())
}

/// Everything that the sandbox lists, but for what is on its way out.
fn listed(contract: &Contract, sandbox: &Sandbox) -> usize {
    (0..LOOKS)
        .map(|_| contract.resources.iter().map(|resource| shown(contract, resource, sandbox)).sum())
        .min()
        .unwrap()
}

fn shown(contract: &Contract, resource: &Resource, sandbox: &Sandbox) -> usize {
    let list = contract.operation(resource.list.as_ref().unwrap()).unwrap();
    let input = simplest(contract, list, &Known::default()).unwrap();
    let response = sandbox.answer(&contract.encode(list, &input).unwrap());
    let Meaning::Output(output) = contract.outcome(list, &response) else { panic!("{response:?}") };
    let items = list.pagination.as_ref().unwrap().items.as_ref().unwrap();
    at_path(&output, items).unwrap().as_array().unwrap().len()
}

/// Something of somebody else, with a name and tags as examples have them.
fn make_what_is_not_ours(contract: &Contract, sandbox: &Sandbox) {
    let create = contract.resources[0].create.as_ref().unwrap();
    let create = contract.operation(create).unwrap();
    let input = simplest(contract, create, &Known::default()).unwrap();
    let response = sandbox.answer(&contract.encode(create, &input).unwrap());
    assert!(response.is_success(), "{response:?}");
}

fn nothing_is_left_of_runs_that_died(id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger");
    let contract = Arc::new(Contract::built_in(id).unwrap().unwrap());
    let mut proofs = Vec::new();
    let faults = ["validation.skipped", "lifecycle.leaves-refused"].map(|name| *Fault::named(name).unwrap());
    for (changes, fault) in [1, 2, 3, 4].into_iter().zip(faults.iter().cycle()) {
        for last in [Last::Lost, Last::Unanswered] {
            let sandbox = Arc::new(Sandbox::new(contract.clone(), &[*fault]));
            make_what_is_not_ours(&contract, &sandbox);
            let before = listed(&contract, &sandbox);
            die(&contract, &sandbox, &path, changes, last);
            let proof = cleaned(&contract, &sandbox, &path).unwrap();
            assert_eq!(listed(&contract, &sandbox), before, "{id} {changes} {last:?}: {proof:?}");
            assert!(!path.exists(), "nothing is left, so there is no ledger: {proof:?}");
            proofs.extend(proof);
        }
    }
    assert!(proofs.iter().all(|proof| proof.left.is_empty() && proof.created == proof.deleted));
    assert!(proofs.iter().map(|proof| proof.now).sum::<usize>() > 3, "{id}: {proofs:?}");
}

#[test]
fn nothing_is_left_of_a_run_on_msk_that_died() {
    nothing_is_left_of_runs_that_died("msk");
}

#[test]
fn nothing_is_left_of_a_run_on_eks_that_died() {
    nothing_is_left_of_runs_that_died("eks");
}

#[test]
fn nothing_is_left_of_a_run_on_dsql_that_died() {
    nothing_is_left_of_runs_that_died("dsql");
}

#[test]
fn nothing_is_left_of_a_run_on_cloudhsm_that_died() {
    nothing_is_left_of_runs_that_died("cloudhsm");
}

#[test]
fn nothing_is_left_of_a_run_on_astronomer_that_died() {
    nothing_is_left_of_runs_that_died("astronomer");
}

/// A run that has died, with its ledger.
fn dead(path: &Path) -> (Arc<Contract>, Arc<Sandbox>) {
    let contract = Arc::new(Contract::built_in("msk").unwrap().unwrap());
    let sandbox = Arc::new(Sandbox::new(contract.clone(), &[]));
    die(&contract, &sandbox, path, 2, Last::Lost);
    assert_eq!(listed(&contract, &sandbox), 1, "something is left");
    (contract, sandbox)
}

#[test]
fn a_ledger_is_its_owners_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/a.ledger");
    dead(&path);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let contract = Contract::built_in("msk").unwrap().unwrap();
    let there = ledger(&path, &Mark::random().unwrap(), &contract).unwrap_err().to_string();
    assert!(there.ends_with(&format!("onrecord check --clean-up {}", path.display())), "{there}");
}

/// Wherever a kill cuts the last line, what the others say is done.
#[test]
fn a_torn_line_was_never_acted_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger");
    for cut in [1, 7, 40] {
        let (contract, sandbox) = dead(&path);
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - cut]).unwrap();
        let proof = cleaned(&contract, &sandbox, &path).unwrap().unwrap();
        assert_eq!((proof.now, listed(&contract, &sandbox)), (1, 0), "{proof:?}");
    }
    for torn in ["", "{\"line\"", "{\"line\":\"began\",\"format\":1,\"ma"] {
        fs::write(&path, torn).unwrap();
        assert!(Ledger::open(&path).unwrap().is_none(), "its run had sent nothing");
    }
}

#[test]
fn a_file_that_is_no_ledger_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger");
    dead(&path);
    let good = fs::read_to_string(&path).unwrap();
    let newer = good.replacen("\"format\":1", "\"format\":2", 1);
    let marked =
        regex::Regex::new("\"mark\":\"[a-z]+\"").unwrap().replace(&good, "\"mark\":\"\"").into_owned();
    let broken = good.replacen("\"line\":\"asked\"", "\"line\":\"aske\"", 1);
    for (text, place, why) in [
        ("{}\n", 1, "it is no ledger of onrecord"),
        ("a text without an end", 1, "it is no ledger of onrecord"),
        (&newer, 1, "it has format 2, and this onrecord reads 1"),
        (&marked, 1, "its mark is none"),
        (&broken, 2, "delete by hand what it names, and take it out"),
    ] {
        fs::write(&path, text).unwrap();
        let error = Ledger::open(&path).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{}:{place}: ", path.display())) && error.contains(why),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_run_under_way_is_not_cleaned_up_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger");
    dead(&path);
    let _other = Ledger::open(&path).unwrap();
    assert!(matches!(Ledger::open(&path), Err(LedgerError::Busy(_))));
}

/// Somebody may have put the protection on; the clean-up takes it off what is of the run.
#[test]
fn what_is_protected_is_deleted_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger");
    let contract = Arc::new(Contract::built_in("dsql").unwrap().unwrap());
    let sandbox = Arc::new(Sandbox::new(contract.clone(), &[]));
    die(&contract, &sandbox, &path, 1, Last::Unanswered);
    let guarded = Guarded { sandbox: sandbox.clone(), contract: contract.clone(), is_open: false };
    let mut ledger = Ledger::open(&path).unwrap().unwrap();
    let proof = clean_up(&contract, &mut { guarded }, &mut ledger, NONE, &Stop::new()).unwrap().unwrap();
    assert_eq!((proof.created, proof.deleted), (1, 1), "{proof:?}");
}

/// Refuses deletions until an update has said that nothing is protected.
struct Guarded {
    sandbox: Arc<Sandbox>,
    contract: Arc<Contract>,
    is_open: bool,
}

impl Provider for Guarded {
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        let operation = self.contract.route(request).map(|operation| operation.name.as_str());
        if operation == Some("UpdateCluster") {
            let said = request.body.json().unwrap();
            self.is_open = said["deletionProtectionEnabled"] == serde_json::json!(false);
        }
        let is_refused = operation == Some("DeleteCluster") && !self.is_open;
        let mut request = request.clone();
        if is_refused {
            // Something that is not there, so that the thing stays.
            request.target = onrecord::exchange::Target::new("/nowhere");
        }
        let (response, ending, timing) = answered(&self.sandbox, &request);
        Ok((if is_refused { Response::new(409) } else { response }, ending, timing))
    }
}
