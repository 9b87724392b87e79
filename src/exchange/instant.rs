//! Instants as messages write them, moved without changing how they are written.

use std::ops::Range;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, PrimitiveDateTime};

/// A whole text in one of these forms is an instant.
const WHOLE: [&[BorrowedFormatItem<'_>]; 2] = [
    // RFC 9110 section 5.6.7.
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"),
    // What many servers write in cookies.
    format_description!("[weekday repr:short], [day]-[month repr:short]-[year] [hour]:[minute]:[second] GMT"),
];

/// A text that begins so, with a fraction and a zone behind it or neither: RFC 3339, and the basic
/// form of signatures. Moved by whole seconds, what is behind stays as it is.
const BEGINNING: [(usize, &[BorrowedFormatItem<'_>]); 3] = [
    (19, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]")),
    (19, format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")),
    (15, format_description!("[year][month][day]T[hour][minute][second]")),
];

/// Numbers that are taken for seconds since 1970: from September 2001 on, for three hundred years.
const SECONDS: Range<i64> = 1_000_000_000..10_000_000_000;

/// The instant that a text says, so many seconds later, in the same form: an HTTP date, RFC 3339,
/// `20261121T073237Z`, or seconds or milliseconds since 1970. `None` if the text is none of these.
pub fn moved(text: &str, seconds: i64) -> Option<String> {
    match text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+".contains(&byte)) {
        true => moved_number(text, seconds),
        false => moved_text(text, Duration::seconds(seconds)),
    }
}

/// The seconds since 1970 that an HTTP date says.
pub fn http_seconds(text: &str) -> Option<i64> {
    let at = WHOLE.iter().find_map(|form| PrimitiveDateTime::parse(text, form).ok())?;
    Some(at.assume_utc().unix_timestamp())
}

fn moved_text(text: &str, by: Duration) -> Option<String> {
    let moved = |text: &str, form: &[BorrowedFormatItem<'_>]| {
        PrimitiveDateTime::parse(text, form).ok()?.checked_add(by)?.format(form).ok()
    };
    let beginning = |(length, form): &(usize, &[BorrowedFormatItem<'_>])| {
        let (start, rest) = text.split_at_checked(*length)?;
        moved(start, form).filter(|_| is_fraction_and_zone(rest)).map(|start| start + rest)
    };
    WHOLE.iter().find_map(|form| moved(text, form)).or_else(|| BEGINNING.iter().find_map(beginning))
}

/// `.250Z`, `+00:00`, ` UTC`, or nothing.
fn is_fraction_and_zone(text: &str) -> bool {
    let zone = match text.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|part: char| part.is_ascii_digit()),
        None => text,
    };
    let zone = zone.trim_start();
    matches!(zone, "" | "Z" | "z" | "UTC" | "GMT")
        || zone.strip_prefix(['+', '-']).is_some_and(|offset| {
            matches!(offset.len(), 4 | 5) && offset.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        })
}

fn moved_number(text: &str, seconds: i64) -> Option<String> {
    let whole_ends = text.find(|part: char| !part.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(whole_ends);
    if rest.contains(['e', 'E']) {
        let at: f64 = text.parse().ok()?;
        return SECONDS.contains(&(at as i64)).then(|| (at + seconds as f64).to_string());
    }
    let whole: i64 = whole.parse().ok()?;
    let later = if SECONDS.contains(&whole) {
        whole.checked_add(seconds)
    } else if SECONDS.contains(&(whole / 1000)) {
        whole.checked_add(seconds.checked_mul(1000)?)
    } else {
        None
    };
    later.map(|later| format!("{later}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_form() {
        for (text, later) in [
            ("Fri, 21 Nov 2025 07:32:37 GMT", "Sat, 22 Nov 2025 07:32:38 GMT"),
            ("Fri, 21-Nov-2025 07:32:37 GMT", "Sat, 22-Nov-2025 07:32:38 GMT"),
            ("2025-11-21T07:32:37Z", "2025-11-22T07:32:38Z"),
            ("2025-12-31T23:59:59.250Z", "2026-01-02T00:00:00.250Z"),
            ("2025-11-21T07:32:37.123456789+01:00", "2025-11-22T07:32:38.123456789+01:00"),
            ("2025-11-21T07:32:37-0800", "2025-11-22T07:32:38-0800"),
            ("2025-11-21 07:32:37 UTC", "2025-11-22 07:32:38 UTC"),
            ("2025-11-21T07:32:37", "2025-11-22T07:32:38"),
            ("20251121T073237Z", "20251122T073238Z"),
            ("1763710357", "1763796758"),
            ("1763710357.125", "1763796758.125"),
            ("1.763710357125E9", "1763796758.125"),
            ("1763710357125", "1763796758125"),
        ] {
            assert_eq!(moved(text, 86_401).as_deref(), Some(later));
        }
    }

    #[test]
    fn what_is_no_instant_is_left() {
        for text in [
            "",
            "0",
            "-1",
            "3600",
            "never",
            "2025-11-21",
            "9999-12-31T23:59:59Z",
            "2025-11-21T07:32:37Zulu",
            "2025-11-21T07:32:37.5 or later",
            "99999999999999999999",
            "1.2.3",
            "é2025-11-21T07:32:37Z",
        ] {
            assert_eq!(moved(text, 86_401), None, "{text}");
        }
    }

    #[test]
    fn an_http_date_is_read() {
        assert_eq!(http_seconds("Sun, 09 Sep 2001 01:46:40 GMT"), Some(1_000_000_000));
        assert_eq!(http_seconds("0"), None);
    }
}
