//! How a session serves: its clock, its pace, what comes after the last, and waits.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::fixtures::{answer, cassette, exchange, model, notes, replay, request, response};
use super::super::{AfterLast, Clock, Pace, Replayer};
use super::get;
use crate::contract::Contract;
use crate::exchange::{Exchange, Piece, Request, Response, Timestamp, moved};
use crate::redact::PROVIDER;

/// When the answers of the fixtures were given, by their own `Date`.
const THEN: i64 = 1_605_943_957;

/// An hour later, in each form.
const HOUR: i64 = 3600;
const HTTP: &str = "Sat, 21 Nov 2020 08:32:37 GMT";
const TEXT: &str = "2020-11-21T08:32:37.125Z";
const BASIC: &str = "20201121T073237Z";

/// How much later than then an instant is, in a form that now has.
fn later(text: &str) -> i64 {
    let at = moved(text, 0).and(Timestamp::parse(text).map(Timestamp::seconds));
    at.or_else(|| crate::exchange::http_seconds(text)).or_else(|| text.parse().ok()).expect("an instant")
}

/// Whether it is an hour from now, give or take what the test takes.
fn is_in_an_hour(text: &str) -> bool {
    (0..60).contains(&(Timestamp::now().seconds() + HOUR - later(text)).abs())
}

fn served(request: Request, recorded: Response, clock: Clock) -> Response {
    let recorded = exchange(request.clone(), recorded);
    Replayer::new(vec![notes()], vec![cassette([recorded])]).with_clock(clock).answer(&request)
}

fn expiring() -> Response {
    let body = json!({
        "Expiration": TEXT, "CreateDate": TEXT, "expires_in": HOUR, "expires_at": THEN + HOUR,
        "EXPIRES_AT": THEN + HOUR,
        "url": format!("https://b.example/k?X-Amz-Date={BASIC}&X-Amz-Expires=3600&X-Amz-Signature=REDACTED"),
    });
    let mut response = response(&body.to_string());
    response.headers.push("expires", HTTP);
    response.headers.push("last-modified", HTTP);
    response.headers.push("retry-after", HTTP);
    response.headers.push("set-cookie", format!("id=REDACTED; Expires={HTTP}; Path=/"));
    response.headers.push("location", format!("https://b.example/k?X-Amz-Date={BASIC}&X-Amz-Expires=3600"));
    response
}

#[test]
fn what_expires_does_so_as_long_from_now_as_it_did_then() {
    let answer = served(get("/any"), expiring(), Clock::Now);
    let field = |name: &str| answer.headers.get(name).unwrap().into_owned();
    let now = Timestamp::now().seconds();
    assert!((0..60).contains(&(now - later(&field("date")))));
    assert!(is_in_an_hour(&field("expires")) && is_in_an_hour(&field("retry-after")));
    assert_eq!(field("last-modified"), HTTP, "when a thing was changed is a fact");
    let cookie = field("set-cookie");
    assert!(cookie.starts_with("id=REDACTED; Expires=") && cookie.ends_with("; Path=/"), "{cookie}");
    assert!(is_in_an_hour(cookie.split(['=', ';']).nth(3).unwrap()), "{cookie}");
    let body = answer.body.json().unwrap();
    assert!(is_in_an_hour(body["Expiration"].as_str().unwrap()), "{body}");
    assert!(body["Expiration"].as_str().unwrap().ends_with(".125Z"), "the fraction stays");
    assert!(is_in_an_hour(&body["expires_at"].to_string()), "{body}");
    assert!(is_in_an_hour(&body["EXPIRES_AT"].to_string()), "{body}");
    assert_eq!((&body["CreateDate"], &body["expires_in"]), (&json!(TEXT), &json!(HOUR)));
    for url in [body["url"].as_str().unwrap(), &field("location")] {
        let signed = url.split(['=', '&']).nth(1).unwrap();
        let today = Timestamp::now().to_string().replace('-', "");
        assert_eq!(signed[..8], today[..8], "{url}");
        assert!(url.contains("&X-Amz-Expires=3600"), "{url}");
    }
    let length = answer.body.len().to_string();
    assert_eq!(answer.headers.get("content-length").as_deref(), Some(length.as_str()));
}

#[test]
fn a_clock_that_stands_still_leaves_everything_as_recorded() {
    assert_eq!(served(get("/any"), expiring(), Clock::Recorded), expiring());
}

#[test]
fn where_a_contract_knows_the_operation_it_says_what_expires() {
    let mut model = model("notes");
    model["shapes"]["x#ListOutput"]["members"]["readableUntilExpiry"] =
        json!({"target": "smithy.api#Timestamp"});
    let contract = Arc::new(Contract::from_smithy("notes", "notes.json", &model.to_string()).unwrap());
    let body = format!(r#"{{"readableUntilExpiry":{}.5,"notes":[{{"expires":"{TEXT}"}}]}}"#, THEN + HOUR);
    let recorded = exchange(get("/notes"), response(&body));
    let replayer = Replayer::new(vec![contract], vec![cassette([recorded])]);
    let body = replayer.answer(&get("/notes")).body.json().unwrap();
    assert!(is_in_an_hour(body["readableUntilExpiry"].to_string().strip_suffix(".5").unwrap()), "{body}");
    assert_eq!(body["notes"][0]["expires"], TEXT, "a user's own");
}

#[test]
fn a_moved_instant_counts_from_the_recording_where_no_date_is_told() {
    let mut recorded = response(r#"{"Expiration":"2026-11-21T08:32:37Z"}"#);
    recorded.headers =
        recorded.headers.iter().filter(|(name, _)| *name != "date").map(|(n, v)| (n, v.clone())).collect();
    let body = served(get("/any"), recorded, Clock::Now).body.json().unwrap();
    assert!(is_in_an_hour(body["Expiration"].as_str().unwrap()), "{body}");
}

#[test]
fn what_a_client_has_stored_is_no_word_of_the_provider() {
    let body = r#"{"expires":1763710357,"expiresAt":"2025-11-21T08:32:37Z"}"#;
    for (name, value) in
        [("etag", "\"5eb63bbb\""), ("x-amz-checksum-sha256", "AA=="), ("content-md5", "AA==")]
    {
        let mut stored = response(body);
        stored.headers.push(name, value);
        let answer = served(get("/bucket/key"), stored, Clock::Now);
        assert_eq!(answer.body.text(), Some(body), "{name}");
    }
    let mut weak = response(body);
    weak.headers.push("etag", "W/\"5eb63bbb\"");
    assert_ne!(served(get("/any"), weak, Clock::Now).body.text(), Some(body));
}

#[test]
fn a_presigned_url_that_was_moved_is_understood() {
    let signed = |date: &str, signature: &str| {
        get(&format!("/file?part=1&X-Amz-Date={date}&X-Amz-Expires=60&X-Amz-Signature={signature}"))
    };
    let recorded = exchange(signed(BASIC, "REDACTED"), response("file"));
    let replayer = Replayer::new(vec![notes()], vec![cassette([recorded])]);
    assert_eq!(answer(&replayer, &signed("20261121T073237Z", "5ec7e7")), "file");
}

#[test]
fn a_changed_body_has_its_own_checksum_and_no_other_digest() {
    let digests = [("x-amz-crc32", "1"), ("content-md5", "AA=="), ("x-amz-checksum-crc64nvme", "AA==")];
    let mut recorded = response(r#"{"Expiration":"2020-11-21T08:32:37Z"}"#);
    digests.iter().for_each(|(name, value)| recorded.headers.push(name, *value));
    let answer = served(request("POST /any", ""), recorded, Clock::Now);
    assert_eq!(digests.map(|(name, _)| answer.headers.get(name).is_some()), [true, false, false]);
    let checksum = crate::encoding::crc32(answer.body.as_bytes()).to_string();
    assert_eq!(answer.headers.get("x-amz-crc32").as_deref(), Some(checksum.as_str()));
}

#[test]
fn pieces_keep_their_times_only_where_they_are_asked_for() {
    let piece = |millis| Piece { length: 3, after: Duration::from_millis(millis) };
    let mut recorded = response("onetwo");
    recorded.pieces = vec![piece(10), piece(20)];
    let recorded = exchange(get("/any"), recorded);
    for (pace, expected) in [(Pace::None, [0, 0]), (Pace::Recorded, [10, 20])] {
        let replayer = Replayer::new(vec![notes()], vec![cassette([recorded.clone()])]).with_pace(pace);
        assert_eq!(replayer.answer(&get("/any")).pieces, expected.map(piece));
    }
}

#[test]
fn urls_of_the_recorded_host_lead_to_us() {
    let body =
        r#"{"next":"https://notes.example/p?a=b","arn":"notes.example","not":"https://x.notes.example/"}"#;
    let mut recorded = get("/notes");
    recorded.headers.set("host", "notes.example");
    let mut told = response(body);
    told.headers.push("location", "http://notes.example/p");
    let replayer =
        || Replayer::new(vec![notes()], vec![cassette([exchange(recorded.clone(), told.clone())])]);
    let mut live = get("/notes");
    live.headers.set("host", "127.0.0.1:8080");
    let answer = replayer().answer(&live);
    let expected =
        r#"{"next":"http://127.0.0.1:8080/p?a=b","arn":"notes.example","not":"https://x.notes.example/"}"#;
    assert_eq!(answer.body.text(), Some(expected));
    assert_eq!(answer.headers.get("location").as_deref(), Some("http://127.0.0.1:8080/p"));
    let proxied = replayer().with_real_hosts().answer(&recorded);
    assert_eq!(proxied.body.text(), Some(body), "through a proxy real hosts lead to us anyway");
}

#[test]
fn the_provider_is_where_the_client_says_that_we_are() {
    let body = format!(r#"{{"next":"https://{PROVIDER}/p"}}"#);
    let mut live = get("/notes");
    live.headers.set("host", "replay:80");
    assert_eq!(answer(&replay(&[("GET /notes", "", &body)]), &live), r#"{"next":"http://replay:80/p"}"#);
}

#[test]
fn after_the_last_comes_what_was_asked_for() {
    let recorded = [("GET /notes", "", "1"), ("GET /notes", "", "2")];
    for (after, expected) in [
        (AfterLast::Miss, ["1", "2", "miss: used-up", "miss: used-up", "miss: used-up"]),
        (AfterLast::Repeat, ["1", "2", "2", "2", "2"]),
        (AfterLast::Loop, ["1", "2", "1", "2", "1"]),
    ] {
        let replayer = replay(&recorded).after_last(after);
        assert_eq!([(); 5].map(|()| answer(&replayer, &get("/notes"))), expected);
        assert_eq!((replayer.served(), replayer.unused().len()), (2, 0));
        assert_eq!(replayer.repeated() + replayer.missed(), 3);
        assert_eq!(answer(&replayer, &get("/notes?limit=1")), "miss: never-recorded");
    }
}

#[test]
fn in_a_loop_each_turn_is_taken_by_one_client() {
    let recorded: Vec<_> = (0..7).map(|at| ("GET /notes".to_owned(), at.to_string())).collect();
    let recorded: Vec<_> = recorded.iter().map(|(line, body)| (line.as_str(), "", body.as_str())).collect();
    let replayer = replay(&recorded).after_last(AfterLast::Loop);
    let taken = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..70).map(|_| answer(&replayer, &get("/notes"))).collect::<Vec<_>>()))
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    for at in 0..7 {
        assert_eq!(taken.iter().filter(|body| **body == at.to_string()).count(), 40);
    }
}

/// One cluster seen again and again; a state, or an error.
fn seen(states: &[&str]) -> Replayer {
    let dsql = Arc::new(Contract::built_in("dsql").unwrap().unwrap());
    let exchange = |state: &&str| -> Exchange {
        let mut response = response(&json!({"identifier": "a", "status": state}).to_string());
        if *state == "gone" {
            response.status = 404;
            response.headers.push("x-amzn-errortype", "ResourceNotFoundException");
        }
        exchange(request("GET /cluster/abcdefghijklmnopqrstuvwxyz", ""), response)
    };
    Replayer::new(vec![dsql], vec![cassette(states.iter().map(exchange))]).collapsing_waits()
}

fn states(replayer: &Replayer) -> impl Iterator<Item = String> {
    let poll = move || {
        let body = answer(replayer, &request("GET /cluster/abcdefghijklmnopqrstuvwxyz", ""));
        let json: serde_json::Value = serde_json::from_str(&body).ok()?;
        Some(json["status"].as_str()?.to_owned())
    };
    std::iter::from_fn(poll)
}

#[test]
fn a_loop_does_not_undo_the_end_of_a_wait() {
    let poll = |replayer: &Replayer| states(replayer).next();
    for (recorded, expected) in [
        (&["CREATING", "CREATING", "ACTIVE"][..], ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"]),
        (&["ACTIVE", "CREATING"], ["ACTIVE", "CREATING", "ACTIVE", "CREATING"]),
        (&["CREATING", "ACTIVE", "UPDATING"], ["ACTIVE", "UPDATING", "ACTIVE", "ACTIVE"]),
    ] {
        let replayer = seen(recorded).after_last(AfterLast::Loop);
        assert_eq!(expected.map(|_| poll(&replayer).unwrap()), expected, "{recorded:?}");
        assert_eq!(replayer.served(), recorded.len());
    }
}

#[test]
fn who_polls_gets_the_end_of_the_wait() {
    for (recorded, expected) in [
        (&["CREATING", "CREATING", "ACTIVE"][..], &["ACTIVE"][..]),
        (&["CREATING", "ACTIVE", "ACTIVE", "DELETING", "DELETING", "gone"], &["ACTIVE", "ACTIVE", "gone"]),
        (&["ACTIVE", "UPDATING", "ACTIVE"], &["ACTIVE", "ACTIVE"]),
        (&["CREATING", "CREATING"], &["CREATING", "CREATING"]),
        (&["ACTIVE", "gone"], &["ACTIVE", "gone"]),
        (&["gone", "CREATING", "ACTIVE"], &["gone", "ACTIVE"]),
    ] {
        let replayer = seen(recorded);
        assert_eq!(states(&replayer).collect::<Vec<_>>(), expected, "{recorded:?}");
        assert_eq!(replayer.served(), recorded.len(), "what was passed over counts as served");
        assert_eq!(replayer.unused(), []);
    }
}
