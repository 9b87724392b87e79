//! Hosts that the model does not name.

use serde_json::Value;

use super::list;
use crate::contract::hosts::HostPattern;
use crate::contract::model::Contract;

/// Adds the stated hosts, and those of operations that put something before the host.
pub(super) fn add_stated(contract: &mut Contract, stated: Option<&Value>) {
    let stated = list(stated);
    let texts = stated.iter().filter_map(|entry| entry.get("host")?.as_str());
    contract.hosts.extend(texts.filter_map(HostPattern::parse));
    let mut prefixes: Vec<_> = contract.operations.iter().filter_map(|it| it.host_prefix.clone()).collect();
    prefixes.sort();
    prefixes.dedup();
    let own: Vec<_> = contract.hosts.iter().map(ToString::to_string).collect();
    let prefixed = prefixes.iter().flat_map(|prefix| own.iter().map(move |host| format!("{prefix}{host}")));
    contract.hosts.extend(prefixed.filter_map(|text| HostPattern::parse(&text)));
}
