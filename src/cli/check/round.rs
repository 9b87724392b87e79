//! The contracts of a run, one after the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::contract::Contract;
use onrecord::exchange::Timestamp;
use onrecord::net::Stop;
use onrecord::replay::contract_of;
use onrecord::report::{Known, Run};
use onrecord::runner::{Halt, Outlay, RecordedSuite, Suite};

use super::Args;
use super::part::{Against, Part};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::format::Format;
use crate::cli::progress::Progress;
use crate::cli::{cassette, contracts, ledgers, trials};

/// What a run has spent and met so far.
pub(super) struct Round<'a> {
    args: &'a Args,
    context: &'a Context,
    contracts: &'a [Arc<Contract>],
    /// The first contract that is held.
    first: Arc<Contract>,
    outlay: Option<Outlay>,
    pub(super) stop: Stop,
    progress: Progress,
    /// The ledgers of contracts that have left something over.
    left: Vec<PathBuf>,
}

impl<'a> Round<'a> {
    pub(super) fn begin(
        args: &'a Args,
        contracts: &'a [Arc<Contract>],
        first: &Part<'_>,
        total: usize,
        context: &'a Context,
    ) -> Self {
        let progress = Progress::of(total, args.format, context);
        let (first, stop, left) = (first.contract.clone(), Stop::new(), Vec::new());
        Self { args, context, contracts, first, outlay: None, stop, progress, left }
    }

    /// Holds a provider, or a recording, to one of the contracts.
    pub(super) fn hold(
        &mut self,
        part: &Part<'_>,
        known: Vec<Known>,
    ) -> Result<(Run, Option<Halt>), Failure> {
        let (mut run, halt) = match &part.against {
            Against::Cassette(path) => (self.judge(part, path, known)?, None),
            _ => self.play(part, known)?,
        };
        run.locate(&part.contract, contracts::text_of);
        let shards = self.args.shard.into_iter().collect();
        Ok((Run { selection: self.args.selection.words(), shards, ..run }, halt))
    }

    /// Judges a recording.
    fn judge(&self, part: &Part<'_>, path: &Path, known: Vec<Known>) -> Result<Run, Failure> {
        let mut cassette = cassette::load(path)?;
        if part.shares_a_cassette() {
            // What no contract knows goes to the first one that is held, which says so.
            let with = cassette.header.contract.as_ref().map(|contract| contract.id.clone());
            cassette.exchanges.retain(|exchange| {
                let own = contract_of(self.contracts, &exchange.request, with.as_deref());
                Arc::ptr_eq(own.map_or(&self.first, |at| &self.contracts[at]), &part.contract)
            });
        }
        let settings = part.settings(self.context)?;
        let suite = RecordedSuite::new(part.contract.clone(), cassette, settings, |name| part.takes(name))
            .knowing(known);
        if self.args.format == Format::Human {
            let told = suite.cases().iter().map(|name| (part.named(name), suite.outcome(name)));
            told.for_each(|(name, outcome)| trials::tell(&name, &outcome, self.context));
        }
        Ok(suite.finish())
    }

    /// Plays cases against whatever answers.
    fn play(&mut self, part: &Part<'_>, known: Vec<Known>) -> Result<(Run, Option<Halt>), Failure> {
        let cases = part.cases();
        if cases.is_empty() || self.stop.is_asked() {
            let partial = self.stop.is_asked().then(|| "interrupted".to_owned());
            let started = Timestamp::now().to_string();
            let notes = partial.iter().map(|why| format!("the run is partial: {why}")).collect();
            let run = Run::new(&part.contract, part.described(), part.plan.seed);
            return Ok((Run { started, partial, notes, ..run }.knowing(known), None));
        }
        let settings = part.settings(self.context)?;
        let ledger = part.begin_ledger(settings.mark.as_ref(), &self.left, self.context)?;
        let left = ledger.as_ref().map(|ledger| ledger.path().to_owned());
        let channel = part.channel(ledger, self.context)?;
        let suite = Suite::new(part.contract.clone(), channel, settings)
            .within(self.args.budget.budget())
            .stopped_by(self.stop.clone())
            .knowing(known);
        let suite = match self.outlay {
            Some(outlay) => suite.after(outlay),
            None => suite,
        };
        for case in &cases {
            let name = part.named(&case.name);
            self.progress.begin(&name);
            let outcome = suite.run(case);
            self.progress.end(&outcome);
            if self.args.format == Format::Human {
                trials::tell(&name, &outcome, self.context);
            }
            // Where no more may be asked, every case left says so.
            if suite.halted().is_some_and(|halt| !matches!(halt, Halt::Spent(_))) {
                break;
            }
        }
        self.progress.pause();
        self.outlay = Some(suite.outlay());
        let halted = suite.halted();
        let finished = suite.finish();
        if let Some(path) = left.filter(|path| path.exists()) {
            let cure = ledgers::cure(&path);
            self.context.complain(&format!("something is left over; delete it with: {cure}"));
            self.left.push(path);
        }
        Ok((finished?, halted))
    }
}
