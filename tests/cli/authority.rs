//! A certificate authority that lasts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::{cassette, folder, onrecord, run};

fn ca(words: &str, home: &Path) -> Command {
    let mut command = onrecord(words);
    command.env("XDG_DATA_HOME", home);
    command
}

#[test]
fn it_is_made_once_its_key_is_its_owners_and_it_is_used() {
    let folder = folder();
    let home = folder.path();
    run(&mut ca("ca --path", home))
        .with(2, &["there is no lasting certificate authority; make one with `onrecord ca`"]);
    let made = run(&mut ca("ca", home))
        .with(0, &["made a certificate authority", "SSL_CERT_FILE=", "keytool -importcert"]);
    let (certificate, key) = (home.join("onrecord/ca.pem"), home.join("onrecord/ca.key"));
    assert_eq!(made.out.trim_end(), certificate.display().to_string());
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read_to_string(&certificate).unwrap();
    let trusted = home.join("onrecord/trusted.pem");
    assert!(made.err.contains(&format!("SSL_CERT_FILE={}\n", trusted.display())), "{}", made.err);
    let trusts = fs::read_to_string(&trusted).unwrap();
    assert!(trusts.starts_with(&before));
    let has_roots = Path::new("/etc/ssl/certs/ca-certificates.crt").exists();
    assert!(!has_roots || trusts.matches("BEGIN CERTIFICATE").count() > 50, "{trusts}");
    assert!(!before.contains("PRIVATE") && !made.out.contains("PRIVATE") && !made.err.contains("PRIVATE"));

    let again = run(&mut ca("ca", home)).with(0, &[]);
    assert!(!again.err.contains("made a"), "{}", again.err);
    assert_eq!(run(&mut ca("ca --path", home)).with(0, &[]).out, made.out);
    assert_eq!(fs::read_to_string(&certificate).unwrap(), before);

    let mut replay = ca("replay --proxy --cassette", home);
    replay.arg(cassette()).args(["--", "sh", "-c", "cat $NODE_EXTRA_CA_CERTS"]);
    assert_eq!(run(&mut replay).out, before);

    assert!(!made.err.contains("is void"), "{}", made.err);
    run(&mut ca("ca --renew", home)).with(0, &["made a certificate authority", "that was there is void"]);
    let renewed = fs::read_to_string(&certificate).unwrap();
    assert_ne!(renewed, before);
    assert!(fs::read_to_string(&trusted).unwrap().starts_with(&renewed));
    fs::remove_file(&key).unwrap();
    run(&mut ca("ca", home)).with(0, &["made a certificate authority", "that was there is void"]);
    let left = home.join("onrecord").read_dir().unwrap().count();
    assert_eq!(left, 3, "nothing else is left");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = folder();
    run(&mut ca("ca", folder.path())).with(0, &[]);
    let key = folder.path().join("onrecord/ca.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let told = ["others can read ", "make a new one with `onrecord ca --renew`"];
    run(&mut ca("ca", folder.path())).with(2, &told);
    run(ca("replay --proxy --cassette", folder.path()).arg(cassette())).with(2, &told);

    run(&mut ca("ca --renew", folder.path())).with(0, &[]);
    fs::write(&key, "nonsense").unwrap();
    run(&mut ca("ca", folder.path())).with(2, &["ca.key: ", "its key cannot be read"]);
}
