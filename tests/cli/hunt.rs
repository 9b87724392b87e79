//! The leak hunt around the recorder as users run it: planted secrets pass over real sockets, and
//! all that it writes, says and shows is searched for them.
//!
//! `HUNT_EXCHANGES` says how many exchanges are planted.

use std::collections::HashSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use onrecord::cassette::Cassette;
use onrecord::encoding;
use onrecord::exchange::{Exchange, Headers, Request, Response};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use regex::bytes::Regex;
use rustix::process::Signal;

use self::planted::{Known, Place, Plant, plant};
use crate::support::{Ended, Server, folder, json, onrecord, provider, run};

#[path = "../leaks/planted.rs"]
#[expect(dead_code, reason = "the hunt inside of the library uses the rest")]
mod planted;
#[path = "../leaks/search.rs"]
#[expect(dead_code, reason = "the hunt inside of the library uses the rest")]
mod search;

/// What the environment holds, and nothing shows.
const TOLD: &str = "wJalrXUtnFEMIonrecordPLANTEDKEY0123456789";

/// How deep encodings are looked into.
const DEPTH: usize = 4;

/// So many are planted unless more are asked for; of these the texts are big.
const EXCHANGES: usize = 140;

/// Clients at once.
const CLIENTS: usize = 8;

fn wanted() -> usize {
    std::env::var("HUNT_EXCHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(EXCHANGES)
}

/// So many plants, of those that are wanted.
fn plants(count: usize, wanted: impl Fn(&Plant) -> bool) -> Vec<Plant> {
    let mut runner = TestRunner::deterministic();
    let drawn = std::iter::repeat_with(move || plant().new_tree(&mut runner).unwrap().current());
    let told = drawn.map(|plant| match plant.known {
        Known::Told => Plant { secret: TOLD.to_owned(), ..plant },
        _ => plant,
    });
    told.filter(wanted).take(count).collect()
}

/// The exchanges that pass: those with plants, and then those that show late which were secrets.
fn exchanges(plants: &[Plant]) -> Arc<Vec<Exchange>> {
    let late: Vec<_> = plants.iter().filter_map(Plant::late).collect();
    let mut all: Vec<_> = plants.iter().map(Plant::exchange).collect();
    plants.iter().zip(&mut all).take(EXCHANGES).for_each(|(plant, made)| lengthen(plant, made));
    all.extend(late);
    // So that none is known already when it is asked for.
    for (number, made) in all.iter_mut().enumerate() {
        made.request.target = made.request.target.with_pair("number", &number.to_string());
    }
    Arc::new(all)
}

/// With a body that gets a file of its own, where that is text or unknown.
fn lengthen(plant: &Plant, made: &mut Exchange) {
    if matches!(plant.place, Place::Text | Place::Binary) && plant.coding.is_empty() {
        let body = if plant.in_request { &mut made.request.body } else { &mut made.response.body };
        *body = [body.as_bytes(), "of no use\n".repeat(30_000).as_bytes()].concat().into();
    }
}

/// Headers and a body, in chunks of a few bytes, whole, or cut off before its end.
fn message(start: &str, headers: &Headers, body: &[u8], trailers: &Headers, manner: usize) -> Vec<u8> {
    let mut bytes = format!("{start}\r\nconnection: close\r\n").into_bytes();
    let fields = |bytes: &mut Vec<u8>, headers: &Headers| {
        for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
            bytes.extend([name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
    };
    fields(&mut bytes, headers);
    if manner == 0 || !trailers.is_empty() {
        bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
        for chunk in body.chunks(if body.len() > 10_000 { 4099 } else { 5 }) {
            bytes.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n");
        fields(&mut bytes, trailers);
        bytes.extend(b"\r\n");
    } else {
        let missing = if manner == 2 { 9 } else { 0 };
        bytes.extend(format!("content-length: {}\r\n\r\n", body.len() + missing).as_bytes());
        bytes.extend(body);
    }
    bytes
}

fn answer(number: usize, response: &Response) -> Vec<u8> {
    let start = format!("HTTP/1.1 {} x", [200, 200, 400, 500][number % 4]);
    message(&start, &response.headers, response.body.as_bytes(), &response.trailers, number % 3)
}

/// A provider that answers what is asked for by its number.
fn answering(exchanges: &Arc<Vec<Exchange>>) -> String {
    let exchanges = exchanges.clone();
    provider(move |head| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let number = lines.rfind(|(name, _)| name.eq_ignore_ascii_case("x-number"));
        let number: usize = number.map_or(0, |(_, number)| number.parse().unwrap());
        answer(number, &exchanges[number].response)
    })
}

/// Sends a request as it is, and reads whatever comes.
fn send(server: &Server, number: usize, request: &Request) {
    let start = format!("{} {} HTTP/1.1\r\nx-number: {number}", request.method, request.target);
    let bytes =
        message(&start, &request.headers, request.body.as_bytes(), &request.trailers, (number / 4) % 2);
    say(server, &bytes);
}

/// Sends exchanges, the first of them by its number, from several clients at once.
fn send_all(server: &Server, sent: &[Exchange], first: usize) {
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let own = sent.iter().zip(first..).skip(client).step_by(CLIENTS);
            scope.spawn(move || own.for_each(|(sent, number)| self::send(server, number, &sent.request)));
        }
    });
}

/// What is refused may be refused before it is said to the end.
fn say(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.write_all(bytes).and_then(|()| stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn recording(words: &str, path: &Path, provider: &str) -> Server {
    let mut record = onrecord("record --contract msk --format json --upstream");
    record.arg(provider).args(words.split_whitespace()).arg("--cassette").arg(path);
    Server::start(record.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEONRECORD1").env("AWS_SECRET_ACCESS_KEY", TOLD))
}

/// What is searched for.
struct Hunt(Regex);

impl Hunt {
    fn of(plants: &[Plant]) -> Self {
        let secrets: Vec<_> = plants.iter().map(|plant| regex::escape(&plant.secret)).collect();
        Self(Regex::new(&secrets.join("|")).unwrap())
    }

    /// The first secret in any of the texts, read in every way.
    fn find(&self, texts: impl IntoIterator<Item = Vec<u8>>) -> Option<String> {
        let mut seen = HashSet::new();
        let mut layer: Vec<_> = texts.into_iter().collect();
        for _ in 0..=DEPTH {
            layer.retain(|text| text.len() >= 8 && seen.insert(text.clone()));
            if let Some(found) = layer.iter().find_map(|text| self.0.find(text)) {
                return Some(String::from_utf8_lossy(found.as_bytes()).into_owned());
            }
            layer = layer.iter().flat_map(|text| search::decoded(text)).collect();
        }
        None
    }

    /// The first secret in any file of a folder.
    fn find_in(&self, folder: &Path) -> Option<String> {
        folder.read_dir().unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return self.find_in(&path);
            }
            let bytes = fs::read(&path).unwrap();
            self.find(bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec))
        })
    }

    #[track_caller]
    fn finds_none_said(&self, ended: &Ended) {
        assert!(!ended.err.contains("panicked"), "{ended:#?}");
        let lines = ended.out.lines().chain(ended.err.lines()).map(|line| line.as_bytes().to_vec());
        assert_eq!(self.find(lines), None, "{ended:#?}");
    }

    /// In the folder, in the cassette's exchanges unpacked, and in what the commands show of it.
    #[track_caller]
    fn finds_none_kept(&self, folder: &Path, path: &Path) -> Vec<onrecord::redact::Redacted<Exchange>> {
        assert_eq!(self.find_in(folder), None);
        let held = Cassette::load(path).unwrap().exchanges;
        assert_eq!(self.find(held.iter().flat_map(|exchange| search::texts(exchange))), None);
        for words in ["cassette show", "cassette verify", "check --contract msk --cassette"] {
            self.finds_none_said(&run(onrecord(words).arg(path)));
        }
        run(onrecord("cassette verify").arg(path)).with(0, &[]);
        held
    }
}

#[test]
fn a_recorder_writes_and_says_no_planted_secret_and_none_is_left_when_it_is_killed() {
    let wanted = wanted();
    let plants = plants(wanted, |plant| matches!(plant.known, Known::Told | Known::Shown(_)));
    let exchanges = exchanges(&plants);
    let (hunt, provider) = (Hunt::of(&plants), answering(&exchanges));
    let raw: Vec<_> = exchanges.iter().flat_map(search::texts).collect();
    assert!(hunt.find(raw).is_some(), "there is something to find");
    let folder = folder();
    let path = folder.path().join("a.json");
    let (before, after) = exchanges.split_at(wanted / 2);
    let enough = wanted * 2 / 7;

    let server = recording("--durable", &path, &provider);
    send_all(&server, before, 0);
    let journal = fs::read_to_string(folder.path().join("a.json.journal")).unwrap();
    assert!(journal.lines().count() > enough, "{}", journal.lines().count());
    assert_eq!(hunt.find_in(folder.path()), None, "while it runs");
    server.signal(Signal::KILL);
    hunt.finds_none_said(&server.end());
    assert_eq!(hunt.find_in(folder.path()), None, "killed");
    hunt.finds_none_said(&run(onrecord("cassette recover").arg(&path)).with(0, &["recovered "]));
    let recovered = hunt.finds_none_kept(folder.path(), &path).len();

    let server = recording("--verify --mode new", &path, &provider);
    send_all(&server, after, before.len());
    let ended = server.stop();
    hunt.finds_none_said(&ended);
    let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let held = hunt.finds_none_kept(folder.path(), &path);
    assert_eq!(told["recorded"], held.len() - recovered);
    assert!(recovered > enough && held.len() - recovered > enough, "{recovered} of {}: {told:#}", held.len());
    assert!(
        path.with_extension("json.bodies").read_dir().unwrap().count() > 0,
        "a body in a file of its own"
    );
}

#[test]
fn what_shows_late_to_be_a_secret_is_gone_from_what_passed_before() {
    let is_late = |plant: &Plant| matches!(plant.known, Known::Late(_)) && !plant.form.is_encoded();
    let plants = plants(60, is_late);
    let exchanges = exchanges(&plants);
    let (hunt, provider) = (Hunt::of(&plants), answering(&exchanges));
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recording("", &path, &provider);
    exchanges.iter().enumerate().for_each(|(number, sent)| send(&server, number, &sent.request));
    assert!(hunt.find_in(folder.path()).is_some(), "nobody could know it then");
    let ended = server.stop().with(0, &[]);
    hunt.finds_none_said(&ended);
    assert!(hunt.finds_none_kept(folder.path(), &path).len() > 90, "{}", ended.out);
}

/// What cannot be taken out, as base64 that is broken over lines, is not written.
#[test]
fn what_shows_late_and_cannot_be_taken_out_is_refused_and_its_place_is_named() {
    let secret = "pR7vQ2mZ9xK4wL8tB3nY6c";
    let folded: Vec<_> = encoding::base64(format!("{}{secret} and more", "of no use ".repeat(5)).as_bytes())
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let answers = [json(&folded.join("\n")), json(&format!(r#"{{"password":"{secret}"}}"#)), json("{}")];
    let provider = provider(move |head| {
        let number = (0..3).find(|number| head.contains(&format!("maxResults={number}")));
        answers[number.unwrap()].clone()
    });
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recording("", &path, &provider);
    for number in [0, 1, 2] {
        server.get(&format!("/v1/clusters?maxResults={number}")).unwrap();
    }
    let ended =
        server.stop().with(1, &["ListClusters of ", " would be left in the response body: ", "a.json"]);
    assert!(!ended.err.contains(secret) && !ended.err.contains(&folded[1]), "{ended:#?}");
    let targets = |held: &[onrecord::redact::Redacted<Exchange>]| -> Vec<_> {
        held.iter().map(|exchange| exchange.request.target.to_string()).collect()
    };
    let hunt = Hunt(Regex::new(&format!("{secret}|{}", regex::escape(&folded[1]))).unwrap());
    let held = hunt.finds_none_kept(folder.path(), &path);
    assert_eq!(targets(&held), ["/v1/clusters?maxResults=1", "/v1/clusters?maxResults=2"]);
}

#[test]
fn what_a_forward_proxy_refuses_is_told_without_its_secrets() {
    let secret = "pR7vQ2mZ9xK4wL8tB3nY6c";
    let hunt = Hunt(Regex::new(secret).unwrap());
    let folder = folder();
    let path = folder.path().join("a.json");
    let nowhere = crate::support::nowhere();
    let led = format!("kafka.us-east-1.amazonaws.com:80:{}", nowhere.strip_prefix("http://").unwrap());
    let mut record = onrecord("record --proxy --format json --connect-to");
    let server = Server::start(record.arg(led).arg("--cassette").arg(&path));
    let basic = encoding::base64(format!("user:{secret}").as_bytes());
    let answers = [
        format!("GET http://unknown.test/{secret}?X-Amz-Security-Token={secret}"),
        format!("GET http://user:{secret}@unknown.test/"),
        format!("GET http://kafka.us-east-1.amazonaws.com/v1/{secret}?X-Amz-Security-Token={secret}"),
        format!("GET http://user:{secret}@kafka.us-east-1.amazonaws.com/v1/clusters"),
        "CONNECT unknown.test:443".to_owned(),
        format!("CONNECT user:{secret}@unknown.test:443"),
        format!("GET /{secret}"),
        format!("GET ftp://{secret}/"),
    ]
    .map(|line| {
        let fields =
            format!("host: x.test\r\nproxy-authorization: Basic {basic}\r\nauthorization: Bearer {secret}");
        say(&server, format!("{line} HTTP/1.1\r\n{fields}\r\nconnection: close\r\n\r\n").as_bytes())
    });
    let refused = answers.iter().filter(|answer| answer.contains("x-onrecord-error: "));
    assert!(refused.count() >= 4, "{answers:#?}");
    let ended = server.stop().with(3, &[]);
    assert!(format!("{}{}", ended.out, ended.err).contains("unknown.test"), "{ended:#?}");
    hunt.finds_none_said(&ended);
    assert_eq!(hunt.find_in(folder.path()), None);
}
