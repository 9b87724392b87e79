use onrecord::contract::{BUILT_IN, Contract};
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::{End, Failure};
use super::super::format::{Format, json};

/// How much of a digest tells contracts apart for a reader.
const SHORT: usize = 12;

#[derive(Serialize)]
struct Line {
    id: String,
    title: String,
    version: String,
    protocol: &'static str,
    operations: usize,
    digest: String,
}

pub(super) fn run(format: Format, context: &Context) -> Result<End, Failure> {
    let contracts = BUILT_IN.iter().filter_map(|(id, _)| Contract::built_in(id));
    let lines = contracts
        .map(|contract| contract.map(|it| line(&it)).map_err(|error| Failure::Input(error.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    match format {
        Format::Human => context.say(&lines.iter().map(human).collect::<String>()),
        Format::Json => context.say(&json(&lines)),
    }
    Ok(End::Well)
}

fn line(contract: &Contract) -> Line {
    Line {
        id: contract.id.clone(),
        title: contract.title.clone(),
        version: contract.version.clone(),
        protocol: contract.protocol().as_str(),
        operations: contract.operations.len(),
        digest: contract.digest.clone(),
    }
}

fn human(line: &Line) -> String {
    let Line { id, title, version, protocol, operations, digest } = line;
    let digest = digest.get(..SHORT).unwrap_or(digest);
    format!("{id:<12} {protocol:<10} {operations:>4} operations  {version:<12} {digest}  {title}\n")
}
