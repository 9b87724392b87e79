//! Everything that is documented of one place in an input: its type, and what prose adds.

use serde_json::Value;

use crate::contract::{Contract, Kind, Operation, Place as Part, Schema};

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
}

#[derive(Debug, Clone, Copy)]
enum Layer<'c> {
    Typed(Schema<'c>),
    Said(&'c Value),
}

/// What the place in the request does to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// JSON: all is kept.
    Json,
    /// Text in the query: types and empty lists are lost.
    Query,
    /// Text in a header field: visible ASCII only.
    Header,
    /// Text in the path: never empty.
    Label,
}

impl<'c> Place<'c> {
    /// The whole input.
    pub(super) fn root(contract: &'c Contract, operation: &'c Operation) -> Self {
        let place =
            Self { contract, operation, layers: Vec::new(), pointer: String::new(), wire: Wire::Json };
        place.with(Some(contract.input(operation)), Vec::new())
    }

    /// The same place with the layers of a child, and what prose says at the child's pointer.
    fn with(mut self, typed: Option<Schema<'c>>, said: Vec<&'c Value>) -> Self {
        self.layers.clear();
        let mut next = typed;
        while let Some(schema) = next.filter(|_| self.layers.len() < CHAIN) {
            self.layers.push(Layer::Typed(schema));
            next = schema.shape_name().map(|name| self.contract.shape(name));
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
            Layer::Typed(schema) => schema.keyword(keyword),
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
        self.types().next()
    }

    /// What types say here, without prose.
    pub(super) fn types(&self) -> impl Iterator<Item = Schema<'c>> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Typed(schema) => Some(*schema),
            Layer::Said(_) => None,
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
        self.typed().into_iter().flat_map(|schema| schema.members()).map(|member| member.name)
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.all("required").filter_map(Value::as_array).flatten().any(|required| required == name)
    }

    pub(super) fn member(&self, name: &str) -> Self {
        let wire = if self.pointer.is_empty() { self.wire_of(name) } else { self.wire };
        let said = self.said("properties").filter_map(|members| members.get(name)).collect();
        self.child(name, wire).with(self.typed().and_then(|schema| schema.member(name)), said)
    }

    pub(super) fn items(&self) -> Self {
        let said = self.said("items").collect();
        self.child("*", self.wire).with(self.typed().and_then(|schema| schema.items()), said)
    }

    pub(super) fn values(&self) -> Self {
        let said = self.said("additionalProperties").collect();
        self.child("*", self.wire).with(self.typed().and_then(|schema| schema.values()), said)
    }

    /// The names in a map. Their pointer is that of no value.
    pub(super) fn keys(&self) -> Self {
        let typed = self.typed().and_then(|schema| schema.keyword("propertyNames"));
        let said = typed.into_iter().chain(self.said("propertyNames")).collect();
        self.child("{key}", self.wire).with(None, said)
    }

    /// The place in it that a pointer with `*` leads to.
    pub(super) fn at(&self, pointer: &str) -> Self {
        pointer.split('/').skip(1).fold(self.clone(), |place, step| match step {
            "*" if place.kind() == Kind::List => place.items(),
            "*" => place.values(),
            name => place.member(name),
        })
    }

    fn child(&self, step: &str, wire: Wire) -> Self {
        Self { layers: Vec::new(), pointer: format!("{}/{step}", self.pointer), wire, ..*self }
    }

    /// A keyword's values where it is not the type that says it.
    fn said<'p>(&'p self, keyword: &'p str) -> impl Iterator<Item = &'c Value> + use<'c, 'p> {
        self.layers.iter().filter_map(move |layer| match layer {
            Layer::Typed(_) => None,
            Layer::Said(node) => node.get(keyword),
        })
    }

    fn wire_of(&self, member: &str) -> Wire {
        let binding = self.operation.bindings.iter().find(|binding| binding.member == member);
        match binding.map(|binding| &binding.place) {
            Some(Part::Label) => Wire::Label,
            Some(Part::Query(_)) => Wire::Query,
            Some(Part::Header(_)) => Wire::Header,
            _ => Wire::Json,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.pointer.matches('/').count()
    }
}

/// Whether `pointer` is `other` or leads to it.
pub(super) fn leads_to(pointer: &str, other: &str) -> bool {
    other.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
