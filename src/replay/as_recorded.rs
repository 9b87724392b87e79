//! A live request as a cassette would hold it: with its secrets and its account id replaced.
//!
//! A cassette holds `REDACTED` for a secret that no contract declares (`"apiKey": "REDACTED"`),
//! and a pseudonym for the account id that a client has in its configuration. Such a request is
//! found only after the same replacement. That takes time, so it is tried last.

use std::iter;
use std::sync::Arc;

use super::key;
use crate::contract::{Contract, Declared};
use crate::exchange::{Ending, Exchange, Request, Response, Timestamp, Timing};
use crate::redact::{Redacted, Redactor, Rules};

/// What the recorder was told besides what it always looks for.
#[derive(Default)]
pub(super) struct Told {
    pub(super) rules: Rules,
    pub(super) secrets: Vec<String>,
}

impl Told {
    /// A door that has seen nothing, and knows what the recorder knew before its first exchange.
    pub(super) fn redactor(&self) -> Redactor {
        let redactor = Redactor::with(self.rules.clone());
        self.secrets.iter().for_each(|secret| redactor.secret(secret));
        redactor
    }
}

/// Our own address in a request, and the provider's that an answer of ours had there.
pub(super) type Home = (String, String);

/// The request as it may have been recorded, in every way that is not the request itself. A page
/// token that no answer handed out stands for none.
pub(super) fn as_recorded(
    request: &Request,
    contracts: &[Arc<Contract>],
    told: &Told,
    homes: &[Home],
) -> Vec<Request> {
    let declared = Declared { cursors: Vec::new(), ..declared(request, contracts, &told.rules) };
    let passed = |redactor: &Redactor| redactor.request(request, &declared).ok().map(Redacted::into_inner);
    let doors = iter::once(None).chain(homes.iter().map(Some)).flat_map(|home| {
        let doors = [told.redactor(), told.redactor()];
        // The recording may have known an account or an id from elsewhere that is not shown to be one here.
        doors[1].suspect(request);
        doors.iter().for_each(|door| home.iter().for_each(|(ours, theirs)| door.host(ours, theirs)));
        doors
    });
    let mut found: Vec<_> = doors.filter_map(|door| passed(&door)).collect();
    found.dedup();
    found.retain(|redacted| redacted != request);
    found
}

/// What the contract that knows the request says of it, and a user's rules about its members.
pub(super) fn declared(request: &Request, contracts: &[Arc<Contract>], rules: &Rules) -> Declared {
    let readings = key::readings(contracts, request);
    let call = readings.first().and_then(|reading| reading.call);
    let now = Timestamp::now();
    call.map(|call| {
        let exchange = Exchange {
            operation: Some(call.operation.name.clone()),
            request: request.clone(),
            response: Response::new(500),
            ending: Ending::Complete,
            timing: Timing { started: now, first_byte: Default::default(), duration: Default::default() },
        };
        let mut declared = call.contract.declared(&exchange);
        declared.secrets.extend(rules.members(call.contract, &exchange));
        declared
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{answer, cassette, exchange, notes, request, response};
    use super::super::{Reason, Replayer};
    use super::*;
    use crate::cassette::Cassette;

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
    fn a_client_that_names_its_accounts_is_understood() {
        let (one, two) = (role("111122223333"), role("222233334444"));
        let recorded = [("POST /notes", &*one, "1"), ("POST /notes", &two, "2"), ("POST /notes", &one, "3")];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        // In another order than they were recorded in, so that no numbering could help.
        assert_eq!(answer(&replayer, &request("POST /notes", &two)), "2");
        assert_eq!(answer(&replayer, &request("POST /notes", &one)), "1");
        assert_eq!(answer(&replayer, &request("POST /notes", &role("444455556666"))), "miss: never-recorded");
        assert_eq!(answer(&replayer, &request("POST /notes", &one)), "3");
    }

    #[test]
    fn an_account_that_only_the_recording_could_know_is_understood() {
        let bare = r#"{"name":"111122223333/x"}"#;
        let recorded = [("POST /notes", &*role("111122223333"), "1"), ("POST /notes", bare, "2")];
        let replayer = Replayer::new(vec![notes()], vec![redacted(&recorded)]);
        let other = r#"{"name":"444455556666/x"}"#;
        assert_eq!(answer(&replayer, &request("POST /notes", other)), "miss: never-recorded");
        assert_eq!(answer(&replayer, &request("POST /notes", bare)), "2");
    }

    #[test]
    fn an_id_that_only_the_answer_showed_to_be_one_is_understood() {
        let (own, other) = ("n8xpiemu9riqgkvn01kydrffhq", "fb33gfmyvlpe3fwo7kl59vq851");
        let named = |id: &str| format!(r#"{{"name":"{id}"}}"#);
        let answered = format!("there is no arn:aws:dsql:us-east-1:111122223333:cluster/{own}");
        let replayer =
            Replayer::new(vec![notes()], vec![redacted(&[("POST /notes", &named(own), &answered)])]);
        assert_eq!(answer(&replayer, &request("POST /notes", &named(other))), "miss: never-recorded");
        let told = answer(&replayer, &request("POST /notes", &named(own)));
        assert!(told.starts_with("there is no arn:aws:dsql:"), "{told}");
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
}
