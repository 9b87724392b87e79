//! What of a request must be equal for a recorded exchange to answer it, in each way to read it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::hidden::Mask;
use super::loosened::Loosened;
use super::part::Part;
use super::uuids::{self, Uuid};
use super::{canonical, compared, exact, realm};
use crate::contract::{Contract, Operation, serving};
use crate::encoding::sha256_of_parts;
use crate::exchange::{Body, Request};
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
    pub(super) fn new(parts: Map<String, Value>, bytes: Body) -> Self {
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
        return vec![Reading { call: None, key: compared::plain(request), form: Form::Plain }];
    }
    calls.into_iter().map(|call| reading(call, request)).collect()
}

/// A request as it is, whatever contracts know of it.
pub(super) fn as_it_is<'c>(call: Option<Call<'c>>, request: &Request) -> Reading<'c> {
    Reading { call, key: compared::plain(request), form: Form::Plain }
}

/// The one way to read a recorded request, of all these. `contract` is the id of the one it was recorded with.
pub(super) fn recorded<'c>(mut readings: Vec<Reading<'c>>, contract: Option<&str>) -> Reading<'c> {
    let own = |reading: &Reading<'_>| {
        contract.is_some() && reading.call.map(|call| call.contract.id.as_str()) == contract
    };
    let chosen = readings.iter().position(own).unwrap_or_default();
    readings.swap_remove(chosen)
}

/// Which of these contracts a recorded request is read with, if any of them knows it. `with` is the id
/// of the one that it was recorded with.
pub fn contract_of(contracts: &[Arc<Contract>], request: &Request, with: Option<&str>) -> Option<usize> {
    let call = recorded(readings(contracts, request), with).call?;
    contracts.iter().position(|contract| std::ptr::eq(&**contract, call.contract))
}

fn calls<'c>(contracts: &'c [Arc<Contract>], request: &Request) -> Vec<Call<'c>> {
    let routed = serving(contracts, request).into_iter().filter_map(|contract| {
        contract.route(request).map(|operation| Call { contract: contract.as_ref(), operation })
    });
    routed.collect()
}

fn reading<'c>(call: Call<'c>, request: &Request) -> Reading<'c> {
    match compared::as_input(call, request) {
        Some(key) => Reading { call: Some(call), key, form: Form::Input },
        None => Reading { call: Some(call), key: compared::plain(request), form: Form::Unreadable },
    }
}
