//! Whether live requests are what their contract documents. The provider would refuse the others, so
//! that a client which sends one is broken, however well its answer was recorded.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::key::{self, Call};
use crate::contract::{Contract, Level, Malformed, Violation, region};
use crate::exchange::{Request, Response};
use crate::redact::{Redacted, Redactor};

/// The header field of an answer to an invalid request: the first place that is wrong.
const MARKER: &str = "x-onrecord-invalid";
/// What the answer is called in the provider's protocol.
const ERROR: &str = "OnrecordInvalid";
/// More of what is wrong with one request helps nobody.
const SHOWN: usize = 8;

/// Lets only requests through that their contracts allow, and refuses the others as a miss is
/// refused. What no contract documents passes, and so does what is documented as advice.
pub(super) struct Validating {
    on_invalid: Box<dyn Fn(&Invalid) + Send + Sync>,
    invalid: AtomicUsize,
}

/// A request that its provider would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The operation that it calls.
    pub operation: String,
    /// What is wrong, each with its place; no value of the request is shown.
    pub problems: Vec<String>,
}

impl Validating {
    /// Calls `hook` with each invalid request as it comes.
    pub(super) fn new(hook: impl Fn(&Invalid) + Send + Sync + 'static) -> Self {
        Self { on_invalid: Box::new(hook), invalid: AtomicUsize::new(0) }
    }

    /// How many requests were refused.
    pub(super) fn invalid(&self) -> usize {
        self.invalid.load(Ordering::Relaxed)
    }

    /// The answer to a request that its contract does not allow.
    pub(super) fn refusal(
        &self,
        contracts: &[Arc<Contract>],
        redactor: &Redactor,
        request: &Request,
    ) -> Option<Response> {
        let (contract, invalid) = judge(contracts, redactor, request)?;
        self.invalid.fetch_add(1, Ordering::Relaxed);
        (self.on_invalid)(&invalid);
        let mut response = contract.refuse_unknown(request, ERROR, &invalid.to_string());
        // The name of a member may be anything, a header field may not.
        let first = invalid.problems.first().map_or("", String::as_str).escape_debug().to_string();
        response.headers.push(MARKER, first);
        Some(response)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.problems.join("; ");
        write!(f, "the provider would refuse this {} request: {problems}", self.operation)
    }
}

/// What is wrong with a request. Where several contracts may be meant, one that allows it is enough.
fn judge<'c>(
    contracts: &'c [Arc<Contract>],
    redactor: &Redactor,
    request: &Request,
) -> Option<(&'c Contract, Invalid)> {
    let mut first = None;
    for reading in key::readings(contracts, request) {
        let call = reading.call?;
        let problems = problems(call, redactor, request);
        if problems.is_empty() {
            return None;
        }
        first.get_or_insert((call, problems));
    }
    let (Call { contract, operation }, problems) = first?;
    Some((contract, Invalid { operation: operation.name.clone(), problems }))
}

fn problems(call: Call<'_>, redactor: &Redactor, request: &Request) -> Vec<String> {
    let Call { contract, operation } = call;
    let decoded = match contract.decode(operation, request) {
        Ok(decoded) => decoded,
        Err(Malformed::Unjudged(_)) => return Vec::new(),
        Err(why) => return vec![why.to_string()],
    };
    let violations = contract.input_violations(operation, &decoded.input, region(request).as_deref());
    let binding = violations.iter().filter(|violation| violation.level == Level::Must);
    let shown = |violation| Redacted::into_inner(redactor.text(&sentence(violation)));
    binding.take(SHOWN).map(shown).collect()
}

fn sentence(violation: &Violation) -> String {
    let Violation { pointer, rule, demands, .. } = violation;
    match rule.as_str() {
        "required" => format!("{pointer} is required"),
        rule if rule.starts_with("rule:") => demands.clone(),
        _ => format!("{pointer} must be {demands}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Method, Target};
    use crate::replay::fixtures;

    #[test]
    fn what_the_provider_would_refuse_is_refused_and_all_else_passes() {
        let (validating, contracts) = (Validating::new(|_| ()), [fixtures::notes()]);
        let ask = |method, target: &str, body: &str| {
            let mut request = Request::new(method, Target::new(target));
            request.body = body.to_owned().into();
            validating.refusal(&contracts, &Redactor::new(), &request)
        };
        for target in ["/notes?limit=5", "/notes", "/notes?unknown=1", "/unknown"] {
            assert!(ask(Method::Get, target, "").is_none(), "{target}");
        }
        assert!(ask(Method::Post, "/notes", r#"{"weight":1.5,"other":1}"#).is_none());
        assert_eq!(validating.invalid(), 0);

        let refused = ask(Method::Get, "/notes?limit=many", "").unwrap();
        assert_eq!(refused.status, 400);
        let marker = refused.headers.get(MARKER).unwrap_or_default();
        assert!(marker.starts_with("/limit must be"), "{marker}");
        assert!(!marker.contains("many"), "no value is shown: {marker}");
        assert_eq!(ask(Method::Post, "/notes", "{").unwrap().status, 400);
        assert_eq!(validating.invalid(), 2);
    }
}
