//! Parts of messages as other tools write them, on their way back to what was on the wire.

use serde::Deserialize;

use crate::encoding::{pack, percent_encode, unbase64, unpack};
use crate::exchange::{Body, HeaderValue, Headers, Target, Timestamp, Version};
use crate::interchange::{Left, UNPACKED};

/// Where a request went.
pub(super) struct Url {
    pub(super) authority: String,
    pub(super) target: Target,
}

impl Url {
    /// Reads an absolute URL of HTTP; `None` for all others.
    pub(super) fn parse(text: &str, left: &mut Left) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http)) {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = match authority.rsplit_once('@') {
            Some((_, authority)) => {
                left.detail("credentials in URLs");
                authority
            }
            None => authority,
        };
        let slash = if target.starts_with('/') { "" } else { "/" };
        let usual = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
        let authority = authority.strip_suffix(usual).unwrap_or(authority);
        Some(Self {
            authority: authority.to_owned(),
            target: Target::new(slash.to_owned() + &escaped(target)),
        })
    }
}

/// What cannot stand in the head of a request is escaped; all else stays as it is written.
fn escaped(target: &str) -> String {
    let mut text = String::new();
    for letter in target.chars() {
        match letter.is_ascii_graphic() {
            true => text.push(letter),
            false => text += &percent_encode(letter.encode_utf8(&mut [0; 4])),
        }
    }
    text
}

/// Fields as they were sent: without the pseudo fields of HTTP/2.
pub(super) fn fields(pairs: impl IntoIterator<Item = (String, String)>) -> Headers {
    pairs.into_iter().filter(|(name, _)| !name.starts_with(':')).collect()
}

/// The same with the host that the URL names, if no field does.
pub(super) fn with_host(headers: Headers, authority: &str) -> Headers {
    if headers.contains("host") {
        return headers;
    }
    let mut all = Headers::from_iter([("host", authority)]);
    headers.iter().for_each(|(name, value)| all.push(name, value.clone()));
    all
}

/// The bytes of a body as its fields describe them: many tools keep what it says, unpacked. `sent`
/// is how many there were on the wire, if the tool knows.
pub(super) fn body(headers: &mut Headers, bytes: Vec<u8>, sent: Option<usize>, left: &mut Left) -> Body {
    if bytes.is_empty() && sent.unwrap_or_default() == 0 {
        return Body::empty();
    }
    let codings = headers.all("content-encoding").collect::<Vec<_>>().join(",");
    let may_be_packed = || sent.is_none_or(|sent| sent == bytes.len());
    let as_sent = codings.is_empty() || (may_be_packed() && unpack(&codings, &bytes, UNPACKED).is_some());
    let bytes = match (as_sent, pack(&codings, &bytes)) {
        (true, _) => bytes,
        (false, Some(packed)) => {
            left.detail("packed bodies as they were on the wire; they are packed again");
            packed
        }
        (false, None) => {
            left.detail("content codings that are unknown; the body is kept without");
            headers.remove("content-encoding");
            bytes
        }
    };
    if as_sent && headers.get("content-length").is_some_and(|length| length != bytes.len().to_string()) {
        left.detail("lengths that do not fit the bodies; they are set right");
    }
    *headers = with_length(headers, bytes.len());
    Body::from(bytes)
}

/// The same fields, of which one that names the length of the body names this one.
fn with_length(headers: &Headers, length: usize) -> Headers {
    let field = |(name, value): (&str, &HeaderValue)| match name {
        "content-length" => (name.to_owned(), HeaderValue::from(length.to_string())),
        _ => (name.to_owned(), value.clone()),
    };
    headers.iter().map(field).collect()
}

/// Whether the fields of a message speak of a body.
pub(super) fn promises_a_body(headers: &Headers) -> bool {
    headers
        .get("content-length")
        .is_some_and(|length| length.trim().parse().is_ok_and(|length: u64| length > 0))
}

/// When an answer was given, by its own word; else now.
pub(super) fn dated(response: &Headers, left: &mut Left) -> Timestamp {
    left.detail("times, which the file does not hold; answers have their date, durations are zero");
    response.get("date").and_then(|date| Timestamp::parse_http(&date)).unwrap_or_else(Timestamp::now)
}

/// The version that a tool names, in whatever way.
pub(super) fn version(text: Option<&str>, left: &mut Left) -> Version {
    match text.unwrap_or_default().to_ascii_lowercase().as_str() {
        "http/1.0" => Version::Http10,
        "h2" | "http/2" | "http/2.0" => Version::Http2,
        "h3" | "http/3" | "http/3.0" => {
            left.detail("HTTP/3; it becomes HTTP/2");
            Version::Http2
        }
        _ => Version::Http11,
    }
}

/// A text, or bytes in base64.
#[derive(Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    /// What YAML marks as `!!binary`, and what vcrpy writes in JSON.
    Base64 { base64_string: String },
    /// What vcrpy wraps bodies in.
    Wrapped { string: Box<Text> },
    /// As it is.
    Plain(String),
    /// Nothing.
    #[default]
    None,
}

impl Text {
    /// The bytes; `None` if they are no base64.
    pub(super) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Base64 { base64_string } => {
                let bare: String = base64_string.split_ascii_whitespace().collect();
                unbase64(&bare)
            }
            Self::Wrapped { string } => string.bytes(),
            Self::Plain(text) => Some(text.into_bytes()),
            Self::None => Some(Vec::new()),
        }
    }
}

/// One value or several, as tools write the values of a field.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Values {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Values {
    /// Each under the field's name.
    pub(super) fn under(self, name: &str) -> Vec<(String, String)> {
        let values = match self {
            Self::One(value) => vec![value],
            Self::Several(values) => values,
        };
        values.into_iter().map(|value| (name.to_owned(), value)).collect()
    }
}
