use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;

/// An instant in UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// From the system's clock.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Reads RFC 3339, `2026-11-21T07:32:37.250Z`.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::truncated)
    }

    /// Reads an HTTP date (RFC 9110 section 5.6.7), `Sat, 21 Nov 2026 07:32:37 GMT`.
    pub fn parse_http(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc2822).ok().map(Self::truncated)
    }

    /// As an HTTP date.
    pub fn http(self) -> String {
        let form = format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        self.0.format(form).unwrap_or_default()
    }

    /// Seconds since the epoch, with the fraction.
    pub fn epoch_seconds(self) -> f64 {
        self.0.unix_timestamp_nanos() as f64 / 1e9
    }

    /// Whole seconds since the epoch.
    pub fn seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The instant that much later.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }

    fn truncated(at: OffsetDateTime) -> Self {
        let at = at.to_offset(time::UtcOffset::UTC);
        Self(at.replace_millisecond(at.millisecond()).unwrap_or(at))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(at: SystemTime) -> Self {
        Self::truncated(at.into())
    }
}

impl From<Timestamp> for SystemTime {
    fn from(at: Timestamp) -> Self {
        at.0.into()
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339, always with milliseconds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.0.format(form).map_err(|_| std::fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let at = Timestamp::parse("2026-11-21T08:32:37.2509+01:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-21T07:32:37.250Z");
        assert_eq!(at.http(), "Sat, 21 Nov 2026 07:32:37 GMT");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        assert_eq!(Timestamp::parse_http(&at.http()).map(Timestamp::http), Some(at.http()));
    }
}
