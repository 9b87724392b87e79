//! The embedded provider that serves any contract from memory, and its faults.
//!
//! Nothing here is written for one provider: what a request may say, what a thing looks like, how
//! it lives, how lists page and how errors are put is all read from the contract. A [`Sandbox`]
//! without faults keeps every documented law; with a [`Fault`] it breaks the laws that the fault
//! names, and no others.

mod coined;
mod cursor;
mod fault;
mod given;
mod history;
mod leading;
mod lifecycle;
mod listing;
mod mint;
mod paging;
mod part;
mod plausible;
mod project;
mod refusal;
mod retry;
mod ruled;
mod store;
mod tagging;
#[cfg(test)]
mod tests;

pub use fault::{Effect, FAULTS, Fault};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::contract::{Contract, Level, Operation, region};
use crate::exchange::{Body, Request, Response, Timestamp};
use fault::{Faults, Scene};
use history::Before;
use lifecycle::{Call, State};
use mint::Mint;
use refusal::Refusal;

/// The header that names a request, and the member of an error that repeats it.
const REQUEST_ID: &str = "x-amzn-requestid";
const REPEATED_ID: &str = "requestId";

/// A provider in memory. Its answers follow from the contract, the requests before and the clock.
#[derive(Debug)]
pub struct Sandbox {
    contract: Arc<Contract>,
    faults: Faults,
    state: Mutex<State>,
    request_ids: Mutex<Mint>,
}

impl Sandbox {
    /// An empty provider with these faults.
    pub fn new(contract: Arc<Contract>, faults: &[Fault]) -> Self {
        Self {
            faults: Faults::new(faults),
            state: Mutex::new(State::new(format!("{} things", contract.id))),
            request_ids: Mutex::new(Mint::new(format!("{} requests", contract.id))),
            contract,
        }
    }

    /// What it serves.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Whether the faults make a difference: to be asked once it was called.
    pub fn effect(&self) -> Effect {
        self.faults.effect.clone()
    }

    /// Answers one request.
    pub fn answer(&self, request: &Request) -> Response {
        let mut response = match self.contract.accept_call(request) {
            Ok(operation) => self.call(operation, request),
            Err(malformed) => {
                let (status, name) = malformed.error();
                let mut response = self.contract.refuse_undocumented(name, status, &malformed.to_string());
                self.name(&mut response);
                response
            }
        };
        response.headers.set("date", Timestamp::now().http());
        response
    }

    fn call(&self, operation: &Operation, request: &Request) -> Response {
        let region = region(request);
        let region = region.as_deref();
        let (input, result) = match self.contract.accept(operation, request) {
            Ok(decoded) => {
                let result = self.perform(operation, &decoded.input, region);
                (decoded.input, result)
            }
            Err(malformed) => (Value::Null, Err(Refusal::Malformed(malformed))),
        };
        let refusal = result.as_ref().err();
        let scene = Scene { contract: &self.contract, operation, input: &input, region, refusal };
        let mut response = match &result {
            Ok(output) => {
                let mut output = output.clone();
                self.faults.output(&scene, &mut output);
                self.contract.respond(operation, &output)
            }
            Err(refusal) => refusal.response(&self.contract, operation, &input),
        };
        self.name(&mut response);
        self.faults.answer(&scene, &mut response);
        response
    }

    /// Gives an answer the id of its request: in a header field, and in an error that repeats it.
    fn name(&self, response: &mut Response) {
        let id = lock(&self.request_ids).uuid();
        if !response.is_success()
            && let Some(Value::Object(mut members)) = response.body.json()
            && let Some(repeated) = members.get_mut(REPEATED_ID).filter(|it| it.is_string())
        {
            *repeated = id.as_str().into();
            response.body = Body::from(Value::Object(members).to_string());
        }
        response.headers.set(REQUEST_ID, id);
    }

    fn perform(&self, operation: &Operation, input: &Value, region: Option<&str>) -> Result<Value, Refusal> {
        let mut violations = self.contract.input_violations(operation, input, region);
        violations.retain(|violation| violation.level >= Level::Should && self.faults.notices(violation));
        let mut state = lock(&self.state);
        let faults = &self.faults;
        let is_valid = violations.is_empty();
        let before = match is_valid && faults.are_there() {
            true => state.history.note(operation, input),
            false => Before::default(),
        };
        let call = Call { contract: &self.contract, operation, input, region, faults, before: &before };
        if !is_valid {
            call.refuse(&mut state, &violations);
            return Err(Refusal::Invalid(violations));
        }
        call.perform(&mut state)
    }
}

/// A state that a panic left behind is still whole: nothing here panics half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl crate::net::Answer for Sandbox {
    fn answer(&self, request: Request) -> Response {
        Self::answer(self, &request)
    }
}
