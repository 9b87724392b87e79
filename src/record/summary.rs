use std::collections::BTreeMap;

use crate::net::Lost;

/// How many different reasons are told apart; more are counted together.
const REASONS: usize = 50;

/// What became of the exchanges of a recording. Every exchange is counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Recorded exchanges by their operation.
    pub operations: BTreeMap<String, u64>,
    /// Recorded exchanges of which no contract knows the operation.
    pub unknown: u64,
    /// Exchanges that were refused, by the reason: a secret would have been left in them. Their
    /// clients saw a broken answer.
    pub refused: BTreeMap<String, u64>,
    /// Exchanges that the journal could not take, by the reason: the disk is full. What
    /// their clients saw is what [`Unwritten`](super::Unwritten) says.
    pub unwritten: BTreeMap<String, u64>,
    /// Exchanges that could not be recorded, by the reason. Their clients saw what there was.
    pub lost: BTreeMap<String, u64>,
    /// How many of them had no answer at all.
    pub unanswered: u64,
    /// What passed through without being an exchange, by what it was: an upgraded connection, a
    /// tunnel. Nothing is missing from the cassette because of it.
    pub passed: BTreeMap<String, u64>,
}

impl Summary {
    /// How many exchanges are in the cassette.
    pub fn recorded(&self) -> u64 {
        self.unknown + self.operations.values().sum::<u64>()
    }

    /// Whether nothing came.
    pub fn is_untouched(&self) -> bool {
        self.is_complete() && self.recorded() == 0 && self.passed.is_empty()
    }

    /// Whether every exchange was recorded.
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && self.unwritten.is_empty() && self.lost.is_empty()
    }

    pub(super) fn count_recorded(&mut self, operation: Option<String>) {
        match operation {
            Some(operation) => *self.operations.entry(operation).or_default() += 1,
            None => self.unknown += 1,
        }
    }

    pub(super) fn count_refused(&mut self, why: String) {
        count(&mut self.refused, why);
    }

    pub(super) fn count_unwritten(&mut self, why: String) {
        count(&mut self.unwritten, why);
    }

    pub(super) fn count_unreadable(&mut self, why: String) {
        count(&mut self.lost, why);
    }

    pub(super) fn count_lost(&mut self, why: &Lost) {
        self.unanswered += u64::from(matches!(why, Lost::NoAnswer(_)));
        let reasons = match why {
            Lost::Upgraded { .. } | Lost::Tunnelled { .. } => &mut self.passed,
            _ => &mut self.lost,
        };
        count(reasons, why.to_string());
    }
}

fn count(reasons: &mut BTreeMap<String, u64>, why: String) {
    let is_told_apart = reasons.len() < REASONS || reasons.contains_key(&why);
    let why = if is_told_apart { why } else { "for other reasons".to_owned() };
    *reasons.entry(why).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_bounded_and_their_number_is_not() {
        let mut summary = Summary::default();
        assert!(summary.is_complete());
        for index in 0..1000 {
            summary.count_refused(format!("reason {index}"));
        }
        assert_eq!(summary.refused.len(), REASONS + 1);
        assert_eq!(summary.refused.values().sum::<u64>(), 1000);
        assert!(!summary.is_complete());
    }
}
