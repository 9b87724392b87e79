//! How bytes are written: percent-encoding, base64, hex digests, and the codings of bodies.

mod canonical_cbor;
mod crc;
mod diagnostic;
mod packed;
mod shell;
mod uuid;

pub use canonical_cbor::{canonical_cbor, cbor_map};
pub use crc::crc32;
pub use diagnostic::diagnostic;
pub use packed::{pack, unpack};
pub use shell::shell_word;
pub use uuid::{UUID_LENGTH, begins_with_uuid, is_uuid};

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// What RFC 3986 section 2.3 calls unreserved; everything else is escaped.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, with the slash kept: the value of a greedy label.
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// Escapes everything but RFC 3986 unreserved characters.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Like [`percent_encode`], of bytes that need not be text.
pub fn percent_encode_bytes(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, RESERVED).to_string()
}

/// Like [`percent_encode`], keeping `/`.
pub fn percent_encode_path(text: &str) -> String {
    utf8_percent_encode(text, RESERVED_BUT_SLASH).to_string()
}

/// A text as XML and HTML write it, between tags or in double quotes.
pub fn escape_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Undoes `%XX` escapes. What is not UTF-8 afterwards is shown with replacement characters.
pub fn percent_decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Undoes `%XX` escapes, whatever they stand for.
pub fn percent_decode_bytes(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// Undoes `%XX` escapes; `None` if what they stand for is not UTF-8.
pub fn percent_decode_exact(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

/// Standard base64 with padding (RFC 4648 section 4).
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard base64; `None` if the text is not.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 as page tokens use it: either alphabet, padded or not; `None` if the text is neither.
pub fn unbase64_lenient(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok()
}

/// URL-safe base64 without padding (RFC 4648 section 5).
pub fn base64_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of parts, one behind the other.
pub fn sha256_of_parts(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// SHA-256 in lower-case hex: how contracts, cassettes and big bodies are named.
pub fn digest(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_a_label() {
        let arn = "arn:aws:kafka:us-east-1:111122223333:cluster/a b/1";
        assert_eq!(percent_encode(arn), "arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2Fa%20b%2F1");
        assert_eq!(percent_decode(&percent_encode(arn)), arn);
    }

    #[test]
    fn the_digest_is_the_published_test_vector() {
        // FIPS 180-4 example "abc".
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
