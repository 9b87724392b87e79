//! Judgement: laws that exchanges must keep. Pure: exchanges in, verdicts out.
//!
//! A [`Session`] is a run of exchanges in order, each already read with the contract. Every
//! [`Check`] looks at the whole session and judges what of it concerns its law; it never knows
//! whether the exchanges come from a live target, the sandbox or a cassette.

mod content_type;
mod covered;
mod errors;
mod filter;
mod idempotency;
mod input;
mod lifecycle;
mod pagination;
mod reading;
mod rule;
#[cfg(test)]
mod script;
mod session;
mod shape;
mod status;
mod verdict;

pub use covered::{Covered, CoveredOperation, CoveredResource, Gathered, Share};
pub use pagination::{Walk, next_page};
pub use session::{Coverage, Observation, Session};
pub use verdict::{FindingKey, Problem, Ruling, Verdict};

use self::reading::Reading;
use crate::contract::{Contract, Level, Operation, Outcome, Protocol};

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
    /// Whether a contract gives ground for the law on an operation.
    pub applies: fn(&Contract, &Operation) -> bool,
    /// Judges a session.
    judge: fn(&Check, &Reading<'_, '_>) -> Vec<Verdict>,
}

/// Every law, in the order of reports.
pub const CHECKS: &[Check] = &[
    status::DOCUMENTED,
    content_type::DOCUMENTED,
    shape::RESPONSE,
    rule::RESPONSE,
    errors::BODY,
    errors::IDENTITY,
    errors::DECLARED,
    errors::STATUS,
    errors::DEFAULT_STATUS,
    errors::AGREEMENT,
    errors::MESSAGE,
    errors::RETRY_AFTER,
    errors::CHALLENGE,
    errors::ECHO,
    errors::REQUEST_ID,
    errors::NAMES_MEMBER,
    errors::MISSING,
    errors::MEMBERS,
    input::REFUSED,
    input::NO_SERVER_ERROR,
    pagination::TERMINATES,
    pagination::NO_CYCLE,
    pagination::END_SIGNAL,
    pagination::NO_DUPLICATES,
    pagination::COMPLETE,
    pagination::ANY_SIZE,
    pagination::TRUNCATION,
    pagination::PAGE_SIZE,
    pagination::SHORT_PAGE,
    pagination::EMPTY_STREAK,
    pagination::EXACT_BOUNDARY,
    pagination::DEFAULT_SIZE,
    pagination::DOCUMENTED_SIZE,
    pagination::OTHER_SIZE,
    pagination::OTHER_FILTER,
    pagination::ALTERED_TOKEN,
    pagination::OTHER_OPERATION,
    pagination::SAME_PAGE,
    pagination::OPAQUE,
    pagination::ITEMS,
    pagination::BESIDE,
    pagination::TOTAL_COUNT,
    pagination::NEXT_LINK,
    pagination::LINK_KEEPS,
    lifecycle::NO_GHOSTS,
    lifecycle::STABLE_SET,
    pagination::STABLE_ORDER,
    pagination::TRUNCATED_FLAG,
    pagination::REPEATABLE,
    pagination::ECHO,
    pagination::WINDOW,
    pagination::TOTAL,
    pagination::ADDITIVE,
    pagination::OVERLAP,
    pagination::DISJOINT,
    pagination::BEYOND,
    pagination::NO_CRASH,
    pagination::HAS_NEXT,
    filter::SOUND,
    filter::COMPLETE,
    lifecycle::DESCRIBED,
    lifecycle::AS_LISTED,
    lifecycle::APPEARS,
    lifecycle::AS_CREATED,
    lifecycle::UPDATE,
    lifecycle::ARN,
    lifecycle::TAGS,
    lifecycle::GONE,
    lifecycle::NO_LEAK,
    lifecycle::NOT_IN_FUTURE,
    lifecycle::KNOWN,
    lifecycle::STEPS,
    lifecycle::FIRST,
    lifecycle::NO_FLAP,
    lifecycle::WAITS,
    lifecycle::UNLISTED,
    lifecycle::CONSTANT,
    idempotency::REPEATED,
    idempotency::MISMATCH,
    lifecycle::ENDED_AGAIN,
    idempotency::UNCHANGED,
    idempotency::ATTEMPTS,
];

/// The laws about the client that was recorded: no provider can break them.
pub const OF_CLIENTS: &[&str] = &["IT-14"];

impl Check {
    /// The law of that id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.id == id)
    }

    fn verdict(&self, operation: &Operation, ruling: Ruling) -> Verdict {
        Verdict { check: self.id, operation: operation.name.clone(), ruling }
    }

    /// Judges every exchange of a known operation by itself. `rule` gives nothing where the
    /// exchange does not concern the law.
    fn each(&self, session: &Session<'_>, rule: impl Fn(&Seen<'_, '_>) -> Vec<Ruling>) -> Vec<Verdict> {
        session
            .known()
            .flat_map(|seen| {
                let rulings = rule(&seen).into_iter();
                rulings.map(move |ruling| self.verdict(seen.operation, ruling)).collect::<Vec<_>>()
            })
            .collect()
    }
}

/// Why nothing is said of the body of an answer that did not arrive whole.
const BROKE_OFF: &str = "the answer broke off";

/// Why nothing is said of bodies in a protocol.
fn not_judged(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::RestXml => "not judged yet: restXml",
        Protocol::AwsQuery => "not judged yet: awsQuery",
        Protocol::Ec2Query => "not judged yet: ec2Query",
        Protocol::RpcV2Cbor => "not judged yet: rpcv2Cbor",
        _ => "not judged yet",
    }
}

/// Why a refusal says nothing of the input.
const ACCESS_OR_LOAD: &str = "the provider refused for access or load, not for the input";

/// One exchange of a known operation, with its place in the session.
#[derive(Clone)]
struct Seen<'s, 'c> {
    index: usize,
    contract: &'c Contract,
    operation: &'c Operation,
    observation: &'s Observation<'c>,
}

impl<'c> Session<'c> {
    /// What every law says of this session.
    pub fn judge(&self) -> Vec<Verdict> {
        self.judged(&Reading::new(self))
    }

    /// The same, with a note of what of the contract it shows.
    pub fn judge_and_note(&self, gathered: &mut Gathered) -> Vec<Verdict> {
        let reading = Reading::new(self);
        gathered.note(&reading);
        self.judged(&reading)
    }

    fn judged(&self, reading: &Reading<'_, 'c>) -> Vec<Verdict> {
        let judged = |check: &Check| {
            let mut verdicts = (check.judge)(check, reading);
            if check.id != status::DOCUMENTED.id {
                verdicts.extend(self.unjudged(check));
            }
            verdicts
        };
        CHECKS.iter().flat_map(judged).collect()
    }

    /// A law that needs to read bodies says so where they are in a protocol that nobody reads here:
    /// it was not tested, which is not the same as kept.
    fn unjudged(&self, check: &Check) -> Vec<Verdict> {
        check.each(self, |seen| match seen.observation.outcome {
            Some(Outcome::Unjudged(protocol)) if (check.applies)(seen.contract, seen.operation) => {
                vec![Ruling::NotTestable(not_judged(protocol))]
            }
            _ => Vec::new(),
        })
    }

    /// Of a difference between two lists: where others may have changed things, it proves nothing.
    fn difference(&self, problem: Problem) -> Ruling {
        match self.coverage {
            Coverage::Whole => Ruling::Fail(problem),
            Coverage::Excerpt => Ruling::Advisory(Problem { level: Level::Advisory, ..problem }),
        }
    }

    fn known<'s>(&'s self) -> impl Iterator<Item = Seen<'s, 'c>> {
        self.observations.iter().enumerate().filter_map(|(index, observation)| {
            let operation = observation.operation?;
            Some(Seen { index, contract: self.contract, operation, observation })
        })
    }
}

impl Seen<'_, '_> {
    fn refused_for_access_or_load(&self) -> bool {
        self.observation.refused_for_access_or_load(self.contract)
    }

    fn problem(
        &self,
        level: Level,
        place: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Problem {
        Problem {
            place: place.into(),
            expected: expected.into(),
            actual: actual.into(),
            level,
            source: self.operation.source.clone(),
            evidence: vec![self.index],
        }
    }
}

fn always(_: &Contract, _: &Operation) -> bool {
    true
}
