use crate::exchange::Timestamp;

/// What a cassette was recorded from, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The contract that told the operations, if one was loaded.
    pub contract: Option<ContractRef>,
    /// What answered.
    pub origin: Origin,
    /// When the recording began.
    pub recorded: Timestamp,
    /// Which program wrote it, `onrecord 0.1.0`.
    pub recorder: String,
    /// Under which redaction rules ([`crate::redact::RULES_VERSION`]).
    pub redaction: u32,
    /// What the requests follow from, if a run of checks made them.
    pub plan: Option<Plan>,
}

/// What the requests of a run of checks follow from: whoever repeats the run needs the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed of all generated values.
    pub seed: u64,
    /// How many valid inputs were tried for each operation.
    pub cases: usize,
    /// The operations that were allowed besides those that read; `None`: all of them.
    pub allowed: Option<Vec<String>>,
    /// How many resources were allowed at once; `None`: any number.
    pub max_resources: Option<usize>,
    /// What the names that the run made up begin with; `None`: no mark, for nothing lasts in the sandbox.
    pub mark: Option<String>,
}

impl Header {
    /// The header of a recording that begins now, by this version of onrecord.
    pub fn new(contract: Option<ContractRef>, origin: Origin) -> Self {
        Self {
            contract,
            origin,
            recorded: Timestamp::now(),
            recorder: concat!("onrecord ", env!("CARGO_PKG_VERSION")).to_owned(),
            redaction: crate::redact::RULES_VERSION,
            plan: None,
        }
    }
}

/// Which contract, and which edition of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRef {
    /// Its name, `msk`.
    pub id: String,
    /// SHA-256 of its file, in hex.
    pub digest: String,
}

/// What answered the recorded requests. A recording of an emulator is no evidence of what
/// the real provider does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A real account.
    Account,
    /// An emulator of the provider.
    Emulator {
        /// Its name, `moto`.
        name: String,
        /// Its version, where known.
        version: Option<String>,
    },
    /// The sandbox of onrecord itself.
    Sandbox,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account => f.write_str("a real account"),
            Self::Emulator { name, version: Some(version) } => write!(f, "the emulator {name} {version}"),
            Self::Emulator { name, version: None } => write!(f, "the emulator {name}"),
            Self::Sandbox => f.write_str("the sandbox"),
        }
    }
}
