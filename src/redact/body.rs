//! What a body is written in, and the way into it: through its coding, to the parts of a
//! multipart body, the texts of CBOR, the messages of an event stream.

use std::borrow::Cow;

use super::cbor;
use super::messages;
use super::multipart;
use super::parts::{Place, Side, Syntax, Visit};
use crate::encoding;
use crate::exchange::Headers;

/// How far a body is looked into for a NUL, which no text has (git decides so too).
const LOOKED_INTO: usize = 8000;

/// A body that unpacks to more than this is not looked into, and so not written: a few bytes may stand
/// for any number, and each of them is looked at in many views.
const LARGEST: usize = 32 * 1024 * 1024;

/// What a member of gzip begins with (RFC 1952 section 2.3.1, with the only method there is).
const GZIP: &[u8] = b"\x1f\x8b\x08";

/// How deep multipart bodies are looked into.
const DEPTH: usize = 4;

/// What header fields say of a body.
pub(super) struct Content<'a> {
    pub(super) side: Side,
    pub(super) kind: Cow<'a, str>,
    depth: usize,
}

/// Shows every part of a body under these header fields to `visit`, which returns what to write in
/// its place, or `None` to leave it. `None` if all of it was left.
pub(super) fn walk(side: Side, headers: &Headers, bytes: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    if bytes.is_empty() {
        return None;
    }
    let content = Content { side, kind: headers.get("content-type").unwrap_or_default(), depth: 0 };
    let codings = match codings(headers) {
        // A file that was packed before it was sent.
        none if none.is_empty() && bytes.starts_with(GZIP) && unpacks(bytes) => "gzip".to_owned(),
        codings => codings,
    };
    if codings.is_empty() {
        return content.walk(bytes, visit);
    }
    let Some(unpacked) = encoding::unpack(&codings, bytes, LARGEST) else {
        return visit(Place::Body(side, Syntax::Packed), bytes);
    };
    // What no coding has to change keeps its bytes: no packer writes what another one did.
    let rewritten = content.walk(&unpacked, visit)?;
    match encoding::pack(&codings, &rewritten) {
        Some(packed) => Some(packed),
        None => visit(Place::Body(side, Syntax::Packed), bytes),
    }
}

fn unpacks(bytes: &[u8]) -> bool {
    encoding::unpack("gzip", bytes, LARGEST).is_some()
}

impl<'a> Content<'a> {
    #[cfg(test)]
    pub(super) fn of(side: Side, kind: &'a str) -> Self {
        Self { side, kind: kind.into(), depth: 0 }
    }

    /// A body inside of this one, with a type of its own.
    pub(super) fn within(&self, kind: impl Into<Cow<'a, str>>) -> Self {
        Self { side: self.side, kind: kind.into(), depth: self.depth + 1 }
    }

    pub(super) fn walk(&self, bytes: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
        let essence = self.kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if bytes.is_empty() || self.depth > DEPTH {
            return visit(self.place(bytes), bytes);
        }
        // Before it is taken apart it is hunted as a whole, so that nothing is between the parts.
        match essence.as_str() {
            "multipart/form-data" | "multipart/mixed" | "multipart/related" => {
                visit(Place::Body(self.side, Syntax::Framed), bytes);
                multipart::walk(self, bytes, visit)
            }
            "application/vnd.amazon.eventstream" => {
                visit(Place::Body(self.side, Syntax::Framed), bytes);
                messages::walk(self, bytes, visit)
            }
            kind if kind == "application/cbor" || kind.ends_with("+cbor") => {
                visit(Place::Body(self.side, Syntax::Framed), bytes);
                cbor::walk(self.side, bytes, visit)
            }
            _ => visit(self.place(bytes), bytes),
        }
    }

    /// Decided by the bytes that say it: one byte that is no UTF-8 does not make a body unreadable.
    fn place(&self, bytes: &[u8]) -> Place<'static> {
        let form = "application/x-www-form-urlencoded";
        if self.kind.get(..form.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(form)) {
            return Place::Body(self.side, Syntax::Form);
        }
        let is_json = self.kind.to_ascii_lowercase().contains("json");
        if !is_json && bytes[..bytes.len().min(LOOKED_INTO)].contains(&0) {
            return Place::Body(self.side, Syntax::Binary);
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        Place::Body(self.side, if json { Syntax::Json } else { Syntax::Text })
    }
}

/// The codings that hide the text. Clients also write there what is none, such as a character set,
/// or the framing of an upload to S3; any other coding may pack the body.
fn codings(headers: &Headers) -> String {
    let plain = ["", "identity", "none", "utf-8", "utf8", "aws-chunked"];
    let fields: Vec<_> = headers.all("content-encoding").collect();
    let codings = fields.iter().flat_map(|field| field.split(',')).map(str::trim);
    let hides = |coding: &&str| !plain.iter().any(|plain| coding.eq_ignore_ascii_case(plain));
    codings.filter(hides).collect::<Vec<_>>().join(", ")
}

/// The lengths of the lines of a text, or of the messages of an event stream: what a piece of a
/// streamed body holds whole numbers of.
pub(super) fn frames(headers: &Headers, bytes: &[u8]) -> Vec<usize> {
    let kind = headers.get("content-type").unwrap_or_default();
    if !codings(headers).is_empty() {
        return vec![bytes.len()];
    }
    if kind.starts_with("application/vnd.amazon.eventstream") {
        return messages::lengths(bytes);
    }
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect()
}
