//! The forward proxy: tunnels that are looked into, plain requests, and who may not.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use onrecord::net::{
    Admission, ConnectTo, Entrance, Interception, Issuer, Limits, NetError, Outbound, Reach, Running, Trust,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::secure::{FIRST, Proxy, SECOND, Sender, ask, client, secure, tunnel};
use crate::support::{ANY_PORT, HANG, Heard, Memory, Peer, provider, saying, tapped};

#[test]
fn a_tunnel_is_looked_into_in_both_versions() {
    let proxy = Proxy::new();
    client(async {
        let mut first = Sender::to(&proxy, "eks.example", FIRST).await;
        let mut second = Sender::to(&proxy, "eks.example", SECOND).await;
        for _ in 0..2 {
            let got = first.send("GET", "eks.example", "/a%2Fb?c", &[("x-amz-date", "1")]).await.unwrap();
            assert_eq!(got.text(), "GET /a%2Fb?c HTTP/1.1\nhost: eks.example\nx-amz-date: 1\n");
            let got = second.send("GET", "eks.example", "/a%2Fb?c", &[("x-amz-date", "1")]).await.unwrap();
            assert_eq!(got.text(), "GET /a%2Fb?c HTTP/2\nhost: eks.example\nx-amz-date: 1\n", "host first");
        }
    });
    assert!(proxy.stop().is_empty(), "nothing to notice");
}

#[test]
fn a_request_in_a_tunnel_is_for_the_host_of_the_tunnel() {
    let proxy = Proxy::new();
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            for other in ["kafka.example", "eks.example.org", "user@eks.example"] {
                let got = sender.get(other, "/").await;
                assert_eq!((got.status.as_u16(), got.header("x-onrecord-error")), (421, Some("misdirected")));
                assert!(got.text().contains("this connection is to eks.example:443"), "{}", got.text());
            }
            for same in ["eks.example:443", "EKS.example", "eks.example.", "eks.example:80"] {
                let got = sender.get(same, "/").await;
                assert!(got.text().contains(&format!("\nhost: {same}\n")), "{}", got.text());
            }
        }
        let mut second = Sender::to(&proxy, "eks.example", SECOND).await;
        for (authority, host) in [("eks.example", "kafka.example"), ("kafka.example", "eks.example")] {
            let got = second.send("GET", authority, "/", &[("host", host)]).await.unwrap();
            assert_eq!(got.status, 421);
        }
    });
}

#[test]
fn a_connect_is_taken_as_clients_say_it() {
    let proxy = Proxy::new();
    client(async {
        for said in [
            "CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example:443\r\nProxy-Connection: close\r\n\r\n",
            "CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example:443\r\nProxy-Connection: keep-alive\r\n\r\n",
            "CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example\r\nConnection: close\r\n\r\n",
            "CONNECT eks.example:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "CONNECT eks.example:443 HTTP/1.0\r\n\r\n",
        ] {
            let (stream, head) = ask(proxy.addr(), said).await;
            assert!(head.contains(" 200 OK\r\n"), "{said}: {head}");
            let stream = secure(stream, "eks.example", &proxy.authority, FIRST).await.unwrap();
            assert_eq!(Sender::over(stream).await.get("eks.example", "/").await.status, 200);
        }
        for said in [
            "CONNECT eks.example HTTP/1.1\r\nHost: eks.example\r\n\r\n",
            "CONNECT me@eks.example:443 HTTP/1.1\r\nHost: eks.example\r\n\r\n",
            "CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example\r\nContent-Length: 2\r\n\r\n{}",
            "CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let (_, head) = ask(proxy.addr(), said).await;
            assert!(head.starts_with("HTTP/1.1 400 "), "{said}: {head}");
            assert!(head.contains("x-onrecord-error: connect\r\n"), "{said}: {head}");
        }
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            let got = sender.send("CONNECT", "eks.example:443", "", &[]).await.unwrap();
            assert_eq!((got.status.as_u16(), got.header("x-onrecord-error")), (501, Some("connect")));
        }
    });
}

#[test]
fn a_reverse_proxy_takes_no_connect() {
    let (tap, _heard) = channel();
    let relay = tapped(saying(""), Default::default(), Memory(Mutex::new(tap)));
    let mut peer = Peer::connect(relay.local_addr());
    peer.send("CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example\r\n\r\n");
    assert!(peer.read_head().starts_with("HTTP/1.1 501 "));
}

#[test]
fn a_certificate_is_for_the_name_that_the_client_expects_if_that_may_be_asked() {
    let proxy = Proxy::new();
    client(async {
        let at = |authority: &'static str, name: &'static str| {
            let proxy = &proxy;
            async move { secure(tunnel(proxy.addr(), authority).await, name, &proxy.authority, FIRST).await }
        };
        assert!(at("eks.example:443", "eks.example").await.is_ok());
        assert!(at("EKS.Example:443", "eks.example").await.is_ok());
        assert!(at("eks.example.:443", "eks.example").await.is_ok());
        assert!(at("eks.example:443", "kafka.example").await.is_ok(), "it asked for that");
        assert!(at("127.0.0.1:443", "127.0.0.1").await.is_ok(), "an address, and no name is asked for");
        assert!(at("[::1]:443", "::1").await.is_ok());
        assert!(at("eks.example:443", "127.0.0.1").await.is_err());
        assert!(at("eks.example:443", "bank.org").await.is_err(), "nobody poses as what is refused");
        assert!(at("eks.example:443", "pass.test").await.is_err(), "nor as what is not looked into");
        let mut sender = Sender::over(at("eks.example:443", "kafka.example").await.unwrap()).await;
        assert_eq!(sender.get("kafka.example", "/").await.status, 421, "the tunnel leads to eks.example");
        assert_eq!(sender.get("eks.example", "/").await.status, 200);
    });
}

#[test]
fn plain_requests_name_their_host() {
    let proxy = Proxy::new();
    let say = |lines: &str| {
        let mut peer = Peer::connect(proxy.addr());
        peer.send(lines);
        peer.read_to_end()
    };
    let got = say("GET http://eks.example/a?b HTTP/1.1\r\nX-First: 1\r\nHost: eks.example\r\n\
        Proxy-Authorization: Basic c2VjcmV0\r\nConnection: close\r\nProxy-Connection: keep-alive\r\n\r\n");
    assert!(
        got.ends_with("\r\n\r\nGET /a?b HTTP/1.1\nx-first: 1\nhost: eks.example\nconnection: close\n"),
        "{got}"
    );
    let got = say("GET http://eks.example:81 HTTP/1.1\r\nHost: kafka.example\r\nConnection: close\r\n\r\n");
    assert!(got.contains("GET / HTTP/1.1\nhost: eks.example:81\n"), "what the target says counts: {got}");
    let got = say("GET http://eks.example/ HTTP/1.0\r\nX-First: 1\r\n\r\n");
    assert!(got.ends_with("GET / HTTP/1.0\nhost: eks.example\nx-first: 1\n"), "{got}");
    let got = say("GET http://eks.example/ HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(got.contains("400 ") && got.contains("x-onrecord-error: host\r\n"), "{got}");
    for target in ["http://me:secret@eks.example/", "ftp://eks.example/", "http://:80/"] {
        let got = say(&format!("GET {target} HTTP/1.1\r\nHost: eks.example\r\nConnection: close\r\n\r\n"));
        assert!(got.starts_with("HTTP/1.1 400 ") && !got.contains("secret"), "{target}: {got}");
    }
    let got = say("GET /here HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        Proxy-Authorization: Basic c2VjcmV0\r\n\r\n");
    assert!(got.ends_with("\r\n\r\nGET /here HTTP/1.1\nhost: localhost\nconnection: close\n"), "{got}");
}

#[test]
fn plain_requests_may_come_through_a_tunnel() {
    let proxy = Proxy::new();
    client(async {
        let mut stream = tunnel(proxy.addr(), "eks.example:80").await;
        stream.write_all(b"GET /a HTTP/1.1\r\nHost: eks.example\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with("GET /a HTTP/1.1\nhost: eks.example\nconnection: close\n"), "{text}");
    });
}

#[test]
fn hosts_that_are_not_admitted_are_refused_and_noticed() {
    let proxy = Proxy::new();
    client(async {
        for said in [
            "CONNECT Bank.org:443 HTTP/1.1\r\nHost: bank.org:443\r\n\r\n",
            "GET http://bank.org./ HTTP/1.1\r\nHost: bank.org\r\n\r\n",
            "CONNECT eks.example:22 HTTP/1.1\r\nHost: eks.example:22\r\n\r\n",
        ] {
            let (mut stream, head) = ask(proxy.addr(), said).await;
            assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("x-onrecord-error: host-refused\r\n"));
            let length =
                head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
            let mut text = vec![0; length];
            stream.read_exact(&mut text).await.unwrap();
            let text = String::from_utf8(text).unwrap();
            let host = if said.contains("eks") { "eks.example" } else { "bank.org" };
            assert!(
                text.contains(&format!(" for {host}, which is none of those that are let in\n")),
                "{text}"
            );
        }
        let (_, head) = ask(proxy.addr(), "CONNECT pass.test:443 HTTP/1.1\r\nHost: pass.test\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 403 "), "nothing passes a server of its own: {head}");
    });
    let notices = proxy.stop();
    let said = |host: &str| notices.iter().filter(|notice| notice.contains(&format!(" {host},"))).count();
    assert_eq!((notices.len(), said("bank.org"), said("eks.example")), (3, 2, 1), "{notices:?}");
}

#[test]
fn a_client_that_does_not_trust_us_is_noticed() {
    let proxy = Proxy::new();
    client(async {
        for _ in 0..2 {
            let stream = tunnel(proxy.addr(), "eks.example:443").await;
            assert!(secure(stream, "eks.example", "", FIRST).await.is_err());
            let notice = proxy.notice();
            assert!(notice.contains("for eks.example: it does not know the authority; "), "{notice}");
        }
        Sender::to(&proxy, "eks.example", FIRST).await.get("eks.example", "/").await;
    });
    assert!(proxy.stop().is_empty(), "no other notice");
}

#[test]
fn what_passes_the_gate_reaches_the_provider_and_the_tap() {
    let (head, heads) = channel();
    let provider = provider(move |mut peer| {
        head.send(peer.read_head()).unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    });
    let (told, heard) = channel();
    let interception = Interception::new(Issuer::new().unwrap(), |_, _| Admission::Intercepted);
    let to: ConnectTo = format!("eks.example:80:127.0.0.1:{}", provider.port()).parse().unwrap();
    let outbound = Outbound { reach: Reach::new(Trust::default(), vec![to]), ..Outbound::default() };
    let entrance = Entrance::Proxy(Arc::new(interception));
    let memory = |_| Ok::<_, NetError>(Arc::new(Memory(Mutex::new(told))));
    let (relay, _) = Running::relay(ANY_PORT, entrance, outbound, Limits::default(), memory).unwrap();
    let mut peer = Peer::connect(relay.local_addr());
    peer.send(
        "PUT http://eks.example/a%2Fb?c HTTP/1.1\r\nX-Amz-Date: 1\r\nHost: EKS.example\r\n\
         Proxy-Authorization: Basic c2VjcmV0\r\nauthorization: AWS4\r\nContent-Length: 0\r\n\r\n",
    );
    assert!(peer.read_head().starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(
        heads.recv_timeout(HANG).unwrap(),
        "PUT /a%2Fb?c HTTP/1.1\r\nX-Amz-Date: 1\r\nHost: EKS.example\r\nauthorization: AWS4\r\n\
         Content-Length: 0\r\n\r\n"
    );
    let Heard::Seen(exchange) = heard.recv_timeout(HANG).unwrap() else { panic!("it should be seen") };
    assert_eq!(exchange.request.headers.get("proxy-authorization"), None);
    assert_eq!(exchange.request.headers.get("host").as_deref(), Some("EKS.example"));
}
