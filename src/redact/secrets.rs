//! The secrets of a session, and the hunt for them in every form they may have taken.

use super::REDACTED;
use super::names;
use super::needles::{At, Found, Needles, WINDOW, each_window};
use crate::encoding;

/// A secret shorter than this is replaced where it was found, but not searched elsewhere: it
/// would be found in ordinary words.
pub(super) const SHORTEST: usize = WINDOW;

/// So many forms of signatures and cookies are remembered at least. Each request has a new signature;
/// it comes back in that request's answer or not at all, and is worth nothing a few minutes later.
const PASSING: usize = 2_000;

/// In which form a secret stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// In base64 or hex, at any alignment.
    Encoded,
    /// An account id, which is one only if it is no part of a longer number.
    Account,
}

/// Every secret seen so far.
#[derive(Default)]
pub(super) struct Secrets(Needles<Form>);

impl Secrets {
    pub(super) fn learn(&mut self, secret: &str) {
        if worth_hunting(secret) {
            forms(secret, Form::Plain, |text, form| self.0.insert(text, form));
        }
    }

    pub(super) fn learn_passing(&mut self, secret: &str) {
        // A cookie may say any word (`consent=granted`); what identifies is none.
        if !worth_hunting(secret) || secret.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return;
        }
        if self.0.passing() >= PASSING {
            self.0.turn();
        }
        forms(secret, Form::Plain, |text, form| self.0.insert_passing(text, form));
    }

    pub(super) fn learn_account(&mut self, account: &str) {
        forms(account, Form::Account, |text, form| self.0.insert(text, form));
    }

    /// Every place of a text where a secret is. Escapes are for the caller to look through.
    pub(super) fn find(&self, text: &[u8], mut hit: impl FnMut(Found<'_, Form>)) {
        each_window(text, |at| self.find_at(text, at, &mut hit));
    }

    #[inline]
    pub(super) fn find_at(&self, text: &[u8], at: At, hit: &mut impl FnMut(Found<'_, Form>)) {
        self.0.find_at(text, at, &mut |found| {
            let is_number = || text[found.start..found.end].iter().all(u8::is_ascii_digit);
            let needs_end = *found.value == Form::Account || *found.value == Form::Plain && is_number();
            if !needs_end || stands_alone(text, found.start, found.end) {
                hit(found);
            }
        });
    }

    /// Whether a text holds an encoded secret that is broken over lines.
    pub(super) fn is_folded_into(&self, text: &[u8]) -> bool {
        let mut found = false;
        if let Some(text) = unfolded(text) {
            self.find(&text, |hit| found |= *hit.value == Form::Encoded);
        }
        found
    }
}

/// Words that most exchanges have: used as a secret, one would be found in all of them.
const WORDS: &[&str] = &[
    "accept",
    "access",
    "active",
    "amazon",
    "application",
    "charset",
    "client",
    "cluster",
    "connection",
    "content",
    "cookie",
    "create",
    "default",
    "delete",
    "domain",
    "enabled",
    "disabled",
    "encoding",
    "expires",
    "identity",
    "localhost",
    "message",
    "number",
    "object",
    "private",
    "public",
    "region",
    "remote",
    "secure",
    "server",
    "service",
    "status",
    "string",
    "update",
    "upgrade",
    "version",
];

/// A word that names secrets, used as one (`password=password`), would be found in every
/// member of that name.
fn worth_hunting(secret: &str) -> bool {
    let is_word = || names::is_name(secret) || WORDS.iter().any(|word| secret.eq_ignore_ascii_case(word));
    secret.len() >= SHORTEST && !is_redacted(secret.as_bytes()) && !is_word()
}

/// Whether a value is what is written in the place of a secret, in whatever length.
pub(super) fn is_redacted(value: &[u8]) -> bool {
    value.iter().eq(REDACTED.as_bytes().iter().cycle().take(value.len()))
}

/// Whether digits are no part of a longer number.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    !digit(start.checked_sub(1).and_then(|before| text.get(before))) && !digit(text.get(end))
}

/// Every form in which a secret is hunted.
fn forms(secret: &str, form: Form, mut insert: impl FnMut(&[u8], Form)) {
    insert(secret.as_bytes(), form);
    if secret.contains(' ') {
        insert(secret.replace(' ', "+").as_bytes(), form);
    }
    let hex = encoding::hex(secret.as_bytes());
    insert(hex.to_uppercase().as_bytes(), Form::Encoded);
    insert(hex.as_bytes(), Form::Encoded);
    for alignment in 0..3 {
        let standard = in_base64(secret.as_bytes(), alignment);
        insert(standard.as_bytes(), Form::Encoded);
        if standard.contains(['+', '/']) {
            insert(standard.replace('+', "-").replace('/', "_").as_bytes(), Form::Encoded);
        }
    }
}

/// A text with its folded lines joined, if it has some: base64 is often broken every 64 or 76
/// characters.
fn unfolded(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'\n') {
        return None;
    }
    let encoded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut joined = lines.next()?.to_vec();
    let mut folds = 0;
    for line in lines {
        if joined.last().is_some_and(encoded) && line.first().is_some_and(encoded) {
            folds += 1;
        } else {
            joined.push(b'\n');
        }
        joined.extend_from_slice(line);
    }
    (folds > 0).then_some(joined)
}

/// What base64 makes of a secret that begins at this place of a group of three, without the
/// characters that also depend on what is beside it.
fn in_base64(secret: &[u8], alignment: usize) -> String {
    let mut padded = vec![0; alignment];
    padded.extend_from_slice(secret);
    let first = (8 * alignment).div_ceil(6);
    let last = 8 * padded.len() / 6;
    encoding::base64(&padded).get(first..last).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_seen_at_every_alignment() {
        for before in ["", "a", "ab", "abc", "abcd"] {
            for after in ["", "z", "zy", "zyx"] {
                let text = encoding::base64(format!("{before}hunter2?>?{after}").as_bytes());
                let url = encoding::base64_url(format!("{before}hunter2?>?{after}").as_bytes());
                let mut secrets = Secrets::default();
                secrets.learn("hunter2?>?");
                for text in [text, url] {
                    let mut hits = 0;
                    secrets.find(text.as_bytes(), |_| hits += 1);
                    assert!(hits > 0, "{text}");
                }
            }
        }
    }

    #[test]
    fn base64_is_seen_over_broken_lines() {
        let mut secrets = Secrets::default();
        secrets.learn("correct horse battery");
        let text = encoding::base64(b"the correct horse battery staple");
        for fold in ["\n", "\r\n", "\n  "] {
            let folded: Vec<_> =
                text.as_bytes().chunks(8).map(|line| std::str::from_utf8(line).unwrap()).collect();
            assert!(secrets.is_folded_into(folded.join(fold).as_bytes()));
            assert!(!secrets.is_folded_into(folded.join(",\n").as_bytes()));
        }
    }

    #[test]
    fn short_and_ordinary_ones_are_not_hunted() {
        for secret in ["hunt5", "password", "REDACTED", "REDACTEDRE", "api-key", "X-Api-Key", "server"] {
            assert!(!worth_hunting(secret), "{secret}");
        }
        for secret in ["hunter", "Xk29-secret", "my-secret", "ends-in-password"] {
            assert!(worth_hunting(secret), "{secret}");
        }
    }
}
