//! Traffic that keeps a diary of the answers it saw to their end, and what must be left of them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use onrecord::cassette::Cassette;
use onrecord::exchange::Exchange;

use crate::parts::{folder, onrecord, python, succeeded, with_credentials};

/// A recorder, started and listening.
pub(crate) struct Recorder {
    child: Child,
    pub(crate) url: String,
    told: JoinHandle<String>,
}

impl Recorder {
    pub(crate) fn start(upstream: &str, cassette: &Path) -> Self {
        let mut command = onrecord();
        command.args(["record", "--contract", "msk", "--upstream", upstream, "--cassette"]).arg(cassette);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("record starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let line = lines.next().expect("a line").expect("text");
        let url = line.strip_prefix("onrecord: recording at ").expect("it says where").to_owned();
        let told = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        Self { child, url, told }
    }

    pub(crate) fn ask_to_end(&self) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is there to be told");
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("it is gone");
    }

    /// Waits for it to end; what it told after where it listens.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it ends");
        (status, self.told.join().expect("its lines"))
    }
}

/// `traffic.py`, and its diary.
pub(crate) struct Traffic {
    child: Child,
    diary: PathBuf,
}

impl Traffic {
    pub(crate) fn start(url: &str, diary: PathBuf, workers: u32) -> Self {
        fs::write(&diary, "").expect("a diary");
        let mut command = Command::new(python());
        command.arg(folder().join("traffic.py")).arg("--seen").arg(&diary);
        command.args(["--workers", &workers.to_string()]);
        with_credentials(&mut command);
        let child = command.env("AWS_ENDPOINT_URL", url).spawn().expect("traffic starts");
        Self { child, diary }
    }

    /// Waits for the diary to have so many lines: the file is asked, not the clock.
    pub(crate) fn wait_for_lines(&mut self, lines: usize) {
        while self.lines().len() < lines {
            let running = self.child.try_wait().expect("traffic is asked").is_none();
            assert!(running, "the traffic ended early");
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Waits until it ends, as it does when its server is gone, and returns its diary.
    pub(crate) fn ended(mut self) -> Vec<String> {
        self.child.wait().expect("the traffic ends when its server is gone");
        self.lines()
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.diary).expect("the diary is text").lines().map(str::to_owned).collect()
    }
}

/// What was left of a recording is recovered; every line of the diary has its exchange.
pub(crate) fn recovered(cassette: &Path, diary: &[String]) -> Cassette {
    let output = onrecord().args(["cassette", "recover"]).arg(cassette).output().expect("recover runs");
    succeeded(&output);
    let cassette = Cassette::load(cassette).expect("the recovered cassette is whole");
    let mut held = BTreeSet::new();
    for exchange in &cassette.exchanges {
        let operation = exchange.operation.clone().unwrap_or_default();
        held.extend(names(&text(exchange)).map(|name| format!("{operation} {name}")));
    }
    for line in diary {
        assert!(held.contains(line), "`{line}` was seen and is not in the cassette");
    }
    cassette
}

fn text(exchange: &Exchange) -> String {
    let (request, response) = (&exchange.request, &exchange.response);
    let bodies = [&request.body, &response.body].map(|body| body.text().unwrap_or_default());
    format!("{} {}", request.target, bodies.join(" "))
}

/// The names of the traffic in a text.
fn names(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("traffic-").map(|(at, _)| {
        text[at..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect()
    })
}
