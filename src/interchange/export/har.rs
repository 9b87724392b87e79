//! To HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{odd_values, written};
use crate::cassette::Cassette;
use crate::exchange::{Body, Ending, Exchange, HeaderValue, Headers, Request, Response};
use crate::interchange::Left;
use crate::redact::PROVIDER;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: String,
    time: f64,
    request: Asked,
    response: Answered,
    cache: Map<String, Value>,
    timings: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    method: String,
    url: String,
    http_version: &'static str,
    cookies: [Value; 0],
    headers: Vec<Field>,
    query_string: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData>,
    headers_size: i8,
    body_size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: [Value; 0],
    headers: Vec<Field>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i8,
    body_size: usize,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    mime_type: String,
    params: [Value; 0],
    text: String,
    /// HAR has no way of its own to hold a request that is no text.
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression: Option<i64>,
    mime_type: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
struct Timings {
    blocked: i8,
    dns: i8,
    connect: i8,
    ssl: i8,
    send: i8,
    wait: f64,
    receive: f64,
}

/// A cassette as HAR 1.2, and what that cannot carry.
pub fn har(cassette: &Cassette) -> (Value, Left) {
    let mut left = Left::default();
    let entries: Vec<_> = cassette.exchanges.iter().map(|exchange| entry(exchange, &mut left)).collect();
    let har = json!({"log": {
        "version": "1.2",
        "creator": {"name": "onrecord", "version": env!("CARGO_PKG_VERSION")},
        "comment": format!("recorded from {}", cassette.header.origin),
        "entries": entries,
    }});
    (har, left)
}

fn entry(exchange: &Exchange, left: &mut Left) -> Entry {
    let Exchange { request, response, timing, .. } = exchange;
    left.details("operations", usize::from(exchange.operation.is_some()));
    left.details("trailers", request.trailers.len() + response.trailers.len());
    left.details("pieces of event streams, with their times", response.pieces.len());
    let cut = exchange.ending == Ending::Aborted;
    left.details("that an answer was cut short; a comment says so", usize::from(cut));
    let receive = timing.duration.saturating_sub(timing.first_byte);
    Entry {
        started_date_time: timing.started.to_string(),
        time: milliseconds(timing.first_byte) + milliseconds(receive),
        request: asked(request, left),
        response: answered(response, left),
        cache: Map::new(),
        timings: Timings {
            blocked: -1,
            dns: -1,
            connect: -1,
            ssl: -1,
            send: 0,
            wait: milliseconds(timing.first_byte),
            receive: milliseconds(receive),
        },
        comment: cut.then(|| "the provider broke off inside the body".to_owned()),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn asked(request: &Request, left: &mut Left) -> Asked {
    left.details("that a request names no host", usize::from(!request.headers.contains("host")));
    let host = request.headers.get("host").unwrap_or(PROVIDER.into());
    let (content, _) = unpacked(&request.body, request.content(), left);
    let (text, encoding) = written(&content);
    let post_data = PostData { mime_type: media(&request.headers), params: [], text, encoding };
    Asked {
        method: request.method.to_string(),
        // A cassette does not know the scheme.
        url: format!("https://{host}{}", request.target),
        http_version: request.version.as_str(),
        cookies: [],
        headers: fields(&request.headers, left),
        query_string: request.target.pairs().map(|(name, value)| Field { name, value }).collect(),
        post_data: (!request.body.is_empty()).then_some(post_data),
        headers_size: -1,
        body_size: request.body.len(),
    }
}

fn answered(response: &Response, left: &mut Left) -> Answered {
    let (content, packed) = unpacked(&response.body, response.content(), left);
    let (text, encoding) = written(&content);
    let saved = content.len() as i64 - response.body.len() as i64;
    Answered {
        status: response.status,
        status_text: "",
        http_version: response.version.as_str(),
        cookies: [],
        headers: fields(&response.headers, left),
        content: Content {
            size: content.len(),
            compression: packed.then_some(saved),
            mime_type: media(&response.headers),
            text,
            encoding,
        },
        redirect_url: response.headers.get("location").unwrap_or_default().into_owned(),
        headers_size: -1,
        body_size: response.body.len(),
    }
}

/// What a body says, and whether that is something else than its bytes.
fn unpacked(raw: &Body, content: Body, left: &mut Left) -> (Body, bool) {
    let packed = *raw != content;
    left.details("packed bodies as they were on the wire; HAR holds what they say", usize::from(packed));
    (content, packed)
}

fn media(headers: &Headers) -> String {
    headers.get("content-type").unwrap_or_default().into_owned()
}

fn fields(headers: &Headers, left: &mut Left) -> Vec<Field> {
    odd_values(headers, left);
    let field =
        |(name, value): (&str, &HeaderValue)| Field { name: name.to_owned(), value: value.text().into() };
    headers.iter().map(field).collect()
}
