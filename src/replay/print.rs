//! What a request looks like: a short way to those that were recorded looking the same.
//!
//! To read a request as its operation's input takes longer than all else that a replay does. But most
//! clients send byte for byte what they sent when they were recorded, besides what says who asks and when.

use std::sync::Arc;

use super::key::{Digest, Reading};
use super::realm;
use crate::contract::{Contract, Place, serving};
use crate::exchange::Request;

/// Header fields that say who asks, when, and over which connection: no request is read by them, unless
/// a contract binds them.
const BESIDE: &[&str] = &[
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "connection",
    "content-length",
    "date",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amzn-trace-id",
];

/// How requests are looked at under some contracts.
#[derive(Debug, Default)]
pub(super) struct Prints {
    /// The header fields that are not looked at.
    beside: Vec<&'static str>,
}

impl Prints {
    pub(super) fn new(contracts: &[Arc<Contract>]) -> Self {
        let places = || contracts.iter().flat_map(|it| &it.operations).flat_map(|it| &it.bindings);
        let binds = |name: &str| places().any(|binding| is_of(&binding.place, name));
        Self { beside: BESIDE.iter().copied().filter(|name| !binds(name)).collect() }
    }

    /// Two requests with one print are read alike, in the one way that there is. `None` of a recorded
    /// request that can be read in several.
    pub(super) fn recorded(
        &self,
        contracts: &[Arc<Contract>],
        readings: &[Reading<'_>],
        request: &Request,
    ) -> Option<Digest> {
        (readings.len() == 1).then(|| self.of(contracts, request))
    }

    pub(super) fn of(&self, contracts: &[Arc<Contract>], request: &Request) -> Digest {
        let mut text = Vec::with_capacity(512);
        // Each part says where it ends, so that no two requests run into the same bytes.
        let mut add = |part: &[u8]| {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        };
        add(b"print");
        add(request.method.as_str().as_bytes());
        add(request.target.as_str().as_bytes());
        for (name, value) in request.headers.iter().filter(|(name, _)| !self.beside.contains(name)) {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        if contracts.len() > 1 {
            // Host and signature tell which of them is asked.
            add(b"\nasked");
            add(realm::service(request).unwrap_or_default().as_bytes());
            serving(contracts, request).iter().for_each(|contract| add(contract.id.as_bytes()));
        }
        Digest::of(&[&text, request.body.as_bytes()])
    }
}

fn is_of(place: &Place, field: &str) -> bool {
    match place {
        Place::Header(name) => name.eq_ignore_ascii_case(field),
        Place::HeaderMap(prefix) => {
            field.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        }
        _ => false,
    }
}
