//! How operations name the resource that they are about.

use std::collections::VecDeque;

use serde_json::Value;

use super::{Contract, Operation, Place, Resource, Schema};

/// An input member whose value is the name of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The input member.
    pub member: String,
    /// What the resource calls it where it shows it: an identifier, or another name such as an ARN.
    pub shown: String,
}

/// What any resource is called.
const SUFFIX: &str = "resource";

/// How deep a resource is looked for in an output that holds it.
const DEPTH: usize = 4;

impl Contract {
    /// The resource that an operation is about: its own, or the one all of whose identifiers it
    /// asks for.
    pub fn subject(&self, operation: &Operation) -> Option<&Resource> {
        let input = self.input(operation);
        let named = |resource: &&Resource| {
            let mut identifiers = resource.identifiers.iter();
            !resource.identifiers.is_empty() && identifiers.all(|name| input.member(name).is_some())
        };
        self.resource_of(&operation.name).or_else(|| self.resources.iter().rfind(named))
    }

    /// The input members that name the resource that an operation is about, in their order. Those
    /// of an operation that makes one, or lists them, name what it lies in.
    pub fn references(&self, operation: &Operation) -> Vec<Reference> {
        let Some(resource) = self.subject(operation) else { return Vec::new() };
        let own = |name: &String| resource.identifiers.iter().any(|identifier| identifier == name);
        let makes = resource.create.as_ref() == Some(&operation.name);
        let unique = resource.unique.as_ref().map(|unique| unique.member.as_str());
        let mut found = Vec::new();
        for member in self.input(operation).members() {
            let name = member.name.to_owned();
            let said = member.schema.note("resourceIdentifier").and_then(Value::as_str);
            let label = is_label(operation, member.name);
            let shown = match said {
                Some(shown) => shown.to_owned(),
                None if own(&name) && (!makes || label) => name.clone(),
                None if label => name.clone(),
                None => continue,
            };
            if !makes || unique != Some(member.name) {
                found.push(Reference { member: name, shown });
            }
        }
        found
    }

    /// Those references that the provider must have made for them to name something: not what a
    /// resource lies in.
    pub fn own_references(&self, operation: &Operation) -> Vec<Reference> {
        let resource = self.subject(operation);
        let parents = resource.map(|resource| self.parents(resource)).unwrap_or_default();
        let is_of_all = resource.is_some_and(|resource| {
            [&resource.create, &resource.list].contains(&&Some(operation.name.clone()))
        });
        let mut found = self.references(operation);
        found.retain(|reference| !is_of_all && !parents.contains(&reference.shown));
        found
    }

    /// The names of what a resource lies in: those that its creation asks for in the path, but for the
    /// one that it gives the resource itself.
    pub fn parents(&self, resource: &Resource) -> Vec<String> {
        let create = resource.create.as_ref().and_then(|name| self.operation(name));
        let Some(create) = create else { return Vec::new() };
        let labels = create.bindings.iter().filter(|binding| binding.place == Place::Label);
        let mut parents: Vec<_> = labels.map(|binding| binding.member.clone()).collect();
        let own = match &resource.unique {
            Some(unique) => Some(&unique.member),
            None if resource.identifiers.iter().all(|name| parents.contains(name)) => {
                resource.identifiers.last()
            }
            None => None,
        };
        parents.retain(|name| Some(name) != own);
        parents
    }

    /// The structure in which an output shows a resource, with the pointer to it.
    pub fn resource_shape<'c>(&'c self, resource: &Resource, output: Schema<'c>) -> Option<Schema<'c>> {
        let mut level = VecDeque::from([(output, 0)]);
        while let Some((schema, depth)) = level.pop_front() {
            let shows = |name: &String| schema.members().any(|member| resource.calls(name, member.name));
            if resource.identifiers.iter().any(shows) {
                return Some(schema);
            }
            let inner = schema.members().filter(|_| depth < DEPTH);
            level.extend(inner.map(|member| (member.schema.items().unwrap_or(member.schema), depth + 1)));
        }
        None
    }
}

impl Resource {
    /// What a value shows under one of the resource's names: `ClusterId`, `clusterId` and `id` are
    /// one name of a cluster. The outermost counts, and lists are not looked into.
    pub fn shown<'v>(&self, name: &str, value: &'v Value) -> Option<&'v Value> {
        let mut level = vec![value];
        for _ in 0..=DEPTH {
            if let Some(found) = level.iter().find_map(|value| value.get(name).filter(|it| !it.is_null())) {
                return Some(found);
            }
            let members = || level.iter().filter_map(|value| value.as_object()).flatten();
            let alike = members().find(|(other, value)| is_name(value) && self.calls(name, other));
            if let Some((_, found)) = alike {
                return Some(found);
            }
            level = members().map(|(_, value)| value).filter(|value| value.is_object()).collect();
        }
        None
    }

    /// Whether two names of members are one name of this resource.
    pub fn calls(&self, name: &str, other: &str) -> bool {
        name == other || self.bare(name) == self.bare(other)
    }

    /// `clusterArn` and `resourceArn` are the `arn` of a cluster, and of a `ClusterResource`; an
    /// `identifier` is its `id`.
    fn bare(&self, name: &str) -> String {
        let name = name.to_ascii_lowercase();
        let own = self.name.to_ascii_lowercase();
        let own = own.strip_suffix(SUFFIX).filter(|own| !own.is_empty()).unwrap_or(&own);
        let rest = name.strip_prefix(own).or_else(|| name.strip_prefix(SUFFIX));
        let rest = rest.filter(|rest| !rest.is_empty()).unwrap_or(&name);
        if rest == "identifier" { "id".to_owned() } else { rest.to_owned() }
    }
}

fn is_name(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn is_label(operation: &Operation, member: &str) -> bool {
    operation.bindings.iter().any(|binding| binding.member == member && binding.place == Place::Label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cluster() -> Resource {
        let msk = Contract::built_in("msk").unwrap().unwrap();
        msk.resources.into_iter().find(|resource| resource.name == "Cluster").unwrap()
    }

    #[test]
    fn a_name_is_known_by_what_is_left_without_the_resource() {
        let shown = json!({"cluster": {"id": "a", "arn": "b", "parts": [{"clusterId": "c"}]}});
        assert_eq!(cluster().shown("ClusterId", &shown), Some(&json!("a")));
        assert_eq!(cluster().shown("resourceArn", &shown), Some(&json!("b")));
        assert_eq!(cluster().shown("name", &shown), None);
    }

    #[test]
    fn tagging_names_its_resource_by_another_member() {
        let msk = Contract::built_in("msk").unwrap().unwrap();
        let references = msk.references(msk.operation("TagResource").unwrap());
        let expected = Reference { member: "resourceArn".to_owned(), shown: "clusterArn".to_owned() };
        assert_eq!(references, [expected]);
        assert_eq!(msk.references(msk.operation("CreateCluster").unwrap()), []);
    }
}
