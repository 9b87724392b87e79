//! Single values, the same for the same seed.

use super::pattern::{LONGEST, Piece, Room, Taste};
use super::seed::runner;
use super::tree::drawn;
use proptest::strategy::{Strategy, ValueTree};

/// A text of at least so many characters that matches an ECMA 262 pattern, where we can make one.
pub fn matching(pattern: &str, least: usize, seed: &str) -> Option<String> {
    let piece = Piece::parse(pattern)?;
    let room = Room { least, most: LONGEST };
    let texts = drawn("a pattern always writes", move |choices| {
        let mut text = String::new();
        piece.write(room, Taste::Tame, choices, &mut text);
        Some(text)
    });
    Some(texts.new_tree(&mut runner(0, seed)).ok()?.current())
}
