//! What has to be known of all schemas before the first is converted: which of them look different
//! in a request and in an answer, and which are told apart by the value of a property.

mod choices;

pub(super) use choices::{is_null, last_step};

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::documents::{Documents, NAME_MAPS, PLAIN, reference_of};
use super::notices::Notices;
use crate::contract::schema::escaped;

/// What is known of all schemas, by absolute reference.
#[derive(Default)]
pub(super) struct Survey {
    /// Schemas that hold a member which only requests or only answers have, through references too.
    sided: HashSet<String>,
    /// The property that tells a schema from its siblings, with its values there.
    narrowings: HashMap<String, Vec<(String, BTreeSet<String>)>>,
    /// Choices whose branches a property tells apart.
    pub(super) decided: HashSet<String>,
}

impl Survey {
    pub(super) fn of(documents: &Documents, notices: &mut Notices) -> Self {
        let mut walk = Walk::default();
        for (at, root) in documents.roots() {
            walk.pointer = at;
            walk.targets(root, false);
        }
        for (at, root) in documents.roots() {
            walk.pointer = at;
            walk.enter(root, false);
        }
        let mut survey = Self { sided: walk.sided(), ..Self::default() };
        for (at, choice) in walk.choices {
            survey.decide(documents, &at, choice, notices);
        }
        survey
    }

    /// Whether a schema looks different in a request and in an answer.
    pub(super) fn is_sided(&self, reference: &str) -> bool {
        self.sided.contains(reference)
    }

    /// What a schema is narrowed to, as a schema of its own.
    pub(super) fn narrowing(&self, reference: &str) -> Option<Value> {
        let properties: Map<_, _> = self
            .narrowings
            .get(reference)?
            .iter()
            .map(|(property, values)| (property.clone(), serde_json::json!({ "enum": values })))
            .collect();
        let required: Vec<_> = properties.keys().cloned().collect();
        Some(serde_json::json!({"properties": properties, "required": required}))
    }

    /// Adds values to what tells a schema apart.
    fn narrow(&mut self, reference: &str, property: &str, values: BTreeSet<String>) {
        let narrowings = self.narrowings.entry(reference.to_owned()).or_default();
        match narrowings.iter_mut().find(|(known, _)| known == property) {
            Some((_, known)) => known.extend(values),
            None => narrowings.push((property.to_owned(), values)),
        }
    }
}

#[derive(Default)]
struct Walk<'d> {
    pointer: String,
    /// Everything that something refers to.
    referred: HashSet<&'d str>,
    /// The places among those that the walk is inside of.
    inside: Vec<String>,
    /// From what is referred to, to what refers to it.
    users: HashMap<&'d str, Vec<String>>,
    /// Places that hold a one-sided member themselves.
    direct: Vec<String>,
    choices: Vec<(String, &'d Map<String, Value>)>,
}

impl<'d> Walk<'d> {
    fn targets(&mut self, value: &'d Value, named: bool) {
        if !named && let Some(reference) = reference_of(value) {
            self.referred.insert(reference);
        }
        each(value, named, &mut |_, child, named| self.targets(child, named));
    }

    fn enter(&mut self, value: &'d Value, named: bool) {
        let is_target = self.referred.contains(self.pointer.as_str());
        if is_target {
            self.inside.push(self.pointer.clone());
        }
        if let (Value::Object(members), false) = (value, named) {
            self.look_at(members);
        }
        each(value, named, &mut |step, child, named| {
            let length = self.pointer.len();
            self.pointer.push('/');
            self.pointer.push_str(&escaped(step));
            self.enter(child, named);
            self.pointer.truncate(length);
        });
        if is_target {
            self.inside.pop();
        }
    }

    fn look_at(&mut self, members: &'d Map<String, Value>) {
        if let Some(Value::String(reference)) = members.get("$ref") {
            self.users.entry(reference).or_default().extend(self.inside.iter().cloned());
        }
        let has = |name: &str| members.get(name) == Some(&Value::Bool(true));
        if has("readOnly") || has("writeOnly") {
            self.direct.extend(self.inside.iter().cloned());
        }
        if members.contains_key("oneOf") || members.contains_key("anyOf") {
            self.choices.push((self.pointer.clone(), members));
        }
    }

    /// Whatever uses something one-sided is one-sided.
    fn sided(&self) -> HashSet<String> {
        let mut found = HashSet::new();
        let mut left = self.direct.clone();
        while let Some(place) = left.pop() {
            if found.insert(place.clone()) {
                left.extend(self.users.get(place.as_str()).into_iter().flatten().cloned());
            }
        }
        found
    }
}

/// Calls `visit` with each part of a document that is not plain data: its step, and whether the
/// names of its members are of the author's choice.
fn each<'d>(value: &'d Value, named: bool, visit: &mut dyn FnMut(&str, &'d Value, bool)) {
    match value {
        Value::Object(members) => {
            for (name, child) in members {
                let is_plain = name == "examples" || PLAIN.contains(&name.as_str()) || name.starts_with("x-");
                if named || !is_plain {
                    visit(name, child, !named && NAME_MAPS.contains(&name.as_str()));
                }
            }
        }
        Value::Array(elements) => {
            for (index, child) in elements.iter().enumerate() {
                visit(&index.to_string(), child, false);
            }
        }
        _ => {}
    }
}
