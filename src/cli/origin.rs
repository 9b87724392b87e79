//! What answered, as a cassette says it.

use std::fmt;
use std::str::FromStr;

use onrecord::cassette::Origin;
use onrecord::net::Upstream;

/// What a user says of the other side.
#[derive(Debug, Clone)]
pub(super) struct Source(Origin);

impl Source {
    /// What they say.
    pub(super) fn origin(&self) -> Origin {
        self.0.clone()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Origin::Account => f.write_str("account"),
            Origin::Sandbox => f.write_str("sandbox"),
            Origin::Emulator { name, version: None } => f.write_str(name),
            Origin::Emulator { name, version: Some(version) } => write!(f, "{name}@{version}"),
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text {
            "" => {
                return Err(
                    "write account, sandbox, or the name of an emulator, such as moto@5.2.5".to_owned()
                );
            }
            "account" => Origin::Account,
            "sandbox" => Origin::Sandbox,
            emulator => {
                let (name, version) =
                    emulator.split_once('@').map_or((emulator, None), |(n, v)| (n, Some(v.to_owned())));
                Origin::Emulator { name: name.to_owned(), version }
            }
        }))
    }
}

/// Where it is that requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// On this machine.
    Here,
    /// Anywhere else.
    Elsewhere,
}

impl From<&Upstream> for Whereabouts {
    fn from(upstream: &Upstream) -> Self {
        if upstream.is_loopback() { Self::Here } else { Self::Elsewhere }
    }
}

/// What the user says; else, that what runs on this machine is an emulator, and all else an account.
pub(super) fn of(said: Option<&Source>, whereabouts: Whereabouts) -> Origin {
    match (said, whereabouts) {
        (Some(Source(origin)), _) => origin.clone(),
        (None, Whereabouts::Here) => Origin::Emulator { name: "unnamed".to_owned(), version: None },
        (None, Whereabouts::Elsewhere) => Origin::Account,
    }
}
