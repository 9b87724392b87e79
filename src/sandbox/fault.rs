//! Faults: deliberate, named misbehaviours of the sandbox, each as small as possible, so that it
//! can be seen that the checks see them.
//!
//! A fault bends exactly one decision. All decisions that can be bent are the methods of
//! [`Faults`]; the sandbox asks there, and knows nothing of single faults.

mod error;
mod filter;
mod pagination;
mod response;
mod rule;
mod table;
mod validation;

pub use table::FAULTS;

use serde_json::Value;

use super::paging::{Begin, Entry, Page, Query, Selection};
use super::refusal::Refusal;
use crate::contract::{Contract, Operation, Violation};
use crate::exchange::Response;

/// A deliberate, named misbehaviour.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name, `pagination.cycle`.
    pub name: &'static str,
    /// What the provider then does, in one sentence.
    pub says: &'static str,
    /// The ids of the checks that it breaks: exactly those.
    pub breaks: &'static [&'static str],
    bend: Bend,
}

/// Which decision a fault bends, and how.
#[derive(Debug, Clone, Copy)]
enum Bend {
    /// Whether a violation of the input is noticed.
    Notice(fn(&Violation) -> bool),
    /// What a page token is taken for.
    Cursor(fn(Position) -> Position),
    /// Which items a list has.
    Select(fn(&Query, &mut Selection)),
    /// Which of them are on the page, and whether there is another one.
    Page(fn(&Query, &[Entry], &mut Page)),
    /// What the output is.
    Output(fn(&Scene<'_>, &mut Value)),
    /// What the answer is.
    Answer(fn(&Scene<'_>, &mut Response)),
}

/// Where a page begins, or why that cannot be said.
pub(super) type Position = Result<Begin, Refusal>;

/// What a finished answer is about.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) input: &'a Value,
    /// The region that the request was signed for.
    pub(super) region: Option<&'a str>,
    /// Why the request is refused, if it is.
    pub(super) refusal: Option<&'a Refusal>,
}

impl Fault {
    /// The fault of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }
}

/// The faults of one sandbox, at the places where they act.
#[derive(Debug)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self(faults.to_vec())
    }

    pub(super) fn notices(&self, violation: &Violation) -> bool {
        self.0.iter().all(|fault| match fault.bend {
            Bend::Notice(notices) => notices(violation),
            _ => true,
        })
    }

    pub(super) fn cursor(&self, position: Position) -> Position {
        self.0.iter().fold(position, |position, fault| match fault.bend {
            Bend::Cursor(take) => take(position),
            _ => position,
        })
    }

    pub(super) fn select(&self, query: &Query, selection: &mut Selection) {
        for fault in &self.0 {
            if let Bend::Select(select) = fault.bend {
                select(query, selection);
            }
        }
    }

    pub(super) fn page(&self, query: &Query, entries: &[Entry], page: &mut Page) {
        for fault in &self.0 {
            if let Bend::Page(cut) = fault.bend {
                cut(query, entries, page);
            }
        }
    }

    pub(super) fn output(&self, scene: &Scene<'_>, output: &mut Value) {
        for fault in &self.0 {
            if let Bend::Output(change) = fault.bend {
                change(scene, output);
            }
        }
    }

    pub(super) fn answer(&self, scene: &Scene<'_>, response: &mut Response) {
        for fault in &self.0 {
            if let Bend::Answer(change) = fault.bend {
                change(scene, response);
            }
        }
    }
}
