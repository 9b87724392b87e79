//! The words of a text, found in one walk: what most texts do not hold shows there at little cost.

use std::ops::Range;

const BLOCK: usize = 64;

const OF_WORDS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Shows every run of letters and digits. Where they begin and end is found without asking byte by
/// byte, which a processor cannot foresee.
#[inline]
pub(super) fn each(text: &[u8], mut look: impl FnMut(Range<usize>)) {
    let (mut begun, mut before) = (None, 0);
    let (blocks, rest) = text.as_chunks();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    for (number, block) in blocks.iter().chain([&last]).enumerate() {
        let inside = inside(block);
        let mut edges = inside ^ (inside << 1 | before);
        before = inside >> (BLOCK - 1);
        while edges != 0 {
            let place = number * BLOCK + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            begun = match begun {
                None => Some(place),
                Some(start) => {
                    look(start..place);
                    None
                }
            };
        }
    }
}

/// A bit for each byte: whether it belongs to a word. What follows the text does not.
#[inline]
fn inside(block: &[u8; BLOCK]) -> u64 {
    let (eights, _) = block.as_chunks::<8>();
    let bits = |eight: &[u8; 8]| {
        let bit = |place: usize| u64::from(OF_WORDS[usize::from(eight[place])]) << place;
        bit(0) | bit(1) | bit(2) | bit(3) | bit(4) | bit(5) | bit(6) | bit(7)
    };
    eights.iter().rev().fold(0, |inside, eight| inside << 8 | bits(eight))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_are_what_is_between_other_bytes(text in "[a-z0-9]{0,70}[ -]{0,3}([a-z0-9]{1,9}[. \u{e9}]{1,3}){0,30}[a-z]{0,70}") {
            let mut found = Vec::new();
            each(text.as_bytes(), |word| found.push(text[word].to_owned()));
            let words = text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
            prop_assert_eq!(found, words.collect::<Vec<_>>());
        }
    }
}
