//! What is compared where no contract knows a request.

use std::sync::Arc;

use super::super::fixtures::{answer, cassette, exchange, request, response};
use super::super::{Library, Replayer};
use crate::exchange::Request;

fn replay(requests: Vec<Request>) -> Replayer {
    let exchanges = requests.into_iter().enumerate();
    let exchanges = exchanges.map(|(number, request)| exchange(request, response(&number.to_string())));
    Replayer::new(Vec::new(), vec![cassette(exchanges)])
}

fn with(line: &str, fields: &[(&str, &str)]) -> Request {
    let mut made = request(line, "");
    fields.iter().for_each(|(name, value)| made.headers.push(name, *value));
    made
}

#[test]
fn a_providers_own_fields_say_what_is_asked_for() {
    let copy = |from: &str| with("PUT /bucket/key", &[("x-amz-copy-source", from)]);
    let replayer = replay(vec![copy("/bucket/one"), request("PUT /bucket/key", "")]);
    assert_eq!(answer(&replayer, &copy("/bucket/two")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &request("PUT /bucket/key", "")), "1");
    // Who asks, when, and how it is summed up is beside the point.
    let mut later = copy("/bucket/one");
    for (name, value) in [("x-amz-date", "20261121T073237Z"), ("x-amz-checksum-crc32", "AAAAAA==")] {
        later.headers.push(name, value);
    }
    assert_eq!(answer(&replayer, &later), "0");
}

#[test]
fn a_plus_in_a_query_is_a_space_unless_it_is_escaped() {
    let replayer = replay(vec![request("GET /any?q=a+b", ""), request("GET /any?q=a%2Bb", "")]);
    assert_eq!(answer(&replayer, &request("GET /any?q=a%2Bb", "")), "1");
    assert_eq!(answer(&replayer, &request("GET /any?q=a%20b", "")), "0");
}

#[test]
fn a_field_of_a_form_is_left_out_whatever_is_in_its_name() {
    let form = |body: &str| {
        let mut made = request("POST /any", body);
        made.headers.push("content-type", "application/x-www-form-urlencoded");
        made
    };
    let library = Library::new(Vec::new(), vec![cassette([exchange(form("a/b~c=1&d=2"), response("it"))])]);
    let loosened = "body:/a~1b~0c=any".parse().unwrap();
    assert_eq!(library.alternatives(&loosened), None);
    let replayer = Replayer::over(Arc::new(library.loosened(vec![loosened]).unwrap()));
    assert_eq!(answer(&replayer, &form("a/b~c=3&d=3")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &form("a/b~c=3&d=2")), "it");
}

#[test]
fn what_is_nested_too_deep_is_not_loosened_into_nothing() {
    let deep = |leaf: &str| format!("<a>{}{leaf}{}</a>", "<b>".repeat(70), "</b>".repeat(70));
    let post = |line: &str, leaf: &str| {
        let mut made = request(line, &deep(leaf));
        made.headers.push("content-type", "application/xml");
        made
    };
    let recorded = cassette([exchange(post("POST /deposit", "1"), response("deposited"))]);
    let library = Library::new(Vec::new(), vec![recorded]);
    let library = library.loosened(vec!["header:range=any".parse().unwrap()]).unwrap();
    let replayer = Replayer::over(Arc::new(library));
    assert_eq!(answer(&replayer, &post("POST /withdraw", "2")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &post("POST /deposit", "1")), "deposited");
}
