//! HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>, with what browsers and mitmproxy make of it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::each;
use super::message::{Url, body, fields, promises_a_body, version, with_host};
use crate::contract::Document;
use crate::encoding::{percent_encode, unbase64};
use crate::exchange::{Ending, Exchange, Method, Request, Response, Timestamp, Timing};
use crate::interchange::{ImportError, Left};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: String,
    time: Option<f64>,
    request: Asked,
    response: Answered,
    #[serde(default)]
    cache: Value,
    #[serde(default)]
    timings: Map<String, Value>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    method: String,
    url: String,
    http_version: Option<String>,
    headers: Vec<Field>,
    #[serde(default)]
    cookies: Vec<Value>,
    post_data: Option<PostData>,
    body_size: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: u16,
    http_version: Option<String>,
    headers: Vec<Field>,
    content: Content,
    body_size: Option<i64>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    #[serde(default)]
    mime_type: String,
    text: Option<String>,
    #[serde(default)]
    params: Vec<Param>,
    #[serde(alias = "_encoding")]
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Param {
    name: String,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    size: Option<i64>,
    text: Option<String>,
    encoding: Option<String>,
}

/// Why an entry is no exchange: in words for a list, or as an error about a member.
enum Unfit {
    Left(&'static str),
    Wrong(&'static str, &'static str, &'static str),
}

pub(super) fn read(document: &Document, left: &mut Left) -> Result<Vec<Exchange>, ImportError> {
    let mut exchanges = Vec::new();
    each(document, "/log/entries", |entry: Entry, pointer| {
        match exchange(entry, left) {
            Ok(exchange) => exchanges.push(exchange),
            Err(Unfit::Left(why)) => left.exchange(why),
            Err(Unfit::Wrong(member, problem, mend)) => {
                return Err(document.error(&format!("{pointer}{member}"), problem, mend).into());
            }
        }
        Ok(())
    })?;
    let pages = document.root.pointer("/log/pages").and_then(Value::as_array);
    left.details("pages", pages.map_or(0, Vec::len));
    Ok(exchanges)
}

fn exchange(entry: Entry, left: &mut Left) -> Result<Exchange, Unfit> {
    let timing = entry.timing()?;
    if entry.response.status == 0 {
        return Err(Unfit::Left("requests without an answer"));
    }
    let mut lost = Left::default();
    let url = Url::parse(&entry.request.url, &mut lost).ok_or(Unfit::Left("what is not HTTP"))?;
    entry.details(&mut lost);
    let request = entry.request.request(url, &mut lost)?;
    let response = entry.response.response(&request.method, &mut lost)?;
    left.add(&lost);
    Ok(Exchange { operation: None, request, response, ending: Ending::Complete, timing })
}

impl Entry {
    fn timing(&self) -> Result<Timing, Unfit> {
        let started = Timestamp::parse(&self.started_date_time).ok_or(Unfit::Wrong(
            "/startedDateTime",
            "this is no time",
            "write it as in 2026-11-21T07:32:37.250Z",
        ))?;
        let duration = milliseconds(self.time.unwrap_or_default());
        let receive = self.timings.get("receive").and_then(Value::as_f64).unwrap_or_default();
        Ok(Timing { started, first_byte: duration.saturating_sub(milliseconds(receive)), duration })
    }

    /// Lists what an exchange has no place for.
    fn details(&self, left: &mut Left) {
        let told = |value: &Value| value.as_f64().is_some_and(|time| time > 0.0);
        let fine = ["blocked", "dns", "connect", "ssl", "send"];
        if fine.iter().filter_map(|name| self.timings.get(*name)).any(told) {
            left.detail("timing details");
        }
        if self.cache.as_object().is_some_and(|cache| !cache.is_empty()) {
            left.detail("cache states");
        }
        if !self.request.cookies.is_empty() && !self.request.headers.iter().any(|field| field.is("cookie")) {
            left.detail("cookies that no header field shows");
        }
        for (name, _) in self.more.iter().filter(|(_, value)| !value.is_null()) {
            left.detail(match name.as_str() {
                "_webSocketMessages" => "messages of WebSockets",
                "pageref" => "references to pages",
                "comment" => "comments",
                "serverIPAddress" | "connection" => "addresses and connections",
                _ => "members of a tool's own",
            });
        }
    }
}

impl Field {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

fn pairs(fields: Vec<Field>) -> impl Iterator<Item = (String, String)> {
    fields.into_iter().map(|field| (field.name, field.value))
}

impl Asked {
    fn request(self, url: Url, left: &mut Left) -> Result<Request, Unfit> {
        let mut request = Request::new(Method::from(self.method.as_str()), url.target);
        request.version = version(self.http_version.as_deref(), left);
        let authority = self.headers.iter().find(|field| field.name == ":authority");
        let authority = authority.map_or(url.authority, |field| field.value.clone());
        request.headers = with_host(fields(pairs(self.headers)), &authority);
        let is_held = self.post_data.as_ref().is_some_and(|data| data.text.is_some());
        let bytes = match self.post_data {
            // The size of a packed body is not that of its text.
            Some(data) => {
                let size = self.body_size.filter(|_| !request.headers.contains("content-encoding"));
                data.bytes(size, left)?
            }
            None => Vec::new(),
        };
        let was_sent = self.body_size.unwrap_or(0) > 0 || promises_a_body(&request.headers);
        if bytes.is_empty() && was_sent && !is_held {
            return Err(Unfit::Left("requests whose body the file does not hold"));
        }
        request.body = body(&mut request.headers, bytes, sent(self.body_size), left);
        Ok(request)
    }
}

impl PostData {
    fn bytes(self, size: Option<i64>, left: &mut Left) -> Result<Vec<u8>, Unfit> {
        match self.text {
            Some(text) if !text.is_empty() || self.params.is_empty() => {
                decoded(text, self.encoding.as_deref(), size, "/request/postData/text")
            }
            _ if self.mime_type.starts_with("multipart/") => {
                Err(Unfit::Left("requests whose multipart body the file holds as fields only"))
            }
            _ => {
                left.detail("form bodies as they were written; they are put together from their fields");
                let written = |param: &Param| {
                    let value = param.value.as_deref().unwrap_or_default();
                    format!("{}={}", percent_encode(&param.name), percent_encode(value))
                };
                Ok(self.params.iter().map(written).collect::<Vec<_>>().join("&").into_bytes())
            }
        }
    }
}

impl Answered {
    fn response(self, method: &Method, left: &mut Left) -> Result<Response, Unfit> {
        if !(100..1000).contains(&self.status) {
            return Err(Unfit::Wrong("/response/status", "this is no status", "write 100 to 999"));
        }
        let mut response = Response::new(self.status);
        response.version = version(self.http_version.as_deref(), left);
        response.headers = fields(pairs(self.headers));
        let Content { size, text, encoding } = self.content;
        let text = text.unwrap_or_default();
        let bytes = decoded(text, encoding.as_deref(), size, "/response/content/text")?;
        if bytes.is_empty() && *method != Method::Head && size.unwrap_or(0) > 0 {
            return Err(Unfit::Left("answers whose body the file does not hold"));
        }
        response.body = body(&mut response.headers, bytes, sent(self.body_size), left);
        Ok(response)
    }
}

fn decoded(
    text: String,
    encoding: Option<&str>,
    size: Option<i64>,
    member: &'static str,
) -> Result<Vec<u8>, Unfit> {
    match encoding {
        Some("base64") => {
            unbase64(&text).ok_or(Unfit::Wrong(member, "this is no base64", "record the file again"))
        }
        _ => Ok(latin(&text, size).unwrap_or_else(|| text.into_bytes())),
    }
}

/// The bytes of a text in which each letter stands for one, as mitmproxy writes bodies that are no
/// UTF-8. The size tells.
fn latin(text: &str, size: Option<i64>) -> Option<Vec<u8>> {
    let size = usize::try_from(size?).ok()?;
    let other = size != text.len() && size == text.chars().count();
    if other { text.chars().map(|letter| u8::try_from(letter).ok()).collect() } else { None }
}

/// A size on the wire; -1 says that it is not known.
fn sent(size: Option<i64>) -> Option<usize> {
    size.and_then(|size| usize::try_from(size).ok())
}

/// A time as HAR writes it; -1 says that it is not known.
fn milliseconds(time: f64) -> Duration {
    Duration::from_millis(time.round() as u64)
}
