//! Values that the provider makes up. They follow from a counter, so that the same requests in
//! the same order get the same values.

use serde_json::{Map, Value};

use crate::contract::{Kind, Schema, TimestampFormat};
use crate::encoding::{hex, sha256};
use crate::exchange::Timestamp;

/// Where the sandbox says that it is.
const REGION: &str = "us-east-1";

/// The account that AWS uses in its own examples.
const ACCOUNT: &str = "111122223333";

/// The letters of an `{id}`, and how many it has.
const ID_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ID_LENGTH: usize = 13;

/// How deep generated members are looked for: shapes may be recursive.
const DEPTH: usize = 8;

/// Makes values, each of them once.
#[derive(Debug)]
pub(super) struct Mint {
    purpose: String,
    made: u64,
}

impl Mint {
    /// Two mints with different purposes never make the same value.
    pub(super) fn new(purpose: String) -> Self {
        Self { purpose, made: 0 }
    }

    /// A version 4 UUID (RFC 9562 section 5.4).
    pub(super) fn uuid(&mut self) -> String {
        let mut bytes = self.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let text = hex(&bytes[..16]);
        [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
    }

    /// Adds what the contract says the provider makes up, wherever in `schema` it stands.
    pub(super) fn add_generated(&mut self, schema: Schema<'_>, members: &mut Map<String, Value>) {
        let given = members.clone();
        self.add(schema, &given, members, DEPTH);
    }

    fn add(
        &mut self,
        schema: Schema<'_>,
        given: &Map<String, Value>,
        members: &mut Map<String, Value>,
        depth: usize,
    ) {
        for member in schema.members() {
            if let Some(template) = member.schema.note("generated").and_then(Value::as_str) {
                if !members.contains_key(member.name) {
                    members.insert(member.name.to_owned(), self.value(member.schema, template, given));
                }
            } else if member.schema.kind() == Kind::Structure && depth > 0 {
                if member.schema.note("nestedProperties").is_some() {
                    self.add(member.schema, given, members, depth - 1);
                } else {
                    self.add_inside(member.name, member.schema, given, members, depth - 1);
                }
            }
        }
    }

    fn add_inside(
        &mut self,
        name: &str,
        schema: Schema<'_>,
        given: &Map<String, Value>,
        members: &mut Map<String, Value>,
        depth: usize,
    ) {
        let mut inside = members.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        self.add(schema, given, &mut inside, depth);
        if !inside.is_empty() {
            members.insert(name.to_owned(), Value::Object(inside));
        }
    }

    fn value(&mut self, schema: Schema<'_>, template: &str, given: &Map<String, Value>) -> Value {
        let text = match (schema.kind(), template) {
            (Kind::Timestamp(TimestampFormat::EpochSeconds), "{now}") => {
                return Value::from(Timestamp::now().epoch_seconds());
            }
            _ => self.fill(template, given),
        };
        match schema.kind() {
            Kind::Text | Kind::Timestamp(_) => Value::from(text),
            _ => serde_json::from_str(&text).unwrap_or(Value::from(text)),
        }
    }

    fn fill(&mut self, template: &str, given: &Map<String, Value>) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(before);
            filled.push_str(&self.part(name, given));
            rest = after;
        }
        filled + rest
    }

    fn part(&mut self, name: &str, given: &Map<String, Value>) -> String {
        match (name, given.get(name)) {
            ("region", _) => REGION.to_owned(),
            ("account", _) => ACCOUNT.to_owned(),
            ("uuid", _) => self.uuid(),
            ("id", _) => self.id(),
            ("now", _) => Timestamp::now().to_string(),
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(other)) => other.to_string(),
            (_, None) => String::new(),
        }
    }

    fn id(&mut self) -> String {
        let letter = |byte: &u8| char::from(ID_LETTERS[usize::from(*byte) % ID_LETTERS.len()]);
        self.bytes().iter().take(ID_LENGTH).map(letter).collect()
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        sha256(format!("{} {}", self.purpose, self.made).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_of_version_4_and_never_made_twice() {
        let mut mint = Mint::new("test".into());
        let (first, second) = (mint.uuid(), mint.uuid());
        assert_ne!(first, second);
        assert_eq!(first.len(), 36);
        assert_eq!(&first[14..15], "4");
        assert!(matches!(&first[19..20], "8" | "9" | "a" | "b"));
        assert_eq!(Mint::new("test".into()).uuid(), first);
    }

    #[test]
    fn a_template_takes_members_and_keeps_what_it_does_not_know_as_text() {
        let mut mint = Mint::new("test".into());
        let given = Map::from_iter([("name".to_owned(), Value::from("x"))]);
        assert_eq!(
            mint.fill("a:{region}:{account}:{name}/{missing}{", &given),
            "a:us-east-1:111122223333:x/{"
        );
        assert_eq!(mint.fill("K{id}", &given).len(), 14);
    }
}
