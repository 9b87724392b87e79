//! What several laws need to know of a session, found out once.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Deref;

use serde_json::Value;

use super::lifecycle::Lives;
use super::pagination::{Walk, walks};
use super::{Observation, Session};
use crate::contract::region;

/// A session while it is judged.
pub(super) struct Reading<'s, 'c> {
    session: &'s Session<'c>,
    /// The walks, in the order of their first pages.
    pub(super) walks: Vec<Walk<'s>>,
    shown: OnceCell<HashMap<&'s str, usize>>,
    lives: OnceCell<Lives<'s, 'c>>,
}

impl<'s, 'c> Reading<'s, 'c> {
    pub(super) fn new(session: &'s Session<'c>) -> Self {
        Self { session, walks: walks(session), shown: OnceCell::new(), lives: OnceCell::new() }
    }

    /// The lives of the resources that the session shows.
    pub(super) fn lives(&self) -> &Lives<'s, 'c> {
        self.lives.get_or_init(|| Lives::of(self.session))
    }

    /// Whether an answer before the one at `index` holds this very text.
    pub(super) fn shown_before(&self, text: &str, index: usize) -> bool {
        let shown = self.shown.get_or_init(|| first_shown(self.session));
        shown.get(text).is_some_and(|first| *first < index)
    }
}

impl<'c> Deref for Reading<'_, 'c> {
    type Target = Session<'c>;

    fn deref(&self) -> &Self::Target {
        self.session
    }
}

/// Whose things a request is about, as far as a recording tells: the host, and the region that it
/// was signed for.
pub(super) fn realm(observation: &Observation<'_>) -> (Option<String>, Option<String>) {
    let request = &observation.exchange.request;
    (request.headers.get("host").map(Cow::into_owned), region(request))
}

/// Every text in an output, with the first observation that has it.
fn first_shown<'s>(session: &'s Session<'_>) -> HashMap<&'s str, usize> {
    let mut shown = HashMap::new();
    for (index, output) in session.observations.iter().map(Observation::output).enumerate() {
        each_text(output.unwrap_or(&Value::Null), &mut |text| {
            shown.entry(text).or_insert(index);
        });
    }
    shown
}

/// Calls `visit` with every text in a value; the names of members are none.
pub(super) fn each_text<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(elements) => elements.iter().for_each(|element| each_text(element, visit)),
        Value::Object(members) => members.values().for_each(|member| each_text(member, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
