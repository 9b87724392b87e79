//! Whose turn it is: which exchanges of each sequence a session has handed out.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::index::{Sequence, Spot};

/// How often each sequence of a library was asked in one session.
#[derive(Debug)]
pub(super) struct Turns(Box<[AtomicUsize]>);

impl Turns {
    /// Nothing was asked for yet.
    pub(super) fn new(sequences: &[Sequence]) -> Self {
        Self(sequences.iter().map(|_| AtomicUsize::new(0)).collect())
    }

    /// Takes the next exchange; nobody else gets it.
    pub(super) fn take(&self, sequence: &Sequence) -> Option<Spot> {
        let turn = self.of(sequence)?.fetch_add(1, Ordering::Relaxed);
        sequence.spots.get(turn).copied()
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

    /// The exchanges that nobody took yet.
    pub(super) fn left<'s>(&self, sequence: &'s Sequence) -> &'s [Spot] {
        sequence.spots.get(self.served(sequence)..).unwrap_or_default()
    }

    fn of(&self, sequence: &Sequence) -> Option<&AtomicUsize> {
        self.0.get(sequence.number)
    }
}
