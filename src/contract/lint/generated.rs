//! Templates of what the provider makes up: known parts, and a result that its member takes.

use serde_json::Value;

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::{Contract, Kind, Schema};

/// Parts that stand for themselves, each with a sample.
const PARTS: &[(&str, &str)] = &[
    ("account", "111122223333"),
    ("id", "ABCDEFGHIJ123"),
    ("region", "us-east-1"),
    ("uuid", "12345678-1234-4123-8123-123456789abc"),
];

/// How many letters of one kind a template may ask for.
const MOST_LETTERS: usize = 4096;

pub(super) fn lint(schema: Schema<'_>, subject: &Subject, found: &mut Findings<'_>) {
    let Some(template) = schema.own_note("generated").and_then(Value::as_str) else { return };
    let mut sample = Some(String::new());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((part, after)) = after.split_once('}') else {
            let problem = format!("generated: {template} has a brace that is not closed");
            return found.warning(subject, Some("generated"), problem, "close it");
        };
        match filled(found.contract, part) {
            Part::Sample(text) => sample = sample.map(|sample| sample + before + &text),
            Part::Open => sample = None,
            Part::Unknown => {
                sample = None;
                let problem = format!("generated: nothing is known as {{{part}}}");
                let mend = "use region, account, uuid, now, id, letters:CHARS:COUNT or a member of an input";
                found.error(subject, Some("generated"), problem, mend);
            }
        }
        rest = after;
    }
    let Some(sample) = sample.map(|sample| sample + rest).filter(|_| schema.kind() == Kind::Text) else {
        return;
    };
    for demands in found.contract.broken_by(&schema, &Value::from(sample.as_str())) {
        let problem = format!("generated: {sample}, made from {template}, must be {demands}");
        found.warning(subject, Some("generated"), problem, "mend the template, or the shape");
    }
}

/// What a part of a template becomes.
enum Part {
    Sample(String),
    /// Something that only a request says.
    Open,
    Unknown,
}

fn filled(contract: &Contract, part: &str) -> Part {
    if let Some((_, sample)) = PARTS.iter().find(|(name, _)| *name == part) {
        return Part::Sample((*sample).to_owned());
    }
    if part == "now" || part.starts_with("now:") {
        return Part::Open;
    }
    if let Some(letters) = part.strip_prefix("letters:") {
        return letters_of(letters).map_or(Part::Unknown, Part::Sample);
    }
    let mut inputs = contract.operations.iter().map(|operation| contract.input(operation));
    if inputs.any(|input| input.path(part).is_some()) { Part::Open } else { Part::Unknown }
}

/// Letters of a character class, `a-z2-7:11`.
fn letters_of(said: &str) -> Option<String> {
    let (class, count) = said.rsplit_once(':')?;
    let count = count.parse().ok().filter(|count| *count <= MOST_LETTERS)?;
    Some(class.chars().next()?.to_string().repeat(count))
}
