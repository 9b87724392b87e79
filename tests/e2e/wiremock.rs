//! What we export, served by a real WireMock to the requests that were recorded.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use onrecord::cassette::{Cassette, Header, Origin};
use onrecord::contract::Declared;
use onrecord::encoding::pack;
use onrecord::exchange::{Ending, Exchange, Method, Request, Response, Target, Timestamp, Timing};
use onrecord::net::{Client, Limits, NetError, Upstream};
use onrecord::redact::Redactor;
use tempfile::TempDir;

use crate::parts::{folder, onrecord, ready, skipped, succeeded};

/// Whether a WireMock can run here.
fn has_wiremock() -> bool {
    let java = || Command::new("java").arg("-version").output().is_ok_and(|told| told.status.success());
    let is_here = ready() && java() && folder().join("node/node_modules/wiremock").exists();
    if !is_here {
        skipped("no Java, or no WireMock");
    }
    is_here
}

/// WireMock on a port of its own, for as long as this lives.
struct WireMock {
    child: Child,
    client: Client,
    _root: TempDir,
}

impl WireMock {
    /// One that was told nothing but the exported cassette.
    fn of(cassette: &Path) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("mappings")).expect("a folder");
        let mut export = onrecord();
        export.args(["cassette", "export", "--to", "wiremock"]).arg(cassette);
        export.arg("--output").arg(root.path().join("mappings/story.json"));
        succeeded(&export.output().expect("export runs"));
        let build = folder().join("node/node_modules/wiremock/build");
        let jar =
            fs::read_dir(build).expect("WireMock is installed").next().expect("a file").expect("a file");
        let mut java = Command::new("java");
        java.arg("-jar").arg(jar.path()).args(["--port", "0", "--bind-address", "127.0.0.1", "--root-dir"]);
        let mut child = java.arg(root.path()).stdout(Stdio::piped()).spawn().expect("java runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let port = lines.filter_map(|line| Some(line.strip_prefix("port:")?.trim().to_owned())).next();
        let upstream = Upstream::parse(&format!("http://127.0.0.1:{}", port.expect("it says its port")));
        let client = Client::new(&upstream.expect("a URL"), Limits::default()).expect("a client");
        Self { child, client, _root: root }
    }

    fn send(&self, request: &Request) -> Result<(Response, Ending), NetError> {
        self.client.send(request).map(|(response, ending, _)| (response, ending))
    }

    /// It answers as the exchange says.
    fn answers(&self, request: &Request, exchange: &Exchange) {
        let about = format!("{} {}", request.method, request.target);
        let (response, ending) = self.send(request).unwrap_or_else(|error| panic!("{about}: {error}"));
        let shown = response.body.text().unwrap_or_default();
        assert_eq!(response.status, exchange.response.status, "{about}: {shown}");
        assert_eq!(response.body.as_bytes(), exchange.response.body.as_bytes(), "{about}: {shown}");
        assert_eq!(ending, exchange.ending, "{about}");
        for (name, _) in exchange.response.headers.iter().filter(|(name, _)| *name != "date") {
            let values =
                |response: &Response| response.headers.all(name).map(String::from).collect::<Vec<_>>();
            assert_eq!(values(&response), values(&exchange.response), "{about}: {name}");
        }
    }
}

impl Drop for WireMock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn asked(method: Method, target: &str, fields: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Request {
    let mut request = Request::new(method, Target::new(target));
    request.headers = [("host", "provider.example")].iter().chain(fields).copied().collect();
    request.body = body.into().into();
    request
}

fn answered(status: u16, fields: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response {
    let mut response = Response::new(status);
    response.headers = fields.iter().copied().collect();
    response.body = body.into().into();
    response
}

fn exchange((request, response, ending): (Request, Response, Ending)) -> Exchange {
    let timing = Timing {
        started: Timestamp::parse("2026-11-21T07:00:00Z").expect("a time"),
        first_byte: Duration::from_millis(3),
        duration: Duration::from_millis(4),
    };
    Exchange { operation: None, request, response, ending, timing }
}

/// What tells requests apart, and what answers can be made of.
fn story() -> Vec<Exchange> {
    use Ending::{Aborted, Complete};
    use Method::{Delete, Get, Head, Post};
    let gzip = |text: &str| pack("gzip", text.as_bytes()).expect("gzip is known");
    let json = [("content-type", "application/json")];
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let packed = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let (zipped, length) = (gzip("{\"packed\":true}"), gzip("{\"packed\":true}").len().to_string());
    let sent_zipped = [("content-encoding", "gzip"), ("content-length", length.as_str())];
    let target = |name| [("x-amz-target", name), ("content-type", "application/x-amz-json-1.1")];
    let text = |text: &str| answered(200, &[], text);
    let all = [
        (asked(Get, "/c", &[], ""), answered(404, &[("x-a", "1"), ("x-a", "2")], "not yet"), Complete),
        (asked(Get, "/c?max=2", &[], ""), text("page 1"), Complete),
        (asked(Get, "/c?max=2&next=a%2Bb+c%20d%C3%BC", &[], ""), text("page 2"), Complete),
        (asked(Get, "/c?max=2&next=x&next=y&flag", &[], ""), text("page 3"), Complete),
        (asked(Post, "/c", &json, ""), text("an empty body"), Complete),
        (asked(Post, "/c", &json, "{\"a\": [1, 2.50], \"b\": \"\\u00fc\"}"), text("created"), Complete),
        (asked(Get, "/c", &[], ""), text("there"), Complete),
        (asked(Get, "/c", &[], ""), text("still there"), Complete),
        (asked(Get, "/x%20y%2Fz/%C3%BC", &[], ""), text("escaped"), Complete),
        (
            asked(Post, "/login", &json, "{\"user\":\"a\",\"password\":\"hunter2-hunter2\"}"),
            text("a"),
            Complete,
        ),
        (asked(Post, "/login", &form, "user=a.b&password=hunter3-hunter3&x=%5CE"), text("b"), Complete),
        (asked(Post, "/login", &json, "{\"user\":\"b\"}"), text("c"), Complete),
        (asked(Post, "/packed", &packed, gzip("{\"a\":1}")), text("unpacked"), Complete),
        (asked(Post, "/bytes", &[], [0xff, 0]), answered(200, &[], [0xff, 0, 0xfe]), Complete),
        (asked(Get, "/packed", &[], ""), answered(200, &sent_zipped, zipped), Complete),
        (asked(Head, "/packed", &[], ""), answered(200, &sent_zipped, ""), Complete),
        (asked(Delete, "/c", &[], ""), answered(204, &[], ""), Complete),
        (asked(Post, "/", &target("A.List"), "{}"), text("list"), Complete),
        (asked(Post, "/", &target("A.Make"), "{}"), text("make"), Complete),
        (asked(Get, "/part", &[("range", "bytes=0-1")], ""), answered(206, &[], "pa"), Complete),
        (asked(Get, "/part", &[], ""), text("part"), Complete),
        (asked(Get, "/form", &[("accept", "application/xml")], ""), text("<a/>"), Complete),
        (asked(Get, "/form", &[("accept", "*/*")], ""), text("{}"), Complete),
        (asked(Get, "/big", &[], ""), answered(200, &[("content-length", "9")], "cut"), Aborted),
    ];
    all.into_iter().map(exchange).collect()
}

fn saved(exchanges: &[Exchange], path: &Path) -> Cassette {
    let redactor = Redactor::new();
    let pass = |exchange| redactor.exchange(exchange, &Declared::default()).expect("it passes");
    let header = Header::new(None, Origin::Emulator { name: "made".to_owned(), version: None });
    let cassette = Cassette { header, exchanges: exchanges.iter().map(pass).collect() };
    cassette.save(path).expect("it is written");
    cassette
}

#[test]
fn wiremock_answers_as_recorded() {
    if !has_wiremock() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.json");
    let mut story = story();
    // Without a length, that an answer breaks off is a fault.
    let cut = exchange((asked(Method::Get, "/cut", &[], ""), answered(200, &[], "cut"), Ending::Aborted));
    story.push(cut);
    let held = saved(&story, &path);
    assert!(!fs::read_to_string(&path).expect("text").contains("hunter"), "secrets are not in the cassette");
    let wiremock = WireMock::of(&path);
    let cut = story.pop().expect("the last").request;
    for (sent, exchange) in story.iter().zip(&held.exchanges) {
        wiremock.answers(&sent.request, exchange);
    }
    let broken = wiremock.send(&cut);
    assert!(broken.as_ref().map_or(true, |(_, ending)| *ending == Ending::Aborted), "{broken:?}");
    let (last, _) = wiremock.send(&story[0].request).expect("an answer");
    assert_eq!(last.body.text(), Some("still there"), "the last answer stays");
    for unlike in [
        asked(Method::Get, "/c?next=x", &[], ""),
        asked(Method::Post, "/c", &[("content-type", "application/json")], "{\"a\":[1]}"),
        asked(
            Method::Post,
            "/login",
            &[("content-type", "application/json")],
            "{\"user\":\"c\",\"password\":\"p\"}",
        ),
    ] {
        let (response, _) = wiremock.send(&unlike).expect("an answer");
        assert_eq!(response.status, 404, "{}: {:?}", unlike.target, response.body.text());
    }
}

#[test]
fn wiremock_answers_the_story_that_moto_told() {
    if !has_wiremock() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes/msk/story-moto.json");
    let wiremock = WireMock::of(&path);
    for exchange in Cassette::load(&path).expect("a cassette").exchanges {
        wiremock.answers(&exchange.request, &exchange);
    }
}
