//! Commands that print credentials.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::{Dated, SharedFiles};
use crate::exchange::Timestamp;
use crate::net::Credentials;

/// Somebody may have to find a second factor.
const PATIENCE: Duration = Duration::from_secs(120);
/// More is no answer.
const MOST: u64 = 1 << 16;

/// Runs the `credential_process` of a profile.
pub(super) fn run(profile: &str, command: &str) -> Result<Dated, String> {
    let what = format!("the credential_process of profile `{profile}`");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    let printed = output(shell, PATIENCE)
        .map_err(|why| format!("{what} {}; run its command yourself to see why", why.text()))?;
    read(&printed).map_err(|why| format!("{what} {why}"))
}

/// Asks the user's AWS CLI, the program `aws`.
pub(super) fn export(aws: &str, profile: &str, files: &SharedFiles) -> Result<Dated, String> {
    let line = format!("aws configure export-credentials --format process --profile {profile}");
    let mut aws = Command::new(aws);
    aws.args(["configure", "export-credentials", "--format", "process", "--profile", profile])
        .env("AWS_CONFIG_FILE", &files.config)
        .env("AWS_SHARED_CREDENTIALS_FILE", &files.credentials);
    let printed = output(aws, PATIENCE).map_err(|why| match why {
        Failure::Missing => format!(
            "profile `{profile}` needs the AWS CLI, and there is no `aws` to be run; install it, or set \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ),
        why => format!(
            "`{line}` {}; log in with `aws sso login --profile {profile}` or `aws login --profile {profile}`, \
             then run it yourself to see whether it helped",
            why.text()
        ),
    })?;
    read(&printed).map_err(|why| format!("`{line}` {why}"))
}

/// Why a command printed nothing. Not what it says itself: nobody knows whether that is secret.
enum Failure {
    Missing,
    Unstartable(std::io::Error),
    Late(Duration),
    Ended(std::process::ExitStatus),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Self::Missing => "cannot be started: there is no such program".to_owned(),
            Self::Unstartable(error) => format!("cannot be started: {error}"),
            Self::Late(after) => format!("printed nothing within {after:?}"),
            Self::Ended(status) => format!("failed with {status}"),
        }
    }
}

fn output(mut command: Command, patience: Duration) -> Result<String, Failure> {
    // It may ask its user something: the terminal stays as it is.
    let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Missing,
        _ => Failure::Unstartable(error),
    })?;
    let (sender, printed) = channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stdout.take(MOST).read_to_end(&mut bytes);
            let _ = sender.send(bytes); // Nobody waits any more if it was late.
        });
    }
    let Ok(bytes) = printed.recv_timeout(patience) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Failure::Late(patience));
    };
    let status = child.wait().map_err(Failure::Unstartable)?;
    match status.success() {
        true => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        false => Err(Failure::Ended(status)),
    }
}

/// What such a command prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

fn read(printed: &str) -> Result<Dated, String> {
    // Not the parser's words: they may quote a key.
    let read = serde_json::from_str::<Printed>(printed).ok().filter(|read| read.version == 1);
    let read = read.ok_or(
        "did not print the JSON that is expected: an object with Version 1, AccessKeyId and SecretAccessKey",
    )?;
    let until =
        read.expiration.map(|text| Timestamp::parse(&text).ok_or("printed an Expiration that is no time"));
    let until = until.transpose()?;
    if until.is_some_and(|until| until <= Timestamp::now()) {
        return Err("printed credentials that have expired; log in again".to_owned());
    }
    let credentials = Credentials {
        access_key: read.access_key_id,
        secret_key: read.secret_access_key,
        session_token: read.session_token.filter(|token| !token.is_empty()),
    };
    Ok(Dated { credentials, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that stands in for the AWS CLI.
    fn export_by(script: &str) -> Result<Dated, String> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!(
            "onrecord-{}-{:?}",
            std::process::id(),
            thread::current().id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("aws");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let files = SharedFiles { config: folder.join("config"), credentials: folder.join("credentials") };
        let exported = export(program.to_str().unwrap(), "prod one", &files);
        std::fs::remove_dir_all(&folder).unwrap();
        exported
    }

    #[test]
    fn the_aws_cli_is_asked_for_what_only_it_knows() {
        let asked = "test \"$*\" = 'configure export-credentials --format process --profile prod one' || exit 9
            test \"$(basename $AWS_CONFIG_FILE) $(basename $AWS_SHARED_CREDENTIALS_FILE)\" = 'config credentials' || exit 8";
        let printed = r#"{"Version": 1, "AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": "2126-01-01T00:00:00+00:00"}"#;
        let dated =
            export_by(&format!("{asked}\ncat <<'END'\n{printed}\nEND")).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(dated.credentials.access_key, "ASIA1");
        assert_eq!(dated.credentials.session_token.as_deref(), Some("t"));
        assert_eq!(dated.until, Timestamp::parse("2126-01-01T00:00:00Z"));
    }

    #[test]
    fn where_the_aws_cli_fails_the_cure_is_named_and_nothing_it_says_is_repeated() {
        let why = |script| export_by(script).err().unwrap();
        for (script, says) in [
            ("echo sec-ret >&2; exit 255", "exit status: 255"),
            ("echo sec-ret", "did not print the JSON"),
            (r#"echo '{"Version": 2, "AccessKeyId": "sec-ret", "SecretAccessKey": "sec-ret"}'"#, "Version 1"),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "sec-ret", "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00:00Z"}'"#,
                "have expired; log in again",
            ),
        ] {
            let why = why(script);
            assert!(
                why.contains(says) && why.contains("--profile prod one") && !why.contains("sec-ret"),
                "{why}"
            );
        }
        assert!(why("exit 1").contains("aws sso login --profile prod one"));
    }

    #[test]
    fn what_is_late_is_ended() {
        let mut sleeper = Command::new("sh");
        sleeper.arg("-c").arg("exec sleep 600");
        assert!(matches!(output(sleeper, Duration::from_millis(50)), Err(Failure::Late(_))));
    }

    #[test]
    fn a_program_that_is_not_there_is_told_apart() {
        let files = SharedFiles { config: "config".into(), credentials: "credentials".into() };
        let why = export("/no/such/program", "p", &files).err().unwrap();
        assert!(why.contains("install it"), "{why}");
    }
}
