use std::fmt;

use serde_json::{Value, json};

use super::marks::{FIELD, Mark};
use super::table::Table;
use crate::exchange::Request;
use crate::redact::Redactor;

/// Open sessions that are named, at most.
const NAMED: usize = 8;

/// Characters of a text, at most.
const SHOWN: usize = 128;

/// A request that no open session is meant by. Everything in it has been redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Astray {
    /// Method and path.
    pub line: String,
    /// The name that it gave, if it gave one.
    pub named: Option<String>,
    /// The names of some sessions that are open.
    pub open: Vec<String>,
    /// How many are open besides.
    pub more: usize,
}

impl Astray {
    /// So many are told of; a client that never stops asking must not fill anything.
    pub(super) const TOLD: usize = 100;

    /// The word for it in the header field that marks a miss.
    pub(super) const NAME: &str = "no-session";

    /// What the client is told.
    pub(super) const TEXT: &str = "onrecord has no open session that this request is for";

    pub(super) fn new(request: &Request, mark: &Mark, table: &Table) -> Self {
        // Any session knows what the user has told of secrets.
        let fresh = Redactor::new();
        let redactor = table.all().next().map_or(&fresh, |session| &session.replayer.redactor);
        let shown = |text: &str| -> String {
            let text = redactor.text(text).into_inner();
            // A name is whatever a client sends: no terminal is to obey it.
            text.chars().take(SHOWN).map(|part| if part.is_control() { '?' } else { part }).collect()
        };
        let named = match mark {
            Mark::Name(name) => Some(shown(name)),
            // A key may be a real one, and which key it was is in the client's configuration.
            Mark::Key(_) | Mark::None => None,
        };
        let open: Vec<_> = table.all().take(NAMED).map(|session| shown(&session.reach.name)).collect();
        let more = table.all().count() - open.len();
        Self { line: shown(&format!("{} {}", request.method, request.target.path())), named, open, more }
    }

    /// What [`Display`](fmt::Display) explains, for a program that reads it.
    pub fn to_json(&self) -> Value {
        let Self { line, named, open, more } = self;
        json!({
            "miss": Self::NAME, "request": line, "reason": self.reason(), "session": named, "open": open,
            "more": more,
        })
    }

    fn reason(&self) -> String {
        match &self.named {
            Some(name) => format!("is for the session {name}, which is not open"),
            None => "names no session, and there is no default one".to_owned(),
        }
    }
}

impl fmt::Display for Astray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, open, more, .. } = self;
        writeln!(f, "miss: {line} {}", self.reason())?;
        match (open.as_slice(), more) {
            ([], _) => writeln!(f, "  open     none")?,
            (open, 0) => writeln!(f, "  open     {}", open.join(", "))?,
            (open, more) => writeln!(f, "  open     {} and {more} more", open.join(", "))?,
        }
        write!(
            f,
            "  next     open it (POST /sessions of the admin API, or --session NAME=FILE), or name one that is\n           \
             open: by its port, by the header field {FIELD}, as the user name of the proxy, or as the access\n           \
             key id that the client signs with"
        )
    }
}
