//! Clients that keep the real host names, and come through us.

use std::process::Command;

use onrecord::cassette::{Cassette, Origin};

use crate::support::{Ended, PAGE, cassette, folder, onrecord, run, saying};

/// A provider's own host.
const HOST: &str = "kafka.us-east-1.amazonaws.com";

/// A request through the proxy by what bash has of its own.
pub(crate) fn asks(url: &str) -> String {
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    format!(
        "exec 3<>/dev/tcp/127.0.0.1/${{HTTP_PROXY##*:}}; \
         printf 'GET {url} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n' >&3; cat <&3"
    )
}

fn wrapping(command: &mut Command, script: &str) -> Ended {
    run(command.args(["--", "bash", "-c", script]))
}

/// `--connect-to` has the provider's host answered by this one.
fn led(url: &str) -> String {
    format!("{HOST}:80:{}", url.strip_prefix("http://").unwrap())
}

#[test]
fn what_comes_through_is_recorded_under_its_own_host_and_replayed_without_it() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut record = onrecord("record --proxy --verify --connect-to");
    let asked = asks(&format!("http://{HOST}/v1/clusters"));
    let ended = wrapping(record.arg(led(&saying(PAGE))).arg("--cassette").arg(&path), &asked).with(
        0,
        &["1 exchanges recorded into", "1 ListClusters", "verified: every request gets its own answer"],
    );
    assert!(ended.out.ends_with(PAGE), "{}", ended.out);
    let held = Cassette::load(&path).unwrap();
    assert_eq!(held.exchanges[0].request.headers.get("host").as_deref(), Some(HOST));
    assert!(matches!(held.header.origin, Origin::Emulator { .. }), "it was led to this machine");

    // No contract is named anywhere: the host tells.
    let ended = wrapping(onrecord("replay --proxy --cassette").arg(&path), &asked)
        .with(0, &["1 served, 0 missed, 0 unused"]);
    assert!(ended.out.ends_with(PAGE), "{}", ended.out);
    let other = asks("http://kafka.eu-west-1.amazonaws.com/v1/clusters");
    wrapping(onrecord("replay --proxy --cassette").arg(&path), &other)
        .with(1, &["0 served, 1 missed, 1 unused"]);
    // `once` replays through the proxy as well.
    wrapping(onrecord("record --proxy --cassette").arg(&path), &asked)
        .with(0, &["is there, so it is replayed", "1 served, 0 missed"]);
}

#[test]
fn a_host_that_nobody_let_in_is_refused_with_its_cure() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let provider = saying(PAGE);
    let asked = asks("http://unknown.test/x");
    let ended = wrapping(onrecord("record --proxy --cassette").arg(&path), &format!("{asked}; {asked}"));
    assert!(ended.out.starts_with("HTTP/1.1 403 "), "{}", ended.out);
    assert!(ended.out.contains("x-onrecord-error: host-refused"), "{}", ended.out);
    assert_eq!(ended.err.matches("refused a request for unknown.test").count(), 1, "{}", ended.err);
    for told in [
        "--allow-host unknown.test, or let it pass",
        "2 not let in: unknown.test",
        "every request was refused",
    ] {
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
    assert!(!ended.err.contains("does the command heed a proxy"), "{}", ended.err);
    assert!(!path.exists());
    let replay = &mut onrecord("replay --proxy --cassette");
    let ended = wrapping(replay.arg(cassette()), &asked)
        .with(1, &[
            "; no contract and no cassette names it, so it is a miss: if this was recorded without --proxy, let \
             it in with --allow-host",
            " unused, 1 refused",
        ]);
    assert!(!ended.err.contains("--passthrough") && !ended.err.contains("unrecorded"), "{}", ended.err);

    let mut record = onrecord("record --proxy --allow-host *.test --connect-to");
    record.arg(format!("unknown.test:80:{}", provider.strip_prefix("http://").unwrap()));
    let summary = folder.path().join("summary.json");
    let script = format!("({asked}); ({})", asks("http://other.example/x"));
    wrapping(record.arg("--cassette").arg(&path).arg("--summary").arg(&summary), &script).with(
        0,
        &[
            "1 exchanges recorded",
            "1 of no operation that a contract documents",
            "1 not let in: other.example",
        ],
    );
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(&summary).unwrap()).unwrap();
    assert_eq!((&told["recorded"], &told["hosts_refused"]["other.example"]), (&1.into(), &1.into()));
    // What a cassette holds is let in when it is replayed.
    wrapping(onrecord("replay --proxy --cassette").arg(&path), &asked).with(0, &["1 served, 0 missed"]);
}

#[test]
fn a_refused_host_is_a_miss_of_the_replay_though_all_else_is_answered() {
    let folder = folder();
    let (path, log) = (folder.path().join("a.json"), folder.path().join("log"));
    let asked = asks(&format!("http://{HOST}/v1/clusters"));
    let mut record = onrecord("record --proxy --connect-to");
    wrapping(record.arg(led(&saying(PAGE))).arg("--cassette").arg(&path), &asked).with(0, &[]);
    let other = asks("http://unknown.test/x");
    let mut replay = onrecord("replay --proxy --format json --log");
    let ended = wrapping(
        replay.arg(&log).arg("--cassette").arg(&path),
        &format!("(({asked}); ({other}); ({other})) >&2"),
    )
    .with(1, &["1 served, 0 missed, 0 unused, 2 refused", "2 not let in: unknown.test"]);
    let end: serde_json::Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    assert_eq!((&end["hosts_refused"]["unknown.test"], &end["refused"]), (&2.into(), &2.into()), "{end}");
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert_eq!((&lines[0]["miss"], &lines[0]["host"]), (&"host-refused".into(), &"unknown.test".into()));
    assert!(lines[0]["next"][0].as_str().unwrap().contains("--allow-host unknown.test"), "{log}");
    assert!(lines[0]["session"].is_null(), "{log}");
}

#[test]
fn one_port_does_both() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let provider = saying(PAGE);
    let mut record = onrecord("record --contract msk --proxy --upstream");
    record.arg(&provider).arg("--connect-to").arg(led(&provider)).arg("--cassette").arg(&path);
    let reversed = asks(&format!("http://{HOST}/v1/clusters")).replace(&format!("http://{HOST}"), "");
    let script = format!("({}); ({reversed})", asks(&format!("http://{HOST}/v1/clusters")));
    wrapping(&mut record, &script).with(0, &["2 exchanges recorded", "2 ListClusters"]);
}

#[test]
fn the_environment_leads_through_us_and_past_us_only_to_what_is_never_recorded() {
    let folder = folder();
    let own = folder.path().join("own.pem");
    std::fs::write(&own, "MY OWN ROOT\n").unwrap();
    let script = "echo $HTTPS_PROXY $https_proxy $HTTP_PROXY $http_proxy | tr ' ' '\n' | sort -u | wc -l; \
                  echo endpoint:$AWS_ENDPOINT_URL$AWS_ENDPOINT_URL_KAFKA; echo direct:$NO_PROXY; \
                  echo node:$NODE_USE_ENV_PROXY; tail -1 $AWS_CA_BUNDLE; \
                  grep -c BEGIN.CERT $NODE_EXTRA_CA_CERTS; echo file:$NODE_EXTRA_CA_CERTS; \
                  cmp $SSL_CERT_FILE $CURL_CA_BUNDLE && grep -c 'MY OWN ROOT' $SSL_CERT_FILE";
    let mut record = onrecord("record --proxy --cassette");
    record.arg(folder.path().join("a.json")).env("AWS_CA_BUNDLE", &own);
    record.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ENDPOINT_URL_KAFKA", "http://127.0.0.1:1");
    record.env("NO_PROXY", "10.0.0.0/8,.amazonaws.com,*");
    let ended = wrapping(&mut record, script).with(
        1,
        &[
            "no request reached us: does the command heed a proxy?",
            "AWS_ENDPOINT_URL_KAFKA is not set for the command",
        ],
    );
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(&lines[..2], ["1", "endpoint:"], "{}", ended.out);
    let direct = "direct:169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23,localhost,127.0.0.1,::1,10.0.0.0/8";
    assert_eq!(&lines[2..6], [direct, "node:1", "MY OWN ROOT", "1"], "{}", ended.out);
    assert_eq!(lines.get(7), Some(&"0"), "what is for AWS alone is for nobody else: {}", ended.out);
    let file = lines[6].strip_prefix("file:").unwrap();
    assert!(!std::path::Path::new(file).exists(), "the certificates go when the command has ended");
}

#[test]
fn without_a_command_the_way_through_us_is_told() {
    let server = crate::support::Server::start(onrecord("replay --proxy --cassette").arg(cassette()));
    let url = server.url.clone();
    let ended = server.stop().with(0, &["to come through it, in a shell:"]);
    for part in [
        format!("  export HTTPS_PROXY={url}\n"),
        "  export AWS_CA_BUNDLE=/".into(),
        "  unset AWS_ENDPOINT_URL\n".into(),
    ] {
        assert!(ended.err.contains(&part), "{part:?} is not in {}", ended.err);
    }
}
