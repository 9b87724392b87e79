use serde_json::{Value, json};

use super::{document, load, members, problems, shape};
use crate::contract::{Contract, Explode, Level, ParameterStyle, Place};
use crate::exchange::{Ending, Exchange, Method, Request, Response, Target, Timestamp, Timing};

fn parameter(name: &str, place: &str, more: Value) -> Value {
    super::merged(json!({"name": name, "in": place, "schema": {"type": "string"}}), more)
}

/// A contract of `GET /call`, or another path, with these parameters.
fn call(path: &str, parameters: Value) -> Contract {
    load(&document(
        "3.1.0",
        json!({path: {"get": {"operationId": "Call", "parameters": parameters, "responses": {}}}}),
        json!({}),
    ))
}

#[test]
fn names_are_those_of_the_document_or_made_of_method_and_path() {
    let operation = |id: Option<&str>| match id {
        Some(id) => json!({"operationId": id, "responses": {}}),
        None => json!({"responses": {}}),
    };
    let contract = load(&document(
        "3.0.0",
        json!({
        "/v1/clusters/{id}": {"get": operation(None), "delete": operation(Some("repos/remove-it"))},
        "/a": {"get": operation(Some("same"))}, "/b": {"get": operation(Some("same"))}}),
        json!({}),
    ));
    let names: Vec<_> = contract.operations.iter().map(|it| (it.name.as_str(), it.input.as_str())).collect();
    assert_eq!(
        names,
        [
            ("GetV1ClustersId", "GetV1ClustersIdInput"),
            ("repos/remove-it", "ReposRemoveItInput"),
            ("same", "SameInput"),
            ("same2", "Same2Input")
        ]
    );
    assert!(
        problems(&contract)
            .iter()
            .any(|(at, it)| *at == "/paths/~1b/get/operationId" && it.contains("same is taken"))
    );
}

#[test]
fn an_operation_says_parameters_of_its_path_anew() {
    let contract = load(&document(
        "3.0.0",
        json!({"/a/{id}": {
        "parameters": [parameter("id", "path", json!({"required": true})), parameter("q", "query", json!({"required": true}))],
        "get": {"operationId": "Call", "parameters": [parameter("q", "query", json!({"schema": {"type": "integer"}}))], "responses": {}}}}),
        json!({}),
    ));
    assert_eq!(
        members(&contract, "Call"),
        [("id".to_owned(), Place::Label), ("q".to_owned(), Place::Query("q".into()))]
    );
    assert_eq!(
        shape(&contract, "CallInput"),
        &json!({"type": "object", "properties": {"id": {"type": "string"}, "q": {"type": "integer"}}, "required": ["id"]})
    );
}

#[test]
fn headers_that_http_speaks_of_are_no_members() {
    let header = |name| parameter(name, "header", json!({}));
    let contract = call(
        "/a",
        json!([header("Accept"), header("content-type"), header("Authorization"), header("X-Trace")]),
    );
    assert_eq!(members(&contract, "Call"), [("X-Trace".to_owned(), Place::Header("X-Trace".into()))]);
}

#[test]
fn members_of_one_name_get_their_place_behind_it() {
    let parameters = json!([
        parameter("id", "query", json!({})),
        parameter("id", "path", json!({"required": true})),
        parameter("id", "header", json!({})),
        parameter("body", "path", json!({"required": true}))
    ]);
    let contract = load(&document(
        "3.0.0",
        json!({"/a/{id}/{body}": {"post": {"operationId": "Call", "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": {"type": "array", "items": {}}}}}, "responses": {}}}}),
        json!({}),
    ));
    let found: Vec<_> = members(&contract, "Call").into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["id", "body_path", "id_query", "id_header", "body"]);
    let call = contract.operation("Call").unwrap();
    let input = json!({"id": "1", "body_path": "2", "id_query": "3", "id_header": "4", "body": [5]});
    let request = contract.encode(call, &input).unwrap();
    assert_eq!(request.target.as_str(), "/a/1/2?id=3");
    assert_eq!(contract.decode(call, &request).unwrap().input, input);
}

#[test]
fn styles_are_those_of_the_document() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let style = |place: &str, schema: &Value, more: Value| {
        let parameter = super::merged(parameter("p", place, more), json!({"schema": schema}));
        let path = if place == "path" { "/a/{p}" } else { "/a" };
        let contract = call(path, json!([parameter]));
        contract.operation("Call").unwrap().bindings[0].style
    };
    use ParameterStyle::{Deep, Dotted, Joined, Json, Matrix, Members, Plain};
    for (place, schema, more, expected) in [
        ("query", &list, json!({}), Plain),
        ("query", &list, json!({"explode": false}), Joined(',')),
        ("query", &list, json!({"style": "spaceDelimited", "explode": false}), Joined(' ')),
        ("query", &list, json!({"style": "pipeDelimited"}), Joined('|')),
        ("query", &object, json!({}), Members),
        ("query", &object, json!({"explode": false}), Joined(',')),
        ("query", &object, json!({"style": "deepObject", "explode": true}), Deep),
        ("path", &list, json!({}), Plain),
        ("path", &object, json!({}), Joined(',')),
        ("path", &object, json!({"explode": true}), Members),
        ("path", &list, json!({"style": "label"}), Dotted(Explode::Together)),
        ("path", &object, json!({"style": "label", "explode": true}), Dotted(Explode::Apart)),
        ("path", &list, json!({"style": "matrix"}), Matrix(Explode::Together)),
        ("header", &object, json!({"explode": true}), Members),
        ("cookie", &list, json!({"explode": false}), Joined(',')),
        ("query", &object, json!({"content": {"application/json": {"schema": {"type": "object"}}}}), Json),
    ] {
        assert_eq!(style(place, schema, more.clone()), expected, "{place} {schema} {more}");
    }
}

#[test]
fn a_free_form_query_is_a_map_of_what_no_other_member_has() {
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let contract = call(
        "/a",
        json!([parameter("filter", "query", json!({"schema": map})), parameter("q", "query", json!({}))]),
    );
    assert_eq!(members(&contract, "Call")[0], ("filter".to_owned(), Place::QueryMap));
}

#[test]
fn a_path_and_its_parameters_may_disagree() {
    let contract = call("/a/{id}", json!([parameter("other", "path", json!({"required": true}))]));
    assert_eq!(members(&contract, "Call"), [("id".to_owned(), Place::Label)]);
    let said: Vec<_> = problems(&contract).into_iter().map(|(_, problem)| problem).collect();
    assert_eq!(
        said,
        [
            "the path has no place for other, and the parameter is left out",
            "no parameter describes id, and any text is taken"
        ]
    );
}

#[test]
fn inline_bodies_have_names_and_media_types() {
    let inline = json!({"type": "object", "properties": {"a": {"type": "string"}}, "x-onrecord-rules": [
        {"id": "r", "when": "/a", "note": "n", "level": "SHOULD", "schema": {"required": ["b"]}}]});
    let body = |media: &str, required| json!({"required": required, "content": {media: {"schema": inline}, "application/xml": {}}});
    for (media, sent) in [
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("application/*", "application/json"),
        ("*/*", "application/json"),
        ("application/merge-patch+json", "application/merge-patch+json"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
    ] {
        let contract = load(&document(
            "3.1.0",
            json!({"/a": {"post": {"operationId": "doIt", "requestBody": body(media, true), "responses": {}}}}),
            json!({}),
        ));
        let operation = contract.operation("doIt").unwrap();
        assert_eq!(operation.payload(), Some("body"));
        let node = contract.input(operation).member("body").unwrap();
        assert_eq!(
            (node.shape_name(), node.keyword("contentMediaType")),
            (Some("DoItBody"), Some(&json!(sent)))
        );
        assert_eq!(shape(&contract, "DoItInput")["required"], json!(["body"]));
        let found = contract.input_violations(operation, &json!({"body": {"a": "x"}}), None);
        assert_eq!(
            found.iter().map(|it| (it.rule.as_str(), it.level)).collect::<Vec<_>>(),
            [("rule:r", Level::Should)]
        );
    }
    let multipart = json!({"content": {"multipart/form-data": {"schema": inline}}});
    let contract = load(&document(
        "3.1.0",
        json!({"/a": {"post": {"operationId": "doIt", "requestBody": multipart, "responses": {}}}}),
        json!({}),
    ));
    assert_eq!(
        problems(&contract),
        [(
            "/paths/~1a/post/requestBody/content/multipart~1form-data",
            "bodies in multipart/form-data are recorded and replayed, and not judged"
        )]
    );
    assert_eq!(shape(&contract, "DoItInput").get("required"), None);
}

#[test]
fn rules_of_an_operation_are_rules_of_its_input() {
    let rule = json!([{"id": "both", "when": "/a", "note": "n", "schema": {"required": ["b"]}}]);
    let contract = load(&document(
        "3.1.0",
        json!({"/a": {"get": {"operationId": "Call", "responses": {}, "x-onrecord-rules": rule,
        "x-onrecord-safety": "change", "parameters": [parameter("a", "query", json!({})), parameter("b", "query", json!({}))]}}}),
        json!({}),
    ));
    assert_eq!(contract.rules_of("CallInput").len(), 1);
    assert_eq!(contract.operation("Call").unwrap().safety.as_str(), "change");
}

#[test]
fn examples_are_whole_inputs() {
    let examples = json!({"one": {"value": {"a": 1}}, "two": {"$ref": "#/components/examples/Two"}});
    let mut document = document(
        "3.1.0",
        json!({"/a/{id}": {"post": {"operationId": "Call",
        "parameters": [parameter("id", "path", json!({"required": true, "example": "7"}))],
        "requestBody": {"content": {"application/json": {"examples": examples}}}, "responses": {}}}}),
        json!({}),
    );
    document["components"]["examples"] = json!({"Two": {"value": {"$ref": "plain"}}});
    let contract = load(&document);
    assert_eq!(
        contract.operation("Call").unwrap().examples,
        [json!({"id": "7", "body": {"a": 1}}), json!({"id": "7", "body": {"$ref": "plain"}})]
    );
}

#[test]
fn base_paths_belong_to_the_path_and_others_lead_there_too() {
    let mut document = document(
        "3.0.0",
        json!({"/things/{id}.json": {"get": {"operationId": "Call",
        "parameters": [parameter("id", "path", json!({"required": true}))], "responses": {}}},
        "/own": {"servers": [{"url": "https://own.example.com/special"}], "get": {"operationId": "Own", "responses": {}}}}),
        json!({}),
    );
    document["servers"] = json!([{"url": "https://{region}.example.com/api/{v}/", "variables": {"region": {"default": "eu"}, "v": {"default": "v2"}}},
        {"url": "https://old.example.com/v1"}]);
    let contract = load(&document);
    assert_eq!(contract.servers, ["https://eu.example.com/api/v2/", "https://old.example.com/v1"]);
    let call = contract.operation("Call").unwrap();
    assert_eq!(
        contract.encode(call, &json!({"id": "a b"})).unwrap().target.as_str(),
        "/api/v2/things/a%20b.json"
    );
    for target in ["/api/v2/things/7.json", "/v1/things/7.json", "/things/7.json"] {
        let request = Request::new(Method::Get, Target::new(target));
        assert_eq!(contract.route(&request).map(|it| it.name.as_str()), Some("Call"), "{target}");
        assert_eq!(contract.decode(call, &request).unwrap().input, json!({"id": "7"}), "{target}");
    }
    assert!(contract.route(&Request::new(Method::Get, Target::new("/v3/things/7.json"))).is_none());
    assert_eq!(contract.operation("Own").unwrap().uri.to_string(), "/special/own");
}

#[test]
fn the_closest_path_wins() {
    let get = |id: &str| json!({"get": {"operationId": id, "responses": {}}});
    let contract = load(&document(
        "3.0.0",
        json!({"/{a}/{b}": get("Any"), "/things/{b}": get("Thing"),
        "/things/{b}.json": get("Json"), "/things/all": get("All")}),
        json!({}),
    ));
    for (target, name) in
        [("/x/y", "Any"), ("/things/y", "Thing"), ("/things/y.json", "Json"), ("/things/all", "All")]
    {
        assert_eq!(contract.route(&Request::new(Method::Get, Target::new(target))).unwrap().name, name);
    }
}

#[test]
fn resources_and_pages_come_from_extensions() {
    let list = json!({"get": {"operationId": "List", "responses": {"200": {"content": {"application/json": {"schema": {"type": "object",
        "properties": {"items": {"type": "array", "items": {"type": "string"}}, "total": {"type": "integer"}}}}}}},
        "parameters": [parameter("offset", "query", json!({})), parameter("limit", "query", json!({}))],
        "x-onrecord-source": {"page": "p", "section": "s"},
        "x-onrecord-paginated": {"style": "offset", "inputToken": "offset", "pageSize": "limit", "items": "items", "total": "total"}}});
    let mut document = document("3.1.0", json!({"/a": list}), json!({}));
    document["x-onrecord-pages"] = json!({"p": {"title": "T", "url": "u"}});
    document["x-onrecord-resources"] = json!({"Thing": {"identifiers": ["id"], "list": "List"}});
    let contract = load(&document);
    let list = contract.operation("List").unwrap();
    assert_eq!(list.source.as_ref().unwrap().title, "T");
    assert_eq!(list.pagination.as_ref().unwrap().items.as_deref(), Some("body.items"));
    assert_eq!(contract.resource_of("List").unwrap().identifiers, ["id"]);
}

#[test]
fn credentials_have_places() {
    let mut document =
        document("3.0.0", json!({"/a": {"get": {"operationId": "Call", "responses": {}}}}), json!({}));
    document["components"]["securitySchemes"] = json!({"key": {"type": "apiKey", "in": "query", "name": "api_key"},
        "bearer": {"type": "http", "scheme": "bearer"}, "oauth": {"type": "oauth2", "flows": {}},
        "crumb": {"type": "apiKey", "in": "cookie", "name": "session"}, "odd": {"type": "magic"}});
    let contract = load(&document);
    assert_eq!(
        contract.credentials,
        [
            Place::Query("api_key".into()),
            Place::Header("Authorization".into()),
            Place::Cookie("session".into())
        ]
    );
    assert_eq!(
        problems(&contract),
        [(
            "/components/securitySchemes/odd",
            "the security scheme magic is not known, and its credentials are not"
        )]
    );
    let call = contract.operation("Call").unwrap();
    let mut request = Request::new(Method::Get, Target::new("/a?api_key=k%2B&other=o"));
    request.headers.push("authorization", "Bearer b");
    request.headers.push("cookie", "a=1; session=s");
    assert_eq!(contract.decode(call, &request).unwrap().undeclared, [("other".to_owned(), "o".to_owned())]);
    let timing = Timing {
        started: Timestamp::parse("2026-11-21T07:32:37.250Z").unwrap(),
        first_byte: Default::default(),
        duration: Default::default(),
    };
    let exchange =
        Exchange { operation: None, request, response: Response::new(200), ending: Ending::Complete, timing };
    assert_eq!(contract.declared(&exchange).secrets, ["k+", "b", "s"]);
}

#[test]
fn a_template_in_the_query_is_a_parameter_of_it() {
    let contract = call(
        "/a?convert={convert}&fixed=1",
        json!([parameter("convert", "query", json!({"required": true}))]),
    );
    let of_path = call_of_path();
    assert_eq!(members(&of_path, "Call"), [("lat".to_owned(), Place::Query("lat".into()))]);
    let call = contract.operation("Call").unwrap();
    let request = contract.encode(call, &json!({"convert": "x"})).unwrap();
    assert_eq!(request.target.as_str(), "/a?fixed=1&convert=x");
    assert_eq!(contract.decode(call, &request).unwrap().input, json!({"convert": "x"}));
    assert_eq!(contract.warnings, []);
}

/// As some write it: a parameter of the path that stands in the query.
fn call_of_path() -> Contract {
    call("/a?lat={lat}", json!([parameter("lat", "path", json!({"required": true}))]))
}
