//! Which requests a stub answers, <https://wiremock.org/docs/request-matching/>.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::encoding::{base64, percent_decode};
use crate::exchange::{Method, NAMING, Request, SELECTING, is_of_signature};
use crate::interchange::Left;
use crate::redact::REDACTED;

/// What stands for any text inside of an `equalToJson`.
const ANY: &str = "${json-unit.any-string}";

/// What the requests of a cassette must be told apart by.
pub(super) struct Patterns<'c>(HashMap<(&'c Method, &'c str), Place>);

/// What some request to a path has, and another may not have.
#[derive(Default)]
struct Place {
    parameters: BTreeSet<String>,
    headers: BTreeSet<&'static str>,
    body: bool,
}

impl<'c> Patterns<'c> {
    pub(super) fn of(requests: impl Iterator<Item = &'c Request>) -> Self {
        let mut places: HashMap<_, Place> = HashMap::new();
        for request in requests {
            let place = places.entry((&request.method, request.target.path())).or_default();
            place.parameters.extend(parameters(request).into_keys());
            place.headers.extend(telling(request));
            place.body |= !request.body.is_empty();
        }
        Self(places)
    }

    /// The pattern of one of them. A secret in it stands for any text, for clients send the real one.
    pub(super) fn pattern(&self, request: &Request, left: &mut Left) -> Value {
        let place = &self.0[&(&request.method, request.target.path())];
        let mut members = Map::new();
        members.insert("method".to_owned(), json!(request.method.as_str()));
        let path = request.target.path();
        match path.contains(REDACTED) {
            false => members.insert("urlPath".to_owned(), json!(path)),
            true => members.insert("urlPathPattern".to_owned(), json!(expression(path))),
        };
        let query = place.query(request);
        if !query.is_empty() {
            members.insert("queryParameters".to_owned(), query.into());
        }
        let headers = place.headers(request);
        if !headers.is_empty() {
            members.insert("headers".to_owned(), headers.into());
        }
        if let Some(body) = place.body(request, left) {
            members.insert("bodyPatterns".to_owned(), json!([body]));
        }
        Value::Object(members)
    }
}

impl Place {
    fn query(&self, request: &Request) -> Map<String, Value> {
        let own = parameters(request);
        let pattern = |name: &String| match own.get(name) {
            Some(found) => values(found),
            None => json!({"absent": true}),
        };
        self.parameters.iter().map(|name| (name.clone(), pattern(name))).collect()
    }

    fn headers(&self, request: &Request) -> Map<String, Value> {
        let told = self.headers.iter().filter(|name| !is_made_anew(name, request));
        let pattern = |name: &&str| {
            let found: Vec<_> = request.headers.all(name).map(String::from).collect();
            if found.is_empty() { json!({"absent": true}) } else { values(&found) }
        };
        told.map(|name| ((*name).to_owned(), pattern(name))).collect()
    }

    /// `None` where any body, or none, will do.
    fn body(&self, request: &Request, left: &mut Left) -> Option<Value> {
        if request.body.is_empty() {
            return self.body.then(|| json!({"binaryEqualTo": ""}));
        }
        if is_multipart(request) {
            left.detail("multipart bodies of requests, whose boundaries are made anew; any body matches");
            return None;
        }
        // WireMock unpacks gzip and nothing else.
        let is_read = request.headers.get("content-encoding").is_none_or(|coding| coding == "gzip");
        let content = if is_read { request.content() } else { request.body.clone() };
        let Some(text) = content.text() else {
            return Some(json!({"binaryEqualTo": base64(content.as_bytes())}));
        };
        Some(match content.json() {
            None => equal(text),
            Some(mut value) if text.contains(REDACTED) => {
                loosen(&mut value);
                json!({"equalToJson": value.to_string()})
            }
            Some(_) => json!({"equalToJson": text}),
        })
    }
}

fn is_multipart(request: &Request) -> bool {
    request.headers.get("content-type").is_some_and(|media| media.starts_with("multipart/"))
}

/// Whether a field differs from run to run: a multipart body has a new boundary each time.
fn is_made_anew(name: &str, request: &Request) -> bool {
    name == "content-type" && is_multipart(request)
}

/// The fields of a request that name what is asked for.
fn telling(request: &Request) -> impl Iterator<Item = &'static str> {
    SELECTING.iter().chain(NAMING).copied().filter(|name| {
        let says_something = request.headers.all(name).any(|value| value != "*/*");
        says_something && !is_made_anew(name, request)
    })
}

/// The values of each parameter of a query as WireMock reads them, for which a plus is a space.
fn parameters(request: &Request) -> BTreeMap<String, Vec<String>> {
    let read = |text: &str| percent_decode(&text.replace('+', " "));
    let mut parameters: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for pair in request.target.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = read(name);
        if !is_of_signature(&name) {
            parameters.entry(name).or_default().push(read(value));
        }
    }
    parameters
}

fn values(values: &[String]) -> Value {
    match values {
        [one] => equal(one),
        several => json!({"hasExactly": several.iter().map(|value| equal(value)).collect::<Vec<_>>()}),
    }
}

fn equal(text: &str) -> Value {
    match text.contains(REDACTED) {
        false => json!({"equalTo": text}),
        true => json!({"matches": expression(text)}),
    }
}

/// A regular expression of Java for a text in which a secret may be any.
fn expression(text: &str) -> String {
    let parts: Vec<_> = text.split(REDACTED).map(|part| part.replace("\\E", "\\E\\\\E\\Q")).collect();
    format!("(?s)\\Q{}\\E", parts.join("\\E.*\\Q"))
}

/// Every text that holds a secret becomes any text.
fn loosen(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(REDACTED) => *text = ANY.to_owned(),
        Value::Array(elements) => elements.iter_mut().for_each(loosen),
        Value::Object(members) => members.values_mut().for_each(loosen),
        _ => {}
    }
}
