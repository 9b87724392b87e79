//! Names of hosts, as they are compared.

use std::net::IpAddr;

/// A host in lower case, without the brackets of an IPv6 address and without the dot that ends a full
/// name. `None` where there is no name, or a part of it is empty.
pub fn plain_host(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host).trim_matches(['[', ']']);
    let is_name = host.split('.').all(|label| !label.is_empty());
    is_name.then(|| host.to_ascii_lowercase())
}

/// The host of `host` or `host:port`, as it was written.
pub fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // The colons of a bare IPv6 address are its own.
        Some((name, port))
            if (!name.contains(':') || name.ends_with(']'))
                && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => authority,
    }
}

/// Whether a [plain](plain_host) host is this machine.
pub fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or(host == "localhost", |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_by_what_it_means() {
        for (text, plain) in [
            ("EKS.Example", "eks.example"),
            ("eks.example.", "eks.example"),
            ("[::1]", "::1"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(plain_host(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["", ".", "a.example..", "..", "a..example", ".example"] {
            assert_eq!(plain_host(text), None, "{text}");
        }
    }

    #[test]
    fn a_port_is_taken_off_and_nothing_else() {
        for (text, host) in [
            ("a.example:443", "a.example"),
            ("a.example", "a.example"),
            ("a.example.:1", "a.example."),
            ("[::1]:80", "[::1]"),
            ("::1", "::1"),
            ("a.example:port", "a.example:port"),
        ] {
            assert_eq!(without_port(text), host);
        }
        assert!(is_loopback("localhost") && is_loopback("::1") && is_loopback("127.0.0.9"));
        assert!(!is_loopback("localhost.evil.example") && !is_loopback("10.0.0.1"));
    }
}
