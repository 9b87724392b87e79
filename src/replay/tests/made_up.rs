//! UUIDs that clients make up anew in each run.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::super::fixtures::{answer, cassette, exchange, notes, recorded, replay, request, response};
use super::super::{Replayer, TakenFor};
use crate::exchange::Request;

const OLD: &str = "5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11";
const OTHER: &str = "0b7c9a52-6a4e-4b58-9c7e-0d1c9b6c2f10";
const PSEUDONYM: &str = "00000000-0000-4000-8000-000000000001";
const SEARCHED: &str = "77777777-6a4e-4b58-9c7e-0d1c9b6c2f10";
const READ: &str = "88888888-6a4e-4b58-9c7e-0d1c9b6c2f10";
const NEW: &str = "d1c5a0de-3b1c-4bb0-b8de-2a4d3a6c1e97";

fn create(name: &str) -> Request {
    request("POST /notes", &format!(r#"{{"name":"test-{name}"}}"#))
}

fn delete(name: &str) -> Request {
    request(&format!("DELETE /notes/test-{name}"), "")
}

fn story(names: &[&str]) -> Replayer {
    let mut exchanges = vec![exchange(request("GET /notes", ""), response("none"))];
    for name in names {
        exchanges.push(exchange(create(name), response(&format!("made test-{name}"))));
        exchanges.push(exchange(delete(name), response(&format!("gone test-{name}"))));
    }
    exchanges.push(exchange(request("GET /notes", ""), response(&format!("{names:?}"))));
    Replayer::new(vec![notes()], vec![cassette(exchanges)])
}

#[test]
fn what_a_client_made_up_is_what_it_makes_up_now() {
    let replayer = story(&[OLD]);
    assert_eq!(answer(&replayer, &request("GET /notes", "")), "none");
    assert_eq!(answer(&replayer, &delete(NEW)), "miss: never-recorded", "nothing has this name yet");
    assert_eq!(answer(&replayer, &create(NEW)), format!("made test-{NEW}"));
    assert_eq!(answer(&replayer, &delete(OTHER)), "miss: never-recorded");
    assert_eq!(answer(&replayer, &create(OTHER)), "miss: never-recorded", "it stands for one thing only");
    assert_eq!(answer(&replayer, &delete(NEW)), format!("gone test-{NEW}"));
    assert_eq!(answer(&replayer, &create(NEW)), "miss: used-up");
    assert_eq!(answer(&replayer, &request("GET /notes", "")), format!("{:?}", [NEW]));
}

#[test]
fn a_session_knows_nothing_of_another() {
    let first = story(&[OLD]);
    let second = Replayer::over(first.library.clone());
    assert_eq!(answer(&first, &create(NEW)), format!("made test-{NEW}"));
    assert_eq!(answer(&second, &create(OTHER)), format!("made test-{OTHER}"));
    assert_eq!(answer(&first, &delete(NEW)), format!("gone test-{NEW}"));
    assert_eq!(answer(&second, &delete(NEW)), "miss: never-recorded");
}

#[test]
fn what_is_recorded_is_meant() {
    let replayer = story(&[OLD]);
    assert_eq!(answer(&replayer, &create(OLD)), format!("made test-{OLD}"));
    assert_eq!(answer(&replayer, &delete(OLD)), format!("gone test-{OLD}"));
    // Either could be meant.
    let replayer = story(&[OLD, OTHER]);
    assert_eq!(answer(&replayer, &create(NEW)), "miss: never-recorded");
    assert_eq!(answer(&replayer, &create(OTHER)), format!("made test-{OTHER}"));
}

#[test]
fn what_says_which_thing_is_meant_is_compared() {
    let reads = [
        ("GET /notes", "", OLD),
        ("POST /notes", &*format!(r#"{{"name":"test-{OLD}"}}"#), "handed out before"),
        (&format!("DELETE /notes/test-{OTHER}"), "", "was there"),
        ("POST /notes", &format!(r#"{{"name":"test-{OTHER}","weight":1}}"#), "named before"),
        ("PUT /other", &format!("test-{PSEUDONYM}"), "a pseudonym"),
        ("POST /other", &format!("test-{SEARCHED}"), "a search, maybe"),
        (&format!("GET /other/test-{READ}"), "", "read"),
    ];
    let replayer = replay(&reads);
    for (line, body, _) in &reads[1..] {
        let olds = [OLD, OTHER, PSEUDONYM, SEARCHED, READ];
        let fresh = |text: &str| olds.iter().fold(text.to_owned(), |text, old| text.replace(old, NEW));
        let live = request(&fresh(line), &fresh(body));
        assert_eq!(answer(&replayer, &live), "miss: never-recorded", "{line} {body}");
    }
}

/// A creating request with each of these, and nothing else that could be meant by another UUID.
#[test]
fn an_identity_in_a_creating_request_is_compared() {
    let create_table = |key: &str| {
        let mut sent = request("POST /", &format!(r#"{{"SSESpecification":{{"KMSMasterKeyId":"{key}"}}}}"#));
        sent.headers.push("x-amz-target", "DynamoDB_20120810.CreateTable");
        sent
    };
    let encrypted = |key: &str| {
        let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{key}");
        request("POST /notes", &format!(r#"{{"name":"a","labels":{{"keyArn":"{arn}"}}}}"#))
    };
    let in_arn = |name: &str| {
        let arn = format!("arn:aws:iam::123456789012:role/test-{name}");
        request("POST /notes", &format!(r#"{{"name":"b","labels":{{"roleArn":"{arn}"}}}}"#))
    };
    type Making<'a> = &'a dyn Fn(&str) -> Request;
    let cases: [(&str, Making<'_>); 7] = [
        ("a key's ARN", &encrypted),
        ("a key's id", &create_table),
        ("a tenant", &|id| request("POST /things", &format!(r#"{{"tenant":"{id}"}}"#))),
        ("a segment of a path", &|id| request(&format!("PUT /settings/{id}"), "on")),
        ("a name in an ARN", &in_arn),
        ("a query", &|id| request(&format!("PUT /things?id={id}"), "")),
        ("a name, and an identity", &|id| request(&format!("PUT /things/test-{id}"), id)),
    ];
    for (what, sent) in cases {
        let mut made = exchange(sent(OLD), response("made"));
        made.response.status = 201;
        // Something is made up in the recording, however.
        let named = exchange(create(OTHER), response("named"));
        let replayer = Replayer::new(vec![notes()], vec![cassette([named, made])]);
        assert_eq!(answer(&replayer, &sent(NEW)), "miss: never-recorded", "{what}");
        assert_eq!(answer(&replayer, &sent(OLD)), "made", "{what}");
    }
}

#[test]
fn a_name_is_made_up_on_both_sides() {
    let put = |name: &str| request(&format!("PUT /things/{name}"), "");
    let replayer = replay(&[(&format!("PUT /things/ci_{OLD}"), "", "made")]);
    assert_eq!(answer(&replayer, &put(NEW)), "miss: never-recorded");
    assert_eq!(answer(&replayer, &put(&format!("-{NEW}"))), "miss: never-recorded");
    assert_eq!(answer(&replayer, &put(&format!("test-{NEW}"))), "miss: never-recorded", "another name");
    assert_eq!(answer(&replayer, &put(&format!("ci_{NEW}"))), "made");
}

#[test]
fn what_is_taken_as_made_up_is_told_once() {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let hook = told.clone();
    let replayer = story(&[OLD]).on_made_up(move |taken| hook.lock().unwrap().push(taken.to_string()));
    assert_eq!(answer(&replayer, &delete(NEW)), "miss: never-recorded");
    assert!(told.lock().unwrap().is_empty());
    assert_eq!(answer(&replayer, &create(NEW)), format!("made test-{NEW}"));
    assert_eq!(answer(&replayer, &delete(NEW)), format!("gone test-{NEW}"));
    assert_eq!(*told.lock().unwrap(), [format!("taken as made up: {NEW} for {OLD}")]);
    // What is secret is not shown.
    let told: Arc<Mutex<Vec<TakenFor>>> = Arc::default();
    let hook = told.clone();
    let replayer =
        story(&[OLD]).with_secrets([NEW]).on_made_up(move |taken| hook.lock().unwrap().push(taken.clone()));
    answer(&replayer, &create(NEW));
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].live != NEW, "{told:?}");
}

#[test]
fn what_was_asked_for_before_it_was_made_is_made_up_too() {
    let mut refused = exchange(request(&format!("GET /buckets/test-{OLD}"), ""), response("no such bucket"));
    refused.response.status = 404;
    let made = exchange(request(&format!("PUT /buckets/test-{OLD}"), ""), response("made"));
    let there = exchange(request(&format!("GET /buckets/test-{OLD}"), ""), response("there"));
    let replayer = Replayer::new(Vec::new(), vec![cassette([refused, made, there])]);
    for (method, expected) in [("GET", "no such bucket"), ("PUT", "made"), ("GET", "there")] {
        assert_eq!(answer(&replayer, &request(&format!("{method} /buckets/test-{NEW}"), "")), expected);
    }
}

#[test]
fn places_of_one_uuid_stay_places_of_one() {
    let body =
        |name: &str, label: &str| format!(r#"{{"name":"test-{name}","labels":{{"test-{label}":"x"}}}}"#);
    let replayer = replay(&[("POST /notes", &body(OLD, OLD), "both")]);
    assert_eq!(answer(&replayer, &request("POST /notes", &body(NEW, OTHER))), "miss: never-recorded");
    assert_eq!(answer(&replayer, &request("POST /notes", &body(NEW, NEW))), "both");
}

#[test]
fn packed_requests_and_queries_are_unified_too() {
    let packed = |name: &str| {
        let mut put = request(&format!("PUT /things?id=test-{name}"), "");
        let body = crate::encoding::pack("gzip", format!("name=ci_{name}").as_bytes()).unwrap();
        put.headers.push("content-encoding", "gzip");
        put.headers.push("content-type", "text/plain");
        put.body = body.into();
        put
    };
    let replayer = Replayer::new(Vec::new(), vec![cassette([exchange(packed(OLD), response(OLD))])]);
    assert_eq!(answer(&replayer, &packed(NEW)), NEW);
    let named = |uuid: &str| format!("it.{uuid}");
    let recorded = recorded(&[("PUT /a", &named(OLD), "a"), ("PUT /b", &named(OLD), "b")]);
    let replayer = Replayer::new(Vec::new(), vec![recorded]);
    assert_eq!(answer(&replayer, &request("PUT /b", &named(OTHER))), "miss: never-recorded");
    assert_eq!(answer(&replayer, &request("PUT /a", &named(NEW))), "a");
    assert_eq!(answer(&replayer, &request("PUT /b", &named(NEW))), "b");
}

/// One thing of a story, made under a name and asked for some times.
#[derive(Debug, Clone)]
struct Thing {
    weight: u8,
    deletes: usize,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever order the clients come in, and however many at once: what is answered for a name belongs to
    /// the thing that was made with that weight.
    #[test]
    fn no_made_up_name_gets_what_belongs_to_another(
        things in prop::collection::vec((0_u8..4, 0_usize..3), 1..6),
        order in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..24),
    ) {
        let things: Vec<_> = things.into_iter().map(|(weight, deletes)| Thing { weight, deletes }).collect();
        let name = |side: u8, at: usize| format!("test-{side:08x}-9b1e-4d5e-8f43-{at:012x}");
        let create = |name: &str, weight: u8| {
            request("POST /notes", &format!(r#"{{"name":"{name}","weight":{weight}}}"#))
        };
        let delete = |name: &str| request(&format!("DELETE /notes/{name}"), "");
        let mut exchanges = Vec::new();
        for (at, thing) in things.iter().enumerate() {
            let old = name(1, at);
            exchanges.push(exchange(create(&old, thing.weight), response(&format!("{old} {}", thing.weight))));
            for _ in 0..thing.deletes {
                exchanges.push(exchange(delete(&old), response(&format!("{old} {}", thing.weight))));
            }
        }
        let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
        let is_clear = |weight: u8| things.iter().filter(|thing| thing.weight == weight).count() == 1;
        let asked: Vec<_> = order.iter().map(|(at, creates)| (at.index(things.len()), *creates)).collect();
        let got: Vec<_> = std::thread::scope(|scope| {
            let clients: Vec<_> = asked.chunks(6).map(|chunk| {
                let (replayer, things) = (&replayer, &things);
                scope.spawn(move || chunk.iter().map(|(at, creates)| {
                    let live = name(2, *at);
                    let request = if *creates { create(&live, things[*at].weight) } else { delete(&live) };
                    (*at, *creates, answer(replayer, &request))
                }).collect::<Vec<_>>())
            }).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        for (at, creates, got) in &got {
            let expected = format!("{} {}", name(2, *at), things[*at].weight);
            prop_assert!(*got == expected || got.starts_with("miss: "), "{at} {creates}: {got}");
            prop_assert!(is_clear(things[*at].weight) || got.starts_with("miss: "), "{at}: {got}");
        }
        for (at, thing) in things.iter().enumerate() {
            let created = got.iter().filter(|(own, creates, _)| *own == at && *creates);
            let served = created.filter(|(_, _, got)| !got.starts_with("miss: ")).count();
            let was_asked = got.iter().any(|(own, creates, _)| *own == at && *creates);
            prop_assert_eq!(served, usize::from(was_asked && is_clear(thing.weight)));
        }
    }
}
