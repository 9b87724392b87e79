//! Who waits: which exchange of a sequence ends the wait that another one belongs to.

use std::sync::OnceLock;

use super::index::Sequence;
use super::library::Library;
use crate::contract::{Operation, Outcome, Wait};

/// For each sequence of a library, found when it is asked for first: for each turn, the turn that
/// ends the wait; itself where nobody waits.
#[derive(Debug)]
pub(super) struct Waits(Box<[OnceLock<Option<Ends>>]>);

/// The turns that end waits in one sequence.
#[derive(Debug)]
pub(super) struct Ends {
    of: Box<[usize]>,
    last: usize,
}

impl Ends {
    /// The turn that ends the wait of this one; itself where nobody waits.
    pub(super) fn of(&self, turn: usize) -> usize {
        self.of.get(turn).copied().unwrap_or(turn)
    }

    /// The last turn that ends a wait.
    pub(super) fn last(&self) -> usize {
        self.last
    }
}

impl Waits {
    pub(super) fn new(sequences: &[Sequence]) -> Self {
        Self(sequences.iter().map(|_| OnceLock::new()).collect())
    }

    /// `None` where no turn is passed over.
    pub(super) fn ends(&self, library: &Library, sequence: &Sequence) -> Option<&Ends> {
        self.0.get(sequence.number)?.get_or_init(|| found(library, sequence)).as_ref()
    }
}

fn found(library: &Library, sequence: &Sequence) -> Option<Ends> {
    let (contract, operation) = sequence.operation.as_deref()?;
    let contract = library.contracts.iter().find(|it| it.id == *contract)?;
    let operation = contract.operation(operation)?;
    if operation.waiters.is_empty() || sequence.spots.len() < 2 {
        return None;
    }
    let seen = sequence.spots.iter().map(|spot| {
        let exchange = library.exchange(*spot)?;
        Some(waits(operation, &contract.outcome(operation, &exchange.response)))
    });
    let seen: Vec<_> = seen.map(Option::unwrap_or_default).collect();
    let of = ends(&seen);
    let last = (0..seen.len()).rfind(|turn| is_end(&seen, *turn))?;
    of.iter().enumerate().any(|(turn, end)| turn != *end).then_some(Ends { of, last })
}

/// What an outcome is to each waiter; nothing where it breaks the wait off.
fn waits(operation: &Operation, outcome: &Outcome) -> Vec<Option<Wait>> {
    operation.waiters.iter().map(|waiter| waiter.judge(outcome)).collect()
}

/// For each turn the one that ends its wait, given what each is to each waiter.
fn ends(seen: &[Vec<Option<Wait>>]) -> Box<[usize]> {
    (0..seen.len()).map(|turn| end(seen, turn).unwrap_or(turn)).collect()
}

/// The nearest end of a wait that this turn belongs to.
fn end(seen: &[Vec<Option<Wait>>], turn: usize) -> Option<usize> {
    if is_end(seen, turn) {
        return None;
    }
    let waiters = 0..seen.get(turn)?.len();
    let end = waiters.filter_map(|waiter| end_for(seen, turn, waiter)).min()?;
    // What somebody waited for is not skipped on the way.
    (turn + 1..end).all(|between| !is_end(seen, between)).then_some(end)
}

fn end_for(seen: &[Vec<Option<Wait>>], turn: usize, waiter: usize) -> Option<usize> {
    let of = |turn: usize| seen.get(turn)?.get(waiter).copied().flatten();
    let end = (turn..).find(|at| of(*at) != Some(Wait::Goes))?;
    let waits_on =
        || seen.get(end).is_some_and(|seen| seen.contains(&Some(Wait::Goes))) && end + 1 < seen.len();
    let is_end = match of(end)? {
        Wait::Succeeds => true,
        // One that fails may be where another wait begins: a deletion.
        Wait::Fails => !waits_on(),
        Wait::Goes => false,
    };
    (is_end && end > turn).then_some(end)
}

/// Whether somebody may have waited for this turn: it is a waiter's success, or the failure of a wait
/// that went on until then.
fn is_end(seen: &[Vec<Option<Wait>>], turn: usize) -> bool {
    let before = turn.checked_sub(1).and_then(|before| seen.get(before));
    seen.get(turn).into_iter().flatten().enumerate().any(|(waiter, wait)| match wait {
        Some(Wait::Succeeds) => true,
        Some(Wait::Fails) => before.is_some_and(|before| before.get(waiter) == Some(&Some(Wait::Goes))),
        Some(Wait::Goes) | None => false,
    })
}
