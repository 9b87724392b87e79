//! The machine-readable outcome of a run; every other report is rendered from it.

use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};

use super::join::Part;
use super::known::{Known, generic};
use super::shard::Shard;
use crate::cassette::stored::StoredExchange;
use crate::check::Covered;
use crate::contract::{Level, Location};
use crate::encoding;

/// One execution of checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this format, 1.
    pub format: u32,
    /// The program that ran, `onrecord 0.1.0`.
    pub program: String,
    /// What was held to which text.
    pub contract: ContractInfo,
    /// The contracts, if there are several. Then the name of its contract stands before whatever is of
    /// one, as in `msk:ListClusters`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What answered.
    pub target: Target,
    /// The seed that all generated requests follow from.
    pub seed: u64,
    /// When it began, RFC 3339.
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// How many exchanges were made or judged.
    pub exchanges: u64,
    /// How many exchanges were answered with a 2xx.
    pub succeeded: u64,
    /// How many exchanges were refused in a way that says nothing of the operation: for access, for
    /// load, or because nothing is at that path.
    #[serde(default)]
    pub refused: u64,
    /// Why it ended before its last case, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
    /// Which shards these are, if not all of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
    /// Which cases were to run, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// The findings that were expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Known>,
    /// Every check of the catalogue that this program knows.
    pub checks: Vec<CheckInfo>,
    /// Every case that ran.
    pub cases: Vec<Case>,
    /// What each check said of each operation, by operation and then check.
    pub matrix: Vec<Cell>,
    /// What of the contract was seen.
    #[serde(default)]
    pub coverage: Covered,
    /// What was found, gravest first.
    pub findings: Vec<Finding>,
    /// What a reader must know to trust the run: what was not run and why, what was left over.
    pub notes: Vec<String>,
}

/// The contract of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct ContractInfo {
    pub id: String,
    pub title: String,
    pub version: String,
    pub digest: String,
    /// The operations, in the contract's order: the rows of a matrix.
    pub operations: Vec<String>,
}

/// What answered the requests of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A running provider, by its address.
    #[serde(rename = "url")]
    Url(String),
    /// A file of recorded exchanges.
    #[serde(rename = "cassette")]
    Cassette(String),
    /// The embedded provider, with its faults.
    #[serde(rename = "sandbox")]
    Sandbox {
        /// The names of the faults.
        faults: Vec<String>,
    },
    /// For each of several contracts another one.
    #[serde(rename = "each")]
    Each(Vec<(String, Target)>),
}

/// One check of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the check")]
pub struct CheckInfo {
    pub id: String,
    pub name: String,
    #[serde(deserialize_with = "level")]
    pub level: String,
    pub says: String,
    pub documented: String,
}

/// One case that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its stable name, `CreateCluster/violates/clusterName.maxLength`.
    pub name: String,
    /// How many exchanges it took, shrinking included.
    pub exchanges: u64,
    /// What its checks said.
    pub tally: Tally,
    /// Why it could not run, if so.
    pub skipped: Option<String>,
    /// Why nothing can be said although it ran, if so: no answer, or a miss of a replay.
    pub broken: Option<String>,
}

/// How often each answer was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the answers of a check")]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub advisory: u64,
    pub not_applicable: u64,
    pub not_testable: u64,
}

/// What one check said of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the matrix")]
pub struct Cell {
    pub operation: String,
    pub check: String,
    pub tally: Tally,
    /// Why something could not be tested, each reason once.
    pub reasons: Vec<String>,
}

/// A broken law, with what it takes to see it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// The check's name.
    pub name: String,
    /// The operation.
    pub operation: String,
    /// MUST, SHOULD, ADV or INFO.
    #[serde(deserialize_with = "level")]
    pub level: String,
    /// Where in the exchange.
    pub place: String,
    /// What is documented.
    pub expected: String,
    /// What was there instead.
    pub actual: String,
    /// Where it is documented, in words with an address.
    pub documented: String,
    /// How often it was seen in this run.
    pub count: u64,
    /// The case that shows it best.
    pub case: String,
    /// Where the contract speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands: Option<Location>,
    /// The exchanges that show it, smallest known; the last one is the one judged.
    pub evidence: Vec<StoredExchange>,
    /// Shell lines that show it again.
    pub curl: String,
    /// The command that runs just this case again.
    pub again: String,
    /// Why it breaks no run, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

/// The reason of a cell that nothing was said of.
pub const UNSEEN: &str = "no exchange of this run shows it";

impl Cell {
    /// Whether nothing was said of it.
    pub(super) fn is_unseen(&self) -> bool {
        self.tally.tested() == 0 && self.reasons == [UNSEEN]
    }
}

impl Run {
    /// The format that [`Run::to_json`] writes, and the newest that [`Run::from_json`] reads.
    pub const FORMAT: u32 = 1;
}

impl ContractInfo {
    /// What it is called, with its version.
    pub(super) fn named(&self) -> String {
        format!("{} {}", self.id, self.version).trim_end().to_owned()
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Cassette(file) => write!(f, "the cassette {file}"),
            Self::Sandbox { faults } if faults.is_empty() => f.write_str("the sandbox"),
            Self::Sandbox { faults } => write!(f, "the sandbox with {}", faults.join(", ")),
            Self::Each(targets) => {
                let each = targets.iter().map(|(contract, target)| format!("{target} ({contract})"));
                f.write_str(&each.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Case {
    /// The operation that it is about: its name up to the first slash.
    pub fn operation(&self) -> &str {
        operation_of(&self.name)
    }
}

impl Finding {
    /// Where reports can link to: the same in every run that finds it, `F-1a2b3c4d`.
    pub fn anchor(&self) -> String {
        let (check, operation, place) = self.key();
        let digest = encoding::digest(format!("{check}\0{operation}\0{place}").as_bytes());
        format!("F-{}", &digest[..8])
    }

    /// What makes two findings the same: check, operation and place, with `*` for every index.
    pub fn key(&self) -> (&str, &str, String) {
        (&self.check, &self.operation, generic(&self.place))
    }

    /// How binding the broken rule is. A level that nobody knows is taken for the gravest.
    pub(super) fn gravity(&self) -> Level {
        gravity(&self.level)
    }
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.advisory += other.advisory;
        self.not_applicable += other.not_applicable;
        self.not_testable += other.not_testable;
    }

    /// How many answers rest on an exchange that was judged.
    pub fn tested(self) -> u64 {
        self.passed + self.failed + self.advisory
    }
}

pub(super) fn gravity(level: &str) -> Level {
    Level::parse(level).unwrap_or(Level::Must)
}

pub(super) fn operation_of(case: &str) -> &str {
    case.split('/').next().unwrap_or(case)
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Level::parse(&text) {
        Some(_) => Ok(text),
        None => {
            Err(D::Error::invalid_value(Unexpected::Str(&text), &"one of `MUST`, `SHOULD`, `ADV` and `INFO`"))
        }
    }
}
