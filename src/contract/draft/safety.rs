//! What an operation does to an account: the note, then the lifecycle, then the method, then the
//! verb; what stays unknown counts as destructive.

use serde_json::Value;

use super::Notes;
use crate::contract::model::{Contract, Operation, Safety};
use crate::exchange::Method;

const READS: &[&str] = &["Describe", "Get", "List", "Search", "BatchGet", "Query", "Scan", "Lookup", "Head"];
const CREATES: &[&str] = &["Create"];
const CHANGES: &[&str] = &["Update", "Modify", "Put", "Tag", "Untag", "Set", "Add"];

pub(super) fn safety(contract: &Contract, operation: &Operation, notes: &Notes) -> Safety {
    if let Some(stated) = notes.get("safety") {
        return stated.as_str().and_then(Safety::parse).unwrap_or(Safety::Destroy);
    }
    if notes.get("readonly").is_some_and(|readonly| *readonly != Value::Bool(false)) {
        return Safety::Read;
    }
    let has = |part: &Option<String>| part.as_ref() == Some(&operation.name);
    if contract.resources.iter().any(|resource| has(&resource.delete)) {
        return Safety::Destroy;
    }
    if contract.resources.iter().any(|resource| has(&resource.create)) {
        return Safety::Create;
    }
    match operation.method {
        Method::Get | Method::Head | Method::Options => return Safety::Read,
        Method::Delete => return Safety::Destroy,
        _ => {}
    }
    by_verb(&operation.name)
}

fn by_verb(name: &str) -> Safety {
    let starts = |verbs: &[&str]| verbs.iter().any(|verb| is_verb(name, verb));
    match name {
        _ if starts(READS) => Safety::Read,
        _ if starts(CREATES) => Safety::Create,
        _ if starts(CHANGES) => Safety::Change,
        _ => Safety::Destroy,
    }
}

/// Whether a name begins with a verb: `GetThing`, `getThing` and `get_thing` do, `Gettysburg` not.
fn is_verb(name: &str, verb: &str) -> bool {
    name.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
        && !name[verb.len()..].starts_with(|next: char| next.is_ascii_lowercase())
}
