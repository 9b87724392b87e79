use std::fmt::Display;

use serde_json::{Value, json};

use crate::replay::sessions::SessionError;

/// Why the admin API does not do something, and what mends it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// For programs.
    kind: &'static str,
    /// For people.
    message: String,
    pub(super) field: Option<(&'static str, &'static str)>,
}

impl Refusal {
    pub(super) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), field: None }
    }

    pub(super) fn with(self, name: &'static str, value: &'static str) -> Self {
        Self { field: Some((name, value)), ..self }
    }

    pub(super) fn body(error: &serde_json::Error) -> Self {
        let text = format!(
            "the body is not what opens a session: {error}; send JSON like {{\"cassettes\": [\"story.json\"]}}"
        );
        Self::new(400, "body", text)
    }

    pub(super) fn broken(error: impl Display) -> Self {
        Self::new(500, "broken", error.to_string())
    }

    /// A path that leads nowhere, or a method that its place does not know.
    pub(super) fn nothing_here(segments: &[&str]) -> Self {
        let allowed = match segments {
            ["sessions"] => "GET, POST",
            ["sessions", _] => "GET, DELETE",
            ["sessions", _, "reset"] => "POST",
            ["sessions", _, "misses" | "unused" | "coverage"] | ["metrics"] | ["openapi.json"] => "GET",
            _ => return Self::new(404, "path", "nothing is here; GET /openapi.json says what there is"),
        };
        Self::new(405, "method", format!("this takes {allowed}")).with("allow", allowed)
    }

    pub(super) fn value(&self) -> Value {
        json!({ "error": self.kind, "message": self.message })
    }
}

impl From<SessionError> for Refusal {
    fn from(error: SessionError) -> Self {
        let (status, kind) = match &error {
            SessionError::Name(_) => (400, "name"),
            SessionError::NoCassettes => (400, "cassettes"),
            SessionError::Taken(_) => (409, "taken"),
            SessionError::Unknown(_) => (404, "unknown"),
            SessionError::Lasting => (409, "lasting"),
            SessionError::TooMany(_) => (409, "too-many"),
            SessionError::Library(_) => (422, "cassette"),
            SessionError::NoPorts => (409, "port"),
            SessionError::Port(_) => (503, "port"),
        };
        Self::new(status, kind, error.to_string())
    }
}
