//! What the laws say of sessions that are awkward to judge: each was once judged wrongly.

use onrecord::check::{Coverage, Ruling, Session};
use onrecord::contract::{Contract, Declared};
use onrecord::exchange::{Body, Ending, Exchange, Request, Response, Timestamp, Timing};
use onrecord::redact::Redactor;
use serde_json::{Value, json};

struct Script {
    contract: Contract,
    exchanges: Vec<Exchange>,
}

impl Script {
    fn new() -> Self {
        Self::of(Contract::built_in("msk").unwrap().unwrap())
    }

    fn of(contract: Contract) -> Self {
        Self { contract, exchanges: Vec::new() }
    }

    fn call(&mut self, operation: &str, input: &Value, status: u16, body: &Value) -> &mut Exchange {
        let operation = self.contract.operation(operation).unwrap();
        let request = self.contract.encode(operation, input).unwrap();
        self.exchanges.push(exchange(request, status, body));
        self.exchanges.last_mut().unwrap()
    }

    /// A page of `ListClusters`.
    fn page(&mut self, input: &Value, items: &[&str], token: Option<&str>) -> &mut Exchange {
        let items: Vec<_> = items.iter().map(|name| cluster(name, "ACTIVE")).collect();
        let mut body = json!({ "clusterInfoList": items });
        if let Some(token) = token {
            body["nextToken"] = json!(token);
        }
        self.call("ListClusters", input, 200, &body)
    }

    /// What a law says of all this, in order.
    fn says(&self, check: &str, coverage: Coverage) -> Vec<Ruling> {
        let redactor = Redactor::new();
        let seen = self.exchanges.iter().map(|it| redactor.exchange(it, &Declared::default()).unwrap());
        let verdicts = Session::new(&self.contract, seen, coverage).judge();
        verdicts.into_iter().filter(|verdict| verdict.check == check).map(|verdict| verdict.ruling).collect()
    }

    fn said(&self, check: &str) -> Vec<&'static str> {
        self.says(check, Coverage::Whole).iter().map(short).collect()
    }
}

fn short(ruling: &Ruling) -> &'static str {
    match ruling {
        Ruling::Pass => "pass",
        Ruling::Fail(_) => "fail",
        Ruling::Advisory(_) => "advice",
        Ruling::NotTestable(reason) => reason,
    }
}

fn exchange(request: Request, status: u16, body: &Value) -> Exchange {
    let mut response = Response::new(status);
    response.headers.push("content-type", "application/json");
    response.body = Body::from(body.to_string().into_bytes());
    let now = Timestamp::parse("2026-03-14T09:26:53Z").unwrap();
    let timing = Timing { started: now, first_byte: Default::default(), duration: Default::default() };
    Exchange { operation: None, request, response, ending: Ending::Complete, timing }
}

fn cluster(name: &str, state: &str) -> Value {
    let arn = format!("arn:aws:kafka:us-east-1:111122223333:cluster/{name}/1");
    json!({ "clusterArn": arn, "clusterName": name, "state": state })
}

fn error(name: &str) -> Value {
    json!({ "__type": name, "message": "no" })
}

const REFUSED: &str = "the provider refused for access or load, not for the input";

#[test]
fn a_refusal_for_access_or_load_says_nothing_of_the_input() {
    let answers =
        [(401, "A"), (403, "ForbiddenException"), (429, "B"), (503, "C"), (400, "AccessDeniedException")];
    for (status, name) in answers {
        let mut script = Script::new();
        script.call("ListClusters", &json!({"maxResults": 0}), status, &error(name));
        script.call("ListClusters", &json!({"nextToken": "bm90LWEtdG9rZW4"}), status, &error(name));
        for check in ["IN-01", "IN-02", "PG-T21"] {
            assert_eq!(script.said(check), [REFUSED], "{check} on {status} {name}");
        }
    }
}

#[test]
fn only_a_client_error_refuses_an_input() {
    let said = |status| {
        let mut script = Script::new();
        script.call("ListClusters", &json!({"maxResults": 0}), status, &error("BadRequestException"));
        (script.said("IN-01"), script.said("IN-02"))
    };
    assert_eq!(said(400), (vec!["pass"], vec!["pass"]));
    assert_eq!(said(302), (vec!["fail"], vec!["pass"]));
    assert_eq!(said(500), (vec![], vec!["fail"]));
}

#[test]
fn an_answer_that_broke_off_is_not_judged_by_its_body() {
    for status in [200, 400] {
        let mut script = Script::new();
        let seen = script.call("ListClusters", &json!({}), status, &json!({}));
        seen.response.body = Body::from("{\"clusterInfoList\": [");
        seen.ending = Ending::Aborted;
        let all = [script.said("RS-03"), script.said("ER-01")].concat();
        assert!(all.contains(&"the answer broke off") && !all.contains(&"fail"), "{status}: {all:?}");
    }
}
