//! Which hosts are a provider's: what a recorder may reach, and which contract a request is for.

mod aws;
mod pattern;

pub use pattern::HostPattern;

pub(super) use aws::{of_endpoint_prefix, of_endpoint_rules};

use std::sync::Arc;

use super::Contract;
use crate::exchange::{Request, plain_host, without_port};

impl Contract {
    /// Whether a host is one of the provider's, as far as the model says. `host` is what a `Host`
    /// field holds: letter case, a port and a dot at the end say nothing.
    pub fn serves(&self, host: &str) -> bool {
        let host = plain_host(without_port(host));
        host.is_some_and(|host| self.hosts.iter().any(|pattern| pattern.fits(&host)))
    }
}

/// The contracts to ask of a request: those that serve its host, or all where none does.
pub fn serving<'c>(contracts: &'c [Arc<Contract>], request: &Request) -> Vec<&'c Arc<Contract>> {
    let host = request.headers.get("host").filter(|_| contracts.len() > 1);
    let serves = |contract: &&Arc<Contract>| host.as_ref().is_some_and(|host| contract.serves(host));
    let own: Vec<_> = contracts.iter().filter(serves).collect();
    if own.is_empty() { contracts.iter().collect() } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Method, Target};

    fn built_in(id: &str) -> Arc<Contract> {
        Arc::new(Contract::built_in(id).unwrap().unwrap())
    }

    #[test]
    fn the_five_providers_know_their_hosts() {
        for (id, hosts) in [
            (
                "msk",
                &[
                    "kafka.us-east-1.amazonaws.com",
                    "kafka-fips.us-gov-west-1.amazonaws.com",
                    "kafka-api.eu-west-1.api.aws",
                    "kafka.us-east-1.api.aws",
                    "kafka.cn-north-1.amazonaws.com.cn",
                    "kafka.eusc-de-east-1.amazonaws.eu",
                ] as &[_],
            ),
            (
                "eks",
                &[
                    "eks.us-east-1.amazonaws.com",
                    "eks.us-east-1.api.aws",
                    "fips.eks.us-east-2.amazonaws.com",
                    "eks-fips.us-west-2.api.aws",
                ],
            ),
            ("dsql", &["dsql.us-east-1.api.aws", "dsql-fips.us-east-1.api.aws"]),
            ("cloudhsm", &["cloudhsmv2.us-iso-east-1.c2s.ic.gov", "cloudhsmv2.mx-central-1.amazonaws.com"]),
            ("astronomer", &["api.astronomer.io"]),
        ] {
            let contract = built_in(id);
            for host in hosts {
                assert!(contract.serves(host), "{id} does not know {host}");
            }
            for (other, _) in super::super::BUILT_IN.iter().filter(|(other, _)| *other != id) {
                let other = built_in(other);
                assert!(!hosts.iter().any(|host| other.serves(host)), "{} knows a host of {id}", other.id);
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_provider_is_none() {
        for host in [
            "kafka.us-east-1.amazonaws.com.evil.example",
            "evil-kafka.us-east-1.amazonaws.com",
            "x.kafka.us-east-1.amazonaws.com",
            "kafka.us-east-1amazonaws.com",
            "kafka.us-east-1.amazonaws.org",
            // Buckets that somebody gave the name of a service.
            "kafka.s3.amazonaws.com",
            "kafka.s3-us-west-2.amazonaws.com",
            "kafka.us-east-1.on.aws",
            "kafka..amazonaws.com",
            "127.0.0.1:8080",
            "localhost",
            "",
        ] {
            assert!(!built_in("msk").serves(host), "{host}");
        }
        for host in
            ["astronomer.io", "evil.api.astronomer.io", "api.astronomer.io.example", "apixastronomer.io"]
        {
            assert!(!built_in("astronomer").serves(host), "{host}");
        }
    }

    #[test]
    fn case_port_and_a_last_dot_say_nothing() {
        for host in [
            "KAFKA.us-East-1.amazonaws.com",
            "kafka.us-east-1.amazonaws.com:443",
            "kafka.us-east-1.amazonaws.com.",
            "kafka.us-east-1.amazonaws.com.:8443",
        ] {
            assert!(built_in("msk").serves(host), "{host}");
        }
        assert!(!built_in("msk").serves("kafka.us-east-1.amazonaws.com:port"));
    }

    #[test]
    fn a_host_chooses_among_contracts() {
        let contracts = [built_in("msk"), built_in("eks")];
        let asked = |host: &str| {
            let mut request = Request::new(Method::Get, Target::new("/tags/a"));
            request.headers.push("host", host);
            serving(&contracts, &request).iter().map(|contract| contract.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(asked("eks.us-east-1.amazonaws.com"), ["eks"]);
        assert_eq!(asked("kafka.us-east-1.amazonaws.com:443"), ["msk"]);
        assert_eq!(asked("127.0.0.1:8080"), ["msk", "eks"]);
    }
}
