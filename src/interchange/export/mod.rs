//! A cassette in the formats of other tools.

mod har;
mod wiremock;

pub use har::har;
pub use wiremock::wiremock;

use super::Left;
use crate::encoding::base64;
use crate::exchange::{Body, HeaderValue, Headers};

/// A body as text, or in base64.
fn written(body: &Body) -> (String, Option<&'static str>) {
    match body.text() {
        Some(text) => (text.to_owned(), None),
        None => (base64(body.as_bytes()), Some("base64")),
    }
}

/// Lists the values that other formats can only hold as text.
fn odd_values(headers: &Headers, left: &mut Left) {
    let no_text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).is_err();
    left.details(
        "bytes of header fields that are no text",
        headers.iter().filter(|(_, value)| no_text(value)).count(),
    );
}
