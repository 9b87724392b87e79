//! A request that no recorded exchange answers, explained to whoever has to mend it.

use std::fmt;

/// Lines of an explanation, at most.
const LINES: usize = 60;

/// Characters of a line, at most.
const WIDTH: usize = 220;

/// How many differing places are named.
const PLACES: usize = 4;

/// A request that no recorded exchange answers. Everything in it has been redacted; `Display`
/// explains it in about sixty lines at most.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Miss {
    /// Which documented operation was asked for, where a contract knows.
    pub operation: Option<String>,
    /// Method and target.
    pub line: String,
    /// Why there is no answer.
    pub reason: Reason,
    /// What keeps the request from being read, if that is the reason.
    pub problem: Option<String>,
    /// The recorded requests that come closest, nearest first; at most three.
    pub nearest: Vec<Near>,
    /// The names of the cassettes.
    pub cassettes: Vec<String>,
    /// Each recorded operation with the number of its exchanges.
    pub recorded: Vec<(String, usize)>,
    /// The id of the contract that knows the operation.
    pub contract: Option<String>,
    /// What of requests was not compared, because the user said so.
    pub loosened: Vec<String>,
    /// How a recording reaches the provider.
    pub(super) way: String,
}

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing is recorded at all.
    Empty,
    /// No recorded request is equal to it.
    NeverRecorded,
    /// Its operation does not occur in any cassette.
    OtherOperations,
    /// All answers to it have been given.
    UsedUp {
        /// How many there are.
        recorded: usize,
        /// How often it was asked for, this time included.
        asked: usize,
    },
    /// It cannot be read as its operation's input, and nothing equal was recorded.
    Unreadable,
    /// It was recorded from several places, and nothing tells which one is meant.
    Ambiguous,
    /// The answer to it is not in the cassette any more, which was changed while it was served.
    Changed,
    /// It was recorded, but signed for other Regions or services than it is.
    OtherRegions,
    /// It was recorded, but from other hosts than the one that it names.
    OtherHosts,
}

impl Reason {
    /// Its name in the `x-onrecord-miss` header field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NeverRecorded => "never-recorded",
            Self::OtherOperations => "other-operations",
            Self::UsedUp { .. } => "used-up",
            Self::Unreadable => "unreadable",
            Self::Ambiguous => "ambiguous",
            Self::Changed => "changed",
            Self::OtherRegions => "other-regions",
            Self::OtherHosts => "other-hosts",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing is recorded at all"),
            Self::NeverRecorded => f.write_str("never recorded with these values"),
            Self::OtherOperations => f.write_str("this operation was never recorded"),
            Self::UsedUp { recorded: 1, asked } => {
                write!(f, "the one recorded answer is used up, this is request {asked}")
            }
            Self::UsedUp { recorded, asked } => {
                write!(f, "all {recorded} recorded answers are used up, this is request {asked}")
            }
            Self::Unreadable => f.write_str(
                "its body cannot be read as the operation's input, and nothing equal was recorded",
            ),
            Self::Changed => f.write_str("the cassette was changed while it was served"),
            Self::OtherRegions => f.write_str("recorded for other Regions or services only"),
            Self::OtherHosts => f.write_str("recorded from other hosts only"),
            Self::Ambiguous => f.write_str(
                "recorded from several hosts or Regions, and neither host nor signature tells which is meant",
            ),
        }
    }
}

/// A recorded request that comes close.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Near {
    /// Which cassette, counted from 0.
    pub cassette: usize,
    /// Which exchanges have this request, counted from 0.
    pub exchanges: Vec<usize>,
    /// Its operation, where a contract knows.
    pub operation: Option<String>,
    /// Its method and path.
    pub line: String,
    /// How many of them were served.
    pub served: usize,
    /// Where the requests differ, `input/maxResults`.
    pub places: Vec<String>,
    /// Whether it is another operation, method or path.
    pub elsewhere: bool,
    /// Whether they differ only in values that look made up for one run.
    pub looks_made_up: bool,
    /// Whether they differ only in what client tokens are called, which a contract says are not compared.
    pub is_client_token: bool,
    /// What differs, as lines of a unified diff from `cassette` to `request`.
    pub diff: Vec<String>,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![
            format!("miss: no recorded answer for {}", self.operation.as_deref().unwrap_or("this request")),
            format!("  request  {}", self.line),
            format!("  reason   {}", self.reason),
        ];
        if !self.loosened.is_empty() {
            lines.push(format!("  ignored  {}", self.loosened.join(", ")));
        }
        lines.extend(self.problem.iter().map(|problem| format!("           {problem}")));
        for (rank, near) in self.nearest.iter().enumerate() {
            lines.push(format!("  nearest  {}. {}", rank + 1, self.summary(near)));
            lines.extend(near.diff.iter().map(|line| format!("    {line}")));
        }
        let next = self.next();
        let room = LINES.saturating_sub(next.len());
        if lines.len() > room {
            lines.truncate(room.saturating_sub(1));
            lines.push("    (cut)".to_owned());
        }
        for (index, line) in next.into_iter().enumerate() {
            lines.push(format!("  {}  {line}", if index == 0 { "next   " } else { "       " }));
        }
        for line in lines {
            writeln!(f, "{}", cut(&line))?;
        }
        Ok(())
    }
}

impl Miss {
    fn summary(&self, near: &Near) -> String {
        let cassette = self.cassettes.get(near.cassette).map_or("FILE", String::as_str);
        let exchanges = list(&near.exchanges.iter().map(usize::to_string).collect::<Vec<_>>());
        let operation = near.operation.as_ref().unwrap_or(&near.line);
        let served = match (near.served, near.exchanges.len()) {
            (0, _) => "not served yet".to_owned(),
            (1, 1) => "already served".to_owned(),
            (served, all) => format!("{served} of {all} served"),
        };
        let differs = match near.places.as_slice() {
            [] => "the same request".to_owned(),
            _ if near.elsewhere && near.operation.is_some() => "another operation".to_owned(),
            places => format!("differs in {}", list(places)),
        };
        format!("exchanges[{exchanges}] of {cassette}: {operation}, {served}; {differs}")
    }
}

/// The first few, and how many more there are.
pub(super) fn list(names: &[String]) -> String {
    let shown = names.iter().take(PLACES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(PLACES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let start: String = line.chars().take(WIDTH - 1).collect();
    format!("{start}…")
}
