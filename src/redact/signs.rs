//! Whether a text holds words after which a secret may stand. Most texts hold none, and telling that
//! costs far less than to look for what would stand there.

use std::ops::Range;
use std::sync::LazyLock;

use super::names;
use super::words;

/// The last letters of a word that are looked up before it is looked at.
const TAIL: usize = 3;

/// So far back a name is read.
const LONGEST: usize = 64;

/// Words before credentials in prose.
pub(super) const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// What the member beside a name is called.
const VALUE: &str = "value";

/// Five bits of each of three letters: the tails of all words that say something.
static TAILS: LazyLock<Box<[bool]>> = LazyLock::new(|| {
    let mut tails = vec![false; 1 << (5 * TAIL)];
    for word in names::all().chain(SCHEMES.map(str::to_owned)).chain([VALUE.to_owned()]) {
        tails[tail(word.as_bytes())] = true;
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
        if ends_name && is_tail(&text[word.clone()]) {
            self.name(text, word);
        }
    }

    #[cold]
    fn name(&mut self, text: &[u8], word: Range<usize>) {
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let before = text[..word.end].iter().rev().take(LONGEST).take_while(of_name).count();
        let name = names::bare(&String::from_utf8_lossy(&text[word.end - before..word.end]));
        self.values |= name.ends_with(VALUE);
        self.names |= names::may_say_secret(&name) || SCHEMES.iter().any(|scheme| name.ends_with(scheme));
    }
}

/// Whether a word ends as one does that says something. The `id` of `access_key_id` has no third letter.
#[inline]
fn is_tail(word: &[u8]) -> bool {
    match word.len() {
        0 | 1 => false,
        2 => word.eq_ignore_ascii_case(b"id"),
        _ => TAILS[tail(word)],
    }
}

#[inline]
fn tail(word: &[u8]) -> usize {
    let letters = word[word.len().saturating_sub(TAIL)..].iter();
    letters.fold(0, |tail, byte| (tail << 5) | usize::from(byte & 31))
}
