//! How AWS names its hosts: the partitions, an endpoint prefix, and rule sets.

use serde_json::Value;

use super::HostPattern;

/// The domains of the partitions, as the SDKs' own table of partitions has them.
pub(super) const DOMAINS: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// Their domains for IPv6 beside IPv4, in the same order.
pub(super) const DUAL_STACK_DOMAINS: &[&str] = &[
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.cloud-aws.adc-e.uk",
    "api.aws.hci.ic.gov",
];

/// Whether a label is the name of a Region, `us-gov-west-1`: words, and a number at the end.
pub(super) fn is_region(label: &str) -> bool {
    let mut parts = label.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<_> = parts.collect();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_number && words.len() >= 2 && words.iter().all(is_word)
}

/// The hosts of a service with that `endpointPrefix`: in each Region, and without one for the few
/// services that have one address for all.
pub(in crate::contract) fn of_endpoint_prefix(prefix: &str) -> Vec<HostPattern> {
    let prefixes = [prefix.to_owned(), format!("{prefix}-fips")];
    let rests = [
        "{region}.{dnsSuffix}",
        "{region}.{dualStackDnsSuffix}",
        "{dnsSuffix}",
        "global.{dualStackDnsSuffix}",
    ];
    let all = prefixes.iter().flat_map(|prefix| rests.map(|rest| format!("{prefix}.{rest}")));
    all.filter_map(|text| HostPattern::parse(&text)).collect()
}

/// The hosts that the endpoints of a rule set name, wherever they stand in it
/// (`smithy.rules#endpointRuleSet` and what it is compiled to).
pub(in crate::contract) fn of_endpoint_rules(rules: &Value) -> Vec<HostPattern> {
    let mut found = Vec::new();
    collect(rules, &mut found);
    found
}

fn collect(node: &Value, found: &mut Vec<HostPattern>) {
    match node {
        Value::Object(members) => {
            let url = members.get("endpoint").and_then(|endpoint| endpoint.get("url")?.as_str());
            let pattern = url.and_then(|url| HostPattern::parse(authority(url)));
            found.extend(pattern.filter(|pattern| !found.contains(pattern)));
            members.values().for_each(|node| collect(node, found));
        }
        Value::Array(elements) => elements.iter().for_each(|node| collect(node, found)),
        _ => {}
    }
}

/// What stands between the scheme and the path of an address.
fn authority(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_region_is_told_from_what_looks_like_one() {
        for region in ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "mx-central-1", "us-isob-east-1"] {
            assert!(is_region(region), "{region}");
        }
        for other in
            ["", "s3", "s3-us-west-2", "east-1", "us-east", "us--1", "us-east-1a", "-us-east-1", "us-east-"]
        {
            assert!(!is_region(other), "{other}");
        }
    }

    #[test]
    fn a_rule_set_names_hosts_in_its_depth() {
        let rules = json!({"rules": [
            {"type": "endpoint", "endpoint": {"url": {"ref": "Endpoint"}}},
            {"type": "tree", "rules": [
                {"endpoint": {"url": "https://fips.things.{Region}.amazonaws.com/path"}},
                {"endpoint": {"url": "https://things.{Region}.{PartitionResult#dnsSuffix}"}},
                {"endpoint": {"url": "https://things.{Region}.{PartitionResult#dnsSuffix}"}},
                {"endpoint": {"url": "{url#scheme}://{url#authority}{url#path}"}}]}]});
        let found = of_endpoint_rules(&rules);
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["fips.things.{region}.amazonaws.com", "things.{region}.{partitionresult#dnssuffix}"]
        );
        assert!(found[1].fits("things.cn-north-1.amazonaws.com.cn"));
    }
}
