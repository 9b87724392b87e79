//! Responses: what we read in what others answer, and what we answer.

use onrecord::contract::{Contract, ErrorShape, Operation, Outcome, Severity};
use onrecord::exchange::{Body, Response};
use serde_json::{Value, json};

use crate::models::Models;
use crate::params::{floats, from_wire, plain, to_wire};
use crate::requests::{body, headers};
use crate::{mutations, same, text};

pub fn judge(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    match models.error(shape) {
        Ok((contract, operation, error)) => judge_error(contract, operation, error, test),
        Err(_) => {
            let (contract, operation) = models.operation(shape)?;
            judge_output(contract, operation, test)
        }
    }
}

fn judge_output(contract: &Contract, operation: &Operation, test: &Value) -> Result<(), String> {
    let schema = contract.output(operation);
    if test["appliesTo"] != "server" {
        let response = response(test);
        if !operation.answer.statuses.contain(response.status) && !has_status(operation) {
            return Err(format!("the status {} is not documented", response.status));
        }
        let output = match contract.outcome(operation, &response) {
            Outcome::Output(output) if output.is_null() => json!({}),
            Outcome::Output(output) => output,
            other => return Err(format!("the answer is read as {other:?}")),
        };
        let shape = &operation.answer.shape;
        clean(contract, shape, &output)?;
        let seen = contract.as_read(shape, &output);
        same("the output", floats(from_wire(schema, &seen)), plain(schema, &test["params"]))?;
        mutations::judge(contract, shape, &seen)?;
    }
    if test["appliesTo"] != "client" {
        let response = contract.respond(operation, &to_wire(schema, &given(test)));
        same("the status", response.status, status(test))?;
        headers(&response.headers, &response.body, test)?;
        body(&response.body, test)?;
    }
    Ok(())
}

fn judge_error(
    contract: &Contract,
    operation: &Operation,
    error: &ErrorShape,
    test: &Value,
) -> Result<(), String> {
    let schema = contract.shape(&error.shape);
    let response = response(test);
    if test["appliesTo"] != "server" {
        let Outcome::Error { identity, body } = contract.outcome(operation, &response) else {
            return Err("the answer is not read as an error".to_owned());
        };
        same("the error", identity.name(), Some(error.name.as_str()))?;
        same("whether the status is documented", error.effective_statuses().contain(response.status), true)?;
        let members = body.ok_or("the error has no members")?;
        clean(contract, &error.shape, &members)?;
        let seen = contract.as_read(&error.shape, &members);
        same("the error's members", floats(from_wire(schema, &seen)), plain(schema, &test["params"]))?;
        mutations::judge(contract, &error.shape, &seen)?;
    }
    if test["appliesTo"] != "client" {
        let members = to_wire(schema, &given(test));
        let response = contract.refuse_with(error, members.as_object().unwrap());
        same("the status", response.status, status(test))?;
        headers(&response.headers, &response.body, test)?;
        body(&response.body, test)?;
    }
    Ok(())
}

/// Nothing in a conforming answer is a finding.
fn clean(contract: &Contract, shape: &str, value: &Value) -> Result<(), String> {
    let is_null = |pointer: &str| value.pointer(pointer) == Some(&Value::Null);
    let mut found = contract.violations(shape, value);
    found.retain(|violation| violation.severity == Severity::Shape && !is_null(&violation.pointer));
    if found.is_empty() { Ok(()) } else { Err(format!("findings in {value}: {found:?}")) }
}

fn given(test: &Value) -> Value {
    if test["params"].is_null() { json!({}) } else { test["params"].clone() }
}

fn has_status(operation: &Operation) -> bool {
    use onrecord::contract::Place;
    operation.answer.bindings.iter().any(|binding| binding.place == Place::Status)
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
