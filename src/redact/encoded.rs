//! What stands in base64 or hex around a secret: taken apart, rewritten and put together again.

use std::ops::Range;

use crate::encoding;

/// So many places are tried where a text in base64 may begin: a path before it looks like base64.
const TRIES: usize = 16;

/// An encoded text that was rewritten.
pub(super) struct Rewritten {
    pub(super) range: Range<usize>,
    pub(super) with: String,
}

/// The encoded text around a range of bytes, with what it encodes rewritten; `None` if it cannot
/// be read, or if `rewrite` leaves it.
pub(super) fn around(
    text: &[u8],
    range: Range<usize>,
    rewrite: &impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Rewritten> {
    in_hex(text, range.clone(), rewrite).or_else(|| in_base64(text, range, rewrite))
}

fn in_hex(
    text: &[u8],
    range: Range<usize>,
    rewrite: &impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Rewritten> {
    let run = run(text, &range, u8::is_ascii_hexdigit)?;
    // What is before it may be a digit that belongs to no pair.
    let start = range.start - (range.start - run.start) / 2 * 2;
    let end = range.end + (run.end - range.end) / 2 * 2;
    let digits = &text[start..end];
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let pair = |pair: &[u8]| Some((digit(pair.first()?)? << 4) | digit(pair.get(1)?)?);
    let decoded: Vec<u8> = digits.chunks(2).map(pair).collect::<Option<_>>()?;
    let hex = encoding::hex(&rewrite(&decoded)?);
    let with = if digits.iter().any(u8::is_ascii_uppercase) { hex.to_uppercase() } else { hex };
    Some(Rewritten { range: start..end, with })
}

fn in_base64(
    text: &[u8],
    range: Range<usize>,
    rewrite: &impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Rewritten> {
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let run = run(text, &range, of_base64)?;
    let padding = text[run.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    let joints = (run.start..range.start).rev().filter(|at| b"+/-_".contains(&text[*at])).map(|at| at + 1);
    let starts = [run.start].into_iter().chain(joints.take(TRIES));
    starts.into_iter().find_map(|start| {
        let range = start..run.end + padding;
        let encoded = std::str::from_utf8(&text[range.clone()]).ok()?;
        let rewritten = rewrite(&encoding::unbase64_lenient(encoded)?)?;
        let in_url = encoded.contains(['-', '_']) || (padding == 0 && encoded.len() % 4 > 0);
        let mut with = if in_url { encoding::base64_url(&rewritten) } else { encoding::base64(&rewritten) };
        if in_url && padding > 0 {
            with.extend(std::iter::repeat_n('=', with.len().next_multiple_of(4) - with.len()));
        }
        Some(Rewritten { range, with })
    })
}

/// The run of such bytes around a range of them. Beside an escape it is cut short: it is whole
/// where that is looked through.
fn run(text: &[u8], range: &Range<usize>, fits: impl Fn(&u8) -> bool) -> Option<Range<usize>> {
    if !text.get(range.clone())?.iter().all(&fits) {
        return None;
    }
    let before = text[..range.start].iter().rev().take_while(|byte| fits(byte)).count();
    let after = text[range.end..].iter().take_while(|byte| fits(byte)).count();
    let run = range.start - before..range.end + after;
    let escaped = [run.start.checked_sub(1), Some(run.end)].into_iter().flatten();
    let is_cut = escaped.filter_map(|at| text.get(at)).any(|byte| b"%\\".contains(byte));
    (!is_cut).then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_secret_is_put_together_again() {
        let rewrite = |text: &[u8]| {
            let at = text.windows(8).position(|window| window == b"hunter22")?;
            Some([&text[..at], b"R", &text[at + 8..]].concat())
        };
        let rewritten = |text: &str, at: usize| {
            let found = around(text.as_bytes(), at..at + 4, &rewrite)?;
            Some(format!("{}{}{}", &text[..found.range.start], found.with, &text[found.range.end..]))
        };
        let plain = br#"{"a?>":"hunter22!"}"#;
        let expected = br#"{"a?>":"R!"}"#;
        for encode in [encoding::base64, encoding::base64_url] {
            let text = format!("x/{} y", encode(plain));
            assert_eq!(rewritten(&text, 12).unwrap(), format!("x/{} y", encode(expected)));
        }
        assert_eq!(rewritten(&encoding::hex(plain), 20).unwrap(), encoding::hex(expected));
        let escaped = encoding::base64(plain).replace('=', "%3D");
        assert_eq!(rewritten(&escaped, 12), None);
        assert_eq!(rewritten(&encoding::base64(expected), 4), None);
        assert_eq!(rewritten("no base64 at all", 1), None);
    }
}
