//! The recorded exchanges that come closest to a request that none of them answers.

use serde_json::Value;

use super::index::Sequence;
use super::key::{self, Call, Form, Reading};
use super::miss::Near;
use super::part::Part;
use super::{Replayer, as_recorded, compared, hidden, places};
use crate::exchange::Request;
use crate::redact::REDACTED;

/// How many are shown.
const SHOWN: usize = 3;

/// How many are compared: a miss stays quick however much is recorded.
const COMPARED: usize = 1_000;

/// What a miss is explained with.
pub(super) struct Memory<'r> {
    pub(super) replayer: &'r Replayer,
}

/// A request of which only what may be shown is shown.
pub(super) struct Asked {
    parts: Value,
    redacted: Value,
    form: Form,
    /// The request line.
    line: String,
}

impl Memory<'_> {
    /// The compared parts of a request, and how they look redacted.
    pub(super) fn asked(&self, reading: &Reading<'_>, request: &Request) -> Asked {
        let (parts, form) = (shown(reading), reading.form);
        match self.replayer.redactor.request(
            request,
            &as_recorded::declared(
                request,
                &self.replayer.library.contracts,
                &self.replayer.terms.told.rules,
            ),
        ) {
            Ok(redacted) => {
                let line = format!("{} {}{}", redacted.method, unsigned(&redacted), aimed(&redacted));
                let hidden =
                    self.replayer.redactor.text(&self.parts(reading.call, form, &redacted).to_string());
                let redacted = serde_json::from_str(&hidden).unwrap_or_default();
                Asked { parts, redacted, form, line }
            }
            Err(leak) => {
                let line = format!("{} (not shown: {} in the {})", request.method, leak.kind, leak.place);
                Asked { parts, redacted: Value::Null, form, line }
            }
        }
    }

    /// The request line, without what turned out to be hidden since.
    pub(super) fn line_of(&self, asked: &Asked) -> String {
        places::excerpt(&self.replayer.redactor.text(&asked.line), None)
    }

    /// The nearest, those of the same operation first.
    pub(super) fn nearest(&self, reading: &Reading<'_>, asked: &Asked) -> Vec<Near> {
        let (same, others): (Vec<_>, Vec<_>) =
            self.replayer.library.sequences().iter().partition(|sequence| sequence.is_of(reading.call));
        let mut found = self.ranked(&same, asked);
        if found.len() < SHOWN {
            found.extend(self.ranked(&others, asked));
        }
        found.truncate(SHOWN);
        found.into_iter().map(|candidate| self.near(candidate, asked)).collect()
    }

    fn ranked<'i>(&self, sequences: &[&'i Sequence], asked: &Asked) -> Vec<Candidate<'i>> {
        let candidates = sequences.iter().take(COMPARED).filter_map(|sequence| {
            let parts = self.recorded(sequence, asked.form)?;
            let request = places::showable(&asked.parts, &asked.redacted, Some(&parts));
            let request = hidden::veiled(&parts, &request, &mut |_| ());
            let mut hidden = Vec::new();
            let veiled = hidden::veiled(&parts, &asked.parts, &mut |text| hidden.push(text.to_owned()));
            let mut places = places::differing(&parts, &request);
            if places.is_empty() {
                places = places::differing(&parts, &veiled);
            }
            let candidate = Candidate { sequence, parts, request, places };
            if candidate.goes_elsewhere() == 0 {
                hidden.iter().for_each(|text| self.hide(text));
            }
            Some(candidate)
        });
        let mut ranked: Vec<_> = candidates.collect();
        ranked.sort_by_key(|candidate| {
            let is_used_up = self.replayer.turns.left(candidate.sequence).is_empty();
            (candidate.goes_elsewhere(), candidate.places.len(), is_used_up)
        });
        ranked.truncate(SHOWN);
        ranked
    }

    /// What one recorded request hides is shown nowhere.
    fn hide(&self, text: &str) {
        if !text.contains(REDACTED) && !REDACTED.contains(text) {
            self.replayer.redactor.secret(text);
        }
    }

    /// What is compared of a sequence's exchanges, which is the same for all of them.
    fn recorded(&self, sequence: &Sequence, form: Form) -> Option<Value> {
        let spot = sequence.spots.first()?;
        let own = self.replayer.library.contract_of(spot.cassette);
        let request = &self.replayer.library.exchange(*spot)?.request;
        Some(match form {
            Form::Input => {
                self.shown(key::recorded(key::readings(&self.replayer.library.contracts, request), own))
            }
            Form::Plain | Form::Unreadable => self.parts(None, form, request),
        })
    }

    /// What is compared of a request in a given form.
    fn parts(&self, call: Option<Call<'_>>, form: Form, request: &Request) -> Value {
        match (form, call) {
            (Form::Input, Some(call)) => self.shown(key::recorded(
                key::readings(&self.replayer.library.contracts, request),
                Some(&call.contract.id),
            )),
            _ => self.shown(key::as_it_is(None, request)),
        }
    }

    fn shown(&self, reading: Reading<'_>) -> Value {
        shown(&reading.without(&self.replayer.library.loosened))
    }

    fn near(&self, candidate: Candidate<'_>, asked: &Asked) -> Near {
        let elsewhere = candidate.goes_elsewhere() > 0;
        let Candidate { sequence, parts, request, places } = candidate;
        let looks_made_up = !places.is_empty()
            && places.iter().all(|place| {
                let at = |value: &Value| places::at(value, place).is_some_and(places::looks_made_up);
                at(&parts) && at(&asked.parts)
            });
        let is_client_token = !places.is_empty()
            && places.iter().all(|place| places::is_of_client_token(place, places::at(&asked.parts, place)));
        // Where nothing is alike, a diff would only be long.
        let diff = match places.is_empty() || elsewhere {
            true => Vec::new(),
            false => places::diff(&self.redacted(&parts), &self.redacted(&request)),
        };
        Near {
            cassette: sequence.spots.first().map(|spot| spot.cassette).unwrap_or_default(),
            exchanges: sequence.spots.iter().map(|spot| spot.exchange).collect(),
            operation: sequence.operation.as_deref().map(|(_, operation)| operation.clone()),
            line: self.line(sequence),
            served: self.replayer.turns.served(sequence),
            places: places.iter().map(|place| self.replayer.redactor.text(place).into_inner()).collect(),
            elsewhere,
            looks_made_up,
            is_client_token,
            diff,
        }
    }

    /// Once more, both sides alike: a cassette may have been made by hand or under older rules.
    fn redacted(&self, value: &Value) -> Value {
        serde_json::from_str(&self.replayer.redactor.text(&value.to_string())).unwrap_or_default()
    }

    fn line(&self, sequence: &Sequence) -> String {
        let recorded = sequence.spots.first().and_then(|spot| self.replayer.library.exchange(*spot));
        let line = recorded.map(|recorded| {
            let request = &recorded.request;
            format!("{} {}{}", request.method, request.target.path(), aimed(request))
        });
        places::excerpt(&self.replayer.redactor.text(&line.unwrap_or_default()), None)
    }
}

struct Candidate<'i> {
    sequence: &'i Sequence,
    parts: Value,
    /// The request as it may be shown beside them.
    request: Value,
    places: Vec<String>,
}

impl Candidate<'_> {
    /// Another method or path is further away than any number of values.
    fn goes_elsewhere(&self) -> usize {
        self.places.iter().filter(|place| is_elsewhere(place)).count()
    }
}

fn is_elsewhere(place: &str) -> bool {
    matches!(Part::of_place(place), Some((Part::Method | Part::Path | Part::Operation, "")))
}

/// What is compared, without the name of the contract, which says nothing to a reader.
fn shown(reading: &Reading<'_>) -> Value {
    let mut parts = reading.key.parts();
    parts.shift_remove(Part::Contract.name());
    for part in [Part::Query, Part::RepeatedQuery, Part::Form] {
        if let Some(pairs) = parts.get_mut(part.name()).and_then(Value::as_array_mut) {
            pairs.iter_mut().for_each(join);
        }
    }
    Value::Object(parts)
}

/// A parameter as it is read: `name=value`.
fn join(pair: &mut Value) {
    let joined =
        pair.as_array().map(|pair| pair.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("="));
    if let Some(joined) = joined {
        *pair = Value::String(joined);
    }
}

/// What a request calls where its path is the same for all.
fn aimed(request: &Request) -> String {
    request.headers.get("x-amz-target").map(|target| format!(" ({target})")).unwrap_or_default()
}

/// The target without the parameters of a signature.
fn unsigned(request: &Request) -> String {
    let target = request.target.as_str();
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let kept: Vec<_> = query.split('&').filter(|pair| !compared::signs(pair)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}
