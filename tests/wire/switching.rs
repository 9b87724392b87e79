//! What passes through unrecorded: other protocols, and tunnels.

use onrecord::net::{Admission, Lost, Outbound};

use crate::behind_tls::{HOST, Provider, Proxy, ask_through, request};
use crate::support::{Heard, Peer, Relay, provider};

#[test]
fn another_protocol_passes_through_and_is_told() {
    let provider = provider(|mut peer| {
        let head = peer.read_head();
        assert!(
            head.contains("Upgrade: WebSocket\r\n") && head.contains("Connection: Upgrade\r\n"),
            "{head}"
        );
        assert!(head.contains("Sec-WebSocket-Key: x\r\n"), "{head}");
        peer.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: y\r\n\r\nhello",
        );
        assert_eq!(peer.read_exactly(4), b"ping");
        peer.send("pong");
        assert_eq!(peer.read_to_end(), "bye");
        peer.send("farewell");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send(
        "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
         Sec-WebSocket-Key: x\r\n\r\n",
    );
    let head = client.read_head().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 switching protocols\r\n"), "{head}");
    assert!(head.contains("upgrade: websocket\r\n") && head.contains("connection: upgrade\r\n"), "{head}");
    assert!(head.contains("sec-websocket-accept: y\r\n"), "{head}");
    assert_eq!(relay.lost(), Lost::Upgraded { to: "websocket".to_owned() });
    assert_eq!(client.read_exactly(5), b"hello");
    client.send("ping");
    assert_eq!(client.read_exactly(4), b"pong");
    client.send("bye");
    client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(client.read_to_end(), "farewell");
    assert!(relay.stop().is_empty());
}

#[test]
fn where_the_provider_declines_the_exchange_is_one_like_others() {
    let relay =
        Relay::to(crate::support::saying("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"));
    let mut client = relay.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert!(client.read_head().starts_with("HTTP/1.1 426"));
    assert_eq!(client.read_exactly(2), b"no");
    assert_eq!(relay.seen().response.status, 426);
}

#[test]
fn nobody_changes_to_what_could_not_be_recorded_or_without_being_asked() {
    let relay = Relay::to(provider(|mut peer| {
        let head = peer.read_head().to_ascii_lowercase();
        assert!(!head.contains("upgrade"), "{head}");
        peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
    }));
    let mut client = relay.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n");
    assert!(client.read_head().starts_with("HTTP/1.1 502"));
    assert!(matches!(relay.lost(), Lost::NoAnswer(_)));
}

#[test]
fn a_tunnel_passes_through_untouched_and_is_told_by_its_host() {
    for alpn in ["http/1.1", "h2"] {
        let provider = Provider::speaking(alpn);
        let reach = provider.reach(provider.trust());
        let proxy = Proxy::admitting(Admission::Tunnelled, Outbound { reach, ..Outbound::default() });
        // The client sees the provider's own certificate.
        let roots = provider.authority.roots();
        let answer = ask_through(proxy.door.addr, roots, alpn, request(alpn, "PUT", "/x", "abc")).unwrap();
        assert_eq!(answer.body, "abc");
        assert_eq!(provider.asked().body, "abc");
        let Heard::Lost(why) = proxy.next() else { panic!("seen") };
        assert_eq!(why, Lost::Tunnelled { host: HOST.to_owned() });
        assert_eq!(why.to_string(), format!("not recorded: passed through to {HOST}"));
    }
}

#[test]
fn plain_requests_through_a_proxy_go_where_they_say() {
    let addr = provider(|mut peer| {
        let head = peer.read_head();
        assert!(head.starts_with("GET /x?y HTTP/1.1\r\n") && !head.contains("Proxy-"), "{head}");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    for (admission, is_told) in [(Admission::Intercepted, true), (Admission::Tunnelled, false)] {
        let proxy = Proxy::admitting(admission, Outbound::default());
        let mut client = Peer::connect(proxy.door.addr);
        client.send(&format!(
            "GET http://{addr}/x?y HTTP/1.1\r\nHost: {addr}\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n\r\n"
        ));
        assert!(client.read_to_end().ends_with("\r\n\r\nok"));
        match proxy.next() {
            Heard::Seen(exchange) => {
                assert!(is_told);
                assert_eq!(exchange.request.target.as_str(), "/x?y");
            }
            Heard::Lost(why) => assert_eq!(why, Lost::Tunnelled { host: "127.0.0.1".to_owned() }),
        }
        assert!(proxy.stop().is_empty());
    }
}

#[test]
fn who_takes_a_forward_proxy_for_the_provider_is_told_so() {
    let proxy = Proxy::to(Outbound::default());
    let mut client = Peer::connect(proxy.door.addr);
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let answer = client.read_to_end();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("x-onrecord-error: no-upstream"),
        "{answer}"
    );
    assert!(answer.contains("HTTPS_PROXY"), "{answer}");
}
