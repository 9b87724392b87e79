//! Values that a place allows, by its kind.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::choices::{Choices, below};
use super::identifier::Template;
use super::place::{Place, Turn, leads_to};
use super::text::Patterns;
use super::wire::Wire;
use crate::contract::{Kind, TimestampFormat};
use crate::encoding::hex;
use crate::exchange::Timestamp;

/// Below this many levels, what may be left out is left out: shapes may be recursive.
const DEPTH: usize = 10;

/// After this many values, likewise.
const VALUES: usize = 150;

/// No value is deeper, and no list longer: a contract that demands it cannot be met.
const DEEPEST: usize = 40;
const LONGEST: usize = 10_001;

/// How often an element is drawn anew because it is there already.
const ATTEMPTS: usize = 8;

/// How wide a range is, where the contract names one end of it or none.
const SPAN: i64 = 1000;

/// 2026-01-01T00:00:00Z.
const EPOCH: u64 = 1_767_225_600;

/// What steers the drawing of one input.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) patterns: Patterns,
    /// Places with a fixed value.
    pub(super) given: Vec<(String, Value)>,
    /// Places that are never made up.
    pub(super) never: Vec<String>,
    /// Places that must be there, as pointers with `*`.
    pub(super) forced: Vec<String>,
    /// Places that are there every other time, whatever else is.
    pub(super) likely: Vec<String>,
    /// Values worth a try at a place.
    pub(super) hints: Vec<(String, Value)>,
    /// The form of identifiers, by the places that take one.
    pub(super) identifiers: Vec<(String, Template)>,
    /// The turns to take where there is a choice; any elsewhere.
    pub(super) turns: Vec<Turn>,
}

impl Drawing {
    /// One value for a place; `None` where none could be made.
    pub(super) fn value(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Value> {
        choices.spent += 1;
        if place.depth() > DEEPEST {
            return None;
        }
        let hints: Vec<&Value> =
            self.hints.iter().filter(|(at, _)| *at == place.pointer).map(|(_, value)| value).collect();
        if !hints.is_empty() && choices.chance(40) {
            return hints.get(choices.index(hints.len())).map(|value| (*value).clone());
        }
        if let Some(listed) = place.listed() {
            let index = choices.index(listed.len());
            return listed.get(index).map(|value| (*value).clone());
        }
        self.unlisted(place, choices)
    }

    fn unlisted(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Value> {
        Some(match place.kind() {
            Kind::Structure => Value::Object(choices.fixed(|choices| self.structure(place, choices))?),
            Kind::Map => {
                let most = place.at_most("maxProperties").unwrap_or(usize::MAX);
                self.map(place, place.at_least("minProperties"), most, choices)?
            }
            Kind::List => {
                let most = place.at_most("maxItems").unwrap_or(usize::MAX);
                self.list(place, place.at_least("minItems"), most, choices)?
            }
            Kind::Text => Value::String(self.text(place, choices)?),
            Kind::Timestamp(format) => timestamp(format, choices),
            Kind::Integer => self.integer(place, choices)?,
            Kind::Number => number(place, choices),
            Kind::Boolean => Value::Bool(choices.chance(50)),
            Kind::Choice => self.value(&self.branch(place, choices)?, choices)?,
            Kind::Any if place.wire != Wire::Json => json!("text"),
            Kind::Any => {
                let any = [json!("text"), json!(1), json!(true), json!({})];
                any.into_iter().nth(choices.index(4))?
            }
        })
    }

    /// One of the branches of a choice.
    fn branch<'c>(&self, place: &Place<'c>, choices: &mut Choices<'_>) -> Option<Place<'c>> {
        let turn = self.turns.iter().find(|turn| turn.pointer == place.pointer);
        let mut branches = place.branches();
        let index = match turn {
            Some(turn) => turn.branch,
            None => choices.index(branches.len()),
        };
        (index < branches.len()).then(|| branches.swap_remove(index))
    }

    fn text(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<String> {
        if place.note("idempotencyToken").is_some() {
            return Some(uuid(choices));
        }
        if place.all("contentEncoding").next().is_some() {
            return Some(base64(place, choices));
        }
        if place.note("values").is_none()
            && let Some(text) = super::format::text(place, choices)
            && self.patterns.fits(place, &text)
        {
            return Some(text);
        }
        let template = self.identifiers.iter().find(|(at, _)| *at == place.pointer);
        let template = template.filter(|_| place.note("values").is_none());
        let filled = template.map(|(_, template)| template.fill(choices));
        filled.filter(|text| self.patterns.fits(place, text)).or_else(|| self.patterns.text(place, choices))
    }

    fn structure(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Map<String, Value>> {
        let branch = if place.has_branches() { Some(self.branch(place, choices)?) } else { None };
        let place = branch.as_ref().unwrap_or(place);
        let only = place.is_union().then(|| self.union_member(place, choices));
        let mut members = Map::new();
        for name in place.members() {
            let member = place.member(name);
            if let Some((_, given)) = self.given.iter().find(|(at, _)| *at == member.pointer) {
                members.insert(name.to_owned(), given.clone());
                continue;
            }
            let is_never = self.never.contains(&member.pointer) && !self.is_forced(&member);
            if is_never || only.is_some_and(|only| only != Some(name)) {
                continue;
            }
            if only.is_some() || place.requires(name) || self.is_forced(&member) {
                let value = choices.fixed(|choices| self.value(&member, choices))?;
                members.insert(name.to_owned(), value);
            } else {
                let percent = self.percent(&member, choices);
                let value = choices
                    .fixed(|choices| choices.chance(percent).then(|| self.value(&member, choices)).flatten());
                members.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        self.fill_up(place, &mut members, choices)?;
        Some(members)
    }

    /// Adds members where the contract demands more than there are, whichever they are.
    fn fill_up(
        &self,
        place: &Place<'_>,
        members: &mut Map<String, Value>,
        choices: &mut Choices<'_>,
    ) -> Option<()> {
        let least = place.at_least("minProperties");
        for name in place.members() {
            if members.len() >= least {
                break;
            }
            let member = place.member(name);
            if !members.contains_key(name) && !self.never.contains(&member.pointer) {
                let value = choices.fixed(|choices| self.value(&member, choices))?;
                members.insert(name.to_owned(), value);
            }
        }
        (members.len() >= least).then_some(())
    }

    /// How likely an optional member is.
    fn percent(&self, member: &Place<'_>, choices: &Choices<'_>) -> u64 {
        if is_enough(member, choices) {
            0
        } else if self.likely.iter().any(|likely| leads_to(&member.pointer, likely)) {
            80
        } else {
            choices.richness
        }
    }

    /// The one member of a union that is there.
    fn union_member<'c>(&self, place: &Place<'c>, choices: &mut Choices<'_>) -> Option<&'c str> {
        let names: Vec<&str> = place.members().collect();
        let forced = names.iter().find(|name| self.is_forced(&place.member(name)));
        let index = choices.index(names.len());
        forced.or_else(|| names.get(index)).copied()
    }

    fn is_forced(&self, place: &Place<'_>) -> bool {
        self.forced.iter().any(|forced| leads_to(&place.pointer, forced))
    }

    /// A list with that many elements, no two of them equal where the contract has enough values.
    pub(super) fn list(
        &self,
        place: &Place<'_>,
        least: usize,
        most: usize,
        choices: &mut Choices<'_>,
    ) -> Option<Value> {
        let items = place.items();
        // An empty list is no part of a query, and neither is a forced element of one.
        let needed = usize::from(place.wire != Wire::Json || self.is_forced(&items));
        let least = Some(least.max(needed)).filter(|least| *least < LONGEST)?;
        let unique = place.all("uniqueItems").any(|unique| *unique == true);
        let usual = usual(place, least, most, choices);
        choices.repeated(|choices| {
            let mut elements: Vec<Value> = Vec::new();
            while elements.len() < most {
                let missing = elements.len() < least;
                let drawn = choices.fixed(|choices| {
                    let more = choices.number(1, |_| u64::from(elements.len() < usual)) == 1;
                    (more || missing).then(|| self.another(&items, &elements, choices))
                });
                match drawn {
                    Some(Some(element)) => elements.push(element),
                    // All values are taken.
                    Some(None) if missing && !unique => elements.push(elements.first()?.clone()),
                    Some(None) if missing => return None,
                    Some(None) | None => break,
                }
            }
            Some(Value::Array(elements))
        })
    }

    pub(super) fn map(
        &self,
        place: &Place<'_>,
        least: usize,
        most: usize,
        choices: &mut Choices<'_>,
    ) -> Option<Value> {
        let (keys, values) = (place.keys(), place.values());
        let needed = usize::from(self.is_forced(&values) || self.is_forced(&keys));
        let least = Some(least.max(needed)).filter(|least| *least < LONGEST)?;
        let usual = usual(place, least, most, choices);
        choices.repeated(|choices| {
            let mut names: Vec<Value> = Vec::new();
            let mut members = Map::new();
            while names.len() < most {
                let missing = names.len() < least;
                let drawn = choices.fixed(|choices| {
                    let more = choices.number(1, |_| u64::from(names.len() < usual)) == 1;
                    (more || missing).then(|| {
                        let name = self.another(&keys, &names, choices)?;
                        Some((name, self.value(&values, choices)?))
                    })
                });
                match drawn {
                    Some(Some((Value::String(name), value))) => {
                        names.push(Value::String(name.clone()));
                        members.insert(name, value);
                    }
                    Some(_) if missing => return None,
                    Some(_) | None => break,
                }
            }
            Some(Value::Object(members))
        })
    }

    /// A value that is not among those there are.
    pub(super) fn another(
        &self,
        place: &Place<'_>,
        there: &[Value],
        choices: &mut Choices<'_>,
    ) -> Option<Value> {
        let mut last = None;
        let fresh = choices.attempt(ATTEMPTS, |choices| {
            let value = choices.fixed(|choices| self.value(place, choices))?;
            let is_new = !there.contains(&value);
            last = Some(value.clone());
            is_new.then_some(value)
        });
        fresh.or_else(|| self.beside(place, there, &last?))
    }

    /// A value near one that is taken, without drawing.
    fn beside(&self, place: &Place<'_>, there: &[Value], taken: &Value) -> Option<Value> {
        let free = |value: &Value| !there.contains(value);
        if let Some(listed) = place.listed() {
            return listed.into_iter().find(|value| free(value)).cloned();
        }
        let spare = self.patterns.values(place).into_iter().map(Value::from).find(free);
        match taken {
            Value::String(stem) => spare.or_else(|| {
                let stems = (2..100).map(|count| format!("{stem}-{count}"));
                let short = (0..1000).map(|count| count.to_string());
                let texts = stems.chain(short).filter(|text| self.patterns.fits(place, text));
                texts.map(Value::from).find(free)
            }),
            Value::Number(number) => {
                let (least, most) = range(place);
                let near = number.as_i64().into_iter().flat_map(|n| (n..=most).chain(least..n));
                near.take(SPAN as usize).map(Value::from).find(free)
            }
            Value::Bool(bool) => Some(Value::Bool(!bool)).filter(free),
            _ => None,
        }
    }

    fn integer(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Value> {
        let (least, most) = range(place);
        let values = place.note("values").and_then(Value::as_array).into_iter().flatten();
        let values: Vec<i64> =
            values.filter_map(Value::as_i64).filter(|value| (least..=most).contains(value)).collect();
        let bounded = place.least("minimum").is_some() || place.most("maximum").is_some();
        let free = values.is_empty() || (bounded && choices.chance(50));
        if !free {
            return values.get(choices.index(values.len())).map(|value| json!(value));
        }
        let step = place.most("multipleOf").filter(|step| *step > 0).unwrap_or(1);
        let (least, most, step) = (i128::from(least), i128::from(most), i128::from(step));
        let first = least + (-least).rem_euclid(step);
        let steps = u64::try_from((most - first) / step).unwrap_or(0);
        let chosen = choices.number(steps, |rng| match below(rng, 8) {
            0 => 0,
            1 => steps,
            2 => steps.min(1),
            3 => steps.saturating_sub(1),
            _ => below(rng, steps.saturating_add(1).max(1)),
        });
        i64::try_from(first + i128::from(chosen) * step).ok().map(Value::from)
    }
}

/// The whole numbers that a place allows.
pub(super) fn range(place: &Place<'_>) -> (i64, i64) {
    let least = place.least("minimum");
    let least = least.max(place.least("exclusiveMinimum").map(|bound| bound.saturating_add(1)));
    let above = place.most("exclusiveMaximum").map(|bound| bound.saturating_sub(1));
    let most = [place.most("maximum"), above].into_iter().flatten().min();
    let (lowest, highest) = width(place);
    let (least, most) = match (least, most) {
        (Some(least), Some(most)) => return (least, most),
        (Some(least), None) => (least, least.saturating_add(SPAN)),
        (None, Some(most)) => (if most < 0 { most.saturating_sub(SPAN) } else { 0 }, most),
        (None, None) => (0, SPAN),
    };
    (least.max(lowest), most.min(highest))
}

/// What the type holds that the place names, whatever its bounds.
fn width(place: &Place<'_>) -> (i64, i64) {
    let has = |format: &str| place.all("format").any(|said| said == format);
    match () {
        () if has("int8") => (i8::MIN.into(), i8::MAX.into()),
        () if has("int16") => (i16::MIN.into(), i16::MAX.into()),
        () if has("int32") => (i32::MIN.into(), i32::MAX.into()),
        () => (i64::MIN, i64::MAX),
    }
}

fn number(place: &Place<'_>, choices: &mut Choices<'_>) -> Value {
    let bounds = |keyword| place.all(keyword).filter_map(Value::as_f64);
    let least = bounds("minimum").chain(bounds("exclusiveMinimum").map(|bound| bound + 0.25));
    let most = bounds("maximum").chain(bounds("exclusiveMaximum").map(|bound| bound - 0.25));
    let (least, most) = (least.reduce(f64::max), most.reduce(f64::min));
    let first = least.unwrap_or_else(|| most.map_or(0.0, |most| most.min(0.0)));
    let last = most.unwrap_or(first + SPAN as f64).max(first);
    // In quarters, which decimal notation writes exactly.
    let quarters = ((last - first) * 4.0) as u64;
    let chosen = choices.number(quarters, |rng| match below(rng, 8) {
        0 => 0,
        1 => quarters,
        _ => below(rng, quarters.saturating_add(1).max(1)),
    });
    json!(first + chosen as f64 / 4.0)
}

fn timestamp(format: TimestampFormat, choices: &mut Choices<'_>) -> Value {
    let seconds = EPOCH + choices.number(31_536_000, |rng| below(rng, 31_536_000));
    match format {
        TimestampFormat::EpochSeconds => json!(seconds),
        TimestampFormat::HttpDate => {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            json!(Timestamp::from(at).http())
        }
        TimestampFormat::DateTime => {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            json!(Timestamp::from(at).to_string())
        }
    }
}

/// A random UUID (RFC 9562 section 5.4) that shrinking leaves as it is.
pub(super) fn uuid(choices: &mut Choices<'_>) -> String {
    let bytes = [choices.seed().to_be_bytes(), choices.seed().to_be_bytes()].concat();
    uuid_of(&bytes)
}

/// The UUID made of sixteen bytes.
pub(super) fn uuid_of(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

fn base64(place: &Place<'_>, choices: &mut Choices<'_>) -> String {
    // Smithy counts bytes, JSON Schema the letters that stand for them.
    let letters = |keyword| place.at_most(keyword).map(|letters| letters / 4 * 3);
    let least = place.at_least("minLength").div_ceil(4) * 3;
    let least = least.max(place.at_least("x-onrecord-minBytes")).min(LONGEST);
    let most = [letters("maxLength"), place.at_most("x-onrecord-maxBytes")].into_iter().flatten().min();
    let most = most.unwrap_or(least + 24).clamp(least, LONGEST);
    let extra = choices.number((most - least) as u64, |rng| below(rng, (most - least) as u64 + 1)) as usize;
    crate::encoding::base64(&vec![0x2a; least + extra])
}

/// Whether an input is as deep and as large as it gets.
fn is_enough(place: &Place<'_>, choices: &Choices<'_>) -> bool {
    place.depth() > DEPTH || choices.spent > VALUES
}

/// How many elements there are this time: mostly few.
fn usual(place: &Place<'_>, least: usize, most: usize, choices: &mut Choices<'_>) -> usize {
    if is_enough(place, choices) {
        return least;
    }
    let few = most.min(least.max(1).saturating_add(2));
    match choices.steer(12) {
        0 if most <= 64 => most,
        _ => least + choices.steer((few.max(least) - least) as u64 + 1) as usize,
    }
}
