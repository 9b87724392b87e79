//! Requests: what we send for an input, and what we read in what others send.

use onrecord::exchange::{Body, Headers, Method, Request, Target};
use serde_json::Value;

use crate::models::Models;
use crate::params::{floats, from_wire, plain, to_wire};
use crate::{same, text, texts};

/// The token that the vectors expect where none is given.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

/// What we send.
pub(crate) fn written(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    let (contract, operation) = models.operation(shape)?;
    let params = if test["params"].is_null() { serde_json::json!({}) } else { test["params"].clone() };
    let input = to_wire(contract.input(operation), &params);
    let input = contract.with_tokens(operation, &input, TOKEN);
    let request = contract.encode(operation, &input).map_err(|error| error.to_string())?;
    same("the method", request.method.as_str(), text(&test["method"]))?;
    let (host, base) = match text(&test["host"]).split_once('/') {
        Some((host, base)) => (host, format!("/{base}")),
        None => (text(&test["host"]), String::new()),
    };
    same("the path", format!("{base}{}", request.target.path()), text(&test["uri"]).to_owned())?;
    query(&request, test)?;
    headers(&request.headers, &request.body, test)?;
    body(&request.body, test)?;
    if let Some(resolved) = test["resolvedHost"].as_str() {
        same("the host", contract.host(operation, &input, host).as_str(), resolved)?;
    }
    Ok(())
}

fn query(request: &Request, test: &Value) -> Result<(), String> {
    let sorted = |pairs: &mut dyn Iterator<Item = &str>| {
        let mut pairs: Vec<_> = pairs.map(|pair| pair.trim_end_matches('=').to_owned()).collect();
        pairs.sort();
        pairs
    };
    let raw = request.target.query().unwrap_or_default();
    let sent = sorted(&mut raw.split('&').filter(|pair| !pair.is_empty()));
    same("the query", &sent, &sorted(&mut texts(&test["queryParams"])))?;
    let has = |name: &str| request.target.pairs().any(|(own, _)| own == name);
    match texts(&test["forbidQueryParams"]).find(|name| has(name)) {
        Some(name) => Err(format!("the query has {name}")),
        None => Ok(()),
    }
}

/// What a vector says of a message's headers.
pub(crate) fn headers(headers: &Headers, body: &Body, test: &Value) -> Result<(), String> {
    for (name, value) in test["headers"].as_object().into_iter().flatten() {
        let found = headers.get(name).unwrap_or_default();
        // Whoever sends a body says how long it is.
        if !name.eq_ignore_ascii_case("content-length") {
            same(name, &*found, text(value))?;
        }
        if value == "" && !headers.contains(name) {
            return Err(format!("{name} is not there"));
        }
    }
    let has = |name: &str| match name.eq_ignore_ascii_case("content-length") {
        true => !body.is_empty(),
        false => headers.contains(name),
    };
    if let Some(name) = texts(&test["requireHeaders"]).find(|name| !has(name)) {
        return Err(format!("{name} is not there"));
    }
    match texts(&test["forbidHeaders"]).find(|name| has(name)) {
        Some(name) => Err(format!("{name} is there")),
        None => Ok(()),
    }
}

/// What a vector says of a message's body.
pub(crate) fn body(body: &Body, test: &Value) -> Result<(), String> {
    let Some(expected) = test["body"].as_str() else { return Ok(()) };
    let is_json = test["bodyMediaType"] == "application/json" && !expected.is_empty();
    match (is_json, serde_json::from_str(expected)) {
        (true, Ok(expected)) => {
            let expected: Value = expected;
            same("the body", body.json().map(floats), Some(floats(expected)))
        }
        _ => same("the body", body.text().unwrap_or_default(), expected),
    }
}

/// What we read in what others send.
pub(crate) fn read(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    let (contract, operation) = models.operation(shape)?;
    let request = request(test);
    let routed = contract.route(&request).map(|operation| operation.name.as_str());
    same("the operation", routed, Some(operation.name.as_str()))?;
    let decoded = contract.accept(operation, &request).map_err(|error| error.to_string())?;
    let schema = contract.input(operation);
    same("the input", floats(from_wire(schema, &decoded.input)), plain(schema, &test["params"]))
}

/// The request that a vector describes.
pub(crate) fn request(test: &Value) -> Request {
    let query: Vec<_> = texts(&test["queryParams"]).collect();
    let joint = if query.is_empty() { "" } else { "?" };
    let target = format!("{}{joint}{}", text(&test["uri"]), query.join("&"));
    let mut request = Request::new(Method::from(text(&test["method"])), Target::new(target));
    for (name, value) in test["headers"].as_object().into_iter().flatten() {
        request.headers.push(name, text(value));
    }
    request.body = Body::from(text(&test["body"]).to_owned());
    request
}
