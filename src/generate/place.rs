//! Everything that is documented of one place in an input: its type, and what prose adds.

use serde_json::Value;

use super::wire::Wire;
use crate::contract::{Contract, Kind, Operation, Schema};

/// How long a chain of references may be.
const CHAIN: usize = 8;

/// One place in an input, with every schema that holds there.
#[derive(Debug, Clone)]
pub(super) struct Place<'c> {
    pub(super) contract: &'c Contract,
    pub(super) operation: &'c Operation,
    layers: Vec<Layer<'c>>,
    /// JSON pointer, with `*` for elements and for values of maps.
    pub(super) pointer: String,
    pub(super) wire: Wire,
    /// How many choices were made on the way to here, within one value.
    turned: usize,
}

/// Which branch is taken at a place where there is a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// The place, as in [`Place::pointer`].
    pub(super) pointer: String,
    /// The branch, by its number.
    pub(super) branch: usize,
}

#[derive(Debug, Clone, Copy)]
enum Layer<'c> {
    /// A type, as it stands at the place.
    Typed(Schema<'c>),
    /// A shape that it refers to: whoever asks the type sees it through it.
    Behind(Schema<'c>),
    /// What prose says.
    Said(&'c Value),
}

impl<'c> Place<'c> {
    /// The whole input.
    pub(super) fn root(contract: &'c Contract, operation: &'c Operation) -> Self {
        let (layers, pointer) = (Vec::new(), String::new());
        let place = Self { contract, operation, layers, pointer, wire: Wire::Json, turned: 0 };
        place.with(vec![contract.input(operation)], Vec::new())
    }

    /// The same place with the layers of a child, and what prose says at the child's pointer.
    fn with(mut self, types: Vec<Schema<'c>>, said: Vec<&'c Value>) -> Self {
        self.layers.clear();
        for schema in types {
            self.layers.push(Layer::Typed(schema));
            self.look_behind(schema);
        }
        for node in said {
            self.say(node, CHAIN);
        }
        for constraint in &self.operation.constraints {
            if constraint.pointer == self.pointer {
                self.say(&constraint.schema, CHAIN);
            }
        }
        self
    }

    fn look_behind(&mut self, schema: Schema<'c>) {
        let mut next = schema.shape_name().map(|name| self.contract.shape(name));
        for _ in 0..CHAIN {
            let Some(behind) = next else { break };
            self.layers.push(Layer::Behind(behind));
            next = behind.shape_name().map(|name| self.contract.shape(name));
        }
    }

    fn say(&mut self, node: &'c Value, depth: usize) {
        self.layers.push(Layer::Said(node));
        let parts = node.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.filter(|_| depth > 0) {
            self.say(part, depth - 1);
        }
        let shape = node.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        self.layers.extend(shape.map(|name| Layer::Typed(self.contract.shape(name))));
    }

    /// The values of a keyword in all schemas that hold here.
    pub(super) fn all<'p>(&'p self, keyword: &'p str) -> impl Iterator<Item = &'c Value> + use<'c, 'p> {
        self.layers.iter().filter_map(move |layer| match layer {
            Layer::Typed(schema) | Layer::Behind(schema) => schema.keyword(keyword),
            Layer::Said(node) => node.get(keyword),
        })
    }

    /// The largest of a keyword's numbers.
    pub(super) fn least(&self, keyword: &str) -> Option<i64> {
        self.all(keyword).filter_map(Value::as_i64).max()
    }

    /// The smallest of a keyword's numbers.
    pub(super) fn most(&self, keyword: &str) -> Option<i64> {
        self.all(keyword).filter_map(Value::as_i64).min()
    }

    /// A keyword that is a count, as the largest lower bound.
    pub(super) fn at_least(&self, keyword: &str) -> usize {
        self.least(keyword).and_then(|count| count.try_into().ok()).unwrap_or(0)
    }

    /// A keyword that is a count, as the smallest upper bound.
    pub(super) fn at_most(&self, keyword: &str) -> Option<usize> {
        self.most(keyword).and_then(|count| count.try_into().ok())
    }

    /// Our annotation of that name.
    pub(super) fn note(&self, name: &str) -> Option<&'c Value> {
        self.typed()?.note(name)
    }

    /// The texts of an annotation that is a list.
    pub(super) fn all_notes(&self, name: &str) -> impl Iterator<Item = &'c str> + use<'c> {
        self.note(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// The type's own schema.
    pub(super) fn typed(&self) -> Option<Schema<'c>> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Typed(schema) | Layer::Behind(schema) => Some(*schema),
            Layer::Said(_) => None,
        })
    }

    /// What types say here, without prose.
    pub(super) fn types(&self) -> impl Iterator<Item = Schema<'c>> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Typed(schema) | Layer::Behind(schema) => Some(*schema),
            Layer::Said(_) => None,
        })
    }

    /// The types as they stand here; more than one where a branch adds to a structure.
    fn roots(&self) -> impl Iterator<Item = Schema<'c>> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Typed(schema) => Some(*schema),
            Layer::Behind(_) | Layer::Said(_) => None,
        })
    }

    pub(super) fn kind(&self) -> Kind {
        self.typed().map_or(Kind::Text, |schema| schema.kind())
    }

    /// The values of `enum` and `const`, as far as all schemas agree; `None` where there is none.
    pub(super) fn listed(&self) -> Option<Vec<&'c Value>> {
        let lists = self.all("enum").filter_map(Value::as_array).map(|list| list.iter().collect());
        let mut lists = lists.chain(self.all("const").map(|value| vec![value]));
        let first: Vec<&Value> = lists.next()?;
        Some(lists.fold(first, |kept, list| kept.into_iter().filter(|value| list.contains(value)).collect()))
    }

    /// The names of a structure's members, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = &'c str> + use<'c> {
        let mut names: Vec<&str> = Vec::new();
        for member in self.roots().flat_map(|schema| schema.members()) {
            if !names.contains(&member.name) {
                names.push(member.name);
            }
        }
        names.into_iter()
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.all("required").filter_map(Value::as_array).flatten().any(|required| required == name)
    }

    /// The branches, where there is a choice; each adds to what is said of the structure itself.
    pub(super) fn branches(&self) -> Vec<Self> {
        if self.turned > CHAIN {
            return Vec::new();
        }
        let own = |schema: &Schema<'c>| schema.kind() != Kind::Choice;
        let branch = |schema: Schema<'c>| {
            let types = self.roots().filter(own).chain([schema]).collect();
            let prose = self.layers.iter().filter(|layer| matches!(layer, Layer::Said(_)));
            let mut place = Self { turned: self.turned + 1, ..self.clone() }.with(types, Vec::new());
            place.layers.extend(prose.copied());
            place
        };
        let choice = self.roots().find(|schema| schema.branches().next().is_some());
        let branches = choice.into_iter().flat_map(|schema| schema.branches());
        branches.filter(|schema| !schema.is_null()).map(branch).collect()
    }

    /// Whether the members of a structure depend on a choice as well.
    pub(super) fn has_branches(&self) -> bool {
        self.turned == 0 && self.roots().any(|schema| schema.branches().next().is_some())
    }

    /// Whether exactly one member of a structure is there.
    pub(super) fn is_union(&self) -> bool {
        self.note("union").is_some() || self.at_most("maxProperties") == Some(1)
    }

    /// The place after the turn that is taken here.
    pub(super) fn turned(&self, turns: &[Turn]) -> Self {
        let turn = turns.iter().find(|turn| turn.pointer == self.pointer);
        let branch = turn.and_then(|turn| self.branches().into_iter().nth(turn.branch));
        branch.unwrap_or_else(|| self.clone())
    }

    pub(super) fn member(&self, name: &str) -> Self {
        let wire = if self.pointer.is_empty() {
            Wire::of(self.contract, self.operation, name)
        } else {
            self.wire.inside(self.kind())
        };
        let said = self.said("properties").filter_map(|members| members.get(name)).collect();
        let types = self.roots().filter_map(|schema| schema.member(name)).collect();
        self.child(name, wire).with(types, said)
    }

    pub(super) fn items(&self) -> Self {
        let said = self.said("items").collect();
        let wire = self.wire.inside(Kind::List);
        self.child("*", wire).with(self.roots().filter_map(|schema| schema.items()).collect(), said)
    }

    pub(super) fn values(&self) -> Self {
        let said = self.said("additionalProperties").collect();
        let wire = self.wire.inside(Kind::Map);
        self.child("*", wire).with(self.roots().filter_map(|schema| schema.values()).collect(), said)
    }

    /// The names in a map. Their pointer is that of no value.
    pub(super) fn keys(&self) -> Self {
        let typed = self.typed().and_then(|schema| schema.keyword("propertyNames"));
        let said = typed.into_iter().chain(self.said("propertyNames")).collect();
        self.child("{key}", self.wire.keys()).with(Vec::new(), said)
    }

    /// The place in it that a pointer with `*` leads to, by these turns.
    pub(super) fn at(&self, pointer: &str, turns: &[Turn]) -> Self {
        pointer.split('/').skip(1).fold(self.turned(turns), |place, step| {
            let inner = match step {
                "*" if place.kind() == Kind::List => place.items(),
                "*" => place.values(),
                name => place.member(&name.replace("~1", "/").replace("~0", "~")),
            };
            inner.turned(turns)
        })
    }

    fn child(&self, step: &str, wire: Wire) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        Self { layers: Vec::new(), pointer: format!("{}/{step}", self.pointer), wire, turned: 0, ..*self }
    }

    /// A keyword's values where it is not the type that says it.
    fn said<'p>(&'p self, keyword: &'p str) -> impl Iterator<Item = &'c Value> + use<'c, 'p> {
        self.layers.iter().filter_map(move |layer| match layer {
            Layer::Typed(_) | Layer::Behind(_) => None,
            Layer::Said(node) => node.get(keyword),
        })
    }

    pub(super) fn depth(&self) -> usize {
        self.pointer.matches('/').count()
    }
}

/// Whether `pointer` is `other` or leads to it.
pub(super) fn leads_to(pointer: &str, other: &str) -> bool {
    other.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The pointer of a dotted path.
pub(super) fn pointer_of(path: &str) -> String {
    path.split('.').map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

/// Puts a value where a pointer leads, into a structure that is there.
pub(super) fn put(value: &mut Value, pointer: &str, new: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        members.insert(name.replace("~1", "/").replace("~0", "~"), new);
    }
}

/// Takes the value at a pointer out of its structure; lists keep their elements.
pub(super) fn take(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    value.pointer_mut(parent)?.as_object_mut()?.shift_remove(&name)
}

/// The first place in a value that a pointer with `*` leads to; the last step may lead nowhere yet.
pub(super) fn first(value: &Value, pattern: &str) -> Option<String> {
    let mut pointer = String::new();
    for step in pattern.split('/').skip(1) {
        let here = value.pointer(&pointer)?;
        let name = match here {
            Value::Object(members) if step == "*" => {
                members.keys().next()?.replace('~', "~0").replace('/', "~1")
            }
            Value::Array(_) if step == "*" => "0".to_owned(),
            _ => step.to_owned(),
        };
        pointer = format!("{pointer}/{name}");
    }
    Some(pointer)
}
