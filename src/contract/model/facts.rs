//! Facts of prose, how binding they are, and where they are documented.

use serde_json::Value;

use crate::contract::at_path;

/// What prose says of one input member.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// JSON pointer into the input; `*` stands for every element.
    pub pointer: String,
    /// JSON Schema keywords that the value satisfies.
    pub schema: Value,
    /// How binding it is.
    pub level: Level,
    /// Where it is documented.
    pub source: Option<Source>,
}

/// What prose says across the members of one structure.
#[derive(Debug, Clone)]
pub struct Rule {
    /// A stable name.
    pub id: String,
    /// JSON pointer of the structure in the input, with `*` for every element; empty for the input
    /// itself, and for a rule of a shape.
    pub at: String,
    /// JSON pointer in the structure: without a value there, the rule does not apply.
    pub when: Option<String>,
    /// What holds.
    pub condition: Condition,
    /// How binding it is.
    pub level: Level,
    /// Where it is documented.
    pub source: Option<Source>,
    /// The rule in words.
    pub note: String,
}

/// What a rule demands of a structure. Places are JSON pointers with `*` for each element and each
/// value of a map, or `{region}`: the region that the request was signed for.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The structure satisfies this JSON Schema.
    Schema(Value),
    /// Every value at the second place equals that at the first.
    Equal(String, String),
    /// No value is at both places.
    Differ(String, String),
    /// Every value at the first place is among those at the second.
    Among(String, String),
}

/// An input member that selects among the items of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// How it selects.
    pub kind: FilterKind,
    /// The input member.
    pub member: String,
    /// The key, where the member is a map of filters.
    pub key: Option<String>,
    /// The member of an item that is looked at; empty where the item itself is.
    pub item: String,
    /// Where it is documented.
    pub source: Option<Source>,
}

/// How a filter selects items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// The item's text starts with the filter's.
    Prefix,
    /// The item's value is among the filter's.
    OneOf,
}

/// How binding a documented fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Reported only.
    Info,
    /// Reported as advice.
    Advisory,
    /// Breaks a strict run.
    Should,
    /// Breaks the run.
    Must,
}

impl Filter {
    /// The filter's value in an input.
    pub fn of<'v>(&self, input: &'v Value) -> Option<&'v Value> {
        let value = input.get(&self.member)?;
        self.key.as_ref().map_or(Some(value), |key| value.get(key))
    }

    /// Whether an item fits the filter's value.
    pub fn fits(&self, value: &Value, item: &Value) -> bool {
        let Some(shown) = at_path(item, &self.item) else { return false };
        match (self.kind, value) {
            (FilterKind::Prefix, Value::String(prefix)) => {
                shown.as_str().is_some_and(|text| text.starts_with(prefix))
            }
            (FilterKind::Prefix, _) => false,
            (FilterKind::OneOf, Value::Array(values)) => values.contains(shown),
            (FilterKind::OneOf, value) => value == shown,
        }
    }
}

impl Level {
    /// As written in contracts and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Advisory => "ADV",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        }
    }

    /// Reads what [`Level::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Info, Self::Advisory, Self::Should, Self::Must]
            .into_iter()
            .find(|level| level.as_str() == text)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a fact is documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The title of the page.
    pub title: String,
    /// Its address.
    pub url: String,
    /// The place on the page.
    pub section: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} <{}>", self.title, self.section, self.url)
    }
}
