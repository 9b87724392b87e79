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
    /// One of several schemas, [`Schema::branches`].
    Choice,
    Any,
}

/// How an instant is written (Smithy `@timestampFormat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// RFC 3339 text.
    DateTime,
    /// IMF-fixdate text (RFC 9110 section 5.6.7).
    HttpDate,
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

/// The keyword that lists every documented media type of a body, beside `contentMediaType`, which
/// is the one that we send.
pub(super) const MEDIA_TYPES: &str = "contentMediaTypes";

/// The format name of a timestamp that is a number.
pub(super) const EPOCH_SECONDS: &str = "epoch-seconds";

/// The format name of a timestamp that is an HTTP date.
pub(super) const HTTP_DATE: &str = "http-date";

/// How many bytes a blob has at least; `minLength` counts the letters of its base64.
pub(super) const MIN_BYTES: &str = "x-onrecord-minBytes";

/// How many bytes a blob has at most.
pub(super) const MAX_BYTES: &str = "x-onrecord-maxBytes";

/// Where the shapes are that nodes refer to.
const DEFINITIONS: &str = "#/$defs/";

/// So many keywords are looked at one after the other.
const FEW: usize = 12;

/// How long a chain of references may be: a shape may be nothing but a reference to itself.
const CHAIN: usize = 32;

static ANYTHING: Value = Value::Bool(true);

impl<'c> Schema<'c> {
    pub(super) fn named(definitions: &'c Map<String, Value>, name: &str) -> Self {
        Self { definitions, node: definitions.get(name).unwrap_or(&ANYTHING) }
    }

    /// A keyword's value: the node's own, else that of the shape it refers to.
    pub fn keyword(&self, name: &str) -> Option<&'c Value> {
        let mut schema = *self;
        for _ in 0..CHAIN {
            if let Some(value) = entry(schema.node, name) {
                return Some(value);
            }
            schema = schema.target()?;
        }
        None
    }

    /// The schema without the `null` beside it: `anyOf` of a schema and `null` is that schema.
    fn not_null(self) -> Self {
        let parts = entry(self.node, "anyOf").and_then(Value::as_array).map(Vec::as_slice);
        let Some([first, second]) = parts else { return self };
        let is_null = |node: &Value| entry(node, "type").is_some_and(|kind| kind == "null");
        let node = match (is_null(first), is_null(second)) {
            (false, true) => first,
            (true, false) => second,
            _ => return self,
        };
        Self { node, ..self }
    }

    /// Whether `null` is one of the documented values.
    pub fn takes_null(&self) -> bool {
        let listed = self.keyword("type").and_then(Value::as_array);
        listed.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
            || !std::ptr::eq(self.not_null().node, self.node)
            || self.note("nullable").is_some()
    }

    /// Whether `null` is the only documented value.
    pub fn is_null(&self) -> bool {
        self.keyword("type").is_some_and(|kind| kind == "null")
    }

    /// The schemas of which a value satisfies one (`oneOf`, `anyOf`); none where there is no choice.
    pub fn branches(&self) -> impl Iterator<Item = Schema<'c>> + use<'c> {
        let definitions = self.definitions;
        let branches = self.keyword("oneOf").or_else(|| self.keyword("anyOf")).and_then(Value::as_array);
        branches.into_iter().flatten().map(move |node| Self { definitions, node })
    }

    /// The branch that a value is meant to satisfy: the first whose fixed members agree with it.
    pub fn chosen(&self, value: &Value) -> Self {
        if self.kind() != Kind::Choice {
            return *self;
        }
        let agrees = |branch: &Self| {
            branch.fixed().all(|(name, fixed)| value.get(name).is_none_or(|given| given == fixed))
                && branch.is_of_kind(value)
        };
        self.branches().find(agrees).map_or(*self, |branch| branch.chosen(value))
    }

    /// The members of a structure that can have one value only.
    fn fixed(&self) -> impl Iterator<Item = (&'c str, &'c Value)> + use<'c> {
        self.members().filter_map(|member| {
            let single = || member.schema.keyword("enum")?.as_array()?.as_slice().split_first();
            let listed = single().filter(|(_, rest)| rest.is_empty()).map(|(first, _)| first);
            Some((member.name, member.schema.keyword("const").or(listed)?))
        })
    }

    fn is_of_kind(&self, value: &Value) -> bool {
        match self.kind() {
            Kind::Structure | Kind::Map => value.is_object(),
            Kind::List => value.is_array(),
            Kind::Text => value.is_string(),
            Kind::Integer | Kind::Number => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Timestamp(_) | Kind::Choice | Kind::Any => true,
        }
    }

    /// The name of the shape that this node refers to.
    pub fn shape_name(&self) -> Option<&'c str> {
        let reference = entry(self.node, "$ref").or_else(|| entry(self.not_null().node, "$ref"));
        reference?.as_str()?.strip_prefix(DEFINITIONS)
    }

    /// What sort of value this is.
    pub fn kind(&self) -> Kind {
        let format = || self.keyword("format").and_then(Value::as_str);
        let has = |keyword: &str| self.keyword(keyword).is_some();
        match self.type_name() {
            Some("object") if has("properties") => Kind::Structure,
            Some("object") if has("oneOf") || has("anyOf") => Kind::Choice,
            Some("object") => Kind::Map,
            Some("array") => Kind::List,
            Some("string") => match format() {
                Some("date-time") => Kind::Timestamp(TimestampFormat::DateTime),
                Some(HTTP_DATE) => Kind::Timestamp(TimestampFormat::HttpDate),
                _ => Kind::Text,
            },
            Some("integer") => Kind::Integer,
            Some("number") if format() == Some(EPOCH_SECONDS) => {
                Kind::Timestamp(TimestampFormat::EpochSeconds)
            }
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Boolean,
            None if has("properties") => Kind::Structure,
            None if has("items") => Kind::List,
            None if has("oneOf") || has("anyOf") => Kind::Choice,
            _ => Kind::Any,
        }
    }

    /// The type that is named first and is not `null`.
    fn type_name(&self) -> Option<&'c str> {
        match self.keyword("type")? {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            kind => kind.as_str(),
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

    /// One member of a structure, or of a branch that has it.
    pub fn member(&self, name: &str) -> Option<Schema<'c>> {
        match self.keyword("properties") {
            Some(members) => Some(Self { definitions: self.definitions, node: members.get(name)? }),
            None if self.kind() == Kind::Choice => self.branches().find_map(|branch| branch.member(name)),
            None => None,
        }
    }

    /// Follows a dotted path of member names.
    pub fn path(&self, dotted: &str) -> Option<Schema<'c>> {
        dotted.split('.').try_fold(*self, |schema, name| schema.member(name))
    }

    /// The elements of a list.
    pub fn items(&self) -> Option<Schema<'c>> {
        Some(Self { definitions: self.definitions, node: self.keyword("items")? })
    }

    /// The keys of a map.
    pub fn keys(&self) -> Option<Schema<'c>> {
        Some(Self { definitions: self.definitions, node: self.keyword("propertyNames")? })
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

    /// Our annotation of that name, where the node itself has it.
    pub(super) fn own_note(&self, name: &str) -> Option<&'c Value> {
        self.node.get(note_key(name))
    }

    /// The node as JSON.
    pub(super) fn node(&self) -> &'c Value {
        self.node
    }

    /// A number keyword, such as `minLength`.
    pub fn bound(&self, keyword: &str) -> Option<i64> {
        self.keyword(keyword)?.as_i64()
    }

    /// Calls `visit` with every part of a value that a schema describes, outermost first.
    pub fn walk<'v>(&self, value: &'v Value, visit: &mut dyn FnMut(Schema<'c>, &'v Value)) {
        self.walk_from(String::new(), value, &mut |schema, _, value| visit(schema, value));
    }

    /// As [`Schema::walk`], with the JSON pointer of each part, which begins with `pointer`.
    pub fn walk_from<'v>(
        &self,
        pointer: String,
        value: &'v Value,
        visit: &mut dyn FnMut(Schema<'c>, &str, &'v Value),
    ) {
        visit(*self, &pointer, value);
        let schema = self.chosen(value);
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if let Some(schema) = schema.member(name).or_else(|| schema.values()) {
                        schema.walk_from(format!("{pointer}/{}", escaped(name)), value, visit);
                    }
                }
            }
            Value::Array(elements) => {
                if let Some(schema) = schema.items() {
                    for (index, element) in elements.iter().enumerate() {
                        schema.walk_from(format!("{pointer}/{index}"), element, visit);
                    }
                }
            }
            _ => {}
        }
    }

    /// What describes the value at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<Schema<'c>> {
        pointer.split('/').skip(1).try_fold(*self, |schema, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            schema.member(&step).or_else(|| schema.items()).or_else(|| schema.values())
        })
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

    /// What a node without a keyword of its own takes it from: what it refers to, or what is beside `null`.
    fn target(&self) -> Option<Self> {
        match entry(self.node, "$ref") {
            Some(reference) => {
                let node = self.definitions.get(reference.as_str()?.strip_prefix(DEFINITIONS)?)?;
                Some(Self { node, ..*self })
            }
            None => Some(self.not_null()).filter(|schema| !std::ptr::eq(schema.node, self.node)),
        }
    }
}

/// A keyword of a node. Nodes have few, and to look at them all is quicker than to hash a name.
fn entry<'v>(node: &'v Value, name: &str) -> Option<&'v Value> {
    let keywords = node.as_object()?;
    match keywords.len() {
        0..=FEW => {
            for (own, value) in keywords {
                if own.as_bytes() == name.as_bytes() {
                    return Some(value);
                }
            }
            None
        }
        _ => keywords.get(name),
    }
}

/// A step of a JSON pointer (RFC 6901 section 3).
pub(super) fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The keyword under which an annotation of ours stands in a schema.
pub(super) fn note_key(name: &str) -> String {
    ["x-onrecord-", name].concat()
}
