//! Which property tells the branches of a choice apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Survey;
use crate::contract::openapi::documents::{Documents, reference_of};
use crate::contract::openapi::notices::Notices;

/// How many branches are compared with each other.
const COMPARED: usize = 64;

impl Survey {
    /// Finds out how the branches of a choice are told apart.
    pub(super) fn decide(
        &mut self,
        documents: &Documents,
        at: &str,
        choice: &Map<String, Value>,
        notices: &mut Notices,
    ) {
        let list = choice.get("oneOf").or_else(|| choice.get("anyOf")).and_then(Value::as_array);
        let Some(branches) = list.map(|list| list.iter().filter(|it| !is_null(it)).collect::<Vec<_>>())
        else {
            return;
        };
        if branches.len() < 2 {
            return;
        }
        if let Some(discriminator) = choice.get("discriminator").and_then(Value::as_object) {
            return self.discriminate(documents, at, discriminator, &branches, notices);
        }
        if !choice.contains_key("oneOf") || are_apart(documents, &branches) {
            self.decided.insert(at.to_owned());
        } else if let Some((property, values)) = told_by_name(documents, &branches) {
            for (branch, value) in branches.iter().filter_map(|branch| reference_of(branch)).zip(&values) {
                self.narrow(branch, &property, BTreeSet::from([value.clone()]));
            }
            self.decided.insert(at.to_owned());
            let problem = format!(
                "the branches of this oneOf overlap; {property} decides between them, for its values are in their names"
            );
            notices.warn(at, problem, "add a discriminator to the document");
        } else {
            let problem = "the branches of this oneOf overlap, and it is read as anyOf";
            notices.warn(at, problem, "add a discriminator, or close the branches");
        }
    }

    fn discriminate(
        &mut self,
        documents: &Documents,
        at: &str,
        discriminator: &Map<String, Value>,
        branches: &[&Value],
        notices: &mut Notices,
    ) {
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
            return notices.warn(at, "the discriminator names no property", "add propertyName to it");
        };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        for branch in branches {
            let Some(reference) = reference_of(branch) else {
                let problem = "a discriminator has no name for a branch that is no reference";
                notices.warn(at, problem, "move the branch to components and refer to it");
                continue;
            };
            let mapped = mapping.into_iter().flatten().filter(|(_, target)| *target == reference);
            let mut values: BTreeSet<_> = mapped.map(|(value, _)| value.clone()).collect();
            let own = documents.property(branch, property).and_then(|node| documents.values(node));
            if values.is_empty() && own.is_none() {
                values.insert(last_step(reference));
            }
            let fits = |value: &String| own.as_ref().is_none_or(|own| own.iter().any(|own| *own == value));
            if values.iter().any(|value| !fits(value)) {
                let problem = format!("the mapping of {property} has a value that the branch does not list");
                notices.warn(at, problem, "list the same values in the mapping and in the branch");
                values.retain(fits);
            }
            if !values.is_empty() {
                self.narrow(reference, property, values);
            }
        }
        self.decided.insert(at.to_owned());
    }
}

fn are_apart(documents: &Documents, branches: &[&Value]) -> bool {
    let pairs = || {
        branches
            .iter()
            .enumerate()
            .flat_map(|(at, one)| branches[at + 1..].iter().map(move |other| (one, other)))
    };
    branches.len() <= COMPARED && pairs().all(|(one, other)| documents.apart(one, other))
}

/// A property that every branch requires and lists texts for, each of which is in the name of one
/// branch: with the value of each branch.
fn told_by_name(documents: &Documents, branches: &[&Value]) -> Option<(String, Vec<String>)> {
    let names: Vec<_> =
        branches.iter().map(|branch| reference_of(branch).map(last_step)).collect::<Option<_>>()?;
    let (first, rest) = branches.split_first()?;
    let everywhere = |name: &&str| rest.iter().all(|branch| documents.required(branch).contains(*name));
    documents.required(first).into_iter().filter(everywhere).find_map(|property| {
        let listed = branches.iter().map(|branch| listed_texts(documents, branch, property));
        let listed: Vec<_> = listed.collect::<Option<_>>()?;
        let values = names.iter().zip(&listed).map(|(name, values)| named_in(name, values));
        let values: Vec<_> = values.collect::<Option<_>>()?;
        let all: BTreeSet<_> = listed.iter().flatten().collect();
        let told: BTreeMap<_, _> = values.iter().zip(&names).collect();
        (told.len() == branches.len() && all.len() == branches.len()).then(|| (property.to_owned(), values))
    })
}

fn listed_texts(documents: &Documents, branch: &Value, property: &str) -> Option<Vec<String>> {
    let values = documents.values(documents.property(branch, property)?)?;
    values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

/// The longest of the values that is part of a name.
fn named_in(name: &str, values: &[String]) -> Option<String> {
    let name = letters(name);
    let inside = values.iter().filter(|value| !value.is_empty() && name.contains(&letters(value)));
    inside.max_by_key(|value| value.len()).cloned()
}

fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The last step of a reference: the name of a component.
pub(in crate::contract::openapi) fn last_step(reference: &str) -> String {
    let step = reference.rsplit(['/', '#']).next().unwrap_or_default();
    step.replace("~1", "/").replace("~0", "~")
}

/// Whether a schema takes nothing but null.
pub(in crate::contract::openapi) fn is_null(node: &Value) -> bool {
    node.get("type").is_some_and(|kind| kind == "null")
        || node.get("const").is_some_and(Value::is_null)
        || node
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
}
