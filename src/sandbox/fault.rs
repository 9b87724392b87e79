//! Faults: deliberate, named misbehaviours of the sandbox, each as small as possible, so that it
//! can be seen that the checks see them.
//!
//! A fault bends exactly one decision. All decisions that can be bent are the methods of
//! [`Faults`]; the sandbox asks there, and knows nothing of single faults.

mod error;
mod error_fields;
mod filter;
pub(super) mod lifecycle;
mod link;
mod pagination;
mod repetition;
mod response;
mod rule;
mod table;
mod token;
mod validation;

pub use table::FAULTS;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::given::Given;
use super::listing::Asked;
use super::paging::{Begin, Entry, Page, Query, Selection};
use super::refusal::Refusal;
use super::retry::Recall;
use super::store::Glance;
use crate::contract::{Contract, Operation, Resource, Schema, Violation};
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
    Cursor(fn(&Asked<'_>, Position) -> Position),
    /// What page tokens look like, and what they are taken for then.
    Tokens(fn(&Scene<'_>, &mut Value), fn(&Asked<'_>, Position) -> Position),
    /// Whether a request is one that came before.
    Recall(fn(Recall) -> Recall),
    /// Which items a list has.
    Select(fn(&Query, &mut Selection)),
    /// Which of them are on the page, and whether there is another one.
    Page(fn(&Query, &[Entry], &mut Page)),
    /// What is seen of a thing.
    See(fn(&Glance, &mut Sight)),
    /// Whether something is done to a thing.
    Do(fn(Deed, bool) -> bool),
    /// What a new thing is.
    Make(fn(&Making<'_>, &mut Map<String, Value>)),
    /// What the output is.
    Output(fn(&Scene<'_>, &mut Value)),
    /// What the answer is.
    Answer(fn(&Scene<'_>, &mut Response)),
}

/// Where a page begins, or why that cannot be said.
pub(super) type Position = Result<Begin, Refusal>;

/// What is seen of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// It, as it is.
    Plain,
    /// That it is not there.
    Nothing,
    /// It, in its first state.
    AtFirst,
    /// That the request is wrong.
    Refused,
}

/// What may be done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Delete,
    Tag,
    RefusedCreate,
    RefusedUpdate,
}

/// A thing that is being made, or changed.
#[derive(Debug)]
pub(super) struct Making<'a> {
    pub(super) operation: &'a Operation,
    pub(super) resource: &'a Resource,
    pub(super) given: Given<'a>,
    /// What it looks like.
    pub(super) shape: Option<Schema<'a>>,
}

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

/// Whether the faults of a sandbox have made a difference yet. A fault finds nothing to act on in
/// a contract that has no ground for it.
#[derive(Debug, Clone, Default)]
pub struct Effect(Arc<AtomicBool>);

impl Effect {
    /// Whether anything went otherwise than without faults.
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn note(&self, differs: bool) {
        self.0.fetch_or(differs, Ordering::Relaxed);
    }
}

/// The faults of one sandbox, at the places where they act.
#[derive(Debug)]
pub(super) struct Faults {
    faults: Vec<Fault>,
    pub(super) effect: Effect,
}

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self { faults: faults.to_vec(), effect: Effect::default() }
    }

    pub(super) fn notices(&self, violation: &Violation) -> bool {
        let notices = self.faults.iter().all(|fault| match fault.bend {
            Bend::Notice(notices) => notices(violation),
            _ => true,
        });
        self.effect.note(!notices);
        notices
    }

    pub(super) fn cursor(&self, asked: &Asked<'_>, position: Position) -> Position {
        self.faults.iter().fold(position, |position, fault| match fault.bend {
            Bend::Cursor(take) | Bend::Tokens(_, take) => {
                let taken = take(asked, position.clone());
                self.effect.note(taken != position);
                taken
            }
            _ => position,
        })
    }

    pub(super) fn recall(&self, recall: Recall) -> Recall {
        self.faults.iter().fold(recall, |recall, fault| match fault.bend {
            Bend::Recall(bend) => {
                let bent = bend(recall.clone());
                self.effect.note(bent != recall);
                bent
            }
            _ => recall,
        })
    }

    pub(super) fn select(&self, query: &Query, selection: &mut Selection) {
        for fault in &self.faults {
            if let Bend::Select(select) = fault.bend {
                self.bend(selection, |selection| select(query, selection));
            }
        }
    }

    pub(super) fn page(&self, query: &Query, entries: &[Entry], page: &mut Page) {
        for fault in &self.faults {
            if let Bend::Page(cut) = fault.bend {
                self.bend(page, |page| cut(query, entries, page));
            }
        }
    }

    /// Whether there are any.
    pub(super) fn are_there(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn sight(&self, glance: &Glance) -> Sight {
        let mut sight = if glance.gone { Sight::Nothing } else { Sight::Plain };
        for fault in &self.faults {
            if let Bend::See(see) = fault.bend {
                self.bend(&mut sight, |sight| see(glance, sight));
            }
        }
        sight
    }

    /// Whether something is done: what was refused is not.
    pub(super) fn does(&self, deed: Deed) -> bool {
        let mut done = matches!(deed, Deed::Delete | Deed::Tag);
        for fault in &self.faults {
            if let Bend::Do(does) = fault.bend {
                self.bend(&mut done, |done| *done = does(deed, *done));
            }
        }
        done
    }

    pub(super) fn made(&self, making: &Making<'_>, members: &mut Map<String, Value>) {
        for fault in &self.faults {
            if let Bend::Make(make) = fault.bend {
                self.bend(members, |members| make(making, members));
            }
        }
    }

    pub(super) fn output(&self, scene: &Scene<'_>, output: &mut Value) {
        for fault in &self.faults {
            if let Bend::Output(change) | Bend::Tokens(change, _) = fault.bend {
                self.bend(output, |output| change(scene, output));
            }
        }
    }

    pub(super) fn answer(&self, scene: &Scene<'_>, response: &mut Response) {
        for fault in &self.faults {
            if let Bend::Answer(change) = fault.bend {
                self.bend(response, |response| change(scene, response));
            }
        }
    }

    fn bend<T: Clone + PartialEq>(&self, subject: &mut T, change: impl FnOnce(&mut T)) {
        let before = subject.clone();
        change(subject);
        self.effect.note(before != *subject);
    }
}
