//! Whose turn it is: which exchanges of each sequence a session has handed out.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::index::{Sequence, Spot};
use super::waits::Ends;

/// How often each sequence of a library was asked in one session.
#[derive(Debug)]
pub(super) struct Turns {
    asked: Box<[AtomicUsize]>,
    after: AfterLast,
}

/// What a request gets whose exchanges were all taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterLast {
    /// Nothing: it is a miss.
    #[default]
    Miss,
    /// The last one again.
    Repeat,
    /// All of them again, from the first.
    Loop,
}

impl Turns {
    /// Nothing was asked for yet.
    pub(super) fn new(sequences: &[Sequence]) -> Self {
        let asked = sequences.iter().map(|_| AtomicUsize::new(0)).collect();
        Self { asked, after: AfterLast::default() }
    }

    pub(super) fn after(self, after: AfterLast) -> Self {
        Self { after, ..self }
    }

    /// Takes the next exchange; nobody else gets it.
    pub(super) fn take(&self, sequence: &Sequence) -> Option<Spot> {
        let turn = self.of(sequence)?.fetch_add(1, Ordering::Relaxed);
        sequence.spots.get(turn).or_else(|| self.again(sequence, turn)).copied()
    }

    fn again<'s>(&self, sequence: &'s Sequence, turn: usize) -> Option<&'s Spot> {
        match self.after {
            AfterLast::Miss => None,
            AfterLast::Repeat => sequence.spots.last(),
            AfterLast::Loop => sequence.spots.get(turn.checked_rem(sequence.spots.len())?),
        }
    }

    /// Takes the exchange that ends a wait, and with it those before it.
    pub(super) fn take_to(&self, sequence: &Sequence, ends: &Ends) -> Option<Spot> {
        let next = |turn| (turn < sequence.spots.len()).then(|| ends.of(turn) + 1);
        match self.of(sequence)?.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(turn) => sequence.spots.get(ends.of(turn)).copied(),
            // Who is at the end of a wait stays there: a loop would have it wait anew.
            Err(_) if self.after == AfterLast::Loop => {
                self.of(sequence)?.fetch_add(1, Ordering::Relaxed);
                sequence.spots.get(ends.last()).copied()
            }
            Err(_) => self.take(sequence),
        }
    }

    /// The exchange that comes next, which stays.
    pub(super) fn next(&self, sequence: &Sequence, ends: Option<&Ends>) -> Option<Spot> {
        let turn = self.asked(sequence);
        let end = ends.map_or(turn, |ends| ends.of(turn));
        sequence.spots.get(end).or_else(|| self.again(sequence, turn)).copied()
    }

    /// Takes the next exchange if there is one; asking for more than there are leaves no trace.
    pub(super) fn take_if_left(&self, sequence: &Sequence) -> Option<Spot> {
        let next = |turn| (turn < sequence.spots.len()).then_some(turn + 1);
        let turn = self.of(sequence)?.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        sequence.spots.get(turn).copied()
    }

    /// How many exchanges were taken.
    pub(super) fn served(&self, sequence: &Sequence) -> usize {
        self.asked(sequence).min(sequence.spots.len())
    }

    /// How often one was asked for.
    pub(super) fn asked(&self, sequence: &Sequence) -> usize {
        self.of(sequence).map_or(0, |asked| asked.load(Ordering::Relaxed))
    }

    /// How many answers were given once more.
    pub(super) fn repeated(&self, sequence: &Sequence) -> usize {
        match self.after {
            AfterLast::Miss => 0,
            AfterLast::Repeat | AfterLast::Loop => self.asked(sequence) - self.served(sequence),
        }
    }

    /// The exchanges that nobody took yet.
    pub(super) fn left<'s>(&self, sequence: &'s Sequence) -> &'s [Spot] {
        sequence.spots.get(self.served(sequence)..).unwrap_or_default()
    }

    fn of(&self, sequence: &Sequence) -> Option<&AtomicUsize> {
        self.asked.get(sequence.number)
    }
}
