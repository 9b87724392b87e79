//! A live request as a cassette would hold it: with its secrets and its account id replaced.
//!
//! A cassette holds `REDACTED` for a secret that no contract declares (`"apiKey": "REDACTED"`),
//! and a pseudonym for the account id that a client has in its configuration. Such a request is
//! found only after the same replacement. That takes time, so it is tried last.

use std::sync::{Arc, OnceLock};

use super::key;
use crate::cassette::Cassette;
use crate::contract::{Contract, Declared};
use crate::exchange::{Ending, Exchange, Request, Response, Timestamp, Timing};
use crate::redact::Redactor;

/// The second account's pseudonym: as text, and as a number of JSON.
const SECOND_ACCOUNT: [&str; 2] = ["000000000002", "900000000002"];

/// Redacts live requests in the way in which the recorded ones were.
#[derive(Default)]
pub(super) struct Replacement {
    redactor: Redactor,
    several_accounts: OnceLock<bool>,
}

impl Replacement {
    /// The request as it would have been recorded; `None` if it would have been the same, or if
    /// nothing tells which account of several is meant.
    ///
    /// The first account id that clients send of their own stands for the one in the cassettes,
    /// and any other id for none. A page token that no answer handed out stands for none either.
    pub(super) fn of(
        &self,
        request: &Request,
        contracts: &[Arc<Contract>],
        cassettes: &[Cassette],
    ) -> Option<Request> {
        let declared = declared(request, contracts);
        let declared = Declared { cursors: Vec::new(), ..declared };
        let redacted = self.redactor.request(request, &declared).ok()?.into_inner();
        if redacted == *request {
            return None;
        }
        let is_clear = || !*self.several_accounts.get_or_init(|| several_accounts(cassettes));
        (self.redactor.reveal(&redacted) == redacted || is_clear()).then_some(redacted)
    }
}

/// What the contract that knows the request says of it.
pub(super) fn declared(request: &Request, contracts: &[Arc<Contract>]) -> Declared {
    let readings = key::readings(contracts, request);
    let call = readings.first().and_then(|reading| reading.call);
    let now = Timestamp::now();
    call.map(|call| {
        call.contract.declared(&Exchange {
            operation: Some(call.operation.name.clone()),
            request: request.clone(),
            response: Response::new(500),
            ending: Ending::Complete,
            timing: Timing { started: now, first_byte: Default::default(), duration: Default::default() },
        })
    })
    .unwrap_or_default()
}

fn several_accounts(cassettes: &[Cassette]) -> bool {
    let mut exchanges = cassettes.iter().flat_map(|cassette| &cassette.exchanges);
    exchanges.any(|exchange| {
        let Exchange { request, response, .. } = &**exchange;
        let bodies = [&request.body, &response.body].into_iter().filter_map(|body| body.text());
        let fields = [&request.headers, &response.headers].into_iter().flat_map(|headers| headers.iter());
        bodies.chain([request.target.as_str()]).any(names_second)
            || fields.into_iter().any(|(_, value)| names_second(&value.text()))
    })
}

fn names_second(text: &str) -> bool {
    SECOND_ACCOUNT.iter().any(|account| {
        text.match_indices(account).any(|(at, _)| {
            // After a dash it is the end of a UUID's pseudonym.
            let before = text[..at].bytes().next_back();
            let after = text[at + account.len()..].bytes().next();
            !before.is_some_and(|byte| byte == b'-' || byte.is_ascii_digit())
                && !after.is_some_and(|byte| byte.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{answer, cassette, exchange, notes, request, response};
    use super::super::{Reason, Replayer};
    use super::*;

    /// A cassette that went through the door.
    fn redacted(exchanges: &[(&str, &str, &str)]) -> Cassette {
        let redactor = Redactor::new();
        let contracts = [notes()];
        let mut made = cassette([]);
        for (line, body, answer) in exchanges {
            let exchange = exchange(request(line, body), response(answer));
            let declared = contracts[0].declared(&exchange);
            made.exchanges.push(redactor.exchange(&exchange, &declared).unwrap());
        }
        made
    }

    fn role(account: &str) -> String {
        format!(r#"{{"name":"arn:aws:iam::{account}:role/x"}}"#)
    }

    #[test]
    fn a_secret_that_the_cassette_does_not_hold_is_not_compared() {
        let recorded = [
            ("POST /notes?api_key=OLDSECRET", r#"{"name":"a","apiKey":"OLDSECRET"}"#, "made"),
            ("PUT /other", r#"{"session_token":"OLDSECRET","n":1}"#, "put"),
        ];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        let live = |name: &str| {
            request("POST /notes?api_key=NEWSECRET", &format!(r#"{{"apiKey":"NEWSECRET","name":"{name}"}}"#))
        };
        assert_eq!(answer(&replayer, &live("b")), "miss: never-recorded");
        assert_eq!(answer(&replayer, &live("a")), "made");
        assert_eq!(
            answer(&replayer, &request("PUT /other", r#"{"n":1,"session_token":"NEWSECRET"}"#)),
            "put"
        );
        let told = replayer.misses()[0].to_string();
        assert!(!told.contains("NEWSECRET") && told.contains("differs in input/name\n"), "{told}");
    }

    #[test]
    fn a_configured_account_stands_for_the_recorded_one() {
        let recorded =
            [("POST /notes", &*role("111122223333"), "1"), ("POST /notes", &role("111122223333"), "2")];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        assert_eq!(answer(&replayer, &request("POST /notes", &role("444455556666"))), "1");
        assert_eq!(answer(&replayer, &request("POST /notes", &role("777788889999"))), "miss: never-recorded");
        assert_eq!(answer(&replayer, &request("POST /notes", &role("444455556666"))), "2");
    }

    #[test]
    fn one_of_several_accounts_is_not_guessed() {
        let (one, two) = (role("111122223333"), role("222233334444"));
        let recorded = [("POST /notes", &*one, "1"), ("POST /notes", &two, "2")];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        assert_eq!(answer(&replayer, &request("POST /notes", &two)), "miss: never-recorded");
        assert_eq!(answer(&replayer, &request("POST /notes", &role("000000000002"))), "2");
    }

    #[test]
    fn a_page_token_that_nobody_handed_out_is_no_page() {
        let page = r#"{"token":"opaque-token-of-page-2","notes":[]}"#;
        let recorded = [
            ("GET /notes", "", page),
            ("GET /notes?token=opaque-token-of-page-2", "", r#"{"notes":["last"]}"#),
        ];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        assert_eq!(
            answer(&replayer, &request("GET /notes?token=opaque-token-made-up", "")),
            "miss: never-recorded"
        );
        let handed = replayer.answer(&request("GET /notes", "")).body.json().unwrap()["token"].clone();
        let next = format!("GET /notes?token={}", handed.as_str().unwrap());
        assert_eq!(answer(&replayer, &request(&next, "")), r#"{"notes":["last"]}"#);
        assert_eq!(replayer.misses()[0].reason, Reason::NeverRecorded);
    }

    #[test]
    fn a_uuids_pseudonym_is_no_account() {
        assert!(names_second(r#"{"owner":"000000000002"}"#) && names_second("arn:aws:iam::000000000002:x"));
        assert!(!names_second("00000000-0000-4000-8000-000000000002") && !names_second("0000000000021"));
    }
}
