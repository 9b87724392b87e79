//! Words of a POSIX shell.

use super::capture::Piece;
use crate::report::visible::steers;

/// A word of literal text and captured values.
pub(super) fn of(pieces: &[Piece]) -> String {
    let word = |piece: &Piece| match piece {
        Piece::Literal(text) => bytes(text.as_bytes()),
        Piece::Captured(name) => format!("\"${name}\""),
        Piece::Escaped(name) => format!("\"$(enc \"${name}\")\""),
    };
    let word: String = pieces.iter().filter(|piece| !piece.is_empty()).map(word).collect();
    if word.is_empty() { "''".to_owned() } else { word }
}

/// The text as it is if no shell reads anything into it, else quoted.
pub(super) fn bare(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { bytes(text.as_bytes()) }
}

/// The bytes, single-quoted; what would steer a terminal or is no text goes through `printf`.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut word = String::new();
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(first) = rest.chars().next() {
            let odd = is_odd(first);
            let end = rest.find(|character| is_odd(character) != odd).unwrap_or(rest.len());
            let (run, next) = rest.split_at(end);
            word.push_str(&if odd { octal(run.as_bytes()) } else { quoted(run) });
            rest = next;
        }
        if !chunk.invalid().is_empty() {
            word.push_str(&octal(chunk.invalid()));
        }
    }
    if word.is_empty() { "''".to_owned() } else { word }
}

/// The argument for which `printf` prints just these bytes.
pub(super) fn printf(bytes: &[u8]) -> String {
    let mut format = String::new();
    for &byte in bytes {
        match byte {
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str("\\\\"),
            b' '..=b'~' => format.push(char::from(byte)),
            _ => format.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted(&format)
}

fn is_odd(character: char) -> bool {
    steers(character) && !matches!(character, '\n' | '\t')
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A run never ends in a line feed, which `$(...)` would swallow.
fn octal(run: &[u8]) -> String {
    format!("\"$(printf {})\"", printf(run))
}
