//! Base addresses, and what of them stands before every path.

use serde_json::{Map, Value};

use super::notices::Notices;
use crate::contract::hosts::HostPattern;

/// Base addresses, with default values for their variables.
pub(super) fn addresses(holder: &Map<String, Value>, at: &str, notices: &mut Notices) -> Vec<String> {
    let servers = holder.get("servers").and_then(Value::as_array);
    let mut found = Vec::new();
    for (index, server) in servers.into_iter().flatten().enumerate() {
        let at = format!("{at}/servers/{index}");
        if let Some(address) = server.get("url").and_then(Value::as_str) {
            found.push(filled(address, server.get("variables"), &at, notices));
        }
    }
    found
}

/// The hosts of all addresses, those of single paths and operations too, whatever values their
/// variables take. Where too little of one is fixed to be the provider's, it is the one that the
/// defaults give.
pub(super) fn hosts(root: &Map<String, Value>) -> Vec<HostPattern> {
    let paths = root.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let items: Vec<_> = paths.filter_map(Value::as_object).collect();
    let operations = items.iter().flat_map(|item| item.values()).filter_map(Value::as_object);
    let holders = [root].into_iter().chain(items.iter().copied()).chain(operations);
    let mut found = Vec::new();
    for server in holders.filter_map(|holder| holder.get("servers")?.as_array()).flatten() {
        let Some(address) = server.get("url").and_then(Value::as_str) else { continue };
        // The defaults have been complained of already.
        let usual = filled(address, server.get("variables"), "", &mut Notices::default());
        let pattern = host(address).and_then(HostPattern::parse);
        let pattern = pattern.or_else(|| HostPattern::parse(host(&usual)?));
        found.extend(pattern.filter(|pattern| !found.contains(pattern)));
    }
    found
}

/// The host of an absolute address, without its port.
fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://").or_else(|| Some(("", address.strip_prefix("//")?)))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
    // A colon inside brackets is one of an IPv6 address.
    let end = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    Some(&authority[..end.unwrap_or(authority.len())]).filter(|host| !host.is_empty())
}

fn filled(address: &str, variables: Option<&Value>, at: &str, notices: &mut Notices) -> String {
    let mut filled = String::new();
    let mut rest = address;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
    {
        filled.push_str(before);
        let variable = variables.and_then(|variables| variables.get(name));
        let first = || variable?.get("enum")?.as_array()?.first()?.as_str();
        match variable.and_then(|variable| variable.get("default")?.as_str()).or_else(first) {
            Some(value) => filled.push_str(value),
            None => {
                let problem = format!("the variable {name} of the address has no default");
                notices.warn(at, problem, "give it one, or name the address on the command line");
                filled.push_str(name);
            }
        }
        rest = after;
    }
    filled + rest
}

/// The paths that stand before those of operations: the first address's, the others', and none.
pub(super) fn bases(addresses: &[String]) -> Vec<String> {
    let mut bases = Vec::new();
    for base in addresses.iter().map(|address| base(address)).chain([String::new()]) {
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    bases
}

fn base(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_take_their_defaults() {
        let document = json!({"servers": [
            {"url": "https://{region}.example.com/{version}/", "variables": {
                "region": {"default": "eu"}, "version": {"enum": ["v2", "v1"]}}},
            {"url": "https://{stage}.example.com"}, {"url": "/v3"}]});
        let mut notices = Notices::default();
        let found = addresses(document.as_object().unwrap(), "0#", &mut notices);
        assert_eq!(found, ["https://eu.example.com/v2/", "https://stage.example.com", "/v3"]);
        assert_eq!(bases(&found), ["/v2", "", "/v3"]);
        assert_eq!(bases(&[]), [""]);
    }

    #[test]
    fn variables_stand_for_anything_unless_everybody_would_fit() {
        let document = json!({"servers": [
            {"url": "https://{region}.example.com:8443/{version}/", "variables": {"region": {"default": "eu"}}},
            {"url": "https://{stage}.api.example.com"},
            {"url": "https://{host}:{port}/v1", "variables": {"host": {"default": "things.example"}, "port": {"default": "443"}}},
            {"url": "//other.example/v1"}, {"url": "/v3"}, {"url": "{anything}"}],
            "paths": {"/a": {"servers": [{"url": "https://a.example"}],
                "get": {"servers": [{"url": "https://b.example"}, {"url": "https://a.example/2"}]}}}});
        let found: Vec<_> = hosts(document.as_object().unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "{region}.example.com",
                "{stage}.api.example.com",
                "things.example",
                "other.example",
                "a.example",
                "b.example"
            ]
        );
    }
}
