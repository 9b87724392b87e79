use std::collections::BTreeMap;

/// What was not carried over, counted by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Exchanges that are missing, by the reason.
    pub exchanges: BTreeMap<&'static str, u64>,
    /// What is missing in those that are there.
    pub details: BTreeMap<&'static str, u64>,
}

impl Left {
    /// Whether all was carried over.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty() && self.details.is_empty()
    }

    /// Adds the counts of another file.
    pub fn add(&mut self, other: &Self) {
        other.exchanges.iter().for_each(|(kind, count)| *self.exchanges.entry(kind).or_default() += count);
        other.details.iter().for_each(|(kind, count)| *self.details.entry(kind).or_default() += count);
    }

    /// An exchange is left out.
    pub(super) fn exchange(&mut self, why: &'static str) {
        *self.exchanges.entry(why).or_default() += 1;
    }

    /// Something about an exchange is left out.
    pub(super) fn detail(&mut self, kind: &'static str) {
        self.details(kind, 1);
    }

    /// So many things of one kind are left out; none is nothing to tell.
    pub(super) fn details(&mut self, kind: &'static str, count: usize) {
        if count > 0 {
            *self.details.entry(kind).or_default() += count as u64;
        }
    }
}
