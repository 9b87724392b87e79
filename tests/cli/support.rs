//! The binary, providers of a few lines, and a client.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};

use onrecord::exchange::{Body, Ending, Method, Request, Response, Target};
use onrecord::net::{Client, Limits, NetError, Upstream};
use rustix::process::{Pid, Signal, kill_process};

/// A page of the contract `msk`, small and correct.
pub(crate) const PAGE: &str = r#"{"clusterInfoList":[]}"#;

/// A recording that lies in the repository.
pub(crate) fn cassette() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes/msk/story-sandbox.json")
}

/// A command line, its words parted by spaces.
pub(crate) fn onrecord(words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onrecord"));
    command.args(words.split_whitespace());
    plain(&mut command);
    command
}

/// What a developer's environment may hold.
const UNSET: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "CI",
    "CLICOLOR_FORCE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NO_COLOR",
    "NO_PROXY",
    "ONRECORD_URL",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "XDG_DATA_HOME",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Takes away what a developer's environment may hold.
pub(crate) fn plain(command: &mut Command) {
    for name in UNSET {
        command.env_remove(name);
    }
    // The ledgers of a developer's own runs are none of a test's affair.
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Holds the exit code, and what standard error must name.
    #[track_caller]
    pub(crate) fn with(self, code: i32, named: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for part in named {
            assert!(self.err.contains(part), "{part:?} is not in {self:#?}");
        }
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A command that has said where it listens.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let streams = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut before = String::new();
        let url = loop {
            let start = before.len();
            assert_ne!(told.read_line(&mut before).unwrap(), 0, "it does not listen: {before}");
            if let Some((_, url)) = before[start..].split_once(" at http://") {
                break format!("http://{}", url.trim_end());
            }
        };
        let out = collect(child.stdout.take().unwrap(), String::new());
        let err = collect(told, before);
        Self { child, url, out, err }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.unwrap(), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let code = self.child.wait().unwrap().code();
        Ended { code, out: self.out.join().unwrap(), err: self.err.join().unwrap() }
    }

    /// Asks it to stop, and waits for its end.
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.end()
    }

    pub(crate) fn get(&self, target: &str) -> Result<(Response, Ending), NetError> {
        self.send(&Request::new(Method::Get, Target::new(target)))
    }

    pub(crate) fn post(&self, target: &str, body: &str) -> Result<(Response, Ending), NetError> {
        let mut request = Request::new(Method::Post, Target::new(target));
        request.headers.push("content-type", "application/json");
        request.body = Body::from(body.to_owned());
        self.send(&request)
    }

    pub(crate) fn send(&self, request: &Request) -> Result<(Response, Ending), NetError> {
        let limits = Limits { body: usize::MAX, ..Limits::default() };
        let client = Client::new(&Upstream::parse(&self.url).unwrap(), limits).unwrap();
        client.send(request).map(|(response, ending, _)| (response, ending))
    }

    /// Sends a request and does not read the answer.
    pub(crate) fn begin(&self, target: &str) -> TcpStream {
        let authority = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(authority).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nhost: {authority}\r\n\r\n").unwrap();
        stream
    }
}

/// A recorder between a client and a provider.
pub(crate) fn recorder(cassette: &Path, provider: &str) -> Server {
    Server::start(onrecord("record --contract msk --upstream").arg(provider).arg("--cassette").arg(cassette))
}

/// A replay of a cassette.
pub(crate) fn replay(cassette: &Path) -> Server {
    Server::start(onrecord("replay --contract msk --cassette").arg(cassette))
}

fn collect(mut stream: impl Read + Send + 'static, mut text: String) -> JoinHandle<String> {
    spawn(move || {
        stream.read_to_string(&mut text).unwrap();
        text
    })
}

/// A provider that answers each request, one for each connection, by these bytes; its URL.
pub(crate) fn provider(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    spawn(move || {
        for stream in listener.incoming() {
            let answer = answer.clone();
            spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                let head = read_request(&mut stream);
                // The other side may have gone.
                let _ = stream.get_mut().write_all(&answer(&head));
            });
        }
    });
    url
}

/// A provider that answers everything with this body, as JSON.
pub(crate) fn saying(body: &str) -> String {
    let answer = json(body);
    provider(move |_| answer.clone())
}

/// A whole answer.
pub(crate) fn json(body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Reads a request with its body; its head.
fn read_request(stream: &mut impl std::io::BufRead) -> String {
    let mut head = String::new();
    let (mut length, mut chunked) = (0, false);
    loop {
        let start = head.len();
        let read = stream.read_line(&mut head).unwrap_or_default();
        let line = head[start..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        chunked |= line.starts_with("transfer-encoding: chunked");
        if read == 0 || line == "\r\n" {
            break;
        }
    }
    if chunked {
        read_chunks(stream);
    }
    std::io::copy(&mut stream.take(length), &mut std::io::sink()).unwrap();
    head
}

/// Reads a chunked body, and the trailers after it.
fn read_chunks(stream: &mut impl std::io::BufRead) {
    let mut line = String::new();
    let mut next_line = |stream: &mut dyn std::io::BufRead| {
        line.clear();
        stream.read_line(&mut line).unwrap_or_default();
        line.trim_end().to_owned()
    };
    loop {
        let size = u64::from_str_radix(&next_line(stream), 16).unwrap_or_default();
        if size == 0 {
            while !next_line(stream).is_empty() {}
            return;
        }
        std::io::copy(&mut (&mut *stream).take(size + 2), &mut std::io::sink()).unwrap();
    }
}

/// An address that nothing listens at.
pub(crate) fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A folder that goes away with the test.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}
