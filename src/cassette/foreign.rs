//! What a file is that is no cassette: whoever names it learns what to do with it.

use std::path::Path;

use super::CassetteError;
use super::error::{Foreign, Place};

/// How far a file is looked into for what it is.
const HEAD: usize = 4096;

/// The better explanation of a file that could not be read, if there is one.
pub(super) fn explain(path: &Path, bytes: &[u8], error: CassetteError) -> CassetteError {
    let is_of_text = matches!(
        error,
        CassetteError::CutShort { .. } | CassetteError::NotJson { .. } | CassetteError::NotACassette { .. }
    );
    match recognised(bytes).filter(|_| is_of_text) {
        Some((what, line)) => {
            CassetteError::Foreign { place: Place { path: path.to_owned(), line, column: 1 }, what }
        }
        None => error,
    }
}

/// What the file is, and in which line it shows.
fn recognised(bytes: &[u8]) -> Option<(Foreign, usize)> {
    if let Some(line) = conflict(bytes) {
        return Some((Foreign::Conflict, line));
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let begins = |start: &[u8]| head.trim_ascii_start().starts_with(start);
    let what = match head {
        [] => Foreign::Empty,
        _ if head.trim_ascii().is_empty() => Foreign::Empty,
        [0x1f, 0x8b, ..] => Foreign::Gzip,
        [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Foreign::Marked,
        _ if is_journal(head) => Foreign::Journal,
        _ if begins(b"http_interactions:") || begins(b"interactions:") || is_go_vcr(head) => Foreign::Vcr,
        _ if begins(b"{") => json(head)?,
        _ => return None,
    };
    Some((what, 1))
}

/// Git marks the two sides of a conflict at the beginnings of lines; in JSON none can begin so.
fn conflict(bytes: &[u8]) -> Option<usize> {
    let is_mark = |line: &[u8]| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> ");
    bytes.split(|byte| *byte == b'\n').position(is_mark).map(|index| index + 1)
}

/// A checksum of eight hex digits, and the opening.
fn is_journal(head: &[u8]) -> bool {
    let (sum, rest) = head.split_at(head.len().min(8));
    sum.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(br#" {"format":"#)
}

fn is_go_vcr(head: &[u8]) -> bool {
    head.starts_with(b"---\n") && head.windows(13).any(|window| window == b"interactions:")
}

/// By the first member.
fn json(head: &[u8]) -> Option<Foreign> {
    let text = String::from_utf8_lossy(head);
    let name = text.split('"').nth(1)?;
    Some(match name {
        "log" => Foreign::Har,
        "interactions" | "http_interactions" => Foreign::Vcr,
        "mappings" | "request" => Foreign::WireMock,
        "data" => Foreign::Hoverfly,
        "smithy" | "openapi" | "swagger" => Foreign::Contract,
        _ => return None,
    })
}
