//! How many values were replaced.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The values replaced so far, by kind. Counting must not make readers wait for a writer.
#[derive(Default)]
pub(super) struct Counts(Mutex<BTreeMap<&'static str, u64>>);

impl Counts {
    pub(super) fn add(&self, tally: &BTreeMap<&'static str, u64>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, number) in tally {
            *all.entry(kind).or_default() += number;
        }
    }

    pub(super) fn all(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
