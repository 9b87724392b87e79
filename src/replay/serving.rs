//! How a session serves: its clock, its pace, and what comes after the last exchange.

use super::Replayer;
use super::serve::{Clock, Pace};
use super::turns::AfterLast;
use super::waits::Waits;

impl Replayer {
    /// Which time it is for clients; [`Clock::Now`] unless told otherwise.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.manner.clock = clock;
        self
    }

    /// When the pieces of streamed answers are sent; at once unless told otherwise.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.manner.pace = pace;
        self
    }

    /// What a request gets whose exchanges were all taken; nothing unless told otherwise.
    #[must_use]
    pub fn after_last(mut self, after_last: AfterLast) -> Self {
        self.turns = self.turns.after(after_last);
        self
    }

    /// Answers who waits for a state, by asking again and again, with the exchange that ends the wait:
    /// where the contract has a waiter for the operation, or documents the states of what it shows.
    /// The exchanges before it count as served.
    #[must_use]
    pub fn collapsing_waits(mut self) -> Self {
        self.waits = Some(Waits::new(self.library.sequences()));
        self
    }

    /// How a recording reaches the provider, as flags (`--upstream URL --origin WHAT`): what a miss advises.
    #[must_use]
    pub fn with_way(mut self, flags: impl Into<String>) -> Self {
        self.way = Some(flags.into());
        self
    }

    /// How many answers were given again, after the last.
    pub fn repeated(&self) -> usize {
        self.library.sequences().iter().map(|sequence| self.turns.repeated(sequence)).sum()
    }
}
