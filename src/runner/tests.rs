//! A recording is judged as what was recorded would be: redaction changes no verdict.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::recorded::RecordedSuite;
use super::{Live, Outcome, Permission, Remote, Settings, Suite};
use crate::cassette::{Cassette, Durability, Header, Journal, Origin};
use crate::check::Ruling;
use crate::contract::{Contract, Level};
use crate::exchange::{Body, Exchange, Request, Response, Target};
use crate::net::{Answer, Entrance, Limits, Lost, Running, Stop, Tap, TapError, Upstream};
use crate::record::{self, RecordError, Recorder};
use crate::redact::{Redacted, Redactor, Rules};
use crate::report;
use crate::sandbox::Sandbox;

/// An account as those of customers are, in the place of the one that examples have.
const ACCOUNT: &str = "904385716285";
const EXAMPLE: &str = "111122223333";

/// Hosts as an account has them: beside this member, in that one.
const HOSTS: [(&str, &str, &str); 3] = [
    (
        "platformVersion",
        "endpoint",
        "https://9A3F0C17D2E84B5FA1C6E7D80B92F344.gr7.us-east-1.eks.amazonaws.com",
    ),
    ("currentVersion", "zookeeperConnectString", "z-1.orders.k3v9qa.c7.kafka.us-east-1.amazonaws.com:2181"),
    (
        "currentVersion",
        "zookeeperConnectStringTls",
        "z-1.orders.k3v9qa.c7.kafka.us-east-1.amazonaws.com:2182",
    ),
];

/// The sandbox, as if it were somebody's account.
struct Account(Sandbox);

impl Answer for Account {
    fn answer(&self, mut request: Request) -> Response {
        request.target = Target::new(request.target.as_str().replace(ACCOUNT, EXAMPLE));
        request.body = with(&request.body, ACCOUNT, EXAMPLE);
        let mut response = self.0.answer(&request);
        if let Some(mut json) = response.body.json() {
            name_hosts(&mut json);
            response.body = with(&Body::from(json.to_string()), EXAMPLE, ACCOUNT);
            response.headers.remove("content-length");
        }
        response
    }
}

fn with(body: &Body, from: &str, to: &str) -> Body {
    body.text().map_or_else(|| body.clone(), |text| Body::from(text.replace(from, to)))
}

fn name_hosts(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (beside, member, host) in HOSTS {
                if members.contains_key(beside) {
                    members.insert(member.to_owned(), Value::from(host));
                }
            }
            members.values_mut().for_each(name_hosts);
        }
        Value::Array(items) => items.iter_mut().for_each(name_hosts),
        _ => {}
    }
}

/// Keeps what passes as it is, and has it recorded.
struct Both {
    raw: Mutex<Vec<Exchange>>,
    recorder: Recorder,
}

impl Tap for Both {
    fn seen(&self, exchange: Exchange) -> Result<(), TapError> {
        self.raw.lock().unwrap().push(exchange.clone());
        self.recorder.seen(exchange)
    }

    fn lost(&self, why: Lost) {
        self.recorder.lost(why);
    }
}

fn settings(url: &str) -> Settings {
    Settings {
        seed: 5,
        cases: 2,
        permission: Permission::Everything,
        max_resources: usize::MAX,
        shrinking: 0,
        breaks: Level::Must,
        target: report::Target::Url(url.to_owned()),
        base_url: url.to_owned(),
        signing: None,
        again: String::new(),
        mark: None,
    }
}

/// What the laws say, how often, of each operation.
type Verdicts = BTreeMap<(&'static str, String, &'static str), usize>;

fn judged(contract: &Arc<Contract>, cassette: Cassette) -> Verdicts {
    let suite = RecordedSuite::new(contract.clone(), cassette, settings(""), |_| true);
    let mut counts = BTreeMap::new();
    for verdict in &suite.verdicts {
        let said = match verdict.ruling {
            Ruling::Pass => "pass",
            Ruling::Fail(_) => "fail",
            Ruling::Advisory(_) => "advice",
            Ruling::NotTestable(reason) => reason,
        };
        *counts.entry((verdict.check, verdict.operation.clone(), said)).or_default() += 1;
    }
    counts
}

/// What is said of the same exchanges as they were, and as they were written down by this redactor.
/// Every operation is called: things are made, shown, listed, tagged, changed and deleted, and
/// asked for when they are gone.
fn before_and_after(id: &str, redactor: Redactor) -> (Verdicts, Verdicts) {
    let here = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    let contract = Arc::new(Contract::built_in(id).unwrap().unwrap());
    let account = Arc::new(Account(Sandbox::new(contract.clone(), &[])));
    let provider = Running::serve(here, account, Limits::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let header = Header::new(None, Origin::Account);
    let upstream = Upstream::parse(&provider.url()).unwrap();
    let recording = record::Settings {
        redactor: Arc::new(redactor),
        ..record::Settings::new(&path, header.clone(), upstream)
    };
    let ruled = record::Ruled { contracts: vec![contract.clone()], ..record::Ruled::default() };
    let tap = |at| -> Result<_, RecordError> {
        let journal = Journal::open(&path, &header, Durability::Grouped)?;
        let recorder = Recorder::new(Arc::new(ruled), journal, at, &recording, Stop::new());
        Ok(Arc::new(Both { raw: Mutex::default(), recorder }))
    };
    let (relay, both) =
        Running::relay(here, Entrance::Reverse, recording.outbound.clone(), Limits::default(), tap).unwrap();

    let upstream = Upstream::parse(&relay.url()).unwrap();
    let live = Live::new(Remote::new(&upstream, None).unwrap(), contract.clone(), upstream.authority(), None);
    let suite = Suite::new(contract.clone(), Box::new(live), settings(&relay.url()));
    for case in suite.cases() {
        let outcome = suite.run(&case);
        assert!(!matches!(outcome, Outcome::Broken(_)), "{}: {outcome:?}", case.name);
    }
    relay.stop();
    both.recorder.finish().unwrap();

    let raw = std::mem::take(&mut *both.raw.lock().unwrap());
    let answered = |name: &str| {
        raw.iter().find(|seen| {
            let operation = contract.route(&seen.request);
            operation.is_some_and(|operation| operation.name == name) && seen.response.is_success()
        })
    };
    for operation in &contract.operations {
        assert!(answered(&operation.name).is_some(), "{id}: {}", operation.name);
    }
    let says =
        |text: &str| raw.iter().any(|seen| seen.response.body.text().is_some_and(|it| it.contains(text)));
    assert!(says("NotFound") || raw.iter().any(|seen| seen.response.status == 404), "{id}: none was gone");
    let real = match id {
        "msk" => &[ACCOUNT, "k3v9qa"][..],
        "eks" => &[ACCOUNT, "9A3F0C17D2E84B5F"],
        "dsql" => &[ACCOUNT, ".dsql.us-east-1.on.aws"],
        _ => &["hsm-", "vpc-"],
    };
    assert!(real.iter().all(|real| says(real)), "{id}");

    let recorded = Cassette::load(&path).unwrap();
    assert_eq!(recorded.exchanges.len(), raw.len());
    let is_there = |host: &str| std::fs::read_to_string(&path).unwrap().contains(host);
    assert!(!is_there(ACCOUNT) && !is_there("9A3F0C17D2E84B5F") && !is_there("k3v9qa"), "{id}");
    let raw = raw.into_iter().map(Redacted::read_back).collect();
    let unredacted = judged(&contract, Cassette { header: recorded.header.clone(), exchanges: raw });
    let redacted = judged(&contract, recorded);
    assert!(unredacted.iter().any(|((.., said), _)| *said == "pass"));
    (unredacted, redacted)
}

fn redaction_changes_no_verdict(id: &str) {
    let (unredacted, redacted) = before_and_after(id, Redactor::new());
    let differs = redacted.iter().filter(|(verdict, count)| unredacted.get(*verdict) != Some(*count));
    assert_eq!(differs.collect::<Vec<_>>(), [], "{id}");
    assert_eq!(redacted.len(), unredacted.len(), "{id}");
}

/// So that the tests above can fail: clusters that all have one name are no longer told apart.
#[test]
fn a_redaction_that_is_too_eager_changes_verdicts() {
    let rules = Rules::default().member("name").unwrap();
    let (unredacted, redacted) = before_and_after("eks", Redactor::with(rules));
    assert_ne!(unredacted, redacted);
}

#[test]
fn a_redacted_msk_is_judged_as_it_was() {
    redaction_changes_no_verdict("msk");
}

#[test]
fn a_redacted_eks_is_judged_as_it_was() {
    redaction_changes_no_verdict("eks");
}

#[test]
fn a_redacted_dsql_is_judged_as_it_was() {
    redaction_changes_no_verdict("dsql");
}

#[test]
fn a_redacted_cloudhsm_is_judged_as_it_was() {
    redaction_changes_no_verdict("cloudhsm");
}
