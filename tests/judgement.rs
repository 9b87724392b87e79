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
        Self::of(Contract::built_in("msk").expect("msk is built in").expect("msk loads"))
    }

    fn of(contract: Contract) -> Self {
        Self { contract, exchanges: Vec::new() }
    }

    fn call(&mut self, operation: &str, input: &Value, status: u16, body: &Value) -> &mut Exchange {
        let operation = self.contract.operation(operation).expect("msk has it");
        let request = self.contract.encode(operation, input).expect("it can be sent");
        self.exchanges.push(exchange(request, status, body));
        self.exchanges.last_mut().expect("one was pushed")
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
        let seen = self
            .exchanges
            .iter()
            .map(|it| redactor.exchange(it, &Declared::default()).expect("nothing leaks"));
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
    let now = Timestamp::parse("2026-03-14T09:26:53Z").expect("a time");
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

#[test]
fn throttling_ends_no_walk() {
    for status in [429, 503, 500] {
        let mut script = Script::new();
        let next = json!({"nextToken": "t1"});
        script.page(&json!({}), &["a"], Some("t1"));
        script.call("ListClusters", &next, status, &error("TooManyRequestsException"));
        assert_eq!(script.said("PG-T03"), Vec::<&str>::new(), "{status}");
        script.page(&next, &["b"], None);
        assert_eq!(script.said("PG-T03"), ["pass"], "{status}");
    }
    let mut script = Script::new();
    script.page(&json!({}), &["a"], Some("t1"));
    script.call("ListClusters", &json!({"nextToken": "t1"}), 400, &error("BadRequestException"));
    assert_eq!(script.said("PG-T03"), ["fail"]);
}

#[test]
fn what_is_being_deleted_may_vanish_and_what_others_change_is_advice() {
    let session = |state: &str| {
        let mut script = Script::new();
        let items = json!({"clusterInfoList": [cluster("a", "ACTIVE"), cluster("b", state)]});
        script.call("ListClusters", &json!({"maxResults": 100}), 200, &items);
        script.page(&json!({"maxResults": 1}), &["a"], Some("t1"));
        script.page(&json!({"maxResults": 1, "nextToken": "t1"}), &[], None);
        script.page(&json!({"clusterNameFilter": "b"}), &[], None);
        script
    };
    let active = session("ACTIVE");
    for check in ["PG-T06", "PG-T07"] {
        assert!(active.said(check).contains(&"fail"), "{check}");
        let excerpt = active.says(check, Coverage::Excerpt);
        assert!(excerpt.iter().any(|it| short(it) == "advice"), "{check}: {excerpt:?}");
        let said = session("DELETING").said(check);
        assert!(!said.contains(&"fail"), "{check}: {said:?}");
    }
    assert_eq!(active.said("FL-02"), ["fail"]);
    assert_eq!(session("DELETING").said("FL-02"), ["pass"]);
}

#[test]
fn empty_pages_are_legal_for_a_while() {
    let walk = |pages: usize| {
        let mut script = Script::new();
        script.page(&json!({}), &[], Some("t0"));
        for page in 1..pages {
            script.page(&json!({"nextToken": format!("t{}", page - 1)}), &[], Some(&format!("t{page}")));
        }
        script.said("PG-T01")
    };
    assert_eq!(walk(9), ["the walk was not followed to its end"]);
    assert_eq!(walk(17), ["fail"]);
}

#[test]
fn an_identity_is_all_identifiers_together() {
    let mut script = Script::new();
    for resource in &mut script.contract.resources {
        resource.identifiers = vec!["state".to_owned(), "clusterName".to_owned()];
    }
    script.page(&json!({}), &["a"], Some("t1"));
    script.page(&json!({"nextToken": "t1"}), &["b"], None);
    assert_eq!(script.said("PG-T05"), ["pass"]);
}

#[test]
fn lists_of_different_parents_are_not_compared() {
    let mut script = Script::new();
    for operation in &mut script.contract.operations {
        // Without a page size, that member says what is listed.
        operation.pagination.iter_mut().for_each(|pagination| pagination.page_size = None);
    }
    script.page(&json!({"maxResults": 1}), &["a", "b"], None);
    script.page(&json!({"maxResults": 2, "clusterNameFilter": "b"}), &[], None);
    assert_eq!(script.said("FL-02"), Vec::<&str>::new());
}

#[test]
fn a_host_inside_is_advice_unless_the_client_named_it() {
    let said = |name: &str| {
        let mut script = Script::new();
        let body = json!({"__type": "BadRequestException", "message": "no host.internal here"});
        script.call("ListClusters", &json!({"clusterNameFilter": name}), 400, &body);
        script.said("ER-07")
    };
    assert_eq!(said("a"), ["advice"]);
    assert_eq!(said("host.internal"), ["pass"]);
}

#[test]
fn demands_are_said_positively() {
    let contract = Contract::built_in("msk").expect("msk is built in").expect("msk loads");
    let list = contract.operation("ListClusters").unwrap();
    let broken = |input| contract.input_violations(list, &input, None).remove(0).demands;
    assert_eq!(broken(json!({"maxResults": 0})), "at least 1");
    assert_eq!(broken(json!({"maxResults": 101})), "at most 100");
    assert_eq!(broken(json!({"maxResults": "two"})), "an integer");
    let create = contract.operation("CreateCluster").unwrap();
    let broken = contract.input_violations(create, &json!({"clusterName": ""}), None);
    let of = |at: &str| broken.iter().find(|it| it.pointer == at).map(|it| it.demands.as_str());
    assert_eq!(of("/clusterName"), Some("at least 1 character"));
    assert_eq!(of("/kafkaVersion"), Some("the member, which is required"));
}

#[test]
fn a_finding_shows_the_value_or_the_kind_of_body() {
    let mut script = Script::new();
    script.call("ListClusters", &json!({}), 200, &json!({"clusterInfoList": "x".repeat(80)}));
    let seen = script.call("ListClusters", &json!({}), 400, &json!({}));
    seen.response.headers.set("content-type", "text/html; charset=utf-8");
    seen.response.body = Body::from("<html>");
    let actual = |check| match script.says(check, Coverage::Whole).remove(0) {
        Ruling::Fail(problem) => (problem.expected, problem.actual),
        other => panic!("{other:?}"),
    };
    assert_eq!(actual("RS-03"), ("a list".to_owned(), format!("\"{}...", "x".repeat(59))));
    assert_eq!(actual("ER-01").1, "text/html, 6 bytes");
}

#[test]
fn counted_pages_hold_what_offset_and_limit_ask_for() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/astronomer.yaml");
    let said = |check: &str, offset: u64, names: &[&str], total: u64| {
        let mut script = Script::of(Contract::open(path, &[]).expect("it loads"));
        let page = |offset: u64, names: &[&str], total: u64| {
            let clusters: Vec<_> = names.iter().map(|name| json!({ "id": name })).collect();
            json!({"clusters": clusters, "offset": offset, "limit": 2, "totalCount": total})
        };
        let asked = |offset: u64| json!({"organizationId": "o", "offset": offset, "limit": 2});
        script.call("ListClusters", &asked(0), 200, &page(0, &["a", "b"], 3));
        script.call("ListClusters", &asked(2), 200, &page(offset, names, total));
        script.said(check)
    };
    for check in ["PG-O01", "PG-O02"] {
        assert_eq!(said(check, 2, &["c"], 3), ["pass", "pass"], "{check}");
    }
    assert_eq!(said("PG-O03", 2, &["c"], 3), ["pass"]);
    assert_eq!(said("PG-O01", 0, &["c"], 3), ["pass", "fail"]);
    assert_eq!(said("PG-O02", 2, &["c", "d"], 3), ["pass", "fail"]);
    assert_eq!(said("PG-O03", 2, &["c", "d"], 4), ["fail"]);
    assert_eq!(said("PG-T05", 2, &["a"], 3), ["fail"]);
    assert_eq!(said("PG-T02", 2, &["c"], 3), Vec::<&str>::new());
}

/// A provider of one operation, with these media types and this error body.
fn described(answered: &[&str], error: &Value) -> Contract {
    let content: serde_json::Map<_, _> =
        answered.iter().map(|media| ((*media).to_owned(), json!({"schema": {"type": "string"}}))).collect();
    let document = json!({"openapi": "3.1.0", "info": {"title": "One", "version": "1"}, "paths": {"/one": {"get": {
        "operationId": "GetOne", "responses": {
            "200": {"description": "it", "content": content},
            "404": {"description": "no", "content": {"application/problem+json": {"schema": error}}}}}}}});
    Contract::from_text("one", "one.json", &document.to_string()).expect("it loads")
}

#[test]
fn a_body_comes_with_any_media_type_that_is_documented_for_its_status() {
    let said = |answered: &[&str], status: u16, media: &str| {
        // What is not read otherwise says so beside.
        let mut script = Script::of(described(answered, &json!({"type": "object"})));
        let seen = script.call("GetOne", &json!({}), status, &json!({}));
        seen.response.headers.set("content-type", media);
        let said = script.said("RS-02");
        said.into_iter().filter(|it| *it != "not judged yet").collect::<Vec<_>>()
    };
    assert_eq!(said(&["text/csv; header=present"], 200, "text/csv; header=present; charset=utf-8"), ["pass"]);
    assert_eq!(said(&["application/json", "text/csv"], 200, "text/csv"), ["pass"]);
    assert_eq!(said(&["application/json", "text/*"], 200, "text/plain"), ["pass"]);
    assert_eq!(said(&["application/json"], 200, "text/html"), ["fail"]);
    assert_eq!(said(&["application/json"], 404, "application/problem+json"), ["pass"]);
    assert_eq!(said(&["application/json"], 404, "application/json"), ["fail"]);
}

#[test]
fn a_message_that_may_be_left_out_is_missed_by_readers_only() {
    let said = |required: &[&str], body: Value| {
        let error =
            json!({"type": "object", "required": required, "properties": {"message": {"type": "string"}}});
        let mut script = Script::of(described(&["application/json"], &error));
        let seen = script.call("GetOne", &json!({}), 404, &body);
        seen.response.headers.set("content-type", "application/problem+json");
        script.said("ER-07")
    };
    assert_eq!(said(&["message"], json!({})), ["fail"]);
    assert_eq!(said(&[], json!({})), ["advice"]);
    assert_eq!(said(&[], json!({"message": ""})), ["fail"]);
    assert_eq!(said(&[], json!({"message": "no"})), ["pass"]);
}

#[test]
fn a_list_that_was_asked_for_against_a_rule_says_nothing_of_pages() {
    let said = |strange: bool| {
        let text = include_str!("linked.yaml");
        let rule = "x-onrecord-rules: [{id: limited, when: /limit, schema: {not: {required: [limit]}}, level: INFO}]";
        let ruled = text.replace("operationId: ListBooks", &format!("operationId: ListBooks\n      {rule}"));
        let text = if strange { ruled.as_str() } else { text };
        let mut script = Script::of(Contract::from_text("linked", "linked.yaml", text).expect("it loads"));
        let body = json!({"books": [], "total": 2, "links": {"next": null}});
        script.call("ListBooks", &json!({"limit": 1}), 200, &body);
        script.said("PG-O02")
    };
    assert_eq!(said(false), ["fail"]);
    assert_eq!(said(true), Vec::<&str>::new());
}

#[test]
fn a_member_in_other_letters_is_not_the_member() {
    let described = |name: &str| {
        let mut script = Script::new();
        let mut body = json!({ "clusterInfo": cluster("a", "ACTIVE") });
        body["clusterInfo"].as_object_mut().expect("an object").remove("clusterName");
        body["clusterInfo"][name] = json!("a");
        script.call(
            "DescribeCluster",
            &json!({"clusterArn": "arn:aws:kafka:us-east-1:111122223333:cluster/a/1"}),
            200,
            &body,
        );
        script.said("RS-03")
    };
    assert_eq!(described("clusterName"), ["pass"]);
    assert_eq!(described("ClusterName"), ["fail"]);
    assert_eq!(described("nameOfCluster"), ["advice", "pass"]);
}
