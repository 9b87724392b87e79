//! A typed view of JSON Schema.
//!
//! A schema node is either complete or a `$ref` with keywords beside it; a keyword on the node
//! wins over the same keyword behind the reference, which is how a member overrides its shape.

use serde_json::{Map, Value};

/// One node of a contract's JSON Schema.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'c> {
    definitions: &'c Map<String, Value>,
    node: &'c Value,
}

/// What sort of value a schema describes, before constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Structure,
    Map,
    List,
    Text,
    Timestamp(TimestampFormat),
    Integer,
    Number,
    Boolean,
    Any,
}

/// How an instant is written (Smithy `@timestampFormat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// RFC 3339 text.
    DateTime,
    /// A number of seconds since 1970, with a fraction.
    EpochSeconds,
}

/// One member of a structure.
#[derive(Debug, Clone, Copy)]
pub struct Member<'c> {
    /// Its name on the wire.
    pub name: &'c str,
    /// Its values.
    pub schema: Schema<'c>,
    /// Whether the structure is invalid without it.
    pub required: bool,
}

/// The format name of a timestamp that is a number.
pub(super) const EPOCH_SECONDS: &str = "epoch-seconds";

static ANYTHING: Value = Value::Bool(true);

impl<'c> Schema<'c> {
    pub(super) fn named(definitions: &'c Map<String, Value>, name: &str) -> Self {
        Self { definitions, node: definitions.get(name).unwrap_or(&ANYTHING) }
    }

    /// A keyword's value: the node's own, else that of the shape it refers to.
    pub fn keyword(&self, name: &str) -> Option<&'c Value> {
        self.node.get(name).or_else(|| self.target()?.keyword(name))
    }

    /// The name of the shape that this node refers to.
    pub fn shape_name(&self) -> Option<&'c str> {
        self.node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
    }

    /// What sort of value this is.
    pub fn kind(&self) -> Kind {
        let format = self.keyword("format").and_then(Value::as_str);
        match self.keyword("type").and_then(Value::as_str) {
            Some("object") if self.keyword("properties").is_some() => Kind::Structure,
            Some("object") => Kind::Map,
            Some("array") => Kind::List,
            Some("string") if format == Some("date-time") => Kind::Timestamp(TimestampFormat::DateTime),
            Some("string") => Kind::Text,
            Some("integer") => Kind::Integer,
            Some("number") if format == Some(EPOCH_SECONDS) => Kind::Timestamp(TimestampFormat::EpochSeconds),
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Boolean,
            _ => Kind::Any,
        }
    }

    /// The members of a structure, in order.
    pub fn members(&self) -> impl Iterator<Item = Member<'c>> + use<'c> {
        let this = *self;
        let properties = self.keyword("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(move |(name, node)| Member {
            name,
            schema: Self { definitions: this.definitions, node },
            required: this.requires(name),
        })
    }

    /// One member of a structure.
    pub fn member(&self, name: &str) -> Option<Schema<'c>> {
        let node = self.keyword("properties")?.get(name)?;
        Some(Self { definitions: self.definitions, node })
    }

    /// Follows a dotted path of member names.
    pub fn path(&self, dotted: &str) -> Option<Schema<'c>> {
        dotted.split('.').try_fold(*self, |schema, name| schema.member(name))
    }

    /// The elements of a list.
    pub fn items(&self) -> Option<Schema<'c>> {
        Some(Self { definitions: self.definitions, node: self.keyword("items")? })
    }

    /// The values of a map.
    pub fn values(&self) -> Option<Schema<'c>> {
        let node = self.keyword("additionalProperties").filter(|node| node.is_object())?;
        Some(Self { definitions: self.definitions, node })
    }

    /// Our annotation of that name, see `docs/contracts.md`.
    pub fn note(&self, name: &str) -> Option<&'c Value> {
        self.keyword(&note_key(name))
    }

    /// A number keyword, such as `minLength`.
    pub fn bound(&self, keyword: &str) -> Option<i64> {
        self.keyword(keyword)?.as_i64()
    }

    /// Calls `visit` with every part of a value that a schema describes, outermost first.
    pub fn walk<'v>(&self, value: &'v Value, visit: &mut dyn FnMut(Schema<'c>, &'v Value)) {
        visit(*self, value);
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if let Some(schema) = self.member(name).or_else(|| self.values()) {
                        schema.walk(value, visit);
                    }
                }
            }
            Value::Array(elements) => {
                if let Some(schema) = self.items() {
                    elements.iter().for_each(|element| schema.walk(element, visit));
                }
            }
            _ => {}
        }
    }

    /// A JSON pointer with `*` for every index and every key of a map: the same for all values.
    pub fn generic(&self, pointer: &str) -> String {
        let mut schema = Some(*self);
        let mut generic = String::new();
        for step in pointer.split('/').skip(1) {
            let member = schema.and_then(|schema| schema.member(step));
            let element = schema.and_then(|schema| schema.items().or_else(|| schema.values()));
            generic.push('/');
            generic.push_str(if member.is_none() && element.is_some() { "*" } else { step });
            schema = member.or(element);
        }
        generic
    }

    fn requires(&self, name: &str) -> bool {
        let required = self.keyword("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|required| required == name))
    }

    fn target(&self) -> Option<Self> {
        Some(Self { definitions: self.definitions, node: self.definitions.get(self.shape_name()?)? })
    }
}

/// The keyword under which an annotation of ours stands in a schema.
pub(super) fn note_key(name: &str) -> String {
    format!("x-onrecord-{name}")
}
