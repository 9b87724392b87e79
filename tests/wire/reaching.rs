//! Whom we trust, who we are, and where connections are led.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use onrecord::exchange::{Method, Request, Target};
use onrecord::net::{Client, Entrance, Limits, Lost, NetError, Outbound, Reach, Running, Trust, Upstream};
use rcgen::ExtendedKeyUsagePurpose;

use crate::behind_tls::{Authority, HOST, Provider};
use crate::support::{ANY_PORT, GET, HANG, Heard, Memory, Peer};

fn client(reach: Reach) -> Client {
    let upstream = Upstream::parse(&format!("https://{HOST}")).unwrap();
    Client::through(&upstream, reach, Limits::default()).unwrap()
}

fn get() -> Request {
    Request::new(Method::Get, Target::new("/x"))
}

#[test]
fn a_connection_is_led_elsewhere_and_nothing_else_changes() {
    for alpn in ["http/1.1", "h2"] {
        let provider = Provider::speaking(alpn);
        let reach =
            Reach::new(provider.trust(), vec![format!("{HOST}:443:{}", provider.addr).parse().unwrap()]);
        for connections in 0..3 {
            let (response, ..) = client(reach.clone()).send(&get()).unwrap();
            assert_eq!(response.status, 200);
            let asked = provider.asked();
            assert_eq!(asked.connection, connections + 1);
            let host = asked.headers.get("host").map(|host| host.to_str().unwrap().to_owned());
            assert_eq!(host.unwrap_or(asked.uri.replace("https://", "").replace("/x", "")), HOST);
        }
    }
}

#[test]
fn a_certificate_of_somebody_else_is_refused() {
    let provider = Provider::speaking("h2");
    let strangers = Trust::default().and_authorities(&Authority::new().pem).unwrap();
    let error = client(provider.reach(strangers)).send(&get()).unwrap_err();
    assert!(matches!(error, NetError::Tls { .. }), "{error}");
    let error = error.to_string();
    assert!(
        error.contains(HOST) && error.contains("UnknownIssuer") && error.contains("--upstream-ca"),
        "{error}"
    );
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let provider = Provider::speaking("h2");
    let upstream = Upstream::parse("https://kafka.eu-west-1.amazonaws.com").unwrap();
    let client = Client::through(&upstream, provider.reach(provider.trust()), Limits::default()).unwrap();
    let error = client.send(&get()).unwrap_err().to_string();
    assert!(error.contains("not valid for name"), "{error}");
    assert!(!error.contains("--upstream-ca"), "{error}");
}

#[test]
fn who_asks_for_a_certificate_is_shown_ours() {
    let vouching = Authority::new();
    for alpn in ["http/1.1", "h2"] {
        let provider = Provider::demanding(alpn, &vouching);
        let (certificate, key) = vouching.sign("client", ExtendedKeyUsagePurpose::ClientAuth);
        let trust = provider.trust().with_identity(&certificate, &key).unwrap();
        assert!(!format!("{trust:?}").contains("KEY"));
        assert_eq!(client(provider.reach(trust)).send(&get()).unwrap().0.status, 200);
        let error = client(provider.reach(provider.trust())).send(&get()).unwrap_err();
        // Over HTTP/2 the connection may be found closed before it has said why.
        assert!(matches!(error, NetError::Broken { .. }), "{alpn}: {error}");
        assert!(alpn == "h2" || error.to_string().contains("CertificateRequired"), "{error}");
    }
}

#[test]
fn what_is_no_certificate_or_key_is_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("client", ExtendedKeyUsagePurpose::ClientAuth);
    let (_, other) = authority.sign("client", ExtendedKeyUsagePurpose::ClientAuth);
    let why = |result: Result<Trust, NetError>| result.unwrap_err().to_string();
    let error = why(Trust::default().and_authorities("nothing"));
    assert_eq!(
        error,
        "cannot use the certificate authorities: there is no certificate in it; it must be PEM"
    );
    let error = why(Trust::default().with_identity(&certificate, &certificate));
    assert!(
        error.starts_with("cannot use the key of the client certificate: there is no private key"),
        "{error}"
    );
    let error = why(Trust::default().with_identity(&certificate, &other));
    assert!(error.starts_with("cannot use the client certificate: "), "{error}");
    assert!(Trust::default().with_identity(&certificate, &key).is_ok());
}

#[test]
fn who_takes_a_connection_and_does_not_secure_it_is_named() {
    let mute = std::net::TcpListener::bind(ANY_PORT).unwrap();
    let lead = format!("::{}", mute.local_addr().unwrap()).parse().unwrap();
    let upstream = Upstream::parse(&format!("https://{HOST}")).unwrap();
    let outbound = Outbound { reach: Reach::new(Trust::default(), vec![lead]), ..Outbound::from(upstream) };
    let limits = Limits { connect: Duration::from_millis(50), ..Limits::default() };
    let (sender, heard) = channel();
    let memory = move |_| Ok::<_, NetError>(Arc::new(Memory(Mutex::new(sender))));
    let (running, _) = Running::relay(ANY_PORT, Entrance::Reverse, outbound, limits, memory).unwrap();
    let mut client = Peer::connect(running.local_addr());
    client.send(GET);
    let head = client.read_head();
    assert!(head.starts_with("HTTP/1.1 504") && head.contains("x-onrecord-error: timeout\r\n"), "{head}");
    let text = client.read_until("\n");
    assert!(text.contains(&format!("cannot connect to {HOST}: no connection within 50ms")), "{text}");
    assert!(matches!(heard.recv_timeout(HANG).unwrap(), Heard::Lost(Lost::NoAnswer(_))));
}
