//! The admin API: sessions over HTTP, for programs on this machine that know the token.
//!
//! What it can do is open what lies below one folder, and count. `openapi.json` beside this file
//! describes it, and is served.

mod guard;
mod refusal;
mod root;
mod views;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::guard::Guard;
pub use self::guard::Token;
use self::refusal::Refusal;
pub use self::root::Root;
use super::metrics;
use super::registry::{Opening, Sessions};
use crate::encoding::percent_decode;
use crate::exchange::{Body, Method, Request, Response};
use crate::net::Answer;

/// What describes the API.
const DESCRIPTION: &str = include_str!("openapi.json");

/// Answers the admin API. It reads cassettes while it answers, so it wants a server of its own,
/// on loopback only.
#[derive(Debug)]
pub struct Admin {
    sessions: Arc<Sessions>,
    guard: Guard,
    root: Root,
    url: String,
    /// Whether sessions are strict whose opening does not say.
    strict: bool,
}

/// The body of `POST /sessions`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    name: Option<String>,
    cassettes: Vec<String>,
    access_key_id: Option<String>,
    port: bool,
    strict: Option<bool>,
}

impl Admin {
    /// For those who know the token, with cassettes below a folder. `url` is where sessions are
    /// reached that have no port of their own.
    pub fn new(sessions: Arc<Sessions>, token: Token, root: Root, url: impl Into<String>) -> Self {
        Self { sessions, guard: Guard::new(token), root, url: url.into(), strict: false }
    }

    /// Opens sessions in which an exchange that is left unused is a fault of the run, unless their opening
    /// says otherwise.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    fn respond(&self, request: &Request) -> Result<Response, Refusal> {
        self.guard.admit(request)?;
        let path = request.target.path().trim_start_matches('/');
        let segments: Vec<_> = path.split('/').map(percent_decode).collect();
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        let sessions = &*self.sessions;
        match (&request.method, segments.as_slice()) {
            (Method::Get, ["sessions"]) => {
                let all = sessions.all();
                let shown: Vec<_> = all.iter().map(|session| views::session(session, &self.url)).collect();
                Ok(answer(200, &json!({ "sessions": shown, "totals": views::totals(&sessions.totals()) })))
            }
            (Method::Post, ["sessions"]) => self.open(request),
            (Method::Get, ["sessions", name]) => {
                Ok(answer(200, &views::session(&*sessions.get(name)?, &self.url)))
            }
            (Method::Delete, ["sessions", name]) => Ok(answer(200, &views::summary(&*sessions.close(name)?))),
            (Method::Post, ["sessions", name, "reset"]) => {
                Ok(answer(200, &views::session(&*sessions.reset(name)?, &self.url)))
            }
            (Method::Get, ["sessions", name, "misses"]) => {
                Ok(answer(200, &views::misses(&*sessions.get(name)?)))
            }
            (Method::Get, ["sessions", name, "unused"]) => {
                Ok(answer(200, &views::unused(&*sessions.get(name)?)))
            }
            (Method::Get, ["sessions", name, "coverage"]) => {
                Ok(answer(200, &views::coverage(&*sessions.get(name)?)))
            }
            (Method::Get, ["metrics"]) => {
                let text = metrics::text(sessions).map_err(Refusal::broken)?;
                Ok(typed(200, "text/plain; version=0.0.4; charset=utf-8", text))
            }
            (Method::Get, ["openapi.json"]) => Ok(typed(200, "application/json", DESCRIPTION.to_owned())),
            (_, segments) => Err(Refusal::nothing_here(segments)),
        }
    }

    fn open(&self, request: &Request) -> Result<Response, Refusal> {
        // An object, for a list would do for serde.
        let members: Map<String, Value> =
            serde_json::from_slice(request.body.as_bytes()).map_err(|error| Refusal::body(&error))?;
        let wanted: Wanted = serde_json::from_value(members.into()).map_err(|error| Refusal::body(&error))?;
        let cassettes = wanted.cassettes.iter().map(|path| self.root.cassette(path));
        let opening = Opening {
            name: wanted.name,
            cassettes: cassettes.collect::<Result<_, _>>()?,
            access_key_id: wanted.access_key_id,
            port: wanted.port,
            strict: wanted.strict.unwrap_or(self.strict),
        };
        Ok(answer(201, &views::session(&*self.sessions.open(opening)?, &self.url)))
    }
}

impl Answer for Admin {
    fn answer(&self, request: Request) -> Response {
        self.respond(&request).unwrap_or_else(|refusal| {
            let mut response = answer(refusal.status, &refusal.value());
            if let Some((name, value)) = refusal.field {
                response.headers.push(name, value);
            }
            response
        })
    }
}

fn answer(status: u16, value: &Value) -> Response {
    typed(status, "application/json", value.to_string())
}

fn typed(status: u16, kind: &str, text: String) -> Response {
    let mut response = Response::new(status);
    response.headers.push("content-type", kind);
    response.headers.push("cache-control", "no-store");
    response.headers.push("content-length", text.len().to_string());
    response.body = Body::from(text);
    response
}
