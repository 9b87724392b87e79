//! `onrecord check`: holds a provider, or a recording, to its contracts.

mod address;
mod part;
mod round;

use std::path::PathBuf;
use std::sync::Arc;

use onrecord::contract::Contract;
use onrecord::report::{Run, Shard, Strictness, text};
use onrecord::runner::{Halt, Mark, Signer};

use super::baseline::Baseline;
use super::config::Place;
use super::context::Context;
use super::contracts::Overlays;
use super::costs::Costs;
use super::failure::{End, Failure};
use super::format::Format;
use super::origin::Source;
use super::trials::Selection;
use super::{clean_up, contracts, interrupts, report, sandbox};

use self::address::Address;
use self::part::{Against, Part, Shared};
use self::round::Round;

/// What a miss most often means.
const OTHER_RUN: &str =
    "select the same cases with FILTER as in the recording, and use the version of onrecord that made it";

/// Hold a provider, or a cassette, to its contract.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  onrecord check --contract msk --sandbox\n  \
    onrecord check --contract msk --target http://127.0.0.1:5000 --allow CreateCluster,DeleteCluster\n  \
    onrecord check --contract msk --cassette cassettes/msk/story-moto.json\n  \
    onrecord check --contract msk --contract eks --target http://127.0.0.1:5000\n  \
    onrecord check --contract msk --sandbox --max-time 10m --shard 1/4 --baseline known.toml\n  \
    onrecord check --clean-up\n\
    Only operations that read are called on a target; --allow adds others by name. What was created is\n\
    deleted again, and a ledger leads to it after a kill. FILTER selects cases as cargo test does, and\n\
    --list names them. docs/checking.md says more.")]
#[command(group = clap::ArgGroup::new("on").required(true).multiple(false).args(["target", "cassette", "sandbox", "replay", "clean_up"]))]
pub(super) struct Args {
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document; repeatable.
    /// Without it, those of onrecord.toml
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    #[command(flatten)]
    config: Place,
    /// A running provider; with several contracts, NAME=URL is for the one of that name
    #[arg(long, value_name = "[NAME=]URL")]
    target: Vec<Address>,
    /// A recording to judge as it is; each of several contracts judges its own exchanges
    #[arg(long, value_name = "FILE")]
    cassette: Option<PathBuf>,
    /// The embedded provider
    #[arg(long)]
    sandbox: bool,
    /// A deliberate misbehaviour of the sandbox, by name
    #[arg(long = "fault", value_name = "NAME", conflicts_with_all = ["target", "cassette", "replay"])]
    faults: Vec<String>,
    /// Record the run; with several contracts this is a folder, with a cassette of each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cassette", "replay"])]
    record: Option<PathBuf>,
    /// Run again what was recorded, without a provider: the recording says with which seed, cases and
    /// permissions. With several contracts this is the folder
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// What all generated values follow from
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "replay")]
    seed: u64,
    /// How many valid inputs are tried for each operation
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "replay")]
    cases: usize,
    /// An operation that may be called although it changes something; several with commas. With several
    /// contracts, msk:CreateCluster is that of one
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
    /// Write run.json, report.html, junit.xml, report.sarif and report.md into this folder
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
        if args.contracts.len() > 1 {
            let why = "--clean-up takes one --contract, which says where that of the ledger lies now";
            return Err(Failure::Input(why.to_owned()));
        }
        let contract = args.contracts.first().map(String::as_str);
        let instead = clean_up::Instead { contract, overlays: &args.overlays };
        return clean_up::run(ledger.as_deref(), &instead, args.format, context);
    }
    let config = args.config.read()?;
    let names = if args.contracts.is_empty() { &config.contracts } else { &args.contracts };
    let overlays = args.overlays.and(&config.overlays);
    let contracts = contracts::load_all(names, &overlays, context)?;
    args.vet(&contracts)?;
    for (contract, name) in contracts.iter().zip(names) {
        contracts::vet(contract, name, context);
        tell_what_is_not_judged(contract, context);
    }
    if let Some(folder) = &args.report {
        report::make_folder(folder)?;
    }
    let shared = Shared { args, names, overlays: &overlays, contracts: &contracts, mark: args.mark()? };
    args.hold(Part::all(&shared)?, &contracts, context)
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
    /// Refuses what no contract of the run makes sense of.
    fn vet(&self, contracts: &[Arc<Contract>]) -> Result<(), Failure> {
        if contracts.is_empty() {
            let why = "no contract: name one with --contract, or in onrecord.toml";
            return Err(Failure::Input(why.to_owned()));
        }
        for (at, contract) in contracts.iter().enumerate() {
            if contracts[..at].iter().any(|other| other.id == contract.id) {
                let id = &contract.id;
                return Err(Failure::Input(format!(
                    "two contracts are called {id}; check one after the other"
                )));
            }
        }
        address::vet(&self.target, contracts)?;
        let unknown = |name: &&String| {
            !contracts.iter().any(|it| !part::allowed(std::slice::from_ref(*name), it).is_empty())
        };
        let Some(name) = self.allow.iter().find(unknown) else { return Ok(()) };
        let there = match contracts {
            [one] => one.operations.iter().map(|operation| operation.name.as_str()).collect::<Vec<_>>(),
            several => several.iter().map(|contract| contract.id.as_str()).collect(),
        };
        let which = if contracts.len() == 1 { "there are" } else { "none of these contracts has it:" };
        Err(Failure::Input(format!("--allow {name}: no such operation; {which} {}", there.join(", "))))
    }

    /// The mark of a run that may make something where things last.
    fn mark(&self) -> Result<Option<Mark>, Failure> {
        let may_make = !self.target.is_empty() && !self.allow.is_empty() && !self.no_ledger;
        Ok(may_make.then(Mark::random).transpose()?)
    }

    /// Holds whatever answers to its contracts, one after the other.
    fn hold(
        &self,
        mut parts: Vec<Part<'_>>,
        contracts: &[Arc<Contract>],
        context: &Context,
    ) -> Result<End, Failure> {
        let mut known = self.baseline.read(contracts)?;
        let mut names = Vec::new();
        parts.retain(|part| {
            let own = part.names();
            let dealt = own.iter().filter(|name| part.deals(name)).map(|name| part.named(name));
            names.extend(dealt);
            !own.is_empty()
        });
        if parts.is_empty() {
            return Err(Failure::Input("no case has that in its name; --list names them all".to_owned()));
        }
        if self.selection.list {
            names.iter().for_each(|name| context.say(name));
            return Ok(End::Well);
        }
        let mut round = Round::begin(self, contracts, &parts[0], names.len(), context);
        let plays = parts.iter().any(|part| !matches!(part.against, Against::Cassette(_)));
        let _ends_the_run = plays.then(|| interrupts::end(&round.stop)).transpose()?;
        let (mut runs, mut halts, mut failed) = (Vec::new(), Vec::new(), None);
        for part in &parts {
            let own = known.iter().filter(|(id, _)| *id == part.contract.id).map(|(_, known)| known.clone());
            match round.hold(part, own.collect()) {
                Ok((run, halt)) => {
                    runs.push(run);
                    // Of one budget it is said once that it was spent.
                    halts.extend(halt.filter(|halt| !halts.contains(halt)));
                }
                Err(failure) => {
                    failed = Some((&part.contract.id, failure));
                    break;
                }
            }
        }
        let stopped = round.stop.is_asked();
        known.retain(|(id, _)| !runs.iter().any(|run: &Run| run.contract.id == *id));
        drop(round);
        let joined = if contracts.len() > 1 { Run::of_several(runs) } else { Run::join(runs) };
        let run = match (joined, failed) {
            (Ok(run), None) => run,
            (Ok(mut run), Some((id, failure))) => {
                let why = format!("{id}: {failure}");
                run.notes.push(format!("the run is partial: {why}"));
                run.partial.get_or_insert(why);
                self.tell(&run, context)?;
                return Err(failure);
            }
            (Err(_), Some((_, failure))) => return Err(failure),
            (Err(error), None) => return Err(Failure::Input(error.to_string())),
        };
        self.tell(&run, context)?;
        let left_out = known.into_iter().map(|(id, known)| known.of(&id)).collect();
        if let Some(path) = self.baseline.write(&run, left_out)? {
            context.tell(&format!("onrecord: the findings are in {}; fill in why", path.display()));
        }
        if names.is_empty() {
            context.complain("no case falls to this shard; the others have them all");
            return Ok(End::Well);
        }
        self.end(&run, halts, stopped, context)
    }

    /// How the command ends, and why it ended early.
    fn end(&self, run: &Run, halts: Vec<Halt>, stopped: bool, context: &Context) -> Result<End, Failure> {
        let (mut end, mut failure) = (report::end(run, self.strictness()), None);
        for halt in halts {
            end = End::Found;
            match halt {
                Halt::Spent(why) => context.complain(&format!("{why}; the cases after it were not run")),
                Halt::Environment(why) => {
                    failure.get_or_insert(Failure::Environment(format!("the run ended early: {why}")));
                }
                Halt::Miss(why) => context.complain(&format!("the run ended early: {why}; {OTHER_RUN}")),
            }
        }
        if stopped {
            context.complain("interrupted: the cases after it were not run");
            end = End::Found;
        }
        failure.map_or(Ok(end), Err)
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
        Ok(())
    }
}
