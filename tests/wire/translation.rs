//! HTTP/1.1 and HTTP/2, on either side.

use hyper::Version as Spoken;
use onrecord::exchange::{Ending, Headers, Version};
use onrecord::net::Outbound;

use crate::behind_tls::{HOST, Provider, Proxy, request, traced};

const BOTH: [&str; 2] = ["http/1.1", "h2"];

fn spoken(alpn: &str) -> (Spoken, Version) {
    match alpn {
        "h2" => (Spoken::HTTP_2, Version::Http2),
        _ => (Spoken::HTTP_11, Version::Http11),
    }
}

fn between(test: impl Fn(&str, &'static str, &Proxy, &Provider)) {
    for theirs in BOTH {
        for ours in BOTH {
            let provider = Provider::speaking(theirs);
            let reach = provider.reach(provider.trust());
            let proxy = Proxy::to(Outbound { reach, ..Outbound::default() });
            test(theirs, ours, &proxy, &provider);
        }
    }
}

#[test]
fn what_a_client_says_arrives_whatever_is_spoken() {
    between(|theirs, ours, proxy, provider| {
        let target = "/v1//tags/arn%3Aaws%2Fx?b=%2f&a=+&b";
        let mut sent = request(ours, "POST", target, "{\"a\": 1}");
        for (name, value) in [("x-dup", "1"), ("authorization", "AWS4-HMAC-SHA256 x"), ("x-dup", "caf\u{e9}")]
        {
            let value = hyper::header::HeaderValue::from_bytes(value.as_bytes()).unwrap();
            sent.headers_mut().append(name, value);
        }
        let answer = proxy.ask(ours, sent).unwrap();
        assert_eq!(answer.head.version, spoken(ours).0);
        assert_eq!(answer.body, "{\"a\": 1}");
        assert_eq!(answer.head.headers.get_all("set-cookie").iter().count(), 2);
        let asked = provider.asked();
        assert_eq!(asked.version, spoken(theirs).0);
        assert_eq!(asked.body, "{\"a\": 1}");
        let host = asked.headers.get("host").map(|host| host.to_str().unwrap());
        if theirs == "h2" {
            assert_eq!((asked.uri.as_str(), host), (format!("https://{HOST}{target}").as_str(), None));
        } else {
            assert_eq!((asked.uri.as_str(), host), (target, Some(HOST)));
        }
        let names: Vec<_> =
            asked.headers.keys().map(|name| name.as_str()).filter(|name| *name != "host").collect();
        assert_eq!(
            names.iter().filter(|name| **name != "content-length").collect::<Vec<_>>(),
            [&"x-dup", &"authorization"]
        );
        assert_eq!(
            asked.headers.get_all("x-dup").iter().next_back().unwrap().as_bytes(),
            "caf\u{e9}".as_bytes()
        );

        let exchange = proxy.seen();
        assert_eq!(exchange.request.version, spoken(ours).1);
        assert_eq!(exchange.request.target.as_str(), target);
        assert_eq!(exchange.request.headers.iter().next().unwrap().0, "host", "the first field");
        assert_eq!(exchange.request.headers.all("host").collect::<Vec<_>>(), [HOST]);
        assert_eq!(exchange.response.version, spoken(theirs).1);
        assert_eq!(exchange.response.headers.all("set-cookie").collect::<Vec<_>>(), ["a=1", "b=\u{e9}"]);
        assert_eq!(exchange.ending, Ending::Complete);
    });
}

#[test]
fn trailers_pass_both_ways_and_are_recorded() {
    between(|_, ours, proxy, provider| {
        let answer = proxy.ask(ours, traced(ours, "/trailers", "abc")).unwrap();
        assert_eq!((answer.body, answer.trailers["x-sum"].as_bytes()), ("abc".into(), &b"2"[..]));
        let asked = provider.asked();
        assert_eq!((asked.body, asked.trailers["x-sum"].as_bytes()), ("abc".into(), &b"1"[..]));
        assert_eq!(asked.headers["te"], "trailers");
        let exchange = proxy.seen();
        assert_eq!(exchange.request.trailers, Headers::from_iter([("x-sum", "1")]));
        assert_eq!(exchange.response.trailers, Headers::from_iter([("x-sum", "2")]));
    });
}

#[test]
fn answers_without_a_body_and_to_head_have_none() {
    between(|_, ours, proxy, provider| {
        let answer = proxy.ask(ours, request(ours, "DELETE", "/empty", "")).unwrap();
        assert_eq!((answer.head.status.as_u16(), answer.body.len()), (204, 0));
        assert_eq!(provider.asked().body, "");
        assert_eq!(proxy.seen().response.status, 204);
        let answer = proxy.ask(ours, request(ours, "HEAD", "/", "")).unwrap();
        assert_eq!((answer.head.status.as_u16(), answer.body.len()), (200, 0));
        assert!(proxy.seen().response.body.is_empty());
    });
}

#[test]
fn a_cut_answer_is_cut_and_recorded_as_such() {
    between(|_, ours, proxy, _| {
        proxy.ask(ours, request(ours, "PUT", "/cut", "half")).unwrap_err();
        let exchange = proxy.seen();
        assert_eq!((exchange.response.body.text(), exchange.ending), (Some("half"), Ending::Aborted));
    });
}

#[test]
fn many_at_once_share_one_connection_of_http2() {
    let provider = Provider::speaking("h2");
    let proxy = Proxy::to(Outbound { reach: provider.reach(provider.trust()), ..Outbound::default() });
    let door = &proxy.door;
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(move || {
                for alpn in BOTH {
                    let body: &str = "x".repeat(50_000).leak();
                    assert_eq!(door.ask(alpn, request(alpn, "PUT", "/", body)).unwrap().body, body);
                }
            });
        }
    });
    for _ in 0..40 {
        assert_eq!(provider.asked().connection, 1);
        assert_eq!(proxy.seen().request.body.len(), 50_000);
    }
}

#[test]
fn a_client_that_leaves_does_not_end_the_exchange() {
    between(|_, ours, proxy, provider| {
        let (leave, left) = tokio::sync::oneshot::channel();
        let door = &proxy.door;
        std::thread::scope(|scope| {
            scope.spawn(move || door.ask_and_leave(ours, request(ours, "PUT", "/held", "abc"), left));
            provider.asked();
            leave.send(()).unwrap();
        });
        provider.gate.add_permits(1);
        let exchange = proxy.seen();
        assert_eq!((exchange.response.body.text(), exchange.ending), (Some("abc"), Ending::Complete));
    });
}
