use crate::contract::{Level, Source};

/// What one check says of one operation in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The check's id.
    pub check: &'static str,
    /// The operation's name.
    pub operation: String,
    /// What was found.
    pub ruling: Ruling,
}

/// The answer of a check. A law for which the contract gives no ground is never asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// The law was tested and kept.
    Pass,
    /// The law was broken.
    Fail(Problem),
    /// Something that breaks no law, and that a reader should know.
    Advisory(Problem),
    /// The law holds here, and the session could not show it; with the reason.
    NotTestable(&'static str),
}

/// How a law was broken. Wording only; the evidence is the exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the exchange: `response body /clusterInfoList/0/state`, `response status`.
    pub place: String,
    /// What the law or the contract demands.
    pub expected: String,
    /// What was there instead.
    pub actual: String,
    /// How binding the broken sentence is.
    pub level: Level,
    /// Where the contract documents it; without it, the check's own clause stands.
    pub source: Option<Source>,
    /// The observations that show it, by their index in the session, in order.
    pub evidence: Vec<usize>,
}

/// What makes two findings the same: shrinking keeps to it, reports count by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingKey {
    /// The check's id.
    pub check: &'static str,
    /// The operation's name.
    pub operation: String,
    /// The place, with `*` for every index.
    pub place: String,
}

impl Verdict {
    /// The key of the finding, if the verdict is one.
    pub fn finding(&self) -> Option<(FindingKey, &Problem)> {
        let (Ruling::Fail(problem) | Ruling::Advisory(problem)) = &self.ruling else { return None };
        let step = |step: &str| if step.parse::<usize>().is_ok() { "*".to_owned() } else { step.to_owned() };
        let place = problem.place.split('/').map(step).collect::<Vec<_>>().join("/");
        Some((FindingKey { check: self.check, operation: self.operation.clone(), place }, problem))
    }
}
