//! What a run may cost, and a channel that keeps to it.

use std::time::{Duration, Instant};

use super::channel::{Channel, ChannelError};
use super::clean_up::{CleanUpError, Proof};
use crate::cassette::{CassetteError, Folded};
use crate::exchange::{Exchange, Request};
use crate::net::{NetError, Stop};
use crate::redact::Redacted;

/// What a run may cost. The deletion of what it made comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// From the first request on.
    pub time: Option<Duration>,
    /// How many requests are sent.
    pub requests: Option<u64>,
    /// How long each answer may take, from the connection to its last byte. Default 30 s.
    pub answer: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { time: None, requests: None, answer: Duration::from_secs(30) }
    }
}

/// So many requests without an answer, one after the other, and nobody tries on to clean up.
const SILENCE: usize = 3;

/// So many, and the run ends: the target is gone.
const GONE: usize = 5;

/// So many requests that were throttled to the last, one after the other, and the run ends.
const THROTTLED: usize = 3;

/// What was spent of a budget. Runs that share one hand it on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outlay {
    time: Duration,
    requests: u64,
}

/// A channel that keeps to a budget. Whatever else a channel can do, it passes on.
pub(super) struct Metered {
    channel: Box<dyn Channel>,
    budget: Budget,
    /// The time of earlier runs, and the requests of all.
    outlay: Outlay,
    since: Instant,
    duty: Duty,
    /// How many requests in a row had no answer.
    unanswered: usize,
    /// How many in a row were throttled to the last.
    throttled: usize,
    /// Why the case under way may not go on, though the run may.
    overdrawn: Option<String>,
}

/// How a provider took a request in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// It would not have it, however often it was sent.
    Throttled,
    /// It dealt with it.
    Taken,
}

/// What requests are sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// A case, within the budget.
    Case,
    /// What was made goes away, whatever that costs.
    CleaningUp,
}

impl Metered {
    pub(super) fn new(channel: Box<dyn Channel>) -> Self {
        Self {
            channel,
            budget: Budget::default(),
            outlay: Outlay::default(),
            since: Instant::now(),
            duty: Duty::Case,
            unanswered: 0,
            throttled: 0,
            overdrawn: None,
        }
    }

    pub(super) fn keep_to(&mut self, budget: Budget) {
        self.budget = budget;
    }

    /// Goes on where another run has ended.
    pub(super) fn go_on(&mut self, outlay: Outlay) {
        self.outlay = outlay;
    }

    pub(super) fn outlay(&self) -> Outlay {
        Outlay { time: self.outlay.time + self.since.elapsed(), ..self.outlay }
    }

    /// A case begins.
    pub(super) fn begin(&mut self) {
        (self.duty, self.overdrawn) = (Duty::Case, None);
    }

    /// From now on requests clean up.
    pub(super) fn begin_clean_up(&mut self) {
        self.duty = Duty::CleaningUp;
    }

    /// Whether it is in vain to ask on.
    pub(super) fn is_silent(&self) -> bool {
        self.unanswered >= SILENCE
    }

    /// Whether the target is gone, as far as anybody can tell.
    pub(super) fn is_gone(&self) -> bool {
        self.unanswered >= GONE
    }

    /// Why no further request may be sent, if so.
    pub(super) fn spent(&self) -> Option<String> {
        let Budget { time, requests, .. } = self.budget;
        let time = time.filter(|most| self.outlay().time >= *most);
        match requests.filter(|most| self.outlay.requests >= *most) {
            Some(most) => Some(format!("the budget was spent: --max-requests {most}")),
            None if self.throttled >= THROTTLED => Some(format!(
                "the provider throttles: {THROTTLED} requests in a row were answered by nothing else"
            )),
            None => time.map(|most| self.out_of_time(most)),
        }
    }

    /// With the number of requests, a replay of the recording can be ended at the same place.
    fn out_of_time(&self, most: Duration) -> String {
        format!("the budget was spent: --max-time {}, after {} requests", written(most), self.outlay.requests)
    }

    /// Notes whether a request was throttled to the last.
    pub(super) fn note(&mut self, load: Load) {
        match load {
            Load::Throttled => self.throttled += 1,
            Load::Taken => self.throttled = 0,
        }
    }

    /// The time that is left of the budget, if it has an end.
    fn left(&self) -> Option<Duration> {
        self.budget.time.map(|most| most.saturating_sub(self.outlay().time))
    }
}

impl Channel for Metered {
    fn exchange(&mut self, request: &Request) -> Result<Redacted<Exchange>, ChannelError> {
        let mut patience = self.budget.answer;
        if self.duty == Duty::Case {
            if let Some(why) = self.spent().or_else(|| self.overdrawn.clone()) {
                return Err(ChannelError::Spent(why));
            }
            self.outlay.requests += 1;
            patience = self.left().map_or(patience, |left| left.min(patience));
        }
        self.channel.patience(patience);
        let answered = self.channel.exchange(request);
        match answered {
            Ok(_) => self.unanswered = 0,
            // It was not the target that took too long.
            Err(ChannelError::Net(NetError::Unfinished { .. })) if patience < self.budget.answer => {
                return Err(ChannelError::Spent(self.spent().unwrap_or_default()));
            }
            Err(ChannelError::Net(_)) => self.unanswered += 1,
            Err(_) => {}
        }
        answered
    }

    fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String {
        self.channel.derive(token, change)
    }

    fn region(&self) -> Option<String> {
        self.channel.region()
    }

    /// Nobody waits for what comes after the end: the case ends there, and others may still do.
    fn wait(&mut self, time: Duration) {
        match (self.duty, self.left(), self.budget.time) {
            (Duty::Case, Some(left), Some(most)) if time > left => {
                self.overdrawn =
                    Some(format!("{}: the next step is {} away", self.out_of_time(most), written(time)));
            }
            _ => self.channel.wait(time),
        }
    }

    fn clean_up(&mut self, stop: &Stop) -> Result<Option<Proof>, CleanUpError> {
        // What was left of the time for a case may be little.
        self.channel.patience(self.budget.answer);
        self.channel.clean_up(stop)
    }

    fn patience(&mut self, time: Duration) {
        self.channel.patience(time);
    }

    fn finish(&mut self) -> Result<Option<Folded>, CassetteError> {
        self.channel.finish()
    }
}

/// A time as it is written on a command line.
fn written(time: Duration) -> String {
    match time.as_millis() {
        millis if !millis.is_multiple_of(1_000) => format!("{millis}ms"),
        millis if !millis.is_multiple_of(60_000) => format!("{}s", millis / 1_000),
        millis => format!("{}m", millis / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::exchange::{Method, Target};

    /// Answers nothing, and remembers what was waited for.
    struct Mute(Arc<Mutex<Vec<Duration>>>);

    impl Channel for Mute {
        fn exchange(&mut self, _: &Request) -> Result<Redacted<Exchange>, ChannelError> {
            Err(NetError::Broken { upstream: "it".to_owned(), why: "mute".to_owned() }.into())
        }

        fn derive(&self, token: &str, _: &dyn Fn(&str) -> String) -> String {
            token.to_owned()
        }

        fn region(&self) -> Option<String> {
            None
        }

        fn wait(&mut self, time: Duration) {
            self.0.lock().unwrap().push(time);
        }

        fn finish(&mut self) -> Result<Option<Folded>, CassetteError> {
            Ok(None)
        }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    fn metered(budget: Budget) -> (Metered, Arc<Mutex<Vec<Duration>>>) {
        let waits = Arc::default();
        let mut metered = Metered::new(Box::new(Mute(Arc::clone(&waits))));
        metered.keep_to(budget);
        metered.begin();
        (metered, waits)
    }

    fn says(metered: &mut Metered) -> String {
        let request = Request::new(Method::Get, Target::new("/"));
        metered.exchange(&request).unwrap_err().to_string()
    }

    const MUTE: &str = "it gave no answer: mute";

    #[test]
    fn what_cleans_up_is_sent_when_all_is_spent() {
        let (mut metered, _) = metered(Budget { requests: Some(1), ..Budget::default() });
        assert_eq!(says(&mut metered), MUTE);
        assert_eq!(says(&mut metered), "the budget was spent: --max-requests 1");
        metered.begin_clean_up();
        assert_eq!(says(&mut metered), MUTE);
        metered.begin();
        assert_eq!(says(&mut metered), "the budget was spent: --max-requests 1");
    }

    #[test]
    fn a_wait_beyond_the_end_ends_the_case_and_not_the_run() {
        let (mut metered, waits) = metered(Budget { time: Some(HOUR), ..Budget::default() });
        metered.wait(HOUR / 2);
        metered.wait(2 * HOUR);
        assert_eq!(*waits.lock().unwrap(), [HOUR / 2]);
        let told = "the budget was spent: --max-time 60m, after 0 requests: the next step is 120m away";
        assert_eq!(says(&mut metered), told);
        assert_eq!(metered.spent(), None);
        metered.begin();
        assert_eq!(says(&mut metered), MUTE);
    }

    #[test]
    fn of_a_budget_only_what_was_spent_is_handed_on() {
        let budget = || metered(Budget { time: Some(HOUR), ..Budget::default() }).0;
        let (mut first, mut second, mut third) = (budget(), budget(), budget());
        first.go_on(Outlay { time: HOUR / 2, requests: 3 });
        second.go_on(first.outlay());
        assert_eq!((second.spent(), second.outlay().requests), (None, 3));
        assert!(second.left().unwrap() < HOUR / 2);
        third.go_on(Outlay { time: HOUR, requests: 3 });
        assert_eq!(says(&mut third), "the budget was spent: --max-time 60m, after 3 requests");
    }

    #[test]
    fn silence_is_counted_in_a_row() {
        let (mut metered, _) = metered(Budget::default());
        let after = |metered: &mut Metered| {
            says(metered);
            (metered.is_silent(), metered.is_gone())
        };
        let seen: Vec<_> = (0..5).map(|_| after(&mut metered)).collect();
        assert_eq!(seen, [(false, false), (false, false), (true, false), (true, false), (true, true)]);
    }
}
