//! Many strings searched at once, where strings keep being added.
//!
//! An automaton would have to be built anew with each new string, which is quadratic over a
//! session. Here each needle is entered under one window of its bytes, the one that is rarest
//! among the needles so far, and a text is run over once, window by window.

use std::collections::HashMap;
use std::sync::Arc;

/// Needles shorter than this are not taken.
pub(super) const WINDOW: usize = 6;

/// How many windows of a needle are considered, besides the first.
const CANDIDATES: usize = 8;

/// Bits of the filter per needle.
const BITS: usize = 32;

/// Strings with something known about each.
pub(super) struct Needles<T> {
    entries: Vec<Entry<T>>,
    known: HashMap<Arc<[u8]>, usize>,
    windows: HashMap<u64, Vec<(usize, usize)>>,
    /// Two bits in one word per hash of a window that is in use: most places of a text need no more.
    filter: Vec<u64>,
}

struct Entry<T> {
    needle: Arc<[u8]>,
    value: T,
}

/// A needle in a text.
pub(super) struct Found<'a, T> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: &'a T,
}

impl<T> Default for Needles<T> {
    fn default() -> Self {
        let (entries, known, windows) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { entries, known, windows, filter: vec![0; 64] }
    }
}

impl<T> Needles<T> {
    /// Adds a needle. One that is known keeps its first value; one that is too short is not taken.
    pub(super) fn insert(&mut self, needle: &[u8], value: T) {
        if needle.len() < WINDOW || self.known.contains_key(needle) {
            return;
        }
        let needle: Arc<[u8]> = needle.into();
        let last = needle.len() - WINDOW;
        let candidates = (0..=CANDIDATES).map(|part| part * last / CANDIDATES);
        let packed = |offset: usize| pack(&needle[offset..offset + WINDOW]);
        let crowd = |offset: &usize| self.windows.get(&packed(*offset)).map_or(0, Vec::len);
        let offset = candidates.min_by_key(crowd).unwrap_or_default();
        let window = packed(offset);
        self.known.insert(Arc::clone(&needle), self.entries.len());
        self.windows.entry(window).or_default().push((self.entries.len(), offset));
        self.entries.push(Entry { needle, value });
        self.note(window);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Every place where a needle is.
    pub(super) fn find<'a>(&'a self, text: &[u8], hit: impl FnMut(Found<'a, T>)) {
        find_any([self], text, hit);
    }

    /// The needles that have this window, which was found just before `next`.
    fn find_at<'a>(&'a self, text: &[u8], window: u64, next: usize, hit: &mut impl FnMut(Found<'a, T>)) {
        for (entry, offset) in self.windows.get(&window).into_iter().flatten() {
            let entry = &self.entries[*entry];
            let Some(start) = (next - WINDOW).checked_sub(*offset) else { continue };
            let end = start + entry.needle.len();
            if text.get(start..end) == Some(&entry.needle) {
                hit(Found { start, end, value: &entry.value });
            }
        }
    }

    fn note(&mut self, window: u64) {
        if self.entries.len() * BITS > self.filter.len() * 64 {
            self.filter = vec![0; self.filter.len() * 2];
            let windows: Vec<u64> = self.windows.keys().copied().collect();
            windows.into_iter().for_each(|window| self.set(window));
        }
        self.set(window);
    }

    fn set(&mut self, window: u64) {
        let (word, bits) = self.place(hash(window));
        self.filter[word] |= bits;
    }

    fn may_hold(&self, hash: u64) -> bool {
        let (word, bits) = self.place(hash);
        self.filter[word] & bits == bits
    }

    /// The filter's length is a power of two.
    fn place(&self, hash: u64) -> (usize, u64) {
        let word = (hash >> 6) as usize & (self.filter.len() - 1);
        (word, 1 << (hash & 63) | 1 << (hash >> 34))
    }
}

/// Every place where a needle of any of these is, in one run over the text.
pub(super) fn find_any<'a, T, const N: usize>(
    all: [&'a Needles<T>; N],
    text: &[u8],
    mut hit: impl FnMut(Found<'a, T>),
) {
    if all.iter().all(|needles| needles.entries.is_empty()) {
        return;
    }
    let mut window = 0;
    for (index, byte) in text.iter().enumerate() {
        window = (window >> 8) | (u64::from(*byte) << (8 * (WINDOW - 1)));
        if index + 1 < WINDOW {
            continue;
        }
        let hash = hash(window);
        for needles in all {
            if needles.may_hold(hash) {
                needles.find_at(text, window, index + 1, &mut hit);
            }
        }
    }
}

/// Of forty bits.
fn hash(window: u64) -> u64 {
    window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
}

fn pack(window: &[u8]) -> u64 {
    window.iter().rev().fold(0, |packed, byte| (packed << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    fn found(needles: &Needles<usize>, text: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        needles.find(text, |found| all.push((found.start, *found.value)));
        all.sort_unstable();
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_finds_what_a_search_one_by_one_finds(
            needles in proptest::collection::vec("[ab]{4,12}", 0..60),
            text in "[ab]{0,80}",
        ) {
            let mut all = Needles::default();
            let mut expected = Vec::new();
            let mut seen = Vec::new();
            for (value, needle) in needles.iter().enumerate() {
                all.insert(needle.as_bytes(), value);
                if needle.len() >= WINDOW && !seen.contains(needle) {
                    let starts = (0..text.len()).filter(|start| text[*start..].starts_with(needle));
                    expected.extend(starts.map(|start| (start, value)));
                    seen.push(needle.clone());
                }
            }
            expected.sort_unstable();
            prop_assert_eq!(found(&all, text.as_bytes()), expected);
        }
    }
}
