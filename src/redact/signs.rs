//! Whether a text holds words after which a secret may stand. Most texts hold none, and telling that
//! costs far less than to look for what would stand there.

use std::ops::Range;
use std::sync::LazyLock;

use super::names;
use super::words;

/// So many bytes at the end of a name are looked up before it is looked at.
const TAIL: usize = 4;

/// How many bits of their hash tell them.
const BITS: u32 = 13;

/// So far back a name is read.
const LONGEST: usize = 64;

/// Words before credentials in prose.
pub(super) const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// What the member beside a name is called.
const VALUE: &str = "value";

/// The hashes of the tails of all names that say something, however their words are joined.
static TAILS: LazyLock<Box<[bool]>> = LazyLock::new(|| {
    let mut tails = vec![false; 1 << BITS];
    for name in names::all().chain(SCHEMES).chain([VALUE]) {
        for joint in ["", "-", "_", "."] {
            // What is before a short name that is one as a whole.
            for before in ["\"", "<", "?", "&"] {
                let name = format!("{before}{}", name.replace(' ', joint));
                if let Some(tail) = name.as_bytes().last_chunk() {
                    tails[hash(tail)] = true;
                }
            }
        }
    }
    tails.into()
});

/// What the words of a text say of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    /// There is a name that says secret, or the scheme of a credential.
    pub(super) names: bool,
    /// There is a member `value`.
    pub(super) values: bool,
}

impl Signs {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut signs = Self::default();
        words::each(text, |word| signs.word(text, word));
        signs
    }

    /// Takes one word of the text into account.
    #[inline]
    pub(super) fn word(&mut self, text: &[u8], word: Range<usize>) {
        let ends_name = matches!(text.get(word.end), Some(b'"' | b'>' | b'=' | b':' | b' ' | b'\t'));
        if ends_name && text[..word.end].last_chunk().is_some_and(|tail| TAILS[hash(tail)]) {
            self.name(text, word.end);
        }
    }

    #[cold]
    fn name(&mut self, text: &[u8], end: usize) {
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let before = text[..end].iter().rev().take(LONGEST).take_while(of_name).count();
        let name = names::bare(&String::from_utf8_lossy(&text[end - before..end]));
        self.values |= name.ends_with(VALUE);
        self.names |= names::may_say_secret(&name) || SCHEMES.iter().any(|scheme| name.ends_with(scheme));
    }
}

/// Of a tail, whatever the case of its letters.
#[inline]
fn hash(tail: &[u8; TAIL]) -> usize {
    let letters = u32::from_le_bytes(*tail) | 0x2020_2020;
    (letters.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) as usize
}
