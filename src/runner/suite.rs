//! All cases of one contract against one target.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::budget::{Budget, Metered, Outlay};
use super::case::{Case, Permission, cases};
use super::channel::{Channel, ChannelError};
use super::findings::{Acquaintance, Book, Found, evidence, sentence};
use super::health::Health;
use super::mark::Mark;
use super::plan::{Plan, PlanTree, Stage};
use super::scene::{Balance, Closed, Scene};
use super::thing::Names;
use crate::cassette::CassetteError;
use crate::check::{FindingKey, Gathered, Ruling, Session, Verdict};
use crate::contract::{Contract, Level};
use crate::encoding::{hex, sha256};
use crate::exchange::Timestamp;
use crate::generate::{Reason, ValueTree as _, runner, shrink};
use crate::net::{NetError, Stop};
use crate::report::{self, Known, Run, Tally, Target, curl, not_called};

/// How a suite runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What all generated values follow from.
    pub seed: u64,
    /// How many valid inputs are tried for each operation.
    pub cases: usize,
    /// What may be called.
    pub permission: Permission,
    /// How many resources may exist at once because of us.
    pub max_resources: usize,
    /// How many plans may be tried to make one finding smaller.
    pub shrinking: usize,
    /// The level from which on a finding breaks a case.
    pub breaks: Level,
    /// What answers, as reports name it.
    pub target: Target,
    /// Where `curl` lines send requests.
    pub base_url: String,
    /// How `curl` lines sign them.
    pub signing: Option<curl::Signing>,
    /// The command that runs a finding's case again, up to the name of the case.
    pub again: String,
    /// What tells the things of this run from all others, where things last.
    pub mark: Option<Mark>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing broke the run.
    Passed,
    /// Findings, a sentence each.
    Found(Vec<String>),
    /// It could not run; why.
    Skipped(String),
    /// The target did not answer, or a replayed recording had a miss; nothing can be said.
    Broken(String),
}

/// Why nothing more can be said after a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// The target is gone, or the recording cannot be written.
    Environment(String),
    /// The replayed recording had a miss: what follows would be answered out of step.
    Miss(String),
    /// No more may be asked: the budget was spent, or the provider takes no more.
    Spent(String),
}

/// All cases of one contract against one target.
pub struct Suite {
    contract: Arc<Contract>,
    settings: Settings,
    started: (Timestamp, Instant),
    channel: Mutex<Metered>,
    /// What requests are signed for.
    region: Option<String>,
    state: Mutex<State>,
    stop: Stop,
    known: Acquaintance,
}

#[derive(Default)]
struct State {
    book: Book,
    gathered: Gathered,
    cases: Vec<report::Case>,
    balance: Balance,
    exchanges: u64,
    succeeded: u64,
    /// How often the case under way was played.
    played: usize,
    /// The operations that were called.
    called: BTreeSet<String>,
    halted: Option<Halt>,
    health: Health,
}

impl State {
    /// The operations that were to be called and were not, each with the reason of its first case.
    fn uncalled(&self) -> Vec<String> {
        let mut told = BTreeSet::new();
        let skipped = self.cases.iter().filter_map(|case| Some((case, case.skipped.as_ref()?)));
        let of_uncalled = skipped.filter_map(|(case, why)| {
            let (operation, _) = case.name.split_once('/')?;
            let is_new = !self.called.contains(operation) && told.insert(operation);
            is_new.then(|| not_called(operation, why))
        });
        of_uncalled.collect()
    }
}

/// One plan, played.
struct Played<'a> {
    session: Session<'a>,
    verdicts: Vec<Verdict>,
    /// Why it was not played to its end.
    cut: Option<ChannelError>,
}

impl Suite {
    /// Prepares a run.
    pub fn new(contract: Arc<Contract>, channel: Box<dyn Channel>, settings: Settings) -> Self {
        let started = (Timestamp::now(), Instant::now());
        Self {
            contract,
            settings,
            started,
            region: channel.region(),
            channel: Mutex::new(Metered::new(channel)),
            state: Mutex::default(),
            stop: Stop::new(),
            known: Acquaintance::default(),
        }
    }

    /// The same with findings that are expected, and break no case.
    #[must_use]
    pub fn knowing(self, known: Vec<Known>) -> Self {
        let known = Acquaintance::of(known, self.started.0);
        Self { known, ..self }
    }

    /// The same within a budget.
    #[must_use]
    pub fn within(self, budget: Budget) -> Self {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner).keep_to(budget);
        self
    }

    /// The same, where another run has spent some of the budget before.
    #[must_use]
    pub fn after(self, outlay: Outlay) -> Self {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner).go_on(outlay);
        self
    }

    /// What was spent of the budget, by this run and by those before it.
    pub fn outlay(&self) -> Outlay {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner).outlay()
    }

    /// The same, ended by a stop that others heed too.
    #[must_use]
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// What ends the run after the case that is under way.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// The cases, in the order in which they run.
    pub fn cases(&self) -> Vec<Case> {
        cases(&self.contract, self.settings.cases)
    }

    /// Runs one case. Cases run one at a time, whatever the number of threads.
    pub fn run(&self, case: &Case) -> Outcome {
        let mut channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.state().exchanges;
        self.state().played = 0;
        let (outcome, tally) = self.outcome(case, &mut channel);
        let mut state = self.state();
        let exchanges = state.exchanges - before;
        let (mut skipped, mut broken) = (None, None);
        match &outcome {
            Outcome::Skipped(reason) => skipped = Some(reason.clone()),
            Outcome::Broken(reason) => broken = Some(reason.clone()),
            Outcome::Passed | Outcome::Found(_) => {}
        }
        state.cases.push(report::Case { name: case.name.clone(), exchanges, tally, skipped, broken });
        outcome
    }

    /// Why the run has ended before its last case, if so: every further case is skipped.
    pub fn halted(&self) -> Option<Halt> {
        self.state().halted.clone()
    }

    /// Ends the run: the recording is written, and the report made.
    ///
    /// # Errors
    /// When the recording cannot be written.
    pub fn finish(&self) -> Result<Run, CassetteError> {
        let cleaned = {
            let mut channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner);
            let cleaned = channel.clean_up(&self.stop);
            channel.finish()?;
            cleaned
        };
        let Self { contract, settings, started, .. } = self;
        let state = std::mem::take(&mut *self.state());
        let uncalled = state.uncalled();
        let State { book, gathered, cases, balance, exchanges, succeeded, health, .. } = state;
        let broken = cases.iter().filter_map(|case| Some((&case.name, case.broken.as_ref()?)));
        let mut notes: Vec<_> =
            broken.map(|(name, why)| format!("{name} could not be judged: {why}")).collect();
        notes.extend(health.notes(exchanges));
        notes.extend(uncalled);
        notes.extend(balance.notes(&cleaned));
        Ok(Run {
            started: started.0.to_string(),
            duration_ms: u64::try_from(started.1.elapsed().as_millis()).unwrap_or(u64::MAX),
            exchanges,
            succeeded,
            refused: health.refused(),
            partial: health.partial,
            coverage: gathered.covered(contract),
            matrix: book.matrix(contract),
            findings: book.findings(|found| {
                let curl = curl::script(&found.evidence, &settings.base_url, settings.signing.as_ref());
                (curl, format!("{}{}", settings.again, found.case))
            }),
            cases,
            notes,
            ..Run::new(contract, settings.target.clone(), settings.seed)
        }
        .knowing(self.known.all()))
    }

    fn outcome(&self, case: &Case, channel: &mut Metered) -> (Outcome, Tally) {
        let nothing = Tally::default();
        let skipped = |reason: String| (Outcome::Skipped(reason), nothing);
        if let Some(why) = self.ended(channel) {
            self.state().health.leave_out(&why);
            return skipped(why);
        }
        if let Some(reason) = self.state().health.given_up(&case.operation) {
            return skipped(reason);
        }
        let Settings { permission, max_resources, .. } = &self.settings;
        let Some(stage) = Stage::of(&self.contract, case, permission, self.region.as_deref()) else {
            return skipped("the contract has no such operation".to_owned());
        };
        if let Some(reason) = stage.obstacle(&case.ask, permission, *max_resources) {
            return skipped(reason);
        }
        let tree = match self.tree(&stage, case) {
            Ok(tree) => tree,
            Err(reason) => return skipped(reason.to_string()),
        };
        let (judged, tally) = self.judge(&stage, case, &tree.current(), channel);
        let outcome = match judged {
            Ok(outcome) => outcome,
            Err(ChannelError::Spent(why)) => {
                self.state().health.leave_out(&why);
                Outcome::Skipped(why)
            }
            Err(error @ ChannelError::Withheld { .. }) => Outcome::Skipped(error.to_string()),
            Err(error) => {
                self.halt(case, &error, channel);
                return (Outcome::Broken(error.to_string()), tally);
            }
        };
        self.state().health.answered(&case.operation);
        (outcome, tally)
    }

    /// Why no further case runs, if so.
    fn ended(&self, channel: &Metered) -> Option<String> {
        if self.stop.is_asked() {
            return Some("interrupted".to_owned());
        }
        let mut state = self.state();
        if state.halted.is_none() {
            state.halted = channel.spent().map(Halt::Spent);
        }
        state.halted.as_ref().map(|halt| match halt {
            Halt::Spent(why) => why.clone(),
            Halt::Environment(_) | Halt::Miss(_) => "the run had ended before".to_owned(),
        })
    }

    /// Notes what makes all further cases pointless. That a target which has answered before
    /// breaks off is the affair of one case, or of one operation, unless it answers nothing any more.
    fn halt(&self, case: &Case, error: &ChannelError, channel: &Metered) {
        let mut state = self.state();
        let why = error.to_string();
        state.halted = match error {
            ChannelError::Net(NetError::Connect { .. } | NetError::ConnectTimeout { .. })
            | ChannelError::Cassette(_)
            | ChannelError::Ledger(_) => Some(Halt::Environment(why)),
            ChannelError::Net(_) if state.exchanges == 0 || channel.is_gone() => Some(Halt::Environment(why)),
            ChannelError::Net(_) => {
                state.health.fell_silent(&case.operation);
                None
            }
            ChannelError::Miss(_) => Some(Halt::Miss(why)),
            ChannelError::Leak(_) | ChannelError::Spent(_) | ChannelError::Withheld { .. } => None,
        };
        if state.halted.is_some() {
            state.health.leave_out("it ended there, and no further case was run");
        }
    }

    fn judge(
        &self,
        stage: &Stage<'_>,
        case: &Case,
        plan: &Plan,
        channel: &mut Metered,
    ) -> (Result<Outcome, ChannelError>, Tally) {
        let Played { session, verdicts, mut cut } = self.play(stage, case, plan, channel);
        let tally = self.state().book.enter(&verdicts);
        for verdict in &verdicts {
            let Some((key, problem)) = verdict.finding() else { continue };
            if self.state().book.count(&key) {
                continue;
            }
            let mut found = Found {
                problem: problem.clone(),
                evidence: evidence(&session, problem),
                case: case.name.clone(),
                count: 1,
            };
            if cut.is_none() {
                // That there is no budget to make it smaller takes nothing from a finding.
                cut = self.shrink(stage, case, &key, &mut found, channel);
                cut = cut.filter(|error| !matches!(error, ChannelError::Spent(_)));
            }
            self.state().book.note(key, found);
        }
        let is_new =
            |verdict: &&Verdict| matches!(verdict.ruling, Ruling::Fail(_)) && !self.known.is_with(verdict);
        let fails = verdicts.iter().filter(is_new);
        let grave = fails.filter_map(sentence).filter(|(level, _)| *level >= self.settings.breaks);
        let sentences: Vec<_> = grave.map(|(_, sentence)| sentence).collect();
        let outcome = match (cut, sentences.is_empty()) {
            (Some(ChannelError::Spent(why)), false) => {
                self.state().health.leave_out(&why);
                Ok(Outcome::Found(sentences))
            }
            (Some(error), _) => Err(error),
            (None, true) => Ok(Outcome::Passed),
            (None, false) => Ok(Outcome::Found(sentences)),
        };
        (outcome, tally)
    }

    /// Looks for the smallest plan that still shows a finding, within its budget, and for the evidence
    /// in it; what kept it from looking on, if anything.
    fn shrink(
        &self,
        stage: &Stage<'_>,
        case: &Case,
        key: &FindingKey,
        best: &mut Found,
        channel: &mut Metered,
    ) -> Option<ChannelError> {
        let mut failure = None;
        let Ok(mut tree) = self.tree(stage, case) else { return None };
        shrink(&mut tree, self.settings.shrinking, |plan| {
            if failure.is_some() {
                return false;
            }
            let Played { session, verdicts, cut } = self.play(stage, case, plan, channel);
            failure = cut;
            let shows = |verdict: &Verdict| match verdict.finding() {
                Some((found, problem)) if found == *key => {
                    best.problem = problem.clone();
                    best.evidence = evidence(&session, problem);
                    true
                }
                _ => false,
            };
            failure.is_none() && verdicts.iter().any(shows)
        });
        failure
    }

    fn play<'a>(&self, stage: &Stage<'a>, case: &Case, plan: &Plan, channel: &mut Metered) -> Played<'a> {
        let mut scene = Scene::new(stage.contract, channel, self.names(case));
        let cut = stage.play(plan, &mut scene).err();
        let Closed { mut session, balance, retried, told } = scene.close();
        {
            let mut state = self.state();
            state.exchanges += session.observations.len() as u64;
            state.played += 1;
            let called = session.observations.iter().filter_map(|seen| seen.operation);
            state.called.extend(called.map(|operation| operation.name.clone()));
            state.succeeded += session.succeeded();
            state.health.note(&session, retried);
            state.balance.created += balance.created;
            state.balance.left.extend(balance.left);
        }
        // What had no answer may have been done all the same: what came after it proves nothing. A
        // replay that is out of step proves nothing at all.
        session.observations.truncate(match &cut {
            Some(ChannelError::Net(_) | ChannelError::Spent(_)) => told,
            Some(_) => 0,
            None => usize::MAX,
        });
        let verdicts = session.judge_and_note(&mut self.state().gathered);
        Played { session, verdicts, cut }
    }

    fn tree<'a>(&self, stage: &Stage<'a>, case: &Case) -> Result<PlanTree<'a>, Reason> {
        stage.tree(&case.ask, &mut runner(self.settings.seed, &case.name))
    }

    /// Names that follow from seed, case and the run's mark alone: a replay makes up the same ones.
    fn names(&self, case: &Case) -> Names {
        let digest = sha256(format!("{} {}", self.settings.seed, case.name).as_bytes());
        let mark = self.settings.mark.clone();
        let run = mark.as_ref().map_or("onrecord".to_owned(), Mark::prefix);
        let prefix = format!("{run}-{}", hex(&digest[..4]));
        Names { prefix, mark, played: self.state().played, used: 0, tokens: 0 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
