//! Simulations of Hoverfly, version 5: pairs whose matchers name one request each.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::each;
use super::message::{Url, Values, body, dated, fields, promises_a_body};
use crate::contract::Document;
use crate::encoding::{percent_encode, unbase64};
use crate::exchange::{Ending, Exchange, Method, Request, Response, Timing};
use crate::interchange::{ImportError, Left};

#[derive(Deserialize)]
struct Pair {
    request: Asked,
    response: Answered,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(default)]
    method: Vec<Matcher>,
    #[serde(default)]
    scheme: Vec<Matcher>,
    #[serde(default)]
    destination: Vec<Matcher>,
    #[serde(default)]
    path: Vec<Matcher>,
    #[serde(default)]
    query: BTreeMap<String, Vec<Matcher>>,
    #[serde(default)]
    deprecated_query: Vec<Matcher>,
    #[serde(default)]
    headers: BTreeMap<String, Vec<Matcher>>,
    #[serde(default)]
    body: Vec<Matcher>,
    #[serde(default)]
    requires_state: Map<String, Value>,
}

#[derive(Deserialize)]
struct Matcher {
    matcher: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: u16,
    #[serde(default)]
    body: String,
    #[serde(default)]
    body_file: String,
    #[serde(default)]
    encoded_body: bool,
    #[serde(default)]
    headers: BTreeMap<String, Values>,
    #[serde(default)]
    templated: bool,
    #[serde(default)]
    transitions_state: Map<String, Value>,
    #[serde(default)]
    removes_state: Vec<Value>,
    #[serde(default)]
    fixed_delay: i64,
    log_normal_delay: Option<Value>,
}

const LOOSE: &str = "pairs with a matcher that stands for many requests";

pub(super) fn read(document: &Document, left: &mut Left) -> Result<Vec<Exchange>, ImportError> {
    let mut exchanges = Vec::new();
    each(document, "/data/pairs", |pair: Pair, pointer| {
        let mut lost = Left::default();
        match exchange(pair, &mut lost) {
            Ok(exchange) => {
                exchanges.push(exchange);
                left.add(&lost);
            }
            Err(Unfit::Left(why)) => left.exchange(why),
            Err(Unfit::Wrong(member, problem)) => {
                let pointer = format!("{pointer}{member}");
                let mend = "mend it, or export the simulation again";
                return Err(document.error(&pointer, problem, mend).into());
            }
        }
        Ok(())
    })?;
    let delays = ["/data/globalActions/delays", "/data/globalActions/delaysLogNormal"];
    let lists = delays.into_iter().filter_map(|list| document.root.pointer(list)?.as_array());
    left.details("delays", lists.map(Vec::len).sum());
    Ok(exchanges)
}

/// Why a pair is no exchange: in words for a list, or as an error about a member.
enum Unfit {
    Left(&'static str),
    Wrong(&'static str, &'static str),
}

fn exchange(pair: Pair, left: &mut Left) -> Result<Exchange, Unfit> {
    pair.plain()?;
    let request = request(&pair.request, left)?;
    let response = response(pair.response, left)?;
    let started = dated(&response.headers, left);
    let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
    Ok(Exchange { operation: None, request, response, ending: Ending::Complete, timing })
}

impl Pair {
    /// Leaves out what has no answer of its own.
    fn plain(&self) -> Result<(), Unfit> {
        let Self { request, response } = self;
        let states =
            [request.requires_state.len(), response.transitions_state.len(), response.removes_state.len()];
        match () {
            () if response.templated => Err(Unfit::Left("pairs whose answer is a template")),
            () if states.iter().any(|count| *count > 0) => Err(Unfit::Left("pairs that depend on a state")),
            () if !response.body_file.is_empty() => Err(Unfit::Left("answers whose body is in another file")),
            () => Ok(()),
        }
    }
}

/// The one text that a field matches.
fn exact(matchers: &[Matcher]) -> Result<Option<&str>, Unfit> {
    match matchers {
        [] => Ok(None),
        [Matcher { matcher, value: Value::String(text) }] if matcher == "exact" => Ok(Some(text)),
        _ => Err(Unfit::Left(LOOSE)),
    }
}

fn needed(matchers: &[Matcher]) -> Result<&str, Unfit> {
    exact(matchers)?.ok_or(Unfit::Left(LOOSE))
}

fn request(asked: &Asked, left: &mut Left) -> Result<Request, Unfit> {
    let scheme = exact(&asked.scheme)?.unwrap_or("http");
    let (host, path) = (needed(&asked.destination)?, needed(&asked.path)?);
    let query = query(asked, left)?;
    let url = Url::parse(&format!("{scheme}://{host}{path}{query}"), left);
    let url = url.ok_or(Unfit::Left("what is not HTTP"))?;
    let mut request = Request::new(Method::from(needed(&asked.method)?), url.target);
    let mut pairs = vec![("host".to_owned(), url.authority)];
    for (name, matchers) in asked.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        let texts = values(matchers)?;
        pairs.extend(texts.into_iter().map(|text| (name.clone(), text.to_owned())));
    }
    request.headers = fields(pairs);
    let text = match asked.body.as_slice() {
        [Matcher { matcher, value: Value::String(text) }] if matcher == "json" => {
            left.detail("request bodies as they were written; matchers of JSON have their meaning only");
            text
        }
        matchers => exact(matchers)?.unwrap_or_default(),
    };
    if text.is_empty() && promises_a_body(&request.headers) {
        return Err(Unfit::Left("requests whose body the file does not hold"));
    }
    request.body = body(&mut request.headers, text.as_bytes().to_vec(), None, left);
    Ok(request)
}

fn query(asked: &Asked, left: &mut Left) -> Result<String, Unfit> {
    if let Some(raw) = exact(&asked.deprecated_query)?.filter(|raw| !raw.is_empty()) {
        return Ok(format!("?{raw}"));
    }
    let mut query = String::new();
    for (name, matchers) in &asked.query {
        for value in values(matchers)? {
            let joint = if query.is_empty() { '?' } else { '&' };
            query += &format!("{joint}{}={}", percent_encode(name), percent_encode(value));
        }
    }
    if !query.is_empty() {
        left.detail("queries as they were written; they are put together from their parameters");
    }
    Ok(query)
}

/// The values that a parameter or a field has: one, or an array of them.
fn values(matchers: &[Matcher]) -> Result<Vec<&str>, Unfit> {
    match matchers {
        [Matcher { matcher, value: Value::Array(values) }] if matcher == "array" => {
            values.iter().map(|value| value.as_str().ok_or(Unfit::Left(LOOSE))).collect()
        }
        matchers => Ok(exact(matchers)?.into_iter().collect()),
    }
}

fn response(answered: Answered, left: &mut Left) -> Result<Response, Unfit> {
    if answered.fixed_delay > 0 || answered.log_normal_delay.is_some_and(|delay| !delay.is_null()) {
        left.detail("delays");
    }
    if !(100..1000).contains(&answered.status) {
        return Err(Unfit::Wrong("/response/status", "this is no status from 100 to 999"));
    }
    let mut response = Response::new(answered.status);
    let pairs = answered.headers.into_iter().flat_map(|(name, values)| values.under(&name));
    response.headers = fields(pairs);
    let bytes = match answered.encoded_body {
        true => unbase64(&answered.body).ok_or(Unfit::Wrong("/response/body", "this is no base64"))?,
        false => answered.body.into_bytes(),
    };
    response.body = body(&mut response.headers, bytes, None, left);
    Ok(response)
}
