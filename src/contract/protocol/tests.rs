//! Requests and answers in every protocol, where the official vectors do not look.

use serde_json::{Map, Value, json};

use super::*;
use crate::encoding::pack;
use crate::exchange::{Method, Response, Target};

/// A service of one operation, `Call`, in these protocols.
fn service(protocols: &[&str], members: Value) -> Contract {
    let mut traits: Map<String, Value> =
        protocols.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    traits.insert("aws.auth#sigv4".to_owned(), json!({"name": "x"}));
    let http = json!({"smithy.api#http": {"method": "POST", "uri": "/call", "code": 200},
        "smithy.api#endpoint": {"hostPrefix": "a.{name}."}});
    let shapes = json!({
        "x#Service": {"type": "service", "version": "1", "traits": traits,
            "operations": [{"target": "x#Call"}]},
        "x#Call": {"type": "operation", "input": {"target": "x#Input"}, "output": {"target": "x#Input"},
            "errors": [{"target": "x#Gone"}, {"target": "x#Down"}], "traits": http},
        "x#Gone": {"type": "structure", "traits": {"smithy.api#error": "client"},
            "members": {"Message": {"target": "smithy.api#String"}}},
        "x#Down": {"type": "structure", "traits": {"smithy.api#error": "server"}, "members": {}},
        "x#Input": {"type": "structure", "members": members},
    });
    Contract::from_smithy("x", "x.json", &json!({"smithy": "2.0", "shapes": shapes}).to_string()).unwrap()
}

fn named() -> Value {
    json!({"name": {"target": "smithy.api#String", "traits": {"smithy.api#jsonName": "Renamed"}}})
}

fn post(target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::new(Method::Post, Target::new(target));
    for (name, value) in headers {
        request.headers.push(name, *value);
    }
    request.body = body.to_owned().into();
    request
}

const JSON11: (&str, &str) = ("content-type", "application/x-amz-json-1.1");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[test]
fn each_documented_protocol_is_recognised_and_no_other() {
    let all = ["aws.protocols#awsJson1_1", "aws.protocols#awsQuery", "smithy.protocols#rpcv2Cbor"];
    let requests = [
        (post("/", &[("X-AMZ-TARGET", "Service.Call"), JSON11], "{}"), Protocol::AwsJson1_1),
        (post("/", &[FORM], "Action=Call&Version=1"), Protocol::AwsQuery),
        (post("/service/Service/operation/Call", &[], "\u{1}"), Protocol::RpcV2Cbor),
    ];
    let contract = service(&all, named());
    for (index, (request, protocol)) in requests.iter().enumerate() {
        assert_eq!(contract.route(request).map(|it| it.name.as_str()), Some("Call"), "{protocol}");
        assert_eq!(contract.protocol_of(request), *protocol);
        let other = service(&[all[(index + 1) % all.len()]], named());
        assert!(other.route(request).is_none(), "{protocol}");
    }
}

#[test]
fn no_other_service_or_operation_is_taken_for_this_one() {
    let contract = service(&["aws.protocols#awsJson1_1"], named());
    for target in ["Service.call", "Service.Other", "Services.Call", "Call", "Service.Call.Call", ""] {
        assert!(contract.route(&post("/", &[("x-amz-target", target), JSON11], "{}")).is_none(), "{target}");
    }
    let older = ("content-type", "application/x-amz-json-1.0");
    assert!(contract.route(&post("/", &[("x-amz-target", "Service.Call"), older], "{}")).is_none());
    let query = service(&["aws.protocols#awsQuery"], named());
    for form in ["Action=Call", "Action=Other&Version=1", "Version=1"] {
        assert!(query.route(&post("/", &[FORM], form)).is_none(), "{form}");
    }
}

#[test]
fn bodies_that_are_not_judged_are_neither_read_nor_blamed() {
    let contract = service(&["aws.protocols#awsJson1_1", "smithy.protocols#rpcv2Cbor"], named());
    let operation = contract.operation("Call").unwrap();
    let request = post("/service/Service/operation/Call", &[], "\u{1}");
    assert_eq!(contract.decode(operation, &request), Err(Malformed::Unjudged(Protocol::RpcV2Cbor)));
    let mut response = Response::new(200);
    response.headers.push("content-type", "application/cbor");
    assert_eq!(contract.outcome(operation, &response), Outcome::Unjudged(Protocol::RpcV2Cbor));
    let xml = service(&["aws.protocols#restXml"], named());
    let operation = xml.operation("Call").unwrap();
    assert_eq!(xml.encode(operation, &json!({})).err(), Some(Unencodable::Protocol(Protocol::RestXml)));
}

#[test]
fn aws_json_names_operation_and_error_and_keeps_names() {
    for (name, media) in [("1_0", "application/x-amz-json-1.0"), ("1_1", "application/x-amz-json-1.1")] {
        let contract = service(&[&format!("aws.protocols#awsJson{name}")], named());
        let operation = contract.operation("Call").unwrap();
        let request = contract.encode(operation, &json!({"name": "a"})).unwrap();
        assert_eq!(request.headers.get("content-type").as_deref(), Some(media));
        assert_eq!(request.headers.get("x-amz-target").as_deref(), Some("Service.Call"));
        assert_eq!(request.body.json(), Some(json!({"name": "a"})));
        assert_eq!(contract.decode(operation, &request).unwrap().input, json!({"name": "a"}));
        let gone = contract.refuse(&operation.errors[0], "no more");
        assert_eq!(
            (gone.status, gone.body.json()),
            (400, Some(json!({"__type": "Gone", "Message": "no more"})))
        );
        assert_eq!(contract.refuse(&operation.errors[1], "later").status, 500);
        let Outcome::Error { identity, .. } = contract.outcome(operation, &gone) else { panic!("no error") };
        assert_eq!(identity.name(), Some("Gone"));
    }
}

#[test]
fn a_host_has_its_prefix_and_the_labels_in_it() {
    let contract = service(&["aws.protocols#awsJson1_1"], named());
    let operation = contract.operation("Call").unwrap();
    assert_eq!(contract.host(operation, &json!({"name": "b"}), "x.test"), "a.b.x.test");
}

#[test]
fn a_client_sees_neither_nulls_nor_what_is_not_documented() {
    let contract = service(&["aws.protocols#restJson1"], named());
    let value = json!({"Renamed": null, "other": 1});
    assert_eq!(contract.as_read("Input", &value), json!({}));
    let operation = contract.operation("Call").unwrap();
    let mut response = Response::new(200);
    response.body = value.to_string().into();
    // The laws still do: a `null` and a member that nobody documents are worth a word.
    assert_eq!(contract.outcome(operation, &response), Outcome::Output(value));
}

#[test]
fn whoever_asks_wrongly_is_told_how() {
    let contract = service(&["aws.protocols#restJson1"], named());
    let told = |request: &Request| {
        contract.accept_call(request).map(|it| it.name.clone()).map_err(|why| why.error().0)
    };
    assert_eq!(told(&post("/call", &[], "")), Ok("Call".to_owned()));
    assert_eq!(told(&post("/elsewhere", &[], "")), Err(404));
    assert_eq!(told(&Request::new(Method::Put, Target::new("/call"))), Err(405));
}

#[test]
fn a_packed_body_is_read_like_a_plain_one() {
    let packed = |mut request: Request| {
        request.headers.push("content-encoding", "gzip");
        request.body = pack("gzip", request.body.as_bytes()).unwrap().into();
        request
    };
    let answered = |body: &str, status: u16| {
        let mut response = Response::new(status);
        response.headers.push("content-encoding", "br");
        response.body = pack("br", body.as_bytes()).unwrap().into();
        response
    };
    let input = json!({"Renamed": "a"});
    let target = ("x-amz-target", "Service.Call");
    for (protocol, asked) in [
        ("aws.protocols#restJson1", post("/call", &[], &input.to_string())),
        ("aws.protocols#awsJson1_1", post("/", &[target, JSON11], &input.to_string())),
    ] {
        let contract = service(&[protocol], named());
        let call = contract.operation("Call").unwrap();
        let (plain, packed) =
            (contract.decode(call, &asked).unwrap(), contract.decode(call, &packed(asked)).unwrap());
        assert_eq!((&plain.input, &packed), (&input, &plain), "{protocol}");
        assert_eq!(
            contract.outcome(call, &answered(&input.to_string(), 200)),
            Outcome::Output(input.clone())
        );
        let gone = json!({"__type": "Gone", "Message": "no"});
        let refused = contract.outcome(call, &answered(&gone.to_string(), 400));
        let Outcome::Error { identity, body } = refused else { panic!("{refused:?}") };
        assert_eq!((identity.name(), body), (Some("Gone"), Some(gone)), "{protocol}");
    }
    let form = packed(post("/", &[FORM], "Action=Call&Version=1"));
    assert!(service(&["aws.protocols#awsQuery"], named()).route(&form).is_some());
    let astronomer = Contract::built_in("astronomer").unwrap().unwrap();
    let create = astronomer.operation("CreateCluster").unwrap();
    let asked = packed(post("/platform/v1beta1/organizations/o/clusters", &[], r#"{"name":"a"}"#));
    assert!(astronomer.decode(create, &asked).unwrap().input.to_string().contains(r#""name":"a""#));
    let refused = astronomer.outcome(create, &answered(r#"{"message":"no"}"#, 418));
    assert!(matches!(refused, Outcome::Error { body: Some(_), .. }), "{refused:?}");
}
