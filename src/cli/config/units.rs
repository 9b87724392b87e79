//! Sizes and times as people write them, on a command line and in a configuration.

use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A number of bytes, `128MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Size(pub(in crate::cli) usize);

/// A time, `60s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Period(pub(in crate::cli) Duration);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [
            ("", 1),
            ("B", 1),
            ("KiB", 1 << 10),
            ("MiB", 1 << 20),
            ("GiB", 1 << 30),
            ("KB", 1_000),
            ("MB", 1_000_000),
            ("GB", 1_000_000_000),
        ];
        let bytes = number(text, &units).and_then(|bytes| usize::try_from(bytes).ok());
        bytes
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no size; write a number with B, KiB, MiB, GiB, KB, MB or GB"))
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
        let time = number(text, &units).filter(|time| *time > 0);
        time.map(|time| Self(Duration::from_millis(time)))
            .ok_or_else(|| format!("`{text}` is no time; write a number with ms, s, m or h"))
    }
}

/// A whole number with one of the units.
fn number(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, unit) =
        text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written("a size such as \"128MiB\"", PhantomData))
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written("a time such as \"60s\"", PhantomData))
    }
}

/// Reads a value out of a text; otherwise says what was expected.
struct Written<T>(&'static str, PhantomData<T>);

impl<T: FromStr<Err = String>> Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_as_they_are_written() {
        for (text, bytes) in [("0", 0), ("17", 17), ("1KiB", 1024), ("2 mb", 2_000_000), ("1GiB", 1 << 30)] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for (text, millis) in [("1ms", 1), ("60s", 60_000), ("2m", 120_000), ("1 h", 3_600_000)] {
            assert_eq!(text.parse(), Ok(Period(Duration::from_millis(millis))), "{text}");
        }
        for text in ["", "-1", "1.5MiB", "9999999999999999999GiB", "MiB", "5 bytes"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        for text in ["", "60", "0s", "1d", "s"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
