//! How long and how much is waited for and kept, from flags and from the configuration.

use onrecord::net::Limits;
use serde::Deserialize;

use super::units::{Period, Size};

/// The limits that are flags. All of them are keys of the configuration too.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Limits (more of them in onrecord.toml, see docs/configuration.md)")]
pub(in crate::cli) struct Limiting {
    /// The biggest body that is kept, 128MiB unless told otherwise; bigger ones pass through and are reported
    #[arg(long, value_name = "SIZE")]
    max_body: Option<Size>,
    /// How many connections are served at once
    #[arg(long, value_name = "N")]
    max_connections: Option<usize>,
    /// How long the other side may take to begin its answer, 120s unless told otherwise
    #[arg(long, value_name = "TIME")]
    answer_timeout: Option<Period>,
}

/// `[limits]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of limits, as in [limits]")]
pub(in crate::cli) struct LimitKeys {
    max_body: Option<Size>,
    max_bodies: Option<Size>,
    max_connections: Option<usize>,
    max_head: Option<Size>,
    max_header_fields: Option<usize>,
    max_streams: Option<u32>,
    header_timeout: Option<Period>,
    handshake_timeout: Option<Period>,
    idle_timeout: Option<Period>,
    answer_timeout: Option<Period>,
    connect_timeout: Option<Period>,
    grace: Option<Period>,
}

impl Limiting {
    /// What holds: a flag, else the configuration, else the default.
    pub(in crate::cli) fn limits(&self, keys: &LimitKeys) -> Limits {
        let own = Limits::default();
        let time = |period: Option<Period>, own| period.map_or(own, |Period(time)| time);
        Limits {
            body: self.max_body.or(keys.max_body).map_or(own.body, |Size(bytes)| bytes),
            bodies: keys.max_bodies.map_or(own.bodies, |Size(bytes)| bytes),
            connections: self.max_connections.or(keys.max_connections).unwrap_or(own.connections),
            head: keys.max_head.map_or(own.head, |Size(bytes)| bytes),
            header_fields: keys.max_header_fields.unwrap_or(own.header_fields),
            streams: keys.max_streams.unwrap_or(own.streams),
            handshake: time(keys.handshake_timeout, own.handshake),
            header_read: time(keys.header_timeout, own.header_read),
            idle: time(keys.idle_timeout, own.idle),
            answer: time(self.answer_timeout.or(keys.answer_timeout), own.answer),
            connect: time(keys.connect_timeout, own.connect),
            grace: time(keys.grace, own.grace),
            ..own
        }
    }
}
