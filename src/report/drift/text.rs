//! Drift as a terminal shows it.

use std::fmt;

use super::{Change, Drift, Severity, Type};
use crate::report::visible::one_line;

/// How many lines are shown.
const SHOWN: usize = 40;

/// The drift as text, a line each; one line that says so where there is none.
pub fn render(drift: &[Drift]) -> String {
    if drift.is_empty() {
        return "no drift: the same operations, statuses and shapes as in the recording before\n".to_owned();
    }
    let mut out = String::new();
    for drift in drift.iter().take(SHOWN) {
        out.push_str(&one_line(&drift.to_string()));
        out.push('\n');
    }
    if drift.len() > SHOWN {
        out.push_str(&format!("(and {} more)\n", drift.len() - SHOWN));
    }
    let count = |severity| drift.iter().filter(|drift| drift.severity == severity).count();
    out.push_str(&format!(
        "drift: {} breaking, {} notable, {} added\n",
        count(Severity::Breaking),
        count(Severity::Notable),
        count(Severity::Added)
    ));
    out
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}  {}: {}", self.severity.as_str(), self.operation, self.change)
    }
}

impl Severity {
    /// As reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Notable => "notable",
            Self::Added => "added",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OperationGone => f.write_str("not recorded any more"),
            Self::OperationNew => f.write_str("was not recorded before"),
            Self::StatusGone { status, now } => {
                write!(f, "no answer with {status} any more, now {}", joined(now))
            }
            Self::StatusNew { status } => write!(f, "answers with {status}, as none did before"),
            Self::MemberGone { status, path, before } if before.times == before.of => {
                write!(f, "{status}: {} is gone", named(path))
            }
            Self::MemberGone { status, path, before } => {
                write!(
                    f,
                    "{status}: {} is not seen any more, before in {} of {}",
                    named(path),
                    before.times,
                    before.of
                )
            }
            Self::MemberNew { status, path } => write!(f, "{status}: {} is new", named(path)),
            Self::Type { status, path, before, now } => {
                write!(f, "{status}: {} was {} and is {}", named(path), joined(before), joined(now))
            }
            Self::HeaderGone { status, name } => write!(f, "{status}: the header field {name} is gone"),
            Self::HeaderNew { status, name } => write!(f, "{status}: the header field {name} is new"),
            Self::MediaType { status, before, now } => {
                write!(f, "{status}: the content type was {} and is {}", joined(before), joined(now))
            }
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Bytes => "no JSON",
        })
    }
}

fn named(path: &str) -> &str {
    if path.is_empty() { "the body" } else { path }
}

fn joined<T: fmt::Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
