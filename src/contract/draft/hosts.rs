//! Hosts that the model does not name.

use serde_json::Value;

use super::list;
use crate::contract::hosts::HostPattern;
use crate::contract::model::{Contract, Warning};
use crate::contract::places::Subject;

/// Adds the stated hosts, and those of operations that put something before the host.
pub(super) fn add_stated(contract: &mut Contract, stated: Option<&Value>) {
    for (index, entry) in list(stated).iter().enumerate() {
        let Some(text) = entry.get("host").and_then(Value::as_str) else { continue };
        match HostPattern::parse(text) {
            Some(pattern) => contract.hosts.push(pattern),
            None => contract.warnings.push(fits_anybody(contract, index, text)),
        }
    }
    let mut prefixes: Vec<_> = contract.operations.iter().filter_map(|it| it.host_prefix.clone()).collect();
    prefixes.sort();
    prefixes.dedup();
    let own: Vec<_> = contract.hosts.iter().map(ToString::to_string).collect();
    let prefixed = prefixes.iter().flat_map(|prefix| own.iter().map(move |host| format!("{prefix}{host}")));
    contract.hosts.extend(prefixed.filter_map(|text| HostPattern::parse(&text)));
}

fn fits_anybody(contract: &Contract, index: usize, text: &str) -> Warning {
    let place = contract.places.of(&Subject::Service, Some("hosts"));
    Warning {
        file: place.file,
        pointer: format!("{}/{index}/host", place.pointer),
        problem: format!("hosts: {text} is left out, for hosts of anybody fit it"),
        mend: "write the provider's own domain at its end, as in {region}.things.example".to_owned(),
    }
}
