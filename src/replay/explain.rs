//! What becomes of a request that no recorded exchange answers.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::Replayer;
use super::key::Reading;
use super::miss::{Miss, Reason};
use super::nearest::Memory;
use super::realm;
use super::terms::Hosts;
use crate::contract::{Dialect, Refusal};
use crate::exchange::{Request, Response};
use crate::redact::PROVIDER;

/// The header field that marks an answer as none of the provider's; its value is the
/// [`Reason::name`].
const MARKER: &str = "x-onrecord-miss";

/// The name of the error that a miss is answered with.
const ERROR: &str = "OnrecordMiss";

/// How many misses are kept and explained: a client that never stops asking must not fill memory.
const KEPT: usize = 100;

impl Replayer {
    pub(super) fn miss(&self, reading: Option<&Reading<'_>>, reason: Reason, request: &Request) -> Miss {
        let number = self.missed.fetch_add(1, Ordering::Relaxed);
        let mut miss = Miss {
            operation: reading.and_then(|reading| reading.call).map(|call| call.operation.name.clone()),
            line: request.method.to_string(),
            reason,
            problem: reading.and_then(|reading| match reason {
                Reason::OtherRegions => Some(self.other_regions(reading, request)),
                Reason::OtherHosts => Some(self.other_hosts(reading, request)),
                _ => reading.problem(request),
            }),
            nearest: Vec::new(),
            cassettes: self.library.names.clone(),
            recorded: Vec::new(),
            contract: reading.and_then(|reading| reading.call).map(|call| call.contract.id.clone()),
            loosened: self.library.loosened.iter().map(ToString::to_string).collect(),
            way: self.way(),
        };
        if let Some(reading) = reading.filter(|_| number < KEPT) {
            let memory = Memory { replayer: self };
            let asked = memory.asked(reading, request);
            miss.nearest = memory.nearest(reading, &asked);
            miss.line = memory.line_of(&asked);
            miss.recorded = self.library.operations();
            self.misses.lock().unwrap_or_else(PoisonError::into_inner).push(miss.clone());
        }
        if let Some(hook) = &self.on_miss {
            hook(&miss);
        }
        miss
    }

    /// How a recording reaches the provider: as its user said, else as these did; a reverse proxy hides its
    /// host.
    fn way(&self) -> String {
        if let Some(way) = &self.way {
            return self.redactor.text(way).into_inner();
        }
        let host = self.library.sequences().first().and_then(|sequence| sequence.realm.host.as_deref());
        match self.terms.hosts {
            Hosts::Real if host.is_none_or(|host| host != PROVIDER) => "--proxy".to_owned(),
            _ => "--upstream URL".to_owned(),
        }
    }

    /// What the request is signed for, and what the recorded ones were.
    fn other_regions(&self, reading: &Reading<'_>, request: &Request) -> String {
        let signed = self.terms.realm(request).scope.unwrap_or_default();
        let recorded = self.library.scopes_of(reading).join(", ");
        self.redactor.text(&format!("signed for {signed}, recorded for {recorded}")).into_inner()
    }

    /// Which host was asked, and which ones were recorded.
    fn other_hosts(&self, reading: &Reading<'_>, request: &Request) -> String {
        let asked = request.headers.get("host").unwrap_or_default();
        let told = format!("asked of {asked}, recorded from {}", self.library.hosts_of(reading).join(", "));
        self.redactor.text(&told).into_inner()
    }

    /// A client error in the provider's own protocol, which SDKs do not try again.
    pub(super) fn refusal(&self, request: &Request, miss: &Miss) -> Response {
        let asked = miss.operation.as_deref().unwrap_or("this request");
        let text = format!("onrecord has no recorded answer for {asked}: {}", miss.reason);
        self.refuse(request, &text, miss.reason.name())
    }

    /// The same in other words, and with another word for the reason.
    pub(super) fn refuse(&self, request: &Request, text: &str, reason: &str) -> Response {
        let readings = self.library.readings(request);
        let contract = readings.first().and_then(|reading| reading.call).map(|call| call.contract);
        // One whose paths it does not know is asked all the same, if nothing says that another is.
        let only = || self.library.contracts.first().filter(|_| is_unsigned(request)).map(Arc::as_ref);
        let mut response = match contract.or_else(only) {
            Some(contract) => contract.refuse_unknown(request, ERROR, text),
            None => {
                let dialect = Dialect::of(request, realm::service(request).as_deref());
                dialect.refused(Refusal { status: 400, code: ERROR, text })
            }
        };
        response.headers.push(MARKER, reason);
        response
    }
}

fn is_unsigned(request: &Request) -> bool {
    realm::service(request).is_none() && !request.headers.contains("x-amz-target")
}
