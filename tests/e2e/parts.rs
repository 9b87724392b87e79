//! The real parts, and how to run them.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use onrecord::exchange::{Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};
use tempfile::TempDir;

/// The folder of the scripts.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e")
}

/// Whether the real parts are here; says that the test is skipped if not, and fails in CI.
pub(crate) fn ready() -> bool {
    static READY: OnceLock<Result<(), String>> = OnceLock::new();
    let ready = READY.get_or_init(|| {
        let output = Command::new(folder().join("setup")).output().map_err(|error| error.to_string())?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.success() && python().exists() && folder().join(".venv/stamp").exists() {
            true => Ok(()),
            false => Err(told),
        }
    });
    match ready {
        Ok(()) => true,
        Err(reason) => {
            skipped(reason);
            false
        }
    }
}

/// Says that a test is skipped and why. In CI nothing may be.
pub(crate) fn skipped(reason: &str) {
    assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "a part is missing: {reason}");
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must see what was not tested")]
    {
        eprintln!("skipped: {reason}");
    }
}

/// The binary under test.
pub(crate) fn onrecord() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onrecord"));
    with_credentials(&mut command);
    // The ledgers of a developer's own runs are none of a test's affair.
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command
}

/// A Python with boto3 and moto.
pub(crate) fn python() -> PathBuf {
    folder().join(".venv/bin/python")
}

/// A program with the AWS SDK for Rust, if it could be built; says that the test is skipped if not.
pub(crate) fn rust_sdk() -> Option<PathBuf> {
    let program = folder().join("rust-sdk/target/debug/rust-sdk-story");
    if !program.exists() {
        skipped("no program with the AWS SDK for Rust");
        return None;
    }
    Some(program)
}

/// The access key and the secret that the tests use, and look for in what is written.
pub(crate) const ACCESS_KEY: &str = "AKIAEXAMPLEONRECORD1";
pub(crate) const SECRET_KEY: &str = "onrecordSecretKeyOfTheTests/0123456789+A";

/// The account that moto answers for.
pub(crate) const ACCOUNT: &str = "123456789012";

pub(crate) fn with_credentials(command: &mut Command) {
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_ENDPOINT_URL")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE");
}

/// moto on a port of its own, for as long as this lives.
pub(crate) struct Moto {
    child: Child,
    pub(crate) url: String,
}

impl Moto {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    fn with(words: &[&OsStr]) -> Self {
        let mut child = Command::new(python())
            .arg(folder().join("moto_server.py"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("moto starts");
        let line = first_line(child.stdout.take().expect("piped"));
        let url = line.strip_prefix("listening on ").expect("moto says where it listens").to_owned();
        Self { child, url }
    }

    /// Forgets all resources: some requests that it refuses leave one behind.
    pub(crate) fn reset(&self) {
        let upstream = Upstream::parse(&self.url).expect("a URL");
        let client = Client::new(&upstream, Limits::default()).expect("a client");
        let (response, ..) =
            client.send(&Request::new(Method::Post, Target::new("/moto-api/reset"))).expect("an answer");
        assert_eq!(response.status, 200, "moto is reset");
    }

    /// Stops it, and waits until it is gone.
    pub(crate) fn stop(self) {
        drop(self);
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// moto behind TLS, under the names of AWS.
pub(crate) struct MotoTls {
    moto: Moto,
    folder: TempDir,
}

impl MotoTls {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let moto = Moto::with(&["--tls".as_ref(), folder.path().join("ca.pem").as_ref()]);
        Self { moto, folder }
    }

    /// One that verifies signatures.
    pub(crate) fn verifying() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [ca, key] = ["ca.pem", "credentials"].map(|name| folder.path().join(name));
        let moto = Moto::with(&["--tls".as_ref(), ca.as_ref(), "--auth".as_ref(), key.as_ref()]);
        Self { moto, folder }
    }

    /// The shared credentials file with the one key that a verifying one knows, as profile `recorder`.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.folder.path().join("credentials")
    }

    /// The flags with which a recorder finds it wherever a host of AWS is meant.
    pub(crate) fn reached(&self) -> [String; 4] {
        let address = self.moto.url.strip_prefix("https://").expect("it listens on TLS");
        let ca = self.folder.path().join("ca.pem").display().to_string();
        ["--connect-to".to_owned(), format!(":443:{address}"), "--upstream-ca".to_owned(), ca]
    }

    pub(crate) fn stop(self) {
        self.moto.stop();
    }
}

/// The first line of a stream.
pub(crate) fn first_line(stream: impl std::io::Read) -> String {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

/// Standard output of a command that must succeed.
pub(crate) fn succeeded(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\nstdout:\n{out}\nstderr:\n{err}", output.status);
    out.into_owned()
}
