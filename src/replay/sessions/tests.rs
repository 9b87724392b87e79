mod admin;
mod parallel;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::{Making, MakingError, Opening, Reach, SessionError, Sessions};
use crate::exchange::Request;
use crate::net::{Answer, Caller};
use crate::replay::fixtures::{notes, recorded, request, signed};
use crate::replay::{Library, Replayer};

/// Makes a library of a path's name: `a.json` answers `GET /notes` with `a 1` to `a 3`.
#[derive(Default)]
struct Names {
    read: Arc<AtomicUsize>,
    is_proxy: bool,
}

impl Making for Names {
    fn library(&self, cassettes: &[PathBuf]) -> Result<Library, MakingError> {
        self.read.fetch_add(1, Ordering::Relaxed);
        let path = cassettes[0].file_stem().unwrap().to_str().unwrap();
        match path {
            "broken" => Err("broken.json: it is broken; mend it".into()),
            name => Ok(library(name)),
        }
    }

    fn replayer(&self, _: &Reach, library: Arc<Library>) -> Replayer {
        let replayer = Replayer::over(library);
        if self.is_proxy { replayer.with_real_hosts() } else { replayer }
    }
}

fn library(name: &str) -> Library {
    let answers = ["1", "2", "3"].map(|turn| format!("{name} {turn}"));
    let exchanges = answers.each_ref().map(|answer| ("GET /notes", "", answer.as_str()));
    Library::new(vec![notes()], vec![recorded(&exchanges)]).named([format!("{name}.json")])
}

fn opening(name: &str) -> Opening {
    let cassettes = vec![PathBuf::from(format!("{name}.json"))];
    Opening { name: Some(name.to_owned()), cassettes, ..Opening::default() }
}

fn sessions(names: &[&str]) -> Arc<Sessions> {
    let sessions = Arc::new(Sessions::new(Names::default(), 4).with_default(library("default")));
    names.iter().for_each(|name| drop(sessions.open(opening(name)).unwrap()));
    sessions
}

fn plain() -> Request {
    request("GET /notes", "")
}

fn with_header(name: &str) -> Request {
    let mut request = plain();
    request.headers.push("X-Onrecord-Session", name);
    request
}

fn with_key(key: &str) -> Request {
    let mut request = signed(plain(), "us-east-1", "notes");
    let field = request.headers.get("authorization").unwrap().replace("AKIAIOSFODNN7EXAMPLE", key);
    request.headers.set("authorization", field);
    request
}

fn presigned(key: &str) -> Request {
    let credential = format!("X-Amz-Credential={key}%2F20261121%2Fus-east-1%2Fnotes%2Faws4_request");
    request(&format!("GET /notes?{credential}&X-Amz-Signature=0"), "")
}

fn user(name: &str) -> Caller {
    Caller { proxy_user: Some(name.into()) }
}

fn ask(sessions: &Sessions, request: Request) -> String {
    ask_as(sessions, &Caller::default(), request)
}

fn ask_as(sessions: &Sessions, caller: &Caller, request: Request) -> String {
    let response = sessions.reply_to(caller, request).response;
    match response.headers.get("x-onrecord-miss") {
        Some(reason) => format!("{} {reason}", response.status),
        None => response.body.text().unwrap().to_owned(),
    }
}

#[test]
fn each_mark_leads_to_its_session() {
    let sessions = sessions(&["a"]);
    let keyed = Opening { access_key_id: Some("AKID".to_owned()), ..opening("b") };
    sessions.open(keyed).unwrap();
    assert_eq!(ask(&sessions, with_header("a")), "a 1");
    assert_eq!(ask_as(&sessions, &user("a"), plain()), "a 2");
    assert_eq!(ask(&sessions, with_key("a")), "a 3");
    assert_eq!(ask(&sessions, with_key("a")), "400 used-up");
    assert_eq!(ask(&sessions, presigned("AKID")), "b 1");
    assert_eq!(ask(&sessions, with_key("b")), "b 2");
    // What is said on purpose goes before what a signature says by the way.
    assert_eq!(ask_as(&sessions, &user("default"), with_key("b")), "default 1");
    let mut both = with_key("a");
    both.headers.push("x-onrecord-session", "b");
    assert_eq!(ask_as(&sessions, &user("a"), both), "b 3");
}

#[test]
fn whoever_names_no_session_gets_the_default_one_and_whoever_names_another_gets_none() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = told.clone();
    let sessions = Sessions::new(Names::default(), 4).with_default(library("default"));
    let sessions = Arc::new(sessions.on_astray(move |astray| hears.lock().unwrap().push(astray.to_string())));
    sessions.open(opening("a")).unwrap();
    assert_eq!(ask(&sessions, plain()), "default 1");
    assert_eq!(ask(&sessions, with_key("AKIASOMEBODY")), "default 2");
    assert_eq!(ask(&sessions, with_header("typo")), "400 no-session");
    assert_eq!(ask_as(&sessions, &user("typo"), plain()), "400 no-session");
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 2);
    for part in ["GET /notes is for the session typo, which is not open", "open     default, a", "--session"]
    {
        assert!(told[0].contains(part), "{}", told[0]);
    }
    let totals = sessions.totals();
    assert_eq!((totals.served, totals.missed, totals.astray), (2, 2, 2));
    // The provider's own way to refuse.
    let refusal = sessions.answer(with_header("typo"));
    assert_eq!(refusal.headers.get("content-type").as_deref(), Some("application/json"));
}

#[test]
fn without_a_default_session_a_request_has_to_name_one() {
    let sessions = Arc::new(Sessions::new(Names::default(), 4));
    assert_eq!(ask(&sessions, plain()), "400 no-session");
    sessions.open(opening("a")).unwrap();
    assert_eq!(ask(&sessions, with_key("AKIASOMEBODY")), "400 no-session");
    assert_eq!(ask(&sessions, with_key("a")), "a 1");
}

#[test]
fn no_secret_and_no_flood_reaches_an_explanation() {
    let names: Vec<_> = (0..20).map(|number| format!("test-{number:02}")).collect();
    let sessions = Arc::new(Sessions::new(Names::default(), 100));
    names.iter().for_each(|name| drop(sessions.open(opening(name)).unwrap()));
    let told = Arc::new(Mutex::new(String::new()));
    let hears = told.clone();
    let hook = move |astray: &super::Astray| *hears.lock().unwrap() = astray.to_string();
    let sessions = Arc::into_inner(sessions).unwrap().on_astray(hook);
    let secret = "AKIAZZZZZZZZZZZZZZZZ";
    for request in [with_key(secret), with_header(&format!("{secret} {}", "x".repeat(5_000)))] {
        assert_eq!(ask(&sessions, request), "400 no-session");
        let told = told.lock().unwrap().clone();
        assert!(!told.contains(secret) && told.len() < 1_000, "{told}");
        assert!(told.contains("test-07 and 12 more"), "{told}");
    }
}

#[test]
fn sessions_over_one_cassette_share_it_and_nothing_else() {
    let names = Names::default();
    let read = names.read.clone();
    let sessions = Arc::new(Sessions::new(names, 100));
    let opened: Vec<_> = (0..10)
        .map(|number| sessions.open(Opening { name: Some(format!("t{number}")), ..opening("same") }).unwrap())
        .collect();
    assert_eq!(read.load(Ordering::Relaxed), 1);
    for turn in 1..=3 {
        for session in &opened {
            assert_eq!(ask(&sessions, with_header(&session.reach.name)), format!("same {turn}"));
        }
    }
    // A cassette that nobody holds is read again.
    drop(opened);
    (0..10).for_each(|number| drop(sessions.close(&format!("t{number}")).unwrap()));
    sessions.open(opening("same")).unwrap();
    assert_eq!(read.load(Ordering::Relaxed), 2);
}

#[test]
fn a_reset_begins_anew_and_forgets_no_miss_of_the_run() {
    let sessions = sessions(&["a"]);
    let keyed = sessions.open(Opening { access_key_id: Some("K".to_owned()), ..opening("b") }).unwrap();
    (1..=4).for_each(|_| drop(ask(&sessions, with_key("K"))));
    assert_eq!((keyed.replayer().served(), keyed.replayer().missed()), (3, 1));
    let anew = sessions.reset("b").unwrap();
    assert_eq!((anew.replayer().served(), anew.replayer().missed()), (0, 0));
    assert_eq!(ask(&sessions, with_key("K")), "b 1");
    assert_eq!(sessions.totals().missed, 1);
    assert_eq!(sessions.totals().served, 4);
    ask(&sessions, plain());
    sessions.reset(Sessions::DEFAULT).unwrap();
    assert_eq!(ask(&sessions, plain()), "default 1");
}

#[test]
fn a_closed_session_is_gone_and_counted() {
    let sessions = sessions(&[]);
    let strict = Opening { strict: true, access_key_id: Some("K".to_owned()), ..opening("a") };
    sessions.open(strict.clone()).unwrap();
    ask(&sessions, with_key("K"));
    let closed = sessions.close("a").unwrap();
    assert_eq!(closed.replayer().unused().len(), 2);
    assert_eq!(ask(&sessions, with_header("a")), "400 no-session");
    assert_eq!(ask(&sessions, with_key("K")), "default 1");
    let totals = sessions.totals();
    assert_eq!((totals.closed, totals.served, totals.unused), (1, 2, 2));
    // Name and key are free again.
    sessions.open(strict).unwrap();
    assert_eq!(ask(&sessions, with_key("K")), "a 1");
}

#[test]
fn names_and_numbers_have_bounds() {
    let sessions = sessions(&["a"]);
    let fails = |opening: Opening| sessions.open(opening).unwrap_err();
    let named = |name: &str| Opening { name: Some(name.to_owned()), ..opening("x") };
    let keyed = |key: &str| Opening { access_key_id: Some(key.to_owned()), ..opening("x") };
    for name in ["", "a b", "a/b", "a:b", "ä", &"x".repeat(129)] {
        assert!(matches!(fails(named(name)), SessionError::Name(_)), "{name}");
        assert!(matches!(fails(keyed(name)), SessionError::Name(_)), "{name}");
    }
    for taken in ["a", Sessions::DEFAULT] {
        assert!(matches!(fails(named(taken)), SessionError::Taken(_)), "{taken}");
        assert!(matches!(fails(keyed(taken)), SessionError::Taken(_)), "{taken}");
    }
    assert!(matches!(fails(opening("broken")), SessionError::Library(_)));
    assert!(matches!(fails(Opening { port: true, ..opening("x") }), SessionError::NoPorts));
    assert!(matches!(fails(Opening::default()), SessionError::NoCassettes));
    assert!(matches!(sessions.close(Sessions::DEFAULT).unwrap_err(), SessionError::Lasting));
    assert!(matches!(sessions.close("b").unwrap_err(), SessionError::Unknown(_)));
    for _ in 1..=3 {
        let made_up = sessions.open(Opening { name: None, ..opening("x") }).unwrap();
        assert!(made_up.reach.name.starts_with("session-"));
    }
    assert!(matches!(fails(opening("x")), SessionError::TooMany(4)));
}

#[test]
fn usage_tells_what_was_asked_and_what_was_never_recorded() {
    let sessions = sessions(&[]);
    ask(&sessions, plain());
    ask(&sessions, request("GET /notes?limit=7", ""));
    ask(&sessions, request("DELETE /notes/1", ""));
    let session = sessions.get(Sessions::DEFAULT).unwrap();
    let usage: Vec<_> = session
        .usage()
        .into_iter()
        .map(|it| (it.operation.unwrap(), it.recorded, it.served, it.missed))
        .collect();
    assert_eq!(usage, [("Delete".to_owned(), 0, 0, 1), ("List".to_owned(), 3, 1, 1)]);
    let never = &session.never_recorded()["notes"];
    assert!(never.contains(&"Delete".to_owned()) && !never.contains(&"List".to_owned()), "{never:?}");
}
