use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::cassette::{Durability, Header, Journal, Origin, Plan};
use onrecord::contract::{Contract, Level};
use onrecord::exchange::Timestamp;
use onrecord::net::Upstream;
use onrecord::redact::PROVIDER;
use onrecord::replay::Replayer;
use onrecord::report::{Known, Run, Shard, Strictness, Target, curl, text};
use onrecord::runner::{
    Channel, Halt, Ledger, Live, Mark, Permission, RecordedSuite, Remote, Replayed, Settings, Signer, Suite,
    cases,
};
use onrecord::sandbox::Sandbox;

use super::baseline::Baseline;
use super::context::Context;
use super::contracts::Overlays;
use super::costs::Costs;
use super::failure::{End, Failure};
use super::format::Format;
use super::origin::Source;
use super::progress::Progress;
use super::trials::{self, Selection};
use super::{cassette, clean_up, contracts, interrupts, ledgers, origin, report, sandbox};

/// The address that `curl` lines of a sandbox run name: where `onrecord sandbox` listens.
const SANDBOX_URL: &str = "http://127.0.0.1:4566";

/// What a miss most often means.
const OTHER_RUN: &str =
    "select the same cases with FILTER as in the recording, and use the version of onrecord that made it";

/// Hold a provider, or a cassette, to its contract.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  onrecord check --contract msk --sandbox\n  \
    onrecord check --contract msk --target http://127.0.0.1:5000 --allow CreateCluster,DeleteCluster\n  \
    onrecord check --contract msk --cassette cassettes/msk/story-moto.json\n  \
    onrecord check --contract msk --sandbox --max-time 10m --shard 1/4 --baseline known.toml\n  \
    onrecord check --clean-up\n\
    Only operations that read are called on a target; --allow adds others by name. What was created is\n\
    deleted again, and a ledger leads to it after a kill. FILTER selects cases as cargo test does, and\n\
    --list names them. docs/checking.md says more.")]
#[command(group = clap::ArgGroup::new("on").required(true).multiple(false).args(["target", "cassette", "sandbox", "replay", "clean_up"]))]
pub(super) struct Args {
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document
    #[arg(long, value_name = "C", required_unless_present = "clean_up")]
    contract: Option<String>,
    #[command(flatten)]
    overlays: Overlays,
    /// A running provider
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// A recording to judge as it is
    #[arg(long, value_name = "FILE")]
    cassette: Option<PathBuf>,
    /// The embedded provider
    #[arg(long)]
    sandbox: bool,
    /// A deliberate misbehaviour of the sandbox, by name
    #[arg(long = "fault", value_name = "NAME", conflicts_with_all = ["target", "cassette", "replay"])]
    faults: Vec<String>,
    /// Record the run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cassette", "replay"])]
    record: Option<PathBuf>,
    /// Run again what was recorded, without a provider: the recording says with which seed, cases and permissions
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// What all generated values follow from
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "replay")]
    seed: u64,
    /// How many valid inputs are tried for each operation
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "replay")]
    cases: usize,
    /// An operation that may be called although it changes something; several with commas
    #[arg(long, value_name = "OPERATION", value_delimiter = ',', conflicts_with_all = ["replay", "cassette"])]
    allow: Vec<String>,
    /// How many resources may exist at once because of us
    #[arg(long, value_name = "N", default_value_t = 8, conflicts_with = "replay")]
    max_resources: usize,
    #[command(flatten)]
    budget: Costs,
    #[command(flatten)]
    baseline: Baseline,
    /// Run only one of N parts of the cases; `onrecord report` makes the reports of all parts one
    #[arg(long, value_name = "I/N", conflicts_with = "cassette")]
    shard: Option<Shard>,
    /// Where what the run makes is written down before it is asked for, instead of the state folder of the user
    #[arg(long, value_name = "FILE", requires = "target")]
    ledger: Option<PathBuf>,
    /// Create also what has no place for a mark, and keep no ledger: nothing finds what a killed run leaves
    #[arg(long, requires = "target", conflicts_with = "ledger")]
    no_ledger: bool,
    /// Delete what a run that was killed has left, as its ledger says; without a file, after all such runs
    #[arg(long, value_name = "LEDGER", num_args = 0..=1, conflicts_with_all = ["record", "allow", "report"])]
    clean_up: Option<Option<PathBuf>>,
    /// Have SHOULD findings break the run too
    #[arg(long)]
    strict: bool,
    /// What answers, as a recording will say: account, or the name of an emulator, moto@5.2.5
    #[arg(long, value_name = "WHAT")]
    origin: Option<Source>,
    /// Write run.json, report.html, junit.xml and report.md into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    if sandbox::asks_for_list(&args.faults) {
        context.say(&sandbox::list());
        return Ok(End::Well);
    }
    if let Some(ledger) = &args.clean_up {
        let instead = clean_up::Instead { contract: args.contract.as_deref(), overlays: &args.overlays };
        return clean_up::run(ledger.as_deref(), &instead, args.format, context);
    }
    let contract = contracts::load(args.contract(), &args.overlays, context)?;
    contracts::vet(&contract, args.contract(), context);
    tell_what_is_not_judged(&contract, context);
    for name in &args.allow {
        if contract.operation(name).is_none() {
            let names: Vec<_> = contract.operations.iter().map(|operation| operation.name.as_str()).collect();
            return Err(Failure::Input(format!(
                "--allow {name}: no such operation; there are {}",
                names.join(", ")
            )));
        }
    }
    if let Some(folder) = &args.report {
        report::make_folder(folder)?;
    }
    let known = args.baseline.read(&contract)?;
    match &args.cassette {
        Some(path) => args.judge(path, contract, known, context),
        None => args.play(contract, known, context),
    }
}

/// Says so if bodies are not judged: silence would look like a result.
fn tell_what_is_not_judged(contract: &Contract, context: &Context) {
    let protocol = contract.protocol();
    if !protocol.judges_bodies() {
        context.tell(&format!(
            "onrecord: {} speaks {protocol}, whose bodies are not judged: checks see statuses and header fields only",
            contract.id
        ));
    }
}

/// How requests of a contract are signed, if they are.
pub(super) fn signer(contract: &Contract, region: &str, context: &Context) -> Option<Signer> {
    contract.signing_name.clone().map(|service| Signer {
        service,
        region: region.to_owned(),
        credentials: context.credentials.clone(),
    })
}

impl Args {
    /// The contract as it was named; only a clean-up needs none.
    fn contract(&self) -> &str {
        self.contract.as_deref().unwrap_or_default()
    }

    /// Judges a recording.
    fn judge(
        &self,
        path: &Path,
        contract: Arc<Contract>,
        known: Vec<Known>,
        context: &Context,
    ) -> Result<End, Failure> {
        let settings = self.settings(&self.plan()?, &contract, context)?;
        let suite =
            RecordedSuite::new(contract, cassette::load(path)?, settings, |name| self.selection.takes(name))
                .knowing(known);
        let names = suite.cases();
        if self.is_listed(names, context)? {
            return Ok(End::Well);
        }
        if self.format == Format::Human {
            names.iter().for_each(|name| trials::tell(name, &suite.outcome(name), context));
        }
        let run = Run { selection: self.selection.words(), ..suite.finish() };
        self.tell(&run, context)?;
        Ok(report::end(&run, self.strictness()))
    }

    /// Plays cases against whatever answers.
    fn play(&self, contract: Arc<Contract>, known: Vec<Known>, context: &Context) -> Result<End, Failure> {
        let plan = self.plan()?;
        let mut cases = cases(&contract, plan.cases);
        cases.retain(|case| self.selection.takes(&case.name));
        let any = !cases.is_empty();
        cases.retain(|case| self.shard.is_none_or(|shard| shard.takes(&case.name)));
        if any && cases.is_empty() {
            return self.tell_empty_shard(&contract, &plan, context);
        }
        if self.is_listed(&cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>(), context)? {
            return Ok(End::Well);
        }
        let settings = self.settings(&plan, &contract, context)?;
        let ledger = self.begin_ledger(settings.mark.as_ref(), context)?;
        let left = ledger.as_ref().map(|ledger| ledger.path().to_owned());
        let channel = self.channel(plan, &contract, ledger, context)?;
        let suite = Suite::new(contract, channel, settings).within(self.budget.budget()).knowing(known);
        let _ends_the_run = interrupts::end(&suite)?;
        let mut progress = Progress::of(cases.len(), self.format, context);
        for case in &cases {
            progress.begin(&case.name);
            let outcome = suite.run(case);
            progress.end(&outcome);
            if self.format == Format::Human {
                trials::tell(&case.name, &outcome, context);
            }
            // Where no more may be asked, every case left says so.
            if suite.halted().is_some_and(|halt| !matches!(halt, Halt::Spent(_))) {
                break;
            }
        }
        drop(progress);
        let halted = suite.halted();
        let finished = suite.finish();
        if let Some(path) = left.filter(|path| path.exists()) {
            context.complain(&format!("something is left over; delete it with: {}", ledgers::cure(&path)));
        }
        let shards = self.shard.into_iter().collect();
        let run = Run { selection: self.selection.words(), shards, ..finished? };
        self.tell(&run, context)?;
        match halted {
            None if suite.stopper().is_asked() => {
                context.complain("interrupted: the cases after it were not run");
                Ok(End::Found)
            }
            None => Ok(report::end(&run, self.strictness())),
            Some(Halt::Spent(why)) => {
                context.complain(&format!("{why}; the cases after it were not run"));
                Ok(End::Found)
            }
            Some(Halt::Environment(why)) => Err(Failure::Environment(format!("the run ended early: {why}"))),
            Some(Halt::Miss(why)) => {
                context.complain(&format!("the run ended early: {why}; {OTHER_RUN}"));
                Ok(End::Found)
            }
        }
    }

    /// A shard that no case falls to: its report is one of those that are merged.
    fn tell_empty_shard(&self, contract: &Contract, plan: &Plan, context: &Context) -> Result<End, Failure> {
        if self.selection.list {
            return Ok(End::Well);
        }
        let run = Run {
            selection: self.selection.words(),
            shards: self.shard.into_iter().collect(),
            started: Timestamp::now().to_string(),
            ..Run::new(contract, self.described(), plan.seed)
        };
        self.tell(&run, context)?;
        context.complain("no case falls to this shard; the others have them all");
        Ok(End::Well)
    }

    /// Whether the cases were only to be named, which is done then. None at all is a mistake.
    fn is_listed(&self, names: &[String], context: &Context) -> Result<bool, Failure> {
        if names.is_empty() {
            return Err(Failure::Input("no case has that in its name; --list names them all".to_owned()));
        }
        if self.selection.list {
            context.say(&names.join("\n"));
        }
        Ok(self.selection.list)
    }

    /// What the requests follow from: a replay repeats what was recorded.
    fn plan(&self) -> Result<Plan, Failure> {
        if let Some(path) = &self.replay {
            let plan = cassette::load(path)?.header.plan;
            return plan.ok_or_else(|| {
                let path = path.display();
                Failure::Input(format!(
                    "{path} is no recorded run of checks; judge it with --cassette {path}"
                ))
            });
        }
        let everything = self.sandbox || self.cassette.is_some();
        // What only reads makes up no names that others could see.
        let mark = match self.target.is_some() && !self.allow.is_empty() && !self.no_ledger {
            true => Some(Mark::random()?.as_str().to_owned()),
            false => None,
        };
        Ok(Plan {
            seed: self.seed,
            cases: self.cases,
            mark,
            allowed: (!everything).then(|| self.allow.clone()),
            max_resources: (!everything).then_some(self.max_resources),
        })
    }

    fn settings(&self, plan: &Plan, contract: &Contract, context: &Context) -> Result<Settings, Failure> {
        let allowed = plan.allowed.as_ref().map(|names| names.iter().cloned().collect());
        let mark = plan.mark.as_deref().map(|text| {
            let wrong = || format!("header.plan.mark: `{text}` is no mark of a run; record it again");
            Mark::parse(text).ok_or_else(|| Failure::Input(wrong()))
        });
        Ok(Settings {
            seed: plan.seed,
            cases: plan.cases,
            permission: allowed.map_or(Permission::Everything, Permission::ReadsAnd),
            max_resources: plan.max_resources.unwrap_or(usize::MAX),
            shrinking: 24,
            breaks: if self.strict { Level::Should } else { Level::Must },
            target: self.described(),
            base_url: self.base_url(),
            signing: contract
                .signing_name
                .clone()
                .filter(|_| !self.sandbox)
                .map(|service| curl::Signing { service, region: context.region.clone() }),
            again: self.again(),
            mark: mark.transpose()?,
        })
    }

    /// Runs on a target that may make something have a mark, and a ledger.
    fn begin_ledger(&self, mark: Option<&Mark>, context: &Context) -> Result<Option<Ledger>, Failure> {
        let (Some(target), Some(mark)) = (&self.target, mark) else { return Ok(None) };
        let asked = ledgers::Asked { contract: self.contract(), overlays: &self.overlays, target };
        ledgers::begin(self.ledger.as_deref(), mark, &asked, context).map(Some)
    }

    /// Where `curl` lines go; a recording does not say where its provider is.
    fn base_url(&self) -> String {
        match &self.target {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.sandbox => SANDBOX_URL.to_owned(),
            None => format!("http://{PROVIDER}"),
        }
    }

    fn described(&self) -> Target {
        match (&self.target, self.cassette.as_ref().or(self.replay.as_ref())) {
            (Some(url), _) => Target::Url(url.clone()),
            (None, Some(path)) => Target::Cassette(path.display().to_string()),
            (None, None) => Target::Sandbox { faults: self.faults.clone() },
        }
    }

    /// The command as it was typed, as far as it changes what is sent.
    fn again(&self) -> String {
        let mut words = vec![format!("onrecord check --contract {}", self.contract())];
        let path = |path: &Path| path.display().to_string();
        words.extend(self.overlays.files.iter().map(|file| format!("--overlay {}", path(file))));
        words.extend(self.target.iter().map(|url| format!("--target {url}")));
        words.extend(self.cassette.iter().map(|file| format!("--cassette {}", path(file))));
        words.extend(self.replay.iter().map(|file| format!("--replay {}", path(file))));
        words.extend(self.sandbox.then(|| "--sandbox".to_owned()));
        words.extend(self.faults.iter().map(|name| format!("--fault {name}")));
        if self.target.is_some() || self.sandbox {
            words.push(format!("--seed {} --cases {}", self.seed, self.cases));
            words.extend((!self.allow.is_empty()).then(|| format!("--allow {}", self.allow.join(","))));
            words.extend((!self.sandbox).then(|| format!("--max-resources {}", self.max_resources)));
            words.extend(self.no_ledger.then(|| "--no-ledger".to_owned()));
        }
        words.join(" ")
    }

    fn channel(
        &self,
        plan: Plan,
        contract: &Arc<Contract>,
        ledger: Option<Ledger>,
        context: &Context,
    ) -> Result<Box<dyn Channel>, Failure> {
        if let Some(path) = &self.replay {
            let replayer = Replayer::new(vec![contract.clone()], vec![cassette::load(path)?]);
            return Ok(Box::new(Replayed::new(Arc::new(replayer))));
        }
        let Some(url) = &self.target else {
            let sandbox = Sandbox::new(contract.clone(), &sandbox::faults(&self.faults)?);
            let journal = self.journal(plan, contract, Origin::Sandbox)?;
            return Ok(Box::new(Live::new(sandbox, contract.clone(), "127.0.0.1:4566", journal)));
        };
        let upstream = Upstream::parse(url)?;
        let journal = self.journal(plan, contract, origin::of(self.origin.as_ref(), (&upstream).into()))?;
        let remote = Remote::new(&upstream, signer(contract, &context.region, context))?;
        let live = Live::new(remote, contract.clone(), upstream.authority(), journal);
        Ok(match ledger {
            Some(ledger) => Box::new(live.with_ledger(ledger, ledgers::patience(&upstream))),
            None => Box::new(live),
        })
    }

    fn journal(&self, plan: Plan, contract: &Contract, origin: Origin) -> Result<Option<Journal>, Failure> {
        let Some(path) = &self.record else { return Ok(None) };
        let header = Header { plan: Some(plan), ..Header::new(Some(contracts::reference(contract)), origin) };
        Ok(Some(Journal::replacing(path, &header, Durability::Grouped)?))
    }

    fn strictness(&self) -> Strictness {
        if self.strict { Strictness::Strict } else { Strictness::Normal }
    }

    fn tell(&self, run: &Run, context: &Context) -> Result<(), Failure> {
        match self.format {
            Format::Human => context.say(&format!("\n{}", text::render(run, context.palette))),
            Format::Json => context.say(&run.to_json()),
        }
        if let Some(folder) = &self.report {
            report::write_all(run, self.strictness(), folder)?;
            context.tell(&format!("onrecord: the report is {}", folder.join("report.html").display()));
        }
        if let Some(path) = self.baseline.write(run)? {
            context.tell(&format!("onrecord: the findings are in {}; fill in why", path.display()));
        }
        Ok(())
    }
}
