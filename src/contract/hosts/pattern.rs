use std::fmt;

use super::aws;

/// Hosts of a provider, with places that differ: `kafka.{region}.amazonaws.com`.
///
/// `{region}` stands for the name of an AWS Region, `{dnsSuffix}` and `{dualStackDnsSuffix}` for the
/// domain of an AWS partition, any other name for one label of a host or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// Some characters within one label.
    Part,
    Region,
    /// One of these.
    Domain(&'static [&'static str]),
}

impl HostPattern {
    /// Reads a pattern; `None` where it would fit hosts of anybody, for too little of it is fixed.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let pieces = pieces(&text)?;
        is_somebodys(&pieces).then_some(Self { text, pieces })
    }

    /// Whether a host in lower case fits, which has neither port nor a dot at its end.
    pub(super) fn fits(&self, host: &str) -> bool {
        fit(&self.pieces, host)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        let (name, after) = inside.split_once('}')?;
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        // Rule sets put the name of a record before that of its member: `PartitionResult#dnsSuffix`.
        pieces.push(match name.rsplit('#').next().unwrap_or(name) {
            "region" | "implicitglobalregion" => Piece::Region,
            "dnssuffix" => Piece::Domain(aws::DOMAINS),
            "dualstackdnssuffix" => Piece::Domain(aws::DUAL_STACK_DOMAINS),
            _ => Piece::Part,
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    Some(pieces)
}

/// Whether the end of a pattern is fixed: the domain of a partition behind a name, or two labels.
fn is_somebodys(pieces: &[Piece]) -> bool {
    match pieces {
        [before @ .., Piece::Domain(_)] => {
            before.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(is_of_name)))
        }
        [Piece::Literal(_)] => true,
        [.., Piece::Literal(end)] => {
            let labels = end.strip_prefix('.').or_else(|| Some(end.split_once('.')?.1));
            labels.is_some_and(|labels| labels.contains('.'))
        }
        _ => false,
    }
}

fn fit(pieces: &[Piece], host: &str) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return host.is_empty() };
    match piece {
        Piece::Literal(text) => host.strip_prefix(text.as_str()).is_some_and(|host| fit(rest, host)),
        Piece::Domain(domains) => {
            domains.iter().any(|domain| host.strip_prefix(domain).is_some_and(|host| fit(rest, host)))
        }
        Piece::Region => {
            let (label, after) = host.split_at(host.find('.').unwrap_or(host.len()));
            aws::is_region(label) && fit(rest, after)
        }
        Piece::Part => {
            let longest = host.find(|part| !is_of_name(part)).unwrap_or(host.len());
            (1..=longest).any(|end| host.get(end..).is_some_and(|host| fit(rest, host)))
        }
    }
}

fn is_of_name(part: char) -> bool {
    part.is_ascii_alphanumeric() || matches!(part, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, host: &str) -> bool {
        HostPattern::parse(pattern).unwrap().fits(host)
    }

    #[test]
    fn a_name_stands_for_one_label_or_a_part_of_it() {
        assert!(fits("{tenant}.example.com", "acme.example.com"));
        assert!(fits("api-{stage}.example.com", "api-eu-1.example.com"));
        for host in
            ["example.com", ".example.com", "a.b.example.com", "acme.example.com.org", "acme-example.com"]
        {
            assert!(!fits("{tenant}.example.com", host), "{host}");
        }
        assert!(!fits("api-{stage}.example.com", "api-.example.com"));
    }

    #[test]
    fn a_pattern_that_fits_hosts_of_anybody_is_none() {
        for pattern in [
            "{host}",
            "{a}.{b}",
            "{domain}.com",
            "x{domain}.com",
            "api.{domain}",
            "{url#authority}{url#path}",
            "{Bucket}.{PartitionResult#dnsSuffix}",
            "{open",
        ] {
            assert_eq!(HostPattern::parse(pattern), None, "{pattern}");
        }
        for pattern in [
            "localhost",
            "api.example.com",
            "{a}.example.com",
            "{Bucket}.s3.{Region}.{PartitionResult#dnsSuffix}",
        ] {
            assert!(HostPattern::parse(pattern).is_some(), "{pattern}");
        }
    }
}
