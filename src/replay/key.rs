//! What of a request must be equal for a recorded exchange to answer it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::hidden::Mask;
use super::loosened::Loosened;
use super::part::Part;
use super::uuids::{self, Uuid};
use super::{canonical, exact, realm, structure};
use crate::contract::{Contract, Decoded, Operation, Place, serving};
use crate::encoding::{hex, percent_decode, percent_decode_exact, percent_encode, sha256_of_parts};
use crate::exchange::{
    Body, NAMING, Request, SELECTING, Target, is_of_old_signature, is_of_signature, is_option,
};
use crate::redact::REDACTED;

/// The SHA-256 of a [`Key`]: as good as the key itself, and small enough to keep a hundred thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        Self(sha256_of_parts(parts))
    }

    /// The same for the same key in every process.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Two requests are the same if their keys are equal. Holds everything that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Canonical JSON.
    text: Box<[u8]>,
    /// A body that is not JSON.
    bytes: Body,
}

impl Key {
    fn new(parts: Map<String, Value>, bytes: Body) -> Self {
        let mut text = Vec::with_capacity(256);
        canonical::write(&Value::Object(parts), &mut text);
        Self { text: text.into(), bytes }
    }

    /// What stands for the key where many are kept.
    pub(super) fn digest(&self) -> Digest {
        // Canonical JSON is one value: nothing behind it is taken for a part of it.
        Digest::of(&[&self.text, self.bytes.as_bytes()])
    }

    /// The compared parts, to be shown.
    pub(super) fn parts(&self) -> Map<String, Value> {
        let mut parts: Map<String, Value> = serde_json::from_slice(&self.text).unwrap_or_default();
        if !self.bytes.is_empty() {
            let shown = self.bytes.text().map(str::to_owned);
            let shown = shown.unwrap_or_else(|| format!("{} bytes that are not text", self.bytes.len()));
            parts.insert(Part::Body.to_string(), Value::String(shown));
            parts.sort_keys();
        }
        parts
    }

    /// What is hidden in it, if it is a recorded one.
    pub(super) fn mask(&self) -> Option<Mask> {
        let in_text = self.text.windows(REDACTED.len()).any(|window| window == REDACTED.as_bytes());
        let hides = in_text || self.bytes.text().is_some_and(|text| text.contains(REDACTED));
        hides.then(|| Mask::of(&Value::Object(self.parts()))).flatten()
    }

    /// The keys that it may have been recorded with, under these masks.
    pub(super) fn masked(&self, masks: &[Mask]) -> Vec<Self> {
        if masks.is_empty() {
            return Vec::new();
        }
        let parts = Value::Object(self.parts());
        masks.iter().filter_map(|mask| self.of_parts(mask.on(&parts)?)).collect()
    }

    /// All that is compared, as text.
    pub(super) fn texts(&self) -> [&[u8]; 2] {
        [&self.text, self.bytes.as_bytes()]
    }

    /// The key with other UUIDs in the place of some; `None` where none is replaced.
    pub(super) fn with_uuids(&self, mut swap: impl FnMut(&str) -> Option<Uuid>) -> Option<Self> {
        let [text, bytes] = self.texts().map(|text| uuids::replaced(text, &mut swap));
        if text.is_none() && bytes.is_none() {
            return None;
        }
        let text = text.map_or_else(|| self.text.clone(), Vec::into_boxed_slice);
        Some(Self { text, bytes: bytes.map_or_else(|| self.bytes.clone(), Body::from) })
    }

    /// The key with these parts in the place of its own.
    fn of_parts(&self, parts: Value) -> Option<Self> {
        let Value::Object(mut parts) = parts else { return None };
        let body = if self.bytes.is_empty() { None } else { parts.shift_remove(Part::Body.name()) };
        let bytes = match body {
            Some(Value::String(text)) if self.bytes.text().is_some() => Body::from(text),
            _ => self.bytes.clone(),
        };
        Some(Self::new(parts, bytes))
    }
}

/// One way to read a request.
#[derive(Debug)]
pub(super) struct Reading<'c> {
    /// What it calls, if a contract knows.
    pub(super) call: Option<Call<'c>>,
    /// What is compared.
    pub(super) key: Key,
    /// Whether it could be read as an input; otherwise it is compared as it is.
    pub(super) form: Form,
}

impl Reading<'_> {
    /// The same, without what is not compared.
    pub(super) fn without(mut self, loosened: &[Loosened]) -> Self {
        if !loosened.is_empty() {
            // Nested too deep to be read again, it is compared as a whole.
            let Ok(mut parts) = serde_json::from_slice(&self.key.text) else { return self };
            let call = self.call.filter(|_| self.form == Form::Input);
            loosened.iter().for_each(|part| part.take_from(&mut parts, call));
            self.key = Key::new(parts, self.key.bytes);
        }
        self
    }

    /// Why the request cannot be read as its operation's input.
    pub(super) fn problem(&self, request: &Request) -> Option<String> {
        let Call { contract, operation } = self.call.filter(|_| self.form == Form::Unreadable)?;
        let malformed = || contract.decode(operation, request).err().map(|malformed| malformed.to_string());
        exact::problem(request.content().as_bytes()).or_else(malformed)
    }
}

/// An operation of a contract.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'c> {
    pub(super) contract: &'c Contract,
    pub(super) operation: &'c Operation,
}

impl Call<'_> {
    /// Which of these contracts, and which operation of it.
    pub(super) fn numbers(&self, contracts: &[Arc<Contract>]) -> Option<(usize, usize)> {
        let contract = contracts.iter().position(|it| std::ptr::eq(&**it, self.contract))?;
        let operation = self.contract.operations.iter().position(|it| std::ptr::eq(it, self.operation))?;
        Some((contract, operation))
    }
}

/// How a request is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the input of its operation.
    Input,
    /// By method, path, query and body: no contract knows it.
    Plain,
    /// The same, because it cannot be read as the input of its operation.
    Unreadable,
}

/// Every way to read a request: one for each contract that documents it, else as it is.
pub(super) fn readings<'c>(contracts: &'c [Arc<Contract>], request: &Request) -> Vec<Reading<'c>> {
    let mut calls = calls(contracts, request);
    if calls.len() > 1
        && let Some(service) = realm::service(request)
        && calls.iter().any(|call| call.contract.signing_name.as_ref() == Some(&service))
    {
        calls.retain(|call| call.contract.signing_name.as_ref() == Some(&service));
    }
    if calls.is_empty() {
        return vec![Reading { call: None, key: plain(request), form: Form::Plain }];
    }
    calls.into_iter().map(|call| reading(call, request)).collect()
}

/// A request as it is, whatever contracts know of it.
pub(super) fn as_it_is<'c>(call: Option<Call<'c>>, request: &Request) -> Reading<'c> {
    Reading { call, key: plain(request), form: Form::Plain }
}

/// The one way to read a recorded request, of all these. `contract` is the id of the one it was recorded with.
pub(super) fn recorded<'c>(mut readings: Vec<Reading<'c>>, contract: Option<&str>) -> Reading<'c> {
    let own = |reading: &Reading<'_>| {
        contract.is_some() && reading.call.map(|call| call.contract.id.as_str()) == contract
    };
    let chosen = readings.iter().position(own).unwrap_or_default();
    readings.swap_remove(chosen)
}

fn calls<'c>(contracts: &'c [Arc<Contract>], request: &Request) -> Vec<Call<'c>> {
    let routed = serving(contracts, request).into_iter().filter_map(|contract| {
        contract.route(request).map(|operation| Call { contract: contract.as_ref(), operation })
    });
    routed.collect()
}

fn reading<'c>(call: Call<'c>, request: &Request) -> Reading<'c> {
    match input(call, request) {
        Some(key) => Reading { call: Some(call), key, form: Form::Input },
        None => Reading { call: Some(call), key: plain(request), form: Form::Unreadable },
    }
}

/// The key of a request that can be read as its operation's input.
fn input(Call { contract, operation }: Call<'_>, request: &Request) -> Option<Key> {
    let content = request.content();
    if !content.is_empty() && !exact::is_exact(content.as_bytes()) {
        return None;
    }
    let Decoded { input, undeclared, .. } = contract.key(operation, request)?;
    let mut parts = Map::new();
    parts.insert(Part::Contract.to_string(), json!(contract.id));
    parts.insert(Part::Operation.to_string(), json!(operation.name));
    // The answer to a call is written in the protocol of the call.
    let protocol = contract.protocol_of(request);
    let other = if protocol == contract.protocol() { Value::Null } else { json!(protocol.as_str()) };
    add(&mut parts, Part::Protocol, other);
    add(&mut parts, Part::Query, Value::Array(pairs(undeclared)));
    add(&mut parts, Part::RepeatedQuery, Value::Array(repeated(operation, &input, request)));
    add(&mut parts, Part::Body, ignored_body(operation, &input, request));
    let bound = bound_fields(operation, &input, request);
    let bound: Vec<_> = bound.iter().map(String::as_str).collect();
    let several = bound.iter().filter(|name| request.headers.all(name).count() > 1);
    let compared: Vec<_> = SELECTING.iter().chain(several).copied().collect();
    add(&mut parts, Part::Coding, unknown_coding(request, &content));
    add(&mut parts, Part::Headers, header_fields(request, &compared));
    add(&mut parts, Part::Raw, raw(request, &[SELECTING, &bound].concat()));
    parts.insert(Part::Input.to_string(), input);
    Some(Key::new(parts, Body::empty()))
}

/// The key of a request that is compared as it is.
fn plain(request: &Request) -> Key {
    let mut parts = Map::new();
    let path: Vec<_> = request.target.path().split('/').map(segment).collect();
    let query = Value::Array(pairs(form_pairs(request)));
    let content = request.content();
    let body = exact::is_exact(content.as_bytes()).then(|| content.json()).flatten();
    let structure = if body.is_none() { structure::of(request, &content) } else { None };
    let options = request.headers.iter().map(|(name, _)| name).filter(|name| is_option(name));
    let mut compared: Vec<_> = [SELECTING, NAMING].concat().into_iter().chain(options).collect();
    compared.sort_unstable();
    compared.dedup();
    let mut fields = header_fields(request, &compared);
    if let Some(media) = structure.as_ref().and_then(|read| read.media.clone()) {
        fields["content-type"] = json!([media]);
    }
    add(&mut parts, Part::Coding, unknown_coding(request, &content));
    add(&mut parts, Part::Query, query);
    add(&mut parts, Part::Headers, fields);
    add(&mut parts, Part::Raw, raw(request, &compared));
    parts.insert(Part::Method.to_string(), json!(request.method.as_str()));
    parts.insert(Part::Path.to_string(), json!(path.join("/")));
    let (part, value) = match (body, structure) {
        (Some(body), _) => (Part::Body, body),
        (None, Some(read)) => (read.part, read.value),
        (None, None) => return Key::new(parts, content),
    };
    parts.insert(part.to_string(), value);
    Key::new(parts, Body::empty())
}

/// The pairs of a query as forms write them: a plus is a space, and an escaped one is a plus.
fn form_pairs(request: &Request) -> Vec<(String, String)> {
    match request.target.query().filter(|query| query.contains('+')) {
        Some(query) => Target::new(format!("?{}", query.replace('+', "%20"))).pairs().collect(),
        None => request.target.pairs().collect(),
    }
}

fn add(parts: &mut Map<String, Value>, part: Part, value: Value) {
    let is_empty = match &value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if !is_empty {
        parts.insert(part.to_string(), value);
    }
}

/// Query parameters without those of a signature, sorted by name. Those of one name keep their
/// order: `sort=a&sort=b` asks for another answer than `sort=b&sort=a`.
fn pairs(mut pairs: Vec<(String, String)>) -> Vec<Value> {
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let signs = |name: &str| {
        is_of_signature(name) || is_of_old_signature(name, pairs.iter().map(|(other, _)| other.as_str()))
    };
    pairs.iter().filter(|(name, _)| !signs(name)).map(|(name, value)| json!([name, value])).collect()
}

/// Whether a raw `name=value` of a query belongs to a signature.
pub(super) fn signs(pair: &str) -> bool {
    is_of_signature(&percent_decode(pair.split('=').next().unwrap_or_default()))
}

/// Documented parameters that occur twice: read as an input, only the last one would count.
fn repeated(operation: &Operation, input: &Value, request: &Request) -> Vec<Value> {
    if request.target.query().is_none_or(|query| !query.contains('&')) {
        return Vec::new();
    }
    let pairs: Vec<_> = request.target.pairs().collect();
    let is_key = |name: &str| {
        operation.bindings.iter().any(|binding| match &binding.place {
            Place::Query(query) => query == name && input.get(&binding.member).is_some(),
            Place::QueryMap => input.get(&binding.member).is_some_and(|map| map.get(name).is_some()),
            _ => false,
        })
    };
    let occurs_twice = |name: &str| pairs.iter().filter(|(other, _)| other == name).count() > 1;
    let kept = pairs.iter().filter(|(name, _)| is_key(name) && occurs_twice(name));
    kept.map(|(name, value)| json!([name, value])).collect()
}

/// What of the body does not become part of the input: all of it where the operation has none,
/// and members whose names belong to another place.
fn ignored_body(operation: &Operation, input: &Value, request: &Request) -> Value {
    if request.body.is_empty() || operation.payload().is_some() {
        return Value::Null;
    }
    let elsewhere = operation.bindings.iter().filter(|binding| binding.place != Place::Body);
    let elsewhere: Vec<_> = elsewhere.map(|binding| binding.member.as_str()).collect();
    if operation.has_body() && elsewhere.is_empty() {
        return Value::Null;
    }
    match request.content().json() {
        Some(Value::Object(members)) if operation.has_body() => members
            .into_iter()
            .filter(|(name, _)| elsewhere.contains(&name.as_str()) && input.get(name).is_some())
            .collect(),
        body => body.unwrap_or_default(),
    }
}

/// The content coding of a body that could not be unpacked: its bytes say something else without it.
fn unknown_coding(request: &Request, content: &Body) -> Value {
    let is_as_it_came = !content.is_empty() && *content == request.body;
    let codings: Vec<_> = request.headers.all("content-encoding").filter(|_| is_as_it_came).collect();
    json!(codings)
}

fn header_fields(request: &Request, names: &[&str]) -> Value {
    let fields = names.iter().filter_map(|name| {
        let values: Vec<_> = request.headers.all(name).collect();
        (!values.is_empty()).then(|| ((*name).to_owned(), json!(values)))
    });
    Value::Object(fields.collect())
}

/// Header fields that carry keys: read as an input, only the first of a name would count.
fn bound_fields(operation: &Operation, input: &Value, request: &Request) -> Vec<String> {
    let mut names = Vec::new();
    for binding in operation.bindings.iter().filter(|binding| input.get(&binding.member).is_some()) {
        match &binding.place {
            Place::Header(name) => names.push(name.clone()),
            Place::Cookie(_) => names.push("cookie".to_owned()),
            Place::HeaderMap(prefix) => {
                let prefix = prefix.to_ascii_lowercase();
                let fields = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
                names.extend(fields.filter(|name| name.starts_with(&prefix)));
            }
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    names
}

/// What was not UTF-8 looks alike once decoded: then the bytes decide.
fn raw(request: &Request, compared: &[&str]) -> Value {
    let target = request.target.as_str();
    let is_lossy = target.contains('%') && percent_decode_exact(target).is_none();
    let is_compared = |name: &str| compared.iter().any(|other| other.eq_ignore_ascii_case(name));
    let fields = request
        .headers
        .iter()
        .filter(|(name, value)| is_compared(name) && std::str::from_utf8(value.as_bytes()).is_err());
    let fields: Vec<_> = fields.map(|(name, value)| json!([name, hex(value.as_bytes())])).collect();
    match (is_lossy, fields.is_empty()) {
        (false, true) => Value::Null,
        (true, true) => json!([target]),
        (_, false) => json!([target, fields]),
    }
}

/// One form of a path segment, whatever its client chose to escape.
fn segment(raw: &str) -> String {
    percent_encode(&percent_decode(raw))
}
