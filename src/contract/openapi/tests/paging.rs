use serde_json::json;

use crate::contract::{Contract, Kind, PagingStyle, Place, Role, Side};
use crate::exchange::{Body, Ending, Exchange, Response, Timestamp, Timing};

/// Whose lists lead on by links.
fn contract() -> Contract {
    Contract::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/linked.yaml"), &[]).unwrap()
}

#[test]
fn pagination_may_name_header_fields_that_the_document_leaves_out() {
    let contract = contract();
    let lamps = contract.operation("ListLamps").unwrap();
    let paged = lamps.pagination.as_ref().unwrap();
    let total = Some("X-Total-Count".to_owned());
    assert_eq!(paged.style, PagingStyle::Page { first: 1, total });
    assert_eq!((paged.next_link.as_deref(), paged.is_linked()), (Some("Link"), false));
    let output = contract.output(lamps);
    let kind = |name: &str| output.member(name).unwrap().kind();
    assert_eq!((kind("X-Total-Count"), kind("Link")), (Kind::Integer, Kind::Text));
    let field = Place::Header("Link".to_owned());
    assert!(lamps.answer.bindings.iter().any(|binding| binding.member == "Link" && binding.place == field));
}

#[test]
fn the_token_in_a_link_is_a_cursor_and_the_link_is_none() {
    let contract = contract();
    let boxes = contract.operation("ListCrates").unwrap();
    let role =
        |schema: crate::contract::Schema<'_>, name: &str, side| schema.member(name).unwrap().role(side);
    assert_eq!(role(contract.input(boxes), "token", Side::Request), Role::Cursor);
    assert_ne!(role(contract.output(boxes), "Next-Page", Side::Response), Role::Cursor);
    let mut response = Response::new(200);
    response.headers.push("content-type", "application/json");
    response.headers.push("next-page", "https://shelves.example/v1/boxes?limit=1&token=secret%2Fplace");
    response.body = Body::from(r#"{"boxes": []}"#);
    let timing = Timing {
        started: Timestamp::parse("2026-03-14T09:26:53Z").unwrap(),
        first_byte: Default::default(),
        duration: Default::default(),
    };
    let request = contract.encode(boxes, &json!({"limit": 1})).unwrap();
    let exchange = Exchange { operation: None, request, response, ending: Ending::Complete, timing };
    assert_eq!(contract.declared(&exchange).cursors, ["secret/place"]);
}
