//! Bodies under a content coding, and bodies that came in pieces.

use std::time::Duration;

use proptest::prelude::*;

use super::super::fixtures::{answer, cassette, exchange, notes, request, response};
use super::super::{Pace, Replayer};
use crate::encoding::pack;
use crate::exchange::{Piece, Request, Response};

const OLD: &str = "token-of-then";
const NEW: &str = "another-token-of-now";

fn packed(mut request: Request, codings: &str) -> Request {
    request.headers.set("content-encoding", codings);
    request.body = pack(codings, request.body.as_bytes()).unwrap().into();
    request
}

fn create(name: &str, token: &str) -> Request {
    request("POST /notes", &format!(r#"{{"name":"{name}","clientToken":"{token}"}}"#))
}

fn told(token: &str) -> String {
    format!(r#"{{"clientToken":"{token}","more":"{}","at":"/t/{token}"}}"#, "x".repeat(200))
}

fn pieces(lengths: &[usize]) -> Vec<Piece> {
    let piece =
        |(at, length): (usize, &usize)| Piece { length: *length, after: Duration::from_millis(at as u64) };
    lengths.iter().enumerate().map(piece).collect()
}

#[test]
fn the_coding_of_a_request_does_not_matter() {
    for path in ["POST /notes", "POST /other"] {
        let body = |name: &str| request(path, &format!(r#"{{"name":"{name}"}}"#));
        let exchanges = [packed(body("a"), "gzip"), body("b"), packed(body("c"), "br")]
            .map(|request| exchange(request, response("made")));
        let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
        assert_eq!(answer(&replayer, &packed(body("d"), "gzip")), "miss: never-recorded");
        for live in [body("a"), packed(body("b"), "zstd"), packed(body("c"), "deflate, gzip")] {
            assert_eq!(answer(&replayer, &live), "made");
        }
        assert_eq!(replayer.missed(), 1);
    }
}

#[test]
fn what_only_claims_to_be_packed_is_another_request() {
    for path in ["POST /notes", "POST /other"] {
        let plain = request(path, r#"{"name":"a"}"#);
        let mut claims = plain.clone();
        claims.headers.push("content-encoding", "gzip");
        let replayer =
            Replayer::new(vec![notes()], vec![cassette([exchange(plain.clone(), response("made"))])]);
        assert_eq!(answer(&replayer, &claims), "miss: never-recorded");
        assert_eq!(answer(&replayer, &plain), "made");
    }
}

#[test]
fn a_packed_answer_is_changed_inside() {
    for codings in ["gzip", "br", "zstd", "deflate"] {
        let mut recorded = response(&told(OLD));
        recorded.headers.push("content-encoding", codings);
        recorded.body = pack(codings, told(OLD).as_bytes()).unwrap().into();
        recorded.headers.set("content-length", recorded.body.len().to_string());
        let length = recorded.body.len();
        recorded.pieces = pieces(&[10, length - 10]);
        let replayer = Replayer::new(vec![notes()], vec![cassette([exchange(create("a", OLD), recorded)])]);
        let answer = replayer.answer(&create("a", NEW));
        assert_eq!(answer.content().text(), Some(told(NEW).as_str()), "{codings}");
        assert_eq!(answer.headers.get("content-encoding").as_deref(), Some(codings));
        assert_eq!(answer.headers.get("content-length"), Some(answer.body.len().to_string().into()));
        assert_eq!(answer.pieces.iter().map(|piece| piece.length).sum::<usize>(), answer.body.len());
        assert_eq!(answer.pieces.len(), 2);
    }
}

#[test]
fn a_packed_answer_that_does_not_change_keeps_its_bytes() {
    let mut recorded = response("");
    recorded.headers.push("content-encoding", "gzip");
    let mut odd = pack("gzip", b"{}").unwrap();
    // The operating system in the header, which says nothing.
    odd[9] = 0;
    recorded.body = odd.clone().into();
    let replayer = Replayer::new(vec![notes()], vec![cassette([exchange(create("a", OLD), recorded)])]);
    assert_eq!(replayer.answer(&create("a", NEW)).body.as_bytes(), odd);
}

#[test]
fn an_answer_in_pieces_stays_in_pieces() {
    let events = [format!("data: {OLD}\n\n"), "data: x\n\n".to_owned(), format!("data: /{OLD}\n\n")];
    let mut recorded = response(&events.concat());
    recorded.pieces = pieces(&events.each_ref().map(String::len));
    recorded.trailers.push("x-told", OLD);
    let replayer =
        Replayer::new(vec![notes()], vec![cassette([exchange(create("a", OLD), recorded.clone())])])
            .with_pace(Pace::Recorded);
    let answer = replayer.answer(&create("a", NEW));
    let expected = events.map(|event| event.replace(OLD, NEW));
    assert_eq!(answer.body.text(), Some(expected.concat().as_str()));
    assert_eq!(answer.pieces, pieces(&expected.each_ref().map(String::len)));
    assert_eq!(answer.trailers.get("x-told").as_deref(), Some(NEW));
}

fn cut(body: &str, cuts: &[prop::sample::Index]) -> Response {
    let mut recorded = response(body);
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(body.len() + 1)).chain([body.len()]).collect();
    ends.sort_unstable();
    let mut start = 0;
    let lengths: Vec<_> = ends.iter().map(|end| end - std::mem::replace(&mut start, *end)).collect();
    recorded.pieces = pieces(&lengths);
    recorded
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_add_up_whatever_is_changed(
        words in prop::collection::vec(prop::sample::select(vec![OLD, "é", " ", "/", "token-of-then-2"]), 0..20),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        codings in prop::sample::select(vec!["", "gzip", "br"]),
        live in prop::sample::select(vec!["now-8888", NEW]),
    ) {
        let mut recorded = cut(&words.concat(), &cuts);
        if !codings.is_empty() {
            let body = pack(codings, recorded.body.as_bytes()).unwrap();
            recorded.headers.push("content-encoding", codings);
            recorded.pieces = pieces(&[body.len()]);
            recorded.body = body.into();
        }
        let count = recorded.pieces.len();
        let replayer = Replayer::new(vec![notes()], vec![cassette([exchange(create("a", OLD), recorded)])]);
        let answer = replayer.answer(&create("a", live));
        prop_assert_eq!(answer.pieces.iter().map(|piece| piece.length).sum::<usize>(), answer.body.len());
        prop_assert_eq!(answer.pieces.len(), count);
    }
}
