//! RS-02: a body comes with the documented media type.

use super::{Check, Reading, Ruling, Verdict, always};
use crate::contract::{Level, Outcome, Protocol, is_in_range};

pub(super) const DOCUMENTED: Check = Check {
    id: "RS-02",
    name: "content-type.documented",
    level: Level::Must,
    says: "an answer with a body names a documented media type",
    documented: "Smithy 2.0, AWS restJson1, content type <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#content-type>; AWS JSON 1.1 <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>; OpenAPI 3.1, Media Type Object",
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
            Some(Outcome::Unjudged(protocol)) if *protocol != Protocol::Http => vec![protocol.media_type()],
            _ => seen.contract.media_types(seen.operation, response.status),
        };
        let actual = response.headers.get("content-type").unwrap_or_default();
        if expected.is_empty() || expected.iter().any(|range| is_in_range(range, &actual)) {
            return vec![Ruling::Pass];
        }
        let expected = expected.join(" or ");
        let actual = if actual.is_empty() { "no content type".to_owned() } else { actual.into_owned() };
        vec![Ruling::Fail(seen.problem(check.level, "response header content-type", expected, actual))]
    })
}
