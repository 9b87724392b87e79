//! Inputs that break one constraint: a valid input, and one change to it.

use proptest::strategy::Strategy;
use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::place::{Place, first, leads_to, pointer_of, take};
use super::relation;
use super::tree::drawn;
use super::valid::{Asker, Known};
use super::violations::{Broken, Violating};
use crate::contract::{Condition, Contract, Operation, Violation};

/// How often an input is drawn anew because it breaks something else as well.
const ATTEMPTS: usize = 24;

/// How many inputs are tried in search of one that breaks a rule.
const SEARCH: usize = 400;

/// How to break a constraint.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Way {
    /// The member is not there.
    Absent,
    /// A value of another type.
    WrongType,
    /// A text of that length.
    Length(usize),
    /// That very value.
    Exactly(Value),
    /// A text that does not match.
    Mismatch(String),
    /// What a schema under `not` describes.
    Refused(Value),
    /// A value that is not in the list.
    Foreign(Vec<Value>),
    /// This text, which is no instant, no address and so on.
    Format(&'static str),
    /// A list or map of that size.
    Count(usize),
    /// A structure that is none of those there are to choose from.
    Astray,
    /// A list with one element twice.
    Twice,
    /// A map with a name that breaks this keyword.
    Key(&'static str, Box<Way>),
    /// A structure, at that place, for which this is not true.
    Rule(String, Condition),
    /// A text longer than anybody sends.
    TooLong,
    /// Nobody knows how.
    Unknown,
}

pub(super) fn breaking<'c>(
    violating: Violating,
    contract: &'c Contract,
    operation: &'c Operation,
    known: &Known,
) -> impl Strategy<Value = Broken, Tree: Send> + use<'c> {
    let mut known = known.clone();
    known.given.retain(|name, _| !leads_to(&pointer_of(name), &violating.pointer));
    let forced = [violating.pointer.clone()].into_iter().chain(relation::places(&violating.way));
    let mut asker = Asker::new(contract, operation, &known).forcing(forced, &violating.turns);
    if let Way::Rule(at, Condition::Schema(schema)) = &violating.way {
        mention(schema, at.clone(), &mut asker.drawing);
    }
    let place = asker.root.at(&violating.pointer, &violating.turns);
    let (asker, violating) = (std::sync::Arc::new(asker), std::sync::Arc::new(violating));
    drawn("no input breaks this alone and shows it on the wire", move |choices| match &violating.way {
        Way::Rule(_, Condition::Schema(_)) => {
            choices.attempt(SEARCH, |choices| asker.against_rule(&violating, choices))
        }
        Way::Rule(at, condition) => {
            choices.attempt(ATTEMPTS, |choices| asker.against_relation(&violating, at, condition, choices))
        }
        _ => choices.attempt(ATTEMPTS, |choices| asker.broken(&violating, &place, choices)),
    })
}

impl Asker<'_> {
    fn broken(&self, violating: &Violating, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Broken> {
        let input = choices.fixed(|choices| self.input(choices))?;
        let pointer = first(&input, &violating.pointer)?;
        // What the old value spoils, the new one need not.
        let mut input = self.mended(input.clone(), Some(&pointer)).unwrap_or_else(|| {
            let mut bare = input;
            self.bare(&mut bare, Some(&pointer));
            bare
        });
        let (old, new) = if violating.way == Way::Absent {
            (take(&mut input, &pointer), None)
        } else {
            let slot = input.pointer_mut(&pointer)?;
            let new = choices.fixed(|choices| self.break_value(&violating.way, place, slot, choices))?;
            (Some(std::mem::replace(slot, new.clone())), Some(new))
        };
        let mut broken = Broken { input, pointer, rule: violating.rule.clone(), old, new };
        if !self.shows(violating, &broken) {
            // The change may bring a rule into play: leave out what it speaks of.
            let pointer = broken.pointer.clone();
            self.bare(&mut broken.input, Some(&pointer));
        }
        self.shows(violating, &broken).then_some(broken)
    }

    fn against_rule(&self, violating: &Violating, choices: &mut Choices<'_>) -> Option<Broken> {
        choices.richness = 0;
        let input = self.input_of_richness(choices)?;
        let (pointer, rule) = (first(&input, &violating.pointer)?, violating.rule.clone());
        let new = input.pointer(&pointer)?.clone();
        let broken = Broken { input, pointer, rule, old: None, new: Some(new) };
        self.shows(violating, &broken).then_some(broken)
    }

    /// Whether the request shows the violation, and nothing that does not follow from it.
    pub(super) fn shows(&self, violating: &Violating, broken: &Broken) -> bool {
        let Ok(request) = self.contract.encode(self.operation, &broken.input) else { return false };
        let Ok(decoded) = self.contract.decode(self.operation, &request) else { return false };
        let found = self.broken_by(&decoded.input);
        let is_it = |violation: &Violation| {
            violation.rule == broken.rule
                && violation.pointer == broken.pointer
                && violation.level == violating.level
        };
        let follows = |violation: &Violation| match violating.way {
            Way::Rule(..) => false,
            // A value of another type is nothing that a rule could hold for.
            Way::WrongType if violation.rule.starts_with("rule:") => {
                leads_to(&broken.pointer, &violation.pointer) || leads_to(&violation.pointer, &broken.pointer)
            }
            _ => leads_to(&broken.pointer, &violation.pointer) && !violation.rule.starts_with("rule:"),
        };
        found.iter().any(is_it)
            && found.iter().all(|violation| is_it(violation) || follows(violation))
            && self.contract.route(&request).is_some_and(|routed| routed.name == self.operation.name)
    }

    /// A value that breaks its place in the given way.
    fn break_value(
        &self,
        way: &Way,
        place: &Place<'_>,
        old: &Value,
        choices: &mut Choices<'_>,
    ) -> Option<Value> {
        let drawing = &self.drawing;
        match way {
            Way::WrongType => super::wrong::wrong_type(place, choices),
            Way::Exactly(value) => Some(value.clone()),
            Way::Foreign(list) => super::wrong::foreign(place, list, choices),
            Way::Format(text) => Some(json!(text)),
            Way::Astray => {
                let mut members = old.as_object()?.clone();
                members.insert(super::wrong::fixed(place)?, json!("ELSEWHERE"));
                Some(Value::Object(members))
            }
            Way::Length(length) => drawing.patterns.of_length(place, *length, choices).map(Value::from),
            Way::Mismatch(pattern) => drawing.patterns.mismatch(place, pattern, choices).map(Value::from),
            Way::Refused(schema) => drawing.patterns.refused(place, schema, choices),
            Way::Count(0) if old.is_array() => Some(json!([])),
            Way::Count(0) => Some(json!({})),
            Way::Count(count) if old.is_array() => drawing.list(place, *count, *count, choices),
            Way::Count(count) if place.members().next().is_some() => {
                let names: Vec<&str> = place.members().take(*count).collect();
                let value =
                    |name: &str| Some((name.to_owned(), drawing.value(&place.member(name), choices)?));
                names.into_iter().map(value).collect::<Option<Map<_, _>>>().map(Value::Object)
            }
            Way::Count(count) => drawing.map(place, *count, *count, choices),
            Way::Twice => {
                let most = place.at_most("maxItems").unwrap_or(usize::MAX);
                let single = place.at_least("minItems").saturating_sub(1).max(1);
                let Value::Array(mut elements) = drawing.list(place, single, single, choices)? else {
                    return None;
                };
                elements.push(elements.first()?.clone());
                (elements.len() <= most).then_some(Value::Array(elements))
            }
            Way::Key(_, inner) => {
                let keys = place.keys();
                let name = choices.fixed(|choices| self.break_value(inner, &keys, &json!(""), choices))?;
                let value = choices.fixed(|choices| drawing.value(&place.values(), choices))?;
                let mut members = old.as_object()?.clone();
                if Some(members.len()) == place.at_most("maxProperties") {
                    members.clear();
                }
                members.insert(name.as_str()?.to_owned(), value);
                Some(Value::Object(members))
            }
            Way::Absent | Way::Rule(..) | Way::TooLong | Way::Unknown => None,
        }
    }
}

/// Notes the places and values that a rule speaks of.
fn mention(schema: &Value, pointer: String, drawing: &mut super::draw::Drawing) {
    let Some(keywords) = schema.as_object() else { return };
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(members)) => {
                for (name, member) in members {
                    let pointer = format!("{pointer}/{name}");
                    drawing.likely.push(pointer.clone());
                    mention(member, pointer, drawing);
                }
            }
            ("const", value) => drawing.hints.push((pointer.clone(), value.clone())),
            ("enum", Value::Array(values)) => {
                drawing.hints.extend(values.iter().map(|value| (pointer.clone(), value.clone())));
            }
            ("items" | "contains", inner) => mention(inner, format!("{pointer}/*"), drawing),
            (_, Value::Array(parts)) => {
                parts.iter().for_each(|part| mention(part, pointer.clone(), drawing));
            }
            (_, inner) => mention(inner, pointer.clone(), drawing),
        }
    }
}
