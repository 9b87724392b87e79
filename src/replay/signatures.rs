//! Whether live requests are signed by whom they say. A provider refuses the others, so that a client
//! which sends one is broken, however well its answer was recorded.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::key::{self, Call};
use super::realm;
use crate::contract::{Contract, Dialect, Refusal};
use crate::exchange::{Request, Response};
use crate::net::{Keyring, Verdict, Wrong, verify};
use crate::redact::Redactor;

/// The header field of an answer to a request that is not signed right: in which way.
const MARKER: &str = "x-onrecord-signature";

/// Characters of a text that a client wrote, at most.
const SHOWN: usize = 512;

/// Lets only requests through that are signed right, as far as anybody can tell.
pub(super) struct Verifying {
    keys: Keyring,
    on_doubt: Box<dyn Fn(&Doubt) + Send + Sync>,
    refused: AtomicUsize,
    unverified: AtomicUsize,
}

/// A request whose signature is wrong, or that nobody could verify. Everything in it has been redacted,
/// and no signature is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doubt {
    /// The operation that it calls, where a contract knows.
    pub operation: Option<String>,
    /// Method and path.
    pub line: String,
    /// The error that it was refused with; `None`: it passed.
    pub code: Option<&'static str>,
    /// What is wrong, or why nobody can tell.
    pub why: String,
}

/// In which way a request is not signed right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Missing,
    Incomplete,
    Digest,
    Undigested,
    Payload,
    Wrong,
}

impl Verifying {
    /// Knows these keys; calls `hook` with each request that is not known to be signed right.
    pub(super) fn new(keys: Keyring, hook: impl Fn(&Doubt) + Send + Sync + 'static) -> Self {
        let (refused, unverified) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { keys, on_doubt: Box::new(hook), refused, unverified }
    }

    /// How many requests were refused.
    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many requests passed of which nobody can tell.
    pub(super) fn unverified(&self) -> usize {
        self.unverified.load(Ordering::Relaxed)
    }

    /// The answer to a request that is not signed right.
    pub(super) fn refusal(
        &self,
        contracts: &[Arc<Contract>],
        redactor: &Redactor,
        request: &Request,
    ) -> Option<Response> {
        let verdict = verify(request, &self.keys);
        let calls =
            || -> Vec<_> { key::readings(contracts, request).into_iter().filter_map(|it| it.call).collect() };
        let calls = if verdict == Verdict::Right { Vec::new() } else { calls() };
        let (flaw, why) = match verdict {
            Verdict::Right => return None,
            Verdict::Unverified(why) => (None, why.to_string()),
            Verdict::Wrong(wrong) => (Some(Flaw::of(&wrong)), wrong.to_string()),
            // Where several contracts may be meant, one that allows it is enough.
            Verdict::Unsigned if calls.iter().any(|call| !call.operation.is_signed) => return None,
            Verdict::Unsigned if calls.is_empty() => {
                (None, "it is not signed, and no contract says whether it has to be".to_owned())
            }
            Verdict::Unsigned => {
                (Some(Flaw::Missing), "it is not signed; does the client have credentials?".to_owned())
            }
        };
        let (call, service) = (calls.first(), realm::service(request).or_else(|| realm::guessed(request)));
        let dialect = call.map_or_else(
            || Dialect::of(request, service.as_deref()),
            |call| Dialect::of_call(call.contract, request),
        );
        let error = flaw.map(|flaw| (flaw, flaw.error(dialect, request)));
        let doubt = Doubt::new(call, redactor, request, error.map(|(_, (code, _))| code), &why);
        let count = if error.is_some() { &self.refused } else { &self.unverified };
        count.fetch_add(1, Ordering::Relaxed);
        (self.on_doubt)(&doubt);
        let (flaw, (code, status)) = error?;
        let mut response = dialect.refused(Refusal { status, code, text: &doubt.to_string() });
        response.headers.push(MARKER, flaw.name());
        Some(response)
    }
}

impl Flaw {
    fn of(wrong: &Wrong) -> Self {
        match wrong {
            Wrong::Incomplete { .. } | Wrong::Twice { .. } | Wrong::Scope | Wrong::Date | Wrong::Expiry => {
                Self::Incomplete
            }
            Wrong::Digest => Self::Digest,
            Wrong::Undigested => Self::Undigested,
            Wrong::Payload => Self::Payload,
            _ => Self::Wrong,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Incomplete => "incomplete",
            Self::Digest | Self::Undigested | Self::Payload => "digest",
            Self::Wrong => "wrong",
        }
    }

    /// What AWS calls it, and with which status.
    fn error(self, dialect: Dialect, request: &Request) -> (&'static str, u16) {
        match (dialect, self) {
            (Dialect::S3, Self::Missing) => ("AccessDenied", 403),
            (Dialect::S3, Self::Incomplete) if request.headers.contains("authorization") => {
                ("AuthorizationHeaderMalformed", 400)
            }
            (Dialect::S3, Self::Incomplete) => ("AuthorizationQueryParametersError", 400),
            (Dialect::S3, Self::Digest) => ("XAmzContentSHA256Mismatch", 400),
            (Dialect::S3, Self::Undigested) => ("MissingSecurityHeader", 400),
            (Dialect::S3, Self::Payload) => ("InvalidArgument", 400),
            (Dialect::RestXml | Dialect::Query | Dialect::Ec2, Self::Missing) => {
                ("MissingAuthenticationToken", 403)
            }
            (Dialect::RestXml | Dialect::Query | Dialect::Ec2, Self::Incomplete) => {
                ("IncompleteSignature", 400)
            }
            (Dialect::S3 | Dialect::RestXml | Dialect::Query | Dialect::Ec2, _) => {
                ("SignatureDoesNotMatch", 403)
            }
            (_, Self::Missing) => ("MissingAuthenticationTokenException", forbidden(dialect)),
            (_, Self::Incomplete) => ("IncompleteSignatureException", forbidden(dialect)),
            (_, _) => ("InvalidSignatureException", forbidden(dialect)),
        }
    }
}

/// awsJson has one status for all that clients do wrong.
fn forbidden(dialect: Dialect) -> u16 {
    if matches!(dialect, Dialect::AwsJson1_0 | Dialect::AwsJson1_1) { 400 } else { 403 }
}

impl Doubt {
    fn new(
        call: Option<&Call<'_>>,
        redactor: &Redactor,
        request: &Request,
        code: Option<&'static str>,
        why: &str,
    ) -> Self {
        // Names of fields are whatever a client sends: no terminal is to obey them.
        let shown = |text: &str| -> String {
            let text = redactor.text(text).into_inner();
            text.chars().take(SHOWN).map(|part| if part.is_control() { '?' } else { part }).collect()
        };
        Self {
            operation: call.map(|call| call.operation.name.clone()),
            line: shown(&format!("{} {}", request.method, request.target.path())),
            code,
            why: shown(why),
        }
    }

    /// What [`Display`](fmt::Display) explains, for a program that reads it.
    pub fn to_json(&self) -> Value {
        let Self { operation, line, code, why } = self;
        json!({
            "signature": if code.is_some() { "refused" } else { "unverified" },
            "operation": operation, "request": line, "code": code, "reason": why,
        })
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, line, code, why } = self;
        let named = operation.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        match code {
            Some(code) => write!(f, "the provider would refuse {line}{named} with {code}: {why}"),
            None => write!(f, "{line}{named} passes unverified: {why}"),
        }
    }
}

#[cfg(test)]
mod tests;
