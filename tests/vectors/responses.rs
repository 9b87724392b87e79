//! Responses: what we read in what others answer, and what we answer.

use onrecord::contract::{Contract, ErrorShape, Operation, Outcome, Place, Severity};
use onrecord::exchange::{Body, Response};
use serde_json::{Value, json};

use crate::models::Models;
use crate::params::{floats, from_wire, plain, to_wire};
use crate::requests::{body, headers};
use crate::{mutations, same, text};

/// What we read in what others answer.
pub(crate) fn read(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    let response = response(test);
    let (contract, shape, value) = match models.error(shape) {
        Ok((contract, operation, error)) => {
            (contract, &error.shape, error_members(contract, operation, error, &response)?)
        }
        Err(_) => {
            let (contract, operation) = models.operation(shape)?;
            (contract, &operation.answer.shape, output(contract, operation, &response)?)
        }
    };
    clean(contract, shape, &value)?;
    let schema = contract.shape(shape);
    let seen = contract.as_read(shape, &value);
    same("what is read", floats(from_wire(schema, &seen)), plain(schema, &test["params"]))?;
    mutations::judge(contract, shape, &seen)
}

fn output(contract: &Contract, operation: &Operation, response: &Response) -> Result<Value, String> {
    let has_status = operation.answer.bindings.iter().any(|binding| binding.place == Place::Status);
    if !operation.answer.statuses.contain(response.status) && !has_status {
        return Err(format!("the status {} is not documented", response.status));
    }
    match contract.outcome(operation, response) {
        Outcome::Output(Value::Null) => Ok(json!({})),
        Outcome::Output(output) => Ok(output),
        other => Err(format!("the answer is read as {other:?}")),
    }
}

fn error_members(
    contract: &Contract,
    operation: &Operation,
    error: &ErrorShape,
    response: &Response,
) -> Result<Value, String> {
    let Outcome::Error { identity, body } = contract.outcome(operation, response) else {
        return Err("the answer is not read as an error".to_owned());
    };
    same("the error", identity.name(), Some(error.name.as_str()))?;
    same("whether the status is documented", error.effective_statuses().contain(response.status), true)?;
    body.ok_or_else(|| "the error has no members".to_owned())
}

/// What we answer.
pub(crate) fn written(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    let given = if test["params"].is_null() { json!({}) } else { test["params"].clone() };
    let response = match models.error(shape) {
        Ok((contract, _, error)) => {
            let members = to_wire(contract.shape(&error.shape), &given);
            contract.refuse_with(error, members.as_object().unwrap())
        }
        Err(_) => {
            let (contract, operation) = models.operation(shape)?;
            contract.respond(operation, &to_wire(contract.output(operation), &given))
        }
    };
    same("the status", response.status, status(test))?;
    headers(&response.headers, &response.body, test)?;
    body(&response.body, test)
}

/// Nothing in a conforming answer is a finding.
fn clean(contract: &Contract, shape: &str, value: &Value) -> Result<(), String> {
    let is_null = |pointer: &str| value.pointer(pointer) == Some(&Value::Null);
    let mut found = contract.violations(shape, value);
    found.retain(|violation| violation.severity == Severity::Shape && !is_null(&violation.pointer));
    if found.is_empty() { Ok(()) } else { Err(format!("findings in {value}: {found:?}")) }
}

fn status(test: &Value) -> u16 {
    test["code"].as_u64().and_then(|code| code.try_into().ok()).unwrap_or_default()
}

fn response(test: &Value) -> Response {
    let mut response = Response::new(status(test));
    for (name, value) in test["headers"].as_object().into_iter().flatten() {
        response.headers.push(name, text(value));
    }
    response.body = Body::from(text(&test["body"]).to_owned());
    response
}
