//! Page tokens: opaque, URL-safe, and good for nothing but the list they were handed out for.

use crate::encoding::{base64_url, sha256, unbase64_lenient};

const SEAL: usize = 16;
const POSITION: usize = 8;

/// Makes and reads the tokens of one list: an operation with its filter.
pub(super) struct Cursors {
    list: String,
}

impl Cursors {
    /// `list` says everything that a token is bound to.
    pub(super) fn new(list: String) -> Self {
        Self { list }
    }

    /// The token that leads to what comes after a position.
    pub(super) fn token(&self, after: u64) -> String {
        let hidden = self.mask(after.to_be_bytes());
        base64_url(&[self.seal(hidden).as_slice(), &hidden].concat())
    }

    /// The position in a token; `None` if this list never handed it out.
    pub(super) fn position(&self, token: &str) -> Option<u64> {
        let bytes = unbase64_lenient(token)?;
        let (_, hidden) = bytes.split_at_checked(SEAL)?;
        let after = u64::from_be_bytes(self.mask(hidden.try_into().ok()?));
        (self.token(after) == token).then_some(after)
    }

    fn seal(&self, hidden: [u8; POSITION]) -> Vec<u8> {
        self.digest("seal", &hidden).into_iter().take(SEAL).collect()
    }

    /// Its own inverse.
    fn mask(&self, bytes: [u8; POSITION]) -> [u8; POSITION] {
        let pad = self.digest("mask", &[]);
        std::array::from_fn(|index| bytes[index] ^ pad[index])
    }

    fn digest(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        sha256(&[purpose.as_bytes(), b"\0", self.list.as_bytes(), b"\0", bytes].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_position(after: u64) {
            let cursors = Cursors::new("List".into());
            prop_assert_eq!(cursors.position(&cursors.token(after)), Some(after));
            prop_assert_eq!(Cursors::new("List x".into()).position(&cursors.token(after)), None);
        }

        #[test]
        fn any_changed_letter_is_noticed(after in 0_u64..50, at in 0_usize..32, letter in "[A-Za-z0-9_+/=.-]") {
            let cursors = Cursors::new("List".into());
            let token = cursors.token(after);
            let mut changed = token.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(cursors.position(&changed).is_some(), changed == token);
        }

        #[test]
        fn any_text_can_be_read(text: String) {
            prop_assert_eq!(Cursors::new("List".into()).position(&text), None);
        }
    }

    #[test]
    fn the_other_alphabet_and_padding_are_noticed() {
        let cursors = Cursors::new("List".into());
        for after in 0..100 {
            let token = cursors.token(after);
            assert_eq!(cursors.position(&format!("{token}=")), None);
            assert_eq!(cursors.position(&token[..31]), None);
            let other = token.replace('-', "+").replace('_', "/");
            assert_eq!(cursors.position(&other).is_some(), other == token);
        }
    }
}
