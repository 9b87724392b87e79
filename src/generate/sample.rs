//! Single values, the same for the same seed.

use std::ops::RangeInclusive;

use super::pattern::{LONGEST, Piece, Room, Taste};
use super::seed::runner;
use super::tree::drawn;
use proptest::strategy::{Strategy, ValueTree};

/// A text of so many characters that matches an ECMA 262 pattern, where we can make one; another one for
/// each seed.
pub fn matching(pattern: &str, length: RangeInclusive<usize>, seed: &str) -> Option<String> {
    let piece = Piece::parse(pattern)?;
    let room = Room { least: *length.start(), most: LONGEST.min(*length.end()) };
    let texts = drawn("a pattern always writes", move |choices| {
        let mut text = String::new();
        piece.write(room, Taste::Tame, choices, &mut text);
        Some(text)
    });
    Some(texts.new_tree(&mut runner(0, seed)).ok()?.current())
}
