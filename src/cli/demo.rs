use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use onrecord::cassette::{Cassette, Header, Origin};
use onrecord::contract::{Contract, Level, Operation};
use onrecord::exchange::{Request, Response};
use onrecord::net::{Client, Limits, Running, Upstream};
use onrecord::record::{Onto, Recording, Ruled, Settings as Recorder};
use onrecord::replay::Replayer;
use onrecord::report::{Run, Strictness, Target};
use onrecord::runner::{Live, Outcome, Permission, RecordedSuite, Settings, Suite};
use onrecord::sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::{contracts, report, wrapped};

/// The fault that the demo plants.
const FAULT: &str = "pagination.duplicate";

/// The whole story on the sandbox, in under a minute: record, replay, check, report.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord demo")]
pub(super) struct Args {
    /// Where the cassette and the report go
    #[arg(long, value_name = "DIR", default_value = "onrecord-demo")]
    dir: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let clock = Instant::now();
    let contract = contracts::load("msk", &Overlays::default(), context)?;
    let cassette = args.dir.join("session.json");
    let story = Story { contract: contract.clone() };

    let live = story.record(&cassette)?;
    context.say(&format!(
        "1. Recorded {} exchanges of a client with the sandbox of {}:",
        live.len(),
        contract.title
    ));
    context.say(&format!("   {}", cassette.display()));

    let replayed = story.replay(&cassette)?;
    let same = live == replayed;
    context.say(&format!(
        "2. Replayed them with the sandbox gone: {}.",
        if same { "the client saw the same answers" } else { "the client saw OTHER answers" }
    ));

    let sandbox = story.check(&[])?;
    let recorded =
        RecordedSuite::new(contract.clone(), Cassette::load(&cassette)?, settings(&[]), |_| true).finish();
    context.say(&format!(
        "3. Checked the sandbox with {} cases, {} exchanges: {}; the cassette: {}.",
        sandbox.cases.len(),
        sandbox.exchanges,
        findings(&sandbox),
        findings(&recorded)
    ));

    let fault =
        Fault::named(FAULT).ok_or_else(|| Failure::Environment(format!("the fault {FAULT} is gone")))?;
    let faulty = story.check(&[*fault])?;
    let first = faulty.findings.first().map_or("nothing".to_owned(), |finding| {
        format!(
            "{} {} on {}: expected {}, got {}",
            finding.check, finding.name, finding.operation, finding.expected, finding.actual
        )
    });
    context.say(&format!("4. Planted the fault {FAULT}: {}.", findings(&faulty)));
    context.say(&format!("   {first}"));

    report::write_all(&faulty, Strictness::Normal, &args.dir)?;
    context.say(&format!("5. The report is {}", args.dir.join("report.html").display()));
    context.say(&format!("   ({:.1} s in all)", clock.elapsed().as_secs_f64()));
    context.say("Next: onrecord record --cassette mine.json --contract msk --upstream URL -- your-command");
    context.say("      onrecord check --contract msk --sandbox --fault list");
    let told =
        same && sandbox.findings.is_empty() && recorded.findings.is_empty() && !faulty.findings.is_empty();
    Ok(if told { End::Well } else { End::Found })
}

struct Story {
    contract: Arc<Contract>,
}

impl Story {
    /// A client talks to the sandbox through the recorder.
    fn record(&self, cassette: &Path) -> Result<Vec<(u16, Value)>, Failure> {
        let sandbox = Arc::new(Sandbox::new(self.contract.clone(), &[]));
        let provider = Running::serve(wrapped::ANY_PORT, sandbox, Limits::default())?;
        let header = Header::new(Some(contracts::reference(&self.contract)), Origin::Sandbox);
        let upstream = Upstream::parse(&provider.url())?;
        let recording = Recording::start(
            Recorder { onto: Onto::Nothing, ..Recorder::new(cassette, header, upstream) },
            Arc::new(Ruled { contracts: vec![self.contract.clone()], ..Ruled::default() }),
        )?;
        let seen = self.session(&recording.url())?;
        recording.finish()?;
        Ok(seen)
    }

    /// The same client talks to the replay. The provider is gone.
    fn replay(&self, cassette: &Path) -> Result<Vec<(u16, Value)>, Failure> {
        let replayer = Replayer::new(vec![self.contract.clone()], vec![Cassette::load(cassette)?]);
        let running = Running::serve(wrapped::ANY_PORT, Arc::new(replayer), Limits::default())?;
        self.session(&running.url())
    }

    /// Creates three clusters, pages through them two at a time, describes one, deletes one, and
    /// asks for it again. What the client sees: statuses, and bodies without the account.
    fn session(&self, url: &str) -> Result<Vec<(u16, Value)>, Failure> {
        let client = Client::new(&Upstream::parse(url)?, Limits::default())?;
        let mut seen = Vec::new();
        let mut call = |name: &str, input: Value| -> Result<Value, Failure> {
            let operation = self.operation(name)?;
            let request = self.contract.encode(operation, &input);
            let request: Request = request.map_err(|error| Failure::Environment(error.to_string()))?;
            let (response, ..): (Response, _, _) = client.send(&request)?;
            let body = response.body.json().unwrap_or_default();
            seen.push((response.status, without_identifiers(&body)));
            Ok(body)
        };
        let example = self.operation("CreateCluster")?.examples.first().cloned().unwrap_or_default();
        for name in ["orders-1", "orders-2", "orders-3"] {
            let mut input = example.clone();
            input["clusterName"] = json!(name);
            call("CreateCluster", input)?;
        }
        let page = call("ListClusters", json!({"maxResults": 2}))?;
        call("ListClusters", json!({"maxResults": 2, "nextToken": page["nextToken"]}))?;
        let arn = &page["clusterInfoList"][0]["clusterArn"];
        for name in ["DescribeCluster", "DeleteCluster", "DescribeCluster"] {
            call(name, json!({"clusterArn": arn}))?;
        }
        Ok(seen)
    }

    fn check(&self, faults: &[Fault]) -> Result<Run, Failure> {
        let sandbox = Sandbox::new(self.contract.clone(), faults);
        let channel = Live::new(sandbox, self.contract.clone(), "127.0.0.1:4566", None);
        let suite = Suite::new(self.contract.clone(), Box::new(channel), settings(faults));
        for case in suite.cases() {
            if let Outcome::Broken(reason) = suite.run(&case) {
                return Err(Failure::Environment(format!("{}: {reason}", case.name)));
            }
        }
        Ok(suite.finish()?)
    }

    fn operation(&self, name: &str) -> Result<&Operation, Failure> {
        let found = self.contract.operation(name);
        found.ok_or_else(|| Failure::Environment(format!("the contract has no operation {name}")))
    }
}

fn settings(faults: &[Fault]) -> Settings {
    let faults: Vec<_> = faults.iter().map(|fault| fault.name.to_owned()).collect();
    let flags: String = faults.iter().map(|name| format!(" --fault {name}")).collect();
    Settings {
        seed: 0,
        cases: 4,
        permission: Permission::Everything,
        max_resources: usize::MAX,
        shrinking: 24,
        breaks: Level::Must,
        target: Target::Sandbox { faults },
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: format!("onrecord check --contract msk --sandbox{flags} --seed 0 --cases 4 --exact "),
        mark: None,
    }
}

fn findings(run: &Run) -> String {
    match run.findings.len() {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    }
}

/// ARNs, tokens and times differ between a recording and its replay on purpose.
fn without_identifiers(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !name.ends_with("Arn") && *name != "nextToken");
            Value::Object(kept.map(|(name, value)| (name.clone(), without_identifiers(value))).collect())
        }
        Value::Array(elements) => elements.iter().map(without_identifiers).collect(),
        other => other.clone(),
    }
}
