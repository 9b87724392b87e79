use std::net::IpAddr;

use crate::exchange::{Request, plain_host, without_port};
use crate::net::{Checkpoint, Passage, Towards};

/// Refuses what a web page has its browser send, where whoever passes acts with the user's
/// credentials: a page can address any port of this machine, and a name of its own can lead here.
#[derive(Debug, Clone, Copy)]
pub struct ProgramsOnly;

impl Checkpoint for ProgramsOnly {
    fn pass(&self, request: Request, towards: Towards<'_>) -> Passage {
        let is_of_browser =
            ["sec-fetch-site", "sec-fetch-mode", "origin"].iter().any(|name| request.headers.contains(name));
        let host = request.headers.get("host").unwrap_or_default();
        if is_of_browser || !(host.eq_ignore_ascii_case(towards.host()) || is_local(&host)) {
            let text =
                "it comes from a web page, or is for another host: it would be sent with your credentials";
            return Passage::Refused(text.to_owned());
        }
        Passage::On(request)
    }
}

/// Whether a `Host` is a name of this machine that no page can have chosen: an address, a name without
/// a dot, one of a container's network.
fn is_local(host: &str) -> bool {
    let Some(name) = plain_host(without_port(host)) else { return host.is_empty() };
    let is_inside = [".localhost", ".internal", ".local"].iter().any(|end| name.ends_with(end));
    name.parse::<IpAddr>().is_ok() || !name.contains('.') || is_inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Method, Target};
    use crate::net::Upstream;

    fn passes(host: &str, more: Option<(&str, &str)>) -> bool {
        let mut request = Request::new(Method::Get, Target::new("/"));
        request.headers.push("host", host);
        if let Some((name, value)) = more {
            request.headers.push(name, value);
        }
        let upstream = Upstream::parse("https://kafka.us-east-1.amazonaws.com").unwrap();
        matches!(ProgramsOnly.pass(request, Towards::from(&upstream)), Passage::On(_))
    }

    #[test]
    fn programs_pass_and_pages_do_not() {
        for host in [
            "127.0.0.1:80",
            "[::1]:80",
            "localhost:80",
            "host.docker.internal:80",
            "kafka.us-east-1.amazonaws.com",
        ] {
            assert!(passes(host, None), "{host}");
        }
        for host in ["evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example:80"] {
            assert!(!passes(host, None), "{host}");
        }
        assert!(!passes("127.0.0.1:80", Some(("origin", "http://evil.example"))));
        assert!(!passes("127.0.0.1:80", Some(("sec-fetch-site", "cross-site"))));
    }
}
