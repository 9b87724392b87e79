//! Many strings searched at once, where strings keep being added, and some pass.
//!
//! An automaton would have to be built anew with each new string, which is quadratic over a
//! session. Here each needle is entered under one window of its bytes, the one that is rarest
//! among the needles so far, and a text is run over once, window by window.

use std::collections::HashMap;
use std::sync::Arc;

/// Needles shorter than this are not taken.
pub(super) const WINDOW: usize = 6;

/// How many windows of a needle are considered, besides the first.
const CANDIDATES: usize = 4;

/// Bits of the filter per needle.
const BITS: usize = 32;

/// Each bit of a byte: looked up faster than shifted to.
const MASKS: [u8; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Strings with something known about each.
pub(super) struct Needles<T> {
    lasting: Group<T>,
    /// The latest of those that pass, and those before them.
    passing: [Group<T>; 2],
    /// Two bits for each window that is in use: most places of a text need no more than the first.
    filter: Vec<u8>,
}

/// Needles that stay together and go together.
struct Group<T> {
    entries: Vec<Entry<T>>,
    known: HashMap<Arc<[u8]>, usize>,
    windows: HashMap<u64, Vec<(usize, usize)>>,
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

/// A window of a text, and where it ends. Small enough to stay in the processor's registers.
#[derive(Clone, Copy)]
pub(super) struct At {
    window: u64,
    end: usize,
}

impl<T> Default for Needles<T> {
    fn default() -> Self {
        Self { lasting: Group::default(), passing: Default::default(), filter: vec![0; 512] }
    }
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), known: HashMap::new(), windows: HashMap::new() }
    }
}

impl<T> Needles<T> {
    /// Adds a needle. One that is known keeps its first value; one that is too short is not taken.
    pub(super) fn insert(&mut self, needle: &[u8], value: T) {
        let window = self.lasting.insert(needle, value);
        self.note(window);
    }

    /// Adds one that goes when [`Needles::turn`] has been called twice.
    pub(super) fn insert_passing(&mut self, needle: &[u8], value: T) {
        if !self.lasting.known.contains_key(needle) {
            let window = self.passing[0].insert(needle, value);
            self.note(window);
        }
    }

    /// How many pass and were added since the last turn.
    pub(super) fn passing(&self) -> usize {
        self.passing[0].entries.len()
    }

    pub(super) fn turn(&mut self) {
        self.passing.swap(0, 1);
        self.passing[0] = Group::default();
        self.fill();
    }

    /// Every place where a needle is.
    pub(super) fn find<'a>(&'a self, text: &[u8], mut hit: impl FnMut(Found<'a, T>)) {
        each_window(text, |at| self.find_at(text, at, &mut hit));
    }

    /// The needles that have the window of this place.
    #[inline]
    pub(super) fn find_at<'a>(&'a self, text: &[u8], at: At, hit: &mut impl FnMut(Found<'a, T>)) {
        let [first, second] = self.places(hash(at.window));
        if self.filter[first.0] & first.1 != 0 && self.filter[second.0] & second.1 != 0 {
            self.look_up(text, at, hit);
        }
    }

    /// Apart from the above, which almost every place of a text ends in.
    #[cold]
    #[inline(never)]
    fn look_up<'a>(&'a self, text: &[u8], at: At, hit: &mut impl FnMut(Found<'a, T>)) {
        self.groups().for_each(|group| group.find_at(text, at, hit));
    }

    fn groups(&self) -> impl Iterator<Item = &Group<T>> {
        [&self.lasting].into_iter().chain(&self.passing)
    }

    fn note(&mut self, window: Option<u64>) {
        let Some(window) = window else { return };
        let count: usize = self.groups().map(|group| group.entries.len()).sum();
        if count * BITS > self.filter.len() * 8 {
            self.filter = vec![0; self.filter.len() * 2];
            self.fill();
        }
        self.set(window);
    }

    fn fill(&mut self) {
        self.filter.fill(0);
        let windows: Vec<u64> = self.groups().flat_map(|group| group.windows.keys().copied()).collect();
        windows.into_iter().for_each(|window| self.set(window));
    }

    fn set(&mut self, window: u64) {
        self.places(hash(window)).into_iter().for_each(|(byte, bit)| self.filter[byte] |= bit);
    }

    /// The filter's length is a power of two.
    #[inline]
    fn places(&self, hash: u64) -> [(usize, u8); 2] {
        let place = |hash: usize| ((hash >> 3) & (self.filter.len() - 1), MASKS[hash & 7]);
        [place((hash >> 32) as usize), place((hash as u32 >> 8) as usize)]
    }
}

impl<T> Group<T> {
    /// The window under which a needle was entered, if it is a new one.
    fn insert(&mut self, needle: &[u8], value: T) -> Option<u64> {
        if needle.len() < WINDOW || self.known.contains_key(needle) {
            return None;
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
        Some(window)
    }

    fn find_at<'a>(&'a self, text: &[u8], at: At, hit: &mut impl FnMut(Found<'a, T>)) {
        for (entry, offset) in self.windows.get(&at.window).into_iter().flatten() {
            let entry = &self.entries[*entry];
            let Some(start) = (at.end - WINDOW).checked_sub(*offset) else { continue };
            let end = start + entry.needle.len();
            if text.get(start..end) == Some(&entry.needle) {
                hit(Found { start, end, value: &entry.value });
            }
        }
    }
}

/// Shows every window of a text.
#[inline]
pub(super) fn each_window(text: &[u8], mut look: impl FnMut(At)) {
    let mut window = 0;
    for (index, byte) in text.iter().enumerate() {
        window = (window >> 8) | (u64::from(*byte) << (8 * (WINDOW - 1)));
        if index + 1 >= WINDOW {
            look(At { window, end: index + 1 });
        }
    }
}

#[inline]
fn hash(window: u64) -> u64 {
    window.wrapping_mul(0x9e37_79b9_7f4a_7c15)
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

    #[test]
    fn what_passes_goes_after_two_turns() {
        let mut needles = Needles::default();
        needles.insert(b"lasting", 0);
        needles.insert_passing(b"passing", 1);
        needles.turn();
        needles.insert_passing(b"latter", 2);
        assert_eq!(found(&needles, b"lasting passing latter").len(), 3);
        needles.turn();
        assert_eq!(found(&needles, b"lasting passing latter"), [(0, 0), (16, 2)]);
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
