//! Cassettes of vcrpy, and of go-vcr 2 to 4.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::each;
use super::message::{Text, Url, Values, body, dated, fields, promises_a_body, version, with_host};
use crate::contract::Document;
use crate::exchange::{Ending, Exchange, Headers, Method, Request, Response, Timing};
use crate::interchange::{ImportError, Left};

#[derive(Deserialize)]
struct Interaction {
    request: Asked,
    response: Answered,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(alias = "url")]
    uri: String,
    method: String,
    /// go-vcr only.
    proto: Option<String>,
    #[serde(default)]
    headers: Fields,
    #[serde(default)]
    body: Text,
    #[serde(default)]
    trailer: Fields,
}

#[derive(Deserialize)]
struct Answered {
    status: Status,
    /// go-vcr only, whose `status` is a text.
    code: Option<u16>,
    proto: Option<String>,
    #[serde(default)]
    headers: Fields,
    #[serde(default)]
    body: Text,
    #[serde(default)]
    trailer: Fields,
    /// go-vcr only: `1.5ms`, or nanoseconds.
    duration: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Code { code: u16 },
    Line(String),
}

/// Several values under a name, or one.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Fields(Option<Map<String, Value>>);

impl Fields {
    /// `None` if a value is no text.
    fn headers(self) -> Option<Headers> {
        let members = self.0.unwrap_or_default().into_iter();
        let read = |(name, value): (String, Value)| Some(Values::deserialize(value).ok()?.under(&name));
        let pairs: Option<Vec<_>> = members.map(read).collect();
        Some(fields(pairs?.into_iter().flatten()))
    }
}

/// What is wrong: the member, the problem, and the mend.
type Wrong = (&'static str, &'static str, &'static str);

pub(super) fn read(document: &Document, left: &mut Left) -> Result<Vec<Exchange>, ImportError> {
    let mut exchanges = Vec::new();
    each(document, "/interactions", |interaction: Interaction, pointer| {
        let exchange = exchange(interaction, left).map_err(|(member, problem, mend)| {
            document.error(&format!("{pointer}{member}"), problem, mend)
        })?;
        exchanges.extend(exchange);
        Ok(())
    })?;
    Ok(exchanges)
}

fn exchange(interaction: Interaction, left: &mut Left) -> Result<Option<Exchange>, Wrong> {
    let Interaction { request: asked, response: answered } = interaction;
    let mut lost = Left::default();
    let Some(url) = Url::parse(&asked.uri, &mut lost) else {
        left.exchange("what is not HTTP");
        return Ok(None);
    };
    let Some(request) = request(asked, url, &mut lost)? else {
        left.exchange("requests whose body the file does not hold");
        return Ok(None);
    };
    let duration = answered.duration.as_ref().and_then(duration);
    let response = response(answered, &mut lost)?;
    let mut timing = Timing {
        started: dated(&response.headers, &mut lost),
        first_byte: Duration::ZERO,
        duration: Duration::ZERO,
    };
    if let Some(duration) = duration {
        (timing.first_byte, timing.duration) = (duration, duration);
    }
    left.add(&lost);
    Ok(Some(Exchange { operation: None, request, response, ending: Ending::Complete, timing }))
}

fn request(asked: Asked, url: Url, left: &mut Left) -> Result<Option<Request>, Wrong> {
    let mut request = Request::new(Method::from(asked.method.as_str()), url.target);
    request.version = version(asked.proto.as_deref(), left);
    let headers = asked.headers.headers().ok_or(no_text("/request/headers"))?;
    request.headers = with_host(headers, &url.authority);
    request.trailers = asked.trailer.headers().ok_or(no_text("/request/trailer"))?;
    let bytes = asked.body.bytes().ok_or(no_base64("/request/body"))?;
    if bytes.is_empty() && promises_a_body(&request.headers) {
        return Ok(None);
    }
    request.body = body(&mut request.headers, bytes, None, left);
    Ok(Some(request))
}

fn response(answered: Answered, left: &mut Left) -> Result<Response, Wrong> {
    let code = match answered.status {
        Status::Code { code } => Some(code),
        Status::Line(line) => answered.code.or_else(|| line.split(' ').next()?.parse().ok()),
    };
    let code = code.filter(|code| (100..1000).contains(code));
    let mut response = Response::new(code.ok_or(("/response", "there is no status", "write 100 to 999"))?);
    response.version = version(answered.proto.as_deref(), left);
    response.headers = answered.headers.headers().ok_or(no_text("/response/headers"))?;
    response.trailers = answered.trailer.headers().ok_or(no_text("/response/trailer"))?;
    let bytes = answered.body.bytes().ok_or(no_base64("/response/body"))?;
    response.body = body(&mut response.headers, bytes, None, left);
    Ok(response)
}

fn no_text(member: &'static str) -> Wrong {
    (member, "a value is no text", "write each value as a text or a list of texts")
}

fn no_base64(member: &'static str) -> Wrong {
    (member, "this is no base64", "record the file again")
}

/// A duration of Go: nanoseconds, or numbers with their units (`1m2.5s`).
fn duration(value: &Value) -> Option<Duration> {
    if let Some(nanoseconds) = value.as_u64() {
        return Some(Duration::from_millis(nanoseconds / 1_000_000));
    }
    let (mut seconds, mut rest) = (0.0, value.as_str()?);
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(char::is_alphabetic)?);
        let (unit, after) = tail.split_at(tail.find(|it: char| it.is_ascii_digit()).unwrap_or(tail.len()));
        let unit = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += unit * number.parse::<f64>().ok()?;
        rest = after;
    }
    Some(Duration::from_millis((seconds * 1000.0_f64).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (written, milliseconds) in [
            (Value::from("83.984896ms"), Some(84)),
            (Value::from("1h1m2.5s"), Some(3_662_500)),
            (Value::from("700µs"), Some(1)),
            (Value::from(""), Some(0)),
            (Value::from(2_000_000), Some(2)),
            (Value::from("-1s"), Some(0)),
            (Value::from("soon"), None),
            (Value::from("1 fortnight"), None),
        ] {
            assert_eq!(duration(&written), milliseconds.map(Duration::from_millis), "{written}");
        }
    }
}
