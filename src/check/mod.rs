//! Judgement: laws that exchanges must keep. Pure: exchanges in, verdicts out.
//!
//! A [`Session`] is a run of exchanges in order, each already read with the contract. Every
//! [`Check`] looks at the whole session and judges what of it concerns its law; it never knows
//! whether the exchanges come from a live target, the sandbox or a cassette.

mod session;
mod verdict;

pub use session::{Coverage, Observation, Session};
pub use verdict::{FindingKey, Problem, Ruling, Verdict};

use crate::contract::Level;

/// One named law.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its stable id in reports, `PG-T05`.
    pub id: &'static str,
    /// Its name, `pagination.no-duplicates`.
    pub name: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The law in one sentence.
    pub says: &'static str,
    /// Where it is documented: a specification's clause with its address.
    pub documented: &'static str,
    /// Judges a session.
    pub judge: fn(&Check, &Session<'_>) -> Vec<Verdict>,
}
