//! The document on disk: format, header, exchanges. Read and written one exchange at a time,
//! so that folding a long journal needs no copy of it in memory.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::stored::{StoredExchange, timestamp};
use super::{CassetteError, ContractRef, Header, Origin, Plan, layout};
use crate::exchange::Timestamp;

/// The format that this version writes, and the newest that it reads.
pub(super) const FORMAT: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredHeader {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract: Option<StoredContract>,
    origin: StoredOrigin,
    #[serde(with = "timestamp")]
    recorded: Timestamp,
    recorder: String,
    redaction: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<StoredPlan>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPlan {
    seed: u64,
    cases: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_resources: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredContract {
    id: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredOrigin {
    Account,
    Emulator {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    Sandbox,
}

impl From<&Header> for StoredHeader {
    fn from(header: &Header) -> Self {
        let contract =
            header.contract.clone().map(|ContractRef { id, digest }| StoredContract { id, digest });
        let origin = match header.origin.clone() {
            Origin::Account => StoredOrigin::Account,
            Origin::Emulator { name, version } => StoredOrigin::Emulator { name, version },
            Origin::Sandbox => StoredOrigin::Sandbox,
        };
        let plan = header.plan.clone().map(|plan| {
            let Plan { seed, cases, allowed, max_resources, mark } = plan;
            StoredPlan { seed, cases, allowed, max_resources, mark }
        });
        let Header { recorded, recorder, redaction, .. } = header;
        Self {
            contract,
            origin,
            recorded: *recorded,
            recorder: recorder.clone(),
            redaction: *redaction,
            plan,
        }
    }
}

impl From<StoredHeader> for Header {
    fn from(stored: StoredHeader) -> Self {
        let StoredHeader { contract, origin, recorded, recorder, redaction, plan } = stored;
        let plan = plan.map(|plan| {
            let StoredPlan { seed, cases, allowed, max_resources, mark } = plan;
            Plan { seed, cases, allowed, max_resources, mark }
        });
        let contract = contract.map(|StoredContract { id, digest }| ContractRef { id, digest });
        let origin = match origin {
            StoredOrigin::Account => Origin::Account,
            StoredOrigin::Emulator { name, version } => Origin::Emulator { name, version },
            StoredOrigin::Sandbox => Origin::Sandbox,
        };
        Self { contract, origin, recorded, recorder, redaction, plan }
    }
}

/// Writes a document piece by piece: header, exchanges, end.
pub(super) struct DocumentWriter<W: Write> {
    out: W,
    is_empty: bool,
}

impl<W: Write> DocumentWriter<W> {
    pub(super) fn to(out: W) -> Self {
        Self { out, is_empty: true }
    }

    pub(super) fn header(&mut self, header: &Header) -> io::Result<()> {
        let mut text = format!("{{\n  \"format\": {FORMAT},\n  \"header\": ");
        layout::pretty(&serde_json::to_string(&StoredHeader::from(header))?, 1, &mut text);
        text.push_str(",\n  \"exchanges\": [");
        self.out.write_all(text.as_bytes())
    }

    /// Adds exchanges as [`entries`] lays them out.
    pub(super) fn push(&mut self, entries: &str) -> io::Result<()> {
        let first = entries.strip_prefix(PARTING).filter(|_| self.is_empty);
        self.is_empty = false;
        self.out.write_all(first.unwrap_or(entries).as_bytes())
    }

    pub(super) fn end(mut self) -> io::Result<W> {
        self.out.write_all(if self.is_empty { b"]\n}\n" } else { b"\n  ]\n}\n" })?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Stands before each exchange but the first.
const PARTING: &str = ",";

/// Exchanges as they stand in a document, each given as JSON in any spacing.
pub(super) fn entries<'j>(exchanges: impl Iterator<Item = &'j str>) -> String {
    let mut text = String::new();
    for json in exchanges {
        text.push_str(PARTING);
        text.push_str("\n    ");
        layout::pretty(json, 2, &mut text);
    }
    text
}

/// An exchange as it stands in a document.
pub(super) fn entry(path: &Path, exchange: &StoredExchange) -> Result<String, CassetteError> {
    let json = serde_json::to_string(exchange);
    let json = json.map_err(|error| CassetteError::io("write", path)(error.into()))?;
    Ok(entries([json.as_str()].into_iter()))
}

/// Takes what is read from a document, in its order.
pub(super) trait Sink {
    fn header(&mut self, header: Header) -> Result<(), CassetteError>;
    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError>;
}

/// Reads a document, one exchange at a time.
pub(super) fn read<'de, R: serde_json::de::Read<'de>>(
    path: &Path,
    input: R,
    sink: &mut dyn Sink,
) -> Result<(), CassetteError> {
    let mut json = serde_json::Deserializer::new(input);
    let mut reading = Reading { path, sink, failure: None };
    let read = Document(&mut reading).deserialize(&mut json).and_then(|()| json.end());
    match (reading.failure, read) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(CassetteError::json(path, &error)),
        (None, Ok(())) => Ok(()),
    }
}

/// Refuses a format that is not ours to read.
pub(super) fn check_format(path: &Path, format: u64) -> Result<(), CassetteError> {
    if format > FORMAT {
        return Err(CassetteError::Newer { path: path.to_owned(), format, reads: FORMAT });
    }
    Ok(())
}

struct Reading<'a> {
    path: &'a Path,
    sink: &'a mut dyn Sink,
    /// Where an error of ours waits while serde unwinds with one of its own.
    failure: Option<CassetteError>,
}

impl Reading<'_> {
    fn park<E: serde::de::Error>(&mut self, result: Result<(), CassetteError>) -> Result<(), E> {
        result.map_err(|error| {
            self.failure = Some(error);
            E::custom("stopped")
        })
    }
}

struct Document<'r, 'a>(&'r mut Reading<'a>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of `format`, `header` and `exchanges`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        expect_key(&mut map, "format")?;
        let format: u64 = map.next_value()?;
        if format == 0 {
            return Err(A::Error::custom("there is no format 0"));
        }
        reading.park(check_format(reading.path, format))?;
        expect_key(&mut map, "header")?;
        let header: StoredHeader = map.next_value()?;
        let taken = reading.sink.header(header.into());
        reading.park(taken)?;
        expect_key(&mut map, "exchanges")?;
        map.next_value_seed(Exchanges(reading))?;
        match map.next_key::<String>()? {
            Some(key) => Err(A::Error::custom(format!("unknown member `{key}` after `exchanges`"))),
            None => Ok(()),
        }
    }
}

/// The order is fixed: the format decides how to read the rest, the header what it is.
fn expect_key<'de, A: MapAccess<'de>>(map: &mut A, expected: &'static str) -> Result<(), A::Error> {
    match map.next_key::<String>()? {
        Some(key) if key == expected => Ok(()),
        Some(key) => Err(A::Error::custom(format!("`{key}` where `{expected}` should be"))),
        None => Err(A::Error::missing_field(expected)),
    }
}

struct Exchanges<'r, 'a>(&'r mut Reading<'a>);

impl<'de> DeserializeSeed<'de> for Exchanges<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Exchanges<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of exchanges")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(exchange) = seq.next_element()? {
            let taken = self.0.sink.exchange(exchange);
            self.0.park(taken)?;
        }
        Ok(())
    }
}
