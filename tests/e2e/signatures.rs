//! An independent verifier of signatures, moto, judges what reaches it.

use std::process::Output;

use crate::parts::{MotoTls, folder, onrecord, ready};

/// CloudHSM asks with POST alone, and moto refuses all else once it verifies.
const HOST: &str = "https://cloudhsmv2.us-east-1.amazonaws.com";

/// Where the client and the recorder have their keys from.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    /// The one that moto knows.
    Known,
    /// One that nobody knows.
    Invented,
}

/// What the AWS CLI is told when it signs with a key and comes through a recorder.
fn asked(moto: &MotoTls, key: Key, words: &[&str]) -> Output {
    let dir = tempfile::tempdir().expect("a folder");
    let mut command = onrecord();
    command.args(["record", "--contract", "cloudhsm", "--cassette"]).arg(dir.path().join("a.json"));
    command.args(moto.reached()).args(words).arg("--");
    command.arg(folder().join(".venv/bin/aws")).args(["--output", "text", "cloudhsmv2", "create-cluster"]);
    command.args(["--hsm-type", "hsm1.medium", "--subnet-ids", "subnet-0a", "--query", "Cluster.HsmType"]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", moto.credentials());
    if key == Key::Known {
        // The wrapped client has the key that moto knows from its profile, as the recorder has.
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.env("AWS_PROFILE", "recorder");
    }
    command.output().expect("record runs")
}

fn accepted(output: &Output) -> bool {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let accepted = output.status.success() && out.contains("hsm1.medium");
    let refused = !output.status.success() && (err.contains("403") || err.contains("SignatureDoesNotMatch"));
    assert!(accepted != refused, "neither accepted nor refused:\n{out}\n{err}");
    accepted
}

#[test]
fn a_request_signed_for_us_is_refused_and_accepted_signed_again() {
    if !ready() {
        return;
    }
    let moto = MotoTls::verifying();
    let forwarded = asked(&moto, Key::Known, &["--upstream", HOST]);
    assert!(!accepted(&forwarded), "signed for localhost by the right key");
    let resigned = asked(&moto, Key::Known, &["--upstream", HOST, "--resign"]);
    assert!(accepted(&resigned), "signed again for the real host");
    let profile = ["--upstream", HOST, "--resign", "--profile", "recorder"];
    assert!(accepted(&asked(&moto, Key::Invented, &profile)), "whatever the client signed with");
}

#[test]
fn an_intercepted_request_is_accepted_as_it_is() {
    if !ready() {
        return;
    }
    let moto = MotoTls::verifying();
    assert!(accepted(&asked(&moto, Key::Known, &["--proxy"])), "signed for the real host by the right key");
    assert!(!accepted(&asked(&moto, Key::Invented, &["--proxy"])), "moto does verify");
}
