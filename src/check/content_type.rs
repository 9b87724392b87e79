//! RS-02: a body comes with the documented media type.

use super::{Check, Reading, Ruling, Verdict, always};
use crate::contract::{Level, Outcome};

pub(super) const DOCUMENTED: Check = Check {
    id: "RS-02",
    name: "content-type.documented",
    level: Level::Must,
    says: "an answer with a body names the protocol's media type",
    documented: "Smithy 2.0, AWS restJson1 protocol, content type <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#content-type>",
    applies: always,
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    check.each(session, |seen| {
        let response = &seen.observation.exchange.response;
        if response.body.is_empty() {
            return Vec::new();
        }
        let expected = match &seen.observation.outcome {
            Some(Outcome::Unjudged(protocol)) => protocol.media_type(),
            Some(Outcome::Output(_)) => match seen.contract.answered_media_type(&seen.operation.answer) {
                Some(documented) => documented,
                None => return vec![Ruling::Pass],
            },
            _ => seen.contract.content_type(),
        };
        let actual = response.headers.get("content-type").unwrap_or_default();
        if media_type(&actual).eq_ignore_ascii_case(expected) {
            return vec![Ruling::Pass];
        }
        let actual = if actual.is_empty() { "no content type".to_owned() } else { actual.into_owned() };
        vec![Ruling::Fail(seen.problem(check.level, "response header content-type", expected, actual))]
    })
}

/// Without parameters (RFC 9110 section 8.3.1).
fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}
