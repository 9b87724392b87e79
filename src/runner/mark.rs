//! How what a run makes is told from what others made.

use serde_json::{Map, Value, json};

use super::thing::{NAME, Thing, member_path, set};
use crate::contract::{Contract, Kind, Operation, Resource, Schema, at_path, tags};
use crate::net::{NetError, random};

/// The key of the tag that says which run made something.
const TAG: &str = "onrecord";

/// What things are called where the contract says of no member that it is unique.
const TITLE: &str = "name";

/// How many letters a mark has.
const LETTERS: usize = 8;

/// The mark of a run: the names that it makes up begin with it, and what it makes has it in a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// What tells that something is of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tells {
    /// The name that was asked for.
    Name,
    /// A tag that was asked for.
    Tag,
    /// The idempotency token: the same request again finds what the first one made.
    Token,
    /// Nothing.
    Nothing,
}

impl Mark {
    /// A mark that no other run has.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, NetError> {
        let letters = random::<LETTERS>()?.map(|byte| char::from(b'a' + byte % 26));
        Ok(Self(letters.iter().collect()))
    }

    /// Reads a mark. One that is shorter could be another run's as well.
    pub fn parse(text: &str) -> Option<Self> {
        let is_mark = text.len() == LETTERS && text.bytes().all(|byte| byte.is_ascii_lowercase());
        is_mark.then(|| Self(text.to_owned()))
    }

    /// The mark as recordings and ledgers hold it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names begin with and tags hold.
    pub(super) fn prefix(&self) -> String {
        format!("onrecord-{}", self.0)
    }

    /// Puts the mark on what an input of a creating operation asks for, as far as the input still breaks
    /// what it broke and nothing else. Names stand in it as [`NAME`].
    pub(super) fn put(&self, contract: &Contract, operation: &Operation, input: &mut Value) {
        let Some(resource) = made_by(contract, operation) else { return };
        if resource.unique.is_none()
            && let Some(path) = member_path(contract, operation, TITLE)
        {
            let mut named = input.clone();
            set(&mut named, &path, json!(NAME));
            take_first(contract, operation, input, [named]);
        }
        if let Some(path) = tags_path(contract, operation, resource)
            && let Some(schema) = contract.input(operation).path(&path)
        {
            let there = at_path(input, &path);
            let tagged = self.tagged(schema, there).into_iter().map(|tags| {
                let mut tagged = input.clone();
                set(&mut tagged, &path, tags);
                tagged
            });
            let tagged: Vec<_> = tagged.collect();
            take_first(contract, operation, input, tagged);
        }
    }

    /// Tags with ours beside them, or where there is no room for it, in the place of the last one.
    fn tagged(&self, schema: Schema<'_>, there: Option<&Value>) -> Vec<Value> {
        let own = || Map::from_iter([(TAG.to_owned(), Value::from(self.prefix()))]);
        match (schema.kind(), there) {
            (Kind::Map, None) => vec![own().into()],
            (Kind::Map, Some(Value::Object(tags))) => {
                let with = |mut tags: Map<String, Value>| {
                    tags.extend(own());
                    Value::from(tags)
                };
                let last = tags.keys().next_back().cloned().unwrap_or_default();
                let fewer = tags.iter().filter(|(key, _)| **key != last);
                let fewer = fewer.map(|(key, value)| (key.clone(), value.clone())).collect();
                vec![with(tags.clone()), with(fewer)]
            }
            (Kind::List, None | Some(Value::Array(_))) => {
                let own = schema.items().and_then(|items| tags::to_pairs(items, &own()));
                let Some(Value::Array(own)) = own else { return Vec::new() };
                let tags = there.and_then(Value::as_array).cloned().unwrap_or_default();
                let with = |tags: &[Value]| Value::from([tags, &own].concat());
                vec![with(&tags), with(tags.split_last().map(|(_, fewer)| fewer).unwrap_or_default())]
            }
            _ => Vec::new(),
        }
    }

    /// What of the input of a creating operation will tell that the thing is of this run.
    pub(super) fn tells(&self, contract: &Contract, operation: &Operation, input: &Value) -> Tells {
        let asked = made_by(contract, operation).map(|resource| (resource, input));
        let named = asked.is_some_and(|(resource, input)| {
            let path = member_path(contract, operation, title(resource));
            path.is_some_and(|path| at_path(input, &path).is_some_and(|name| self.begins(name)))
        });
        let mut has_token = false;
        contract.input(operation).walk(input, &mut |schema, value| {
            let is_token = schema.note("idempotencyToken").is_some();
            has_token |= is_token && value.as_str().is_some_and(|token| !token.is_empty());
        });
        match () {
            () if named => Tells::Name,
            () if self.is_tagged(input) => Tells::Tag,
            () if has_token => Tells::Token,
            () => Tells::Nothing,
        }
    }

    /// Why an input of a creating operation may not be sent where things last, if so: what it makes must be
    /// found though no answer comes, and there must be a way to name it.
    pub(super) fn objects(
        &self,
        contract: &Contract,
        operation: &Operation,
        input: &Value,
    ) -> Option<&'static str> {
        let resource = made_by(contract, operation)?;
        let parents = contract.parents(resource);
        let given = resource.identifiers.iter().filter(|name| !parents.contains(name));
        let paths = given.filter_map(|name| member_path(contract, operation, name));
        let is_name = |name: &Value| name.as_str().is_some_and(|name| !name.is_empty());
        match () {
            () if !paths.into_iter().all(|path| at_path(input, &path).is_some_and(is_name)) => {
                Some("were it accepted, no request could name what it made, to delete it")
            }
            () if self.tells(contract, operation, input) == Tells::Nothing => Some(
                "it has no place for a mark, and were its answer lost, nothing would tell what it made (--no-ledger)",
            ),
            () => None,
        }
    }

    /// Whether the name that a provider shows of a thing is one of this run.
    pub(super) fn is_in_name(&self, thing: &Thing<'_>) -> bool {
        thing.name(title(thing.resource)).is_some_and(|name| self.begins(name))
    }

    /// Whether our tag is in a value, at any depth.
    pub(super) fn is_tagged(&self, value: &Value) -> bool {
        let tags = tags::to_map(value);
        let tag = tags.as_ref().and_then(|tags| tags.get(TAG)).and_then(Value::as_str);
        tag == Some(&self.prefix())
            || match value {
                Value::Array(elements) => elements.iter().any(|element| self.is_tagged(element)),
                Value::Object(members) => members.values().any(|member| self.is_tagged(member)),
                _ => false,
            }
    }

    fn begins(&self, name: &Value) -> bool {
        name.as_str().is_some_and(|name| name.starts_with(&format!("{}-", self.prefix())))
    }
}

/// The resource that an operation makes, if it makes one.
pub(super) fn made_by<'c>(contract: &'c Contract, operation: &Operation) -> Option<&'c Resource> {
    contract.resources.iter().find(|resource| resource.create.as_ref() == Some(&operation.name))
}

/// The member that shows what a thing was called.
fn title(resource: &Resource) -> &str {
    resource.unique.as_ref().map_or(TITLE, |unique| unique.member.as_str())
}

/// Where a creating operation takes tags.
fn tags_path(contract: &Contract, operation: &Operation, resource: &Resource) -> Option<String> {
    let property = &resource.tagging.as_ref()?.property;
    member_path(contract, operation, property)
}

/// Replaces the input by the first of those that break what it breaks.
fn take_first(
    contract: &Contract,
    operation: &Operation,
    input: &mut Value,
    others: impl IntoIterator<Item = Value>,
) {
    let breaks = |input: &Value| {
        let broken = contract.input_violations(operation, input, None).into_iter();
        let mut broken: Vec<_> = broken.map(|it| (it.pointer, it.rule)).collect();
        broken.sort();
        broken
    };
    let broken = breaks(input);
    if let Some(fit) = others.into_iter().find(|other| breaks(other) == broken) {
        *input = fit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Known, simplest};

    fn marked(id: &str, change: impl Fn(&mut Value)) -> (Contract, Value) {
        let contract = Contract::built_in(id).unwrap().unwrap();
        let create = contract.operation("CreateCluster").unwrap();
        let mut input = simplest(&contract, create, &Known::default()).unwrap();
        change(&mut input);
        let mark = Mark::parse("abcdefgh").unwrap();
        mark.put(&contract, create, &mut input);
        let named = input.to_string().replace(NAME, "onrecord-abcdefgh-1");
        (contract, serde_json::from_str(&named).unwrap())
    }

    fn told_by(id: &str, change: impl Fn(&mut Value)) -> (Tells, Option<&'static str>) {
        let (contract, input) = marked(id, change);
        let create = contract.operation("CreateCluster").unwrap();
        let mark = Mark::parse("abcdefgh").unwrap();
        (mark.tells(&contract, create, &input), mark.objects(&contract, create, &input))
    }

    #[test]
    fn a_mark_is_eight_letters() {
        assert!(Mark::parse(Mark::random().unwrap().as_str()).is_some());
        for other in ["", "abcdefg", "abcdefghi", "ABCDEFGH", "abcd-fgh"] {
            assert_eq!(Mark::parse(other), None, "{other}");
        }
    }

    #[test]
    fn tags_get_one_more() {
        for (id, tags, expected) in [
            ("msk", json!({"a": "b"}), json!({"a": "b", "onrecord": "onrecord-abcdefgh"})),
            (
                "cloudhsm",
                json!([{"Key": "a", "Value": "b"}]),
                json!([{"Key": "a", "Value": "b"}, {"Key": "onrecord", "Value": "onrecord-abcdefgh"}]),
            ),
        ] {
            let member = if id == "msk" { "tags" } else { "TagList" };
            let (_, input) = marked(id, |input| input[member] = tags.clone());
            assert_eq!(input[member], expected);
        }
    }

    #[test]
    fn where_all_the_tags_are_there_one_makes_room() {
        let full: Vec<_> = (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
        let (contract, input) = marked("cloudhsm", |input| input["TagList"] = full.clone().into());
        assert_eq!(input["TagList"].as_array().map(Vec::len), Some(50));
        assert!(Mark::parse("abcdefgh").unwrap().is_tagged(&input["TagList"]));
        let create = contract.operation("CreateCluster").unwrap();
        assert!(contract.input_violations(create, &input, None).is_empty());
    }

    #[test]
    fn what_an_input_breaks_stays_broken() {
        let (_, input) = marked("cloudhsm", |input| input["TagList"] = json!([]));
        assert_eq!(input["TagList"], json!([]), "one tag is the documented least");
        let (_, input) = marked("msk", |input| input["tags"] = json!("none"));
        assert_eq!(input["tags"], json!("none"));
    }

    #[test]
    fn what_nothing_would_tell_or_nobody_could_name_is_not_sent() {
        assert_eq!(told_by("cloudhsm", |_| {}), (Tells::Tag, None));
        assert_eq!(told_by("astronomer", |_| {}).1, None, "by its name");
        let untold = told_by("cloudhsm", |input| input["TagList"] = json!("none"));
        assert!(untold.0 == Tells::Nothing && untold.1.is_some());
        let token = json!("00000000-0000-4000-8000-000000000000");
        let by_token = told_by("dsql", |input| {
            input["tags"] = json!("none");
            input["clientToken"] = token.clone();
        });
        assert_eq!(by_token, (Tells::Token, None));
        for name in [json!(12), json!("")] {
            assert!(told_by("eks", |input| input["name"] = name.clone()).1.is_some(), "{name}");
        }
    }
}
