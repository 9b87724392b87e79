//! The user's AWS credentials, by way of files and processes.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::thread;

use onrecord::net::{CredentialSource, Credentials, SharedFiles};
use tempfile::TempDir;

use crate::support::HANG;

/// A home with the AWS CLI's files in it.
struct Home(TempDir);

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.path("config"), config).unwrap();
        fs::write(home.path("credentials"), credentials).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn source(&self, profile: &str) -> CredentialSource {
        let files = SharedFiles { config: self.path("config"), credentials: self.path("credentials") };
        CredentialSource::profile(profile, files)
    }

    fn keys(&self, profile: &str) -> Result<(String, String, Option<String>), String> {
        let found = self.source(profile).credentials().map_err(|error| error.to_string())?;
        Ok((found.access_key, found.secret_key, found.session_token))
    }
}

fn keys(access: &str, secret: &str, token: Option<&str>) -> (String, String, Option<String>) {
    (access.to_owned(), secret.to_owned(), token.map(str::to_owned))
}

#[test]
fn keys_are_read_as_the_aws_cli_reads_them() {
    let home = Home::new(
        "# ours\n[default]\nregion = eu-west-1\n\
         s3 =\n    max_concurrent_requests = 20\n    aws_access_key_id = NESTED\n\
         [profile both]\naws_access_key_id = CONFIG\naws_secret_access_key = c\n\
         [profile  spaced name ]\naws_access_key_id=SPACED\naws_secret_access_key=s\n\
         [profile \"quoted\"]\naws_access_key_id = QUOTED\naws_secret_access_key = q\n\
         [only]\naws_access_key_id = NOT\naws_secret_access_key = here\n",
        "[default]\naws_access_key_id = AKID\nAWS_SECRET_ACCESS_KEY = a\\b\"c'd#e=f:g;h/+\n\
         [both]\naws_access_key_id = SHARED\naws_secret_access_key = s\naws_session_token = t==\n",
    );
    assert_eq!(home.keys("default"), Ok(keys("AKID", "a\\b\"c'd#e=f:g;h/+", None)), "every character counts");
    assert_eq!(home.keys("both"), Ok(keys("SHARED", "s", Some("t=="))), "the credentials file comes first");
    assert_eq!(home.keys("spaced name"), Ok(keys("SPACED", "s", None)));
    assert_eq!(home.keys("quoted"), Ok(keys("QUOTED", "q", None)));
    let error = home.keys("only").unwrap_err();
    assert!(error.contains("there is no profile `only` in ") && error.contains("aws configure"), "{error}");
}

#[test]
fn what_is_wrong_in_a_file_is_named_and_not_repeated() {
    let home = Home::new("[profile half]\naws_secret_access_key = sec-ret\n", "[default]\nsec-ret\n");
    let error = home.keys("half").unwrap_err();
    assert!(error.contains("credentials:") && error.contains("not a line of an ini file"), "{error}");
    fs::write(home.path("credentials"), "").unwrap();
    let half = home.keys("half").unwrap_err();
    assert!(half.contains("profile `half` in ") && half.contains("has no aws_access_key_id"), "{half}");
    assert!(!error.contains("sec-ret") && !half.contains("sec-ret"));
    let shown = format!("{:?}", home.source("half"));
    assert_eq!(shown, "CredentialSource(profile \"half\")");
    let given = Credentials { access_key: "a".into(), secret_key: "sec-ret".into(), session_token: None };
    assert_eq!(format!("{:?}", CredentialSource::given(given)), "CredentialSource(given)");
}

/// A process that counts how often it was asked, and prints that; its keys expire as told.
fn counting(home: &Home, expires: &str) {
    let script = format!(
        "echo >> '{0}'; sleep 0.1\n\
         n=$(wc -l < '{0}' | tr -d ' ')\n\
         echo \"{{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"AKID$n\\\", \\\"SecretAccessKey\\\": \\\"s\\\"{expires}}}\"\n",
        home.path("count").display()
    );
    fs::write(home.path("process"), script).unwrap();
    let config = format!("[profile p]\ncredential_process = sh \"{}\"\n", home.path("process").display());
    fs::write(home.path("config"), config).unwrap();
}

fn expiring(seconds: i64) -> String {
    let at = std::time::SystemTime::now() + std::time::Duration::from_secs(seconds.unsigned_abs());
    let at = onrecord::exchange::Timestamp::from(at);
    format!(", \\\"SessionToken\\\": \\\"t\\\", \\\"Expiration\\\": \\\"{at}\\\"")
}

#[test]
fn a_process_is_asked_once_whoever_asks_for_it() {
    let home = Home::new("", "");
    counting(&home, "");
    let source = home.source("p");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(source.credentials().unwrap().access_key, "AKID1"));
        }
    });
    assert_eq!(source.credentials().unwrap().access_key, "AKID1");
    assert_eq!(fs::read_to_string(home.path("count")).unwrap().lines().count(), 1);
}

#[test]
fn what_is_about_to_expire_is_renewed_while_the_old_still_serves() {
    let home = Home::new("", "");
    counting(&home, &expiring(200));
    let (tell, told) = channel();
    let source =
        home.source("p").telling(move |credentials| tell.send(credentials.access_key.clone()).unwrap());
    assert_eq!(source.credentials().unwrap().access_key, "AKID1");
    assert_eq!(told.recv_timeout(HANG).unwrap(), "AKID1");
    assert_eq!(source.credentials().unwrap().access_key, "AKID1", "at once");
    assert_eq!(told.recv_timeout(HANG).unwrap(), "AKID2", "behind the scenes");
}

#[test]
fn what_lasts_is_not_renewed() {
    let home = Home::new("", "");
    counting(&home, &expiring(3600));
    let source = home.source("p");
    for _ in 0..3 {
        assert_eq!(source.credentials().unwrap().access_key, "AKID1");
    }
}

#[test]
fn a_process_that_fails_is_named_and_not_asked_by_everybody() {
    let home = Home::new("", "");
    counting(&home, "");
    let script =
        format!("echo >> '{}'; echo sec-ret; echo sec-ret >&2; exit 3", home.path("count").display());
    fs::write(home.path("process"), script).unwrap();
    let source = home.source("p");
    for _ in 0..3 {
        let error = source.credentials().unwrap_err().to_string();
        assert!(
            error.contains("the credential_process of profile `p` failed with exit status: 3"),
            "{error}"
        );
        assert!(!error.contains("sec-ret"), "{error}");
    }
    assert_eq!(fs::read_to_string(home.path("count")).unwrap().lines().count(), 1);
}
