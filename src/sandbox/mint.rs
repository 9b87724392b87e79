//! Values that the provider makes up. They follow from a counter, so that the same requests in
//! the same order get the same values.

use serde_json::{Map, Value};

use super::plausible::written;
use crate::contract::{Kind, Schema};
use crate::encoding::{hex, sha256};
use crate::exchange::Timestamp;

/// Where the sandbox is for a request that does not say.
pub(super) const REGION: &str = "us-east-1";

/// The account that AWS uses in its own examples.
pub(super) const ACCOUNT: &str = "111122223333";

/// The letters of an `{id}`, and how many it has.
const ID_LETTERS: &str = "A-Z0-9";
const ID_LENGTH: usize = 13;

/// How deep generated members are looked for: shapes may be recursive.
const DEPTH: usize = 8;

/// How long a chain of generated values that contain each other may be.
const CHAIN: usize = 4;

/// Makes values, each of them once.
#[derive(Debug)]
pub(super) struct Mint {
    purpose: String,
    made: u64,
}

/// What the form of a value may name.
struct Known<'a> {
    region: &'a str,
    members: Map<String, Value>,
    /// Whether what it names may be missing.
    patience: Patience,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// A form that names something missing waits.
    Waits,
    /// What is still missing is left out.
    Ended,
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

    /// Adds what the contract says the provider makes up, wherever in `schema` it stands. A value
    /// may contain others, which are made first.
    pub(super) fn add_generated(
        &mut self,
        schema: Schema<'_>,
        region: Option<&str>,
        members: &mut Map<String, Value>,
    ) {
        let region = region.unwrap_or(REGION);
        for round in 1..=CHAIN {
            let patience = if round < CHAIN { Patience::Waits } else { Patience::Ended };
            let known = Known { region, members: members.clone(), patience };
            self.add(schema, &known, members, DEPTH);
        }
    }

    fn add(&mut self, schema: Schema<'_>, known: &Known<'_>, members: &mut Map<String, Value>, depth: usize) {
        let schema = schema.chosen(&Value::Object(members.clone()));
        for member in schema.members() {
            let generated = member.schema.note("generated").and_then(Value::as_str);
            match generated {
                Some(form) if !members.contains_key(member.name) => {
                    let value = self.value(member.schema, form, known);
                    members.extend(value.map(|value| (member.name.to_owned(), value)));
                }
                _ if depth == 0 => {}
                _ if member.schema.note("nestedProperties").is_some() => {
                    self.add(member.schema, known, members, depth - 1);
                }
                _ => self.add_inside(member.name, member.schema, known, members, depth - 1),
            }
        }
    }

    /// To a structure that is there or comes to be, and to the elements of a list.
    fn add_inside(
        &mut self,
        name: &str,
        schema: Schema<'_>,
        known: &Known<'_>,
        members: &mut Map<String, Value>,
        depth: usize,
    ) {
        match (schema.items(), members.get_mut(name)) {
            (Some(items), Some(Value::Array(elements))) => {
                for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                    self.add(items, known, element, depth);
                }
            }
            (None, Some(Value::Object(inside))) => self.add(schema, known, inside, depth),
            (None, None) if schema.kind() == Kind::Structure => {
                let mut inside = Map::new();
                self.add(schema, known, &mut inside, depth);
                if !inside.is_empty() {
                    members.insert(name.to_owned(), Value::Object(inside));
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, schema: Schema<'_>, form: &str, known: &Known<'_>) -> Option<Value> {
        if let (Kind::Timestamp(format), "{now}") = (schema.kind(), form) {
            return Some(written(format, Timestamp::now()));
        }
        let text = self.fill(form, known)?;
        Some(match schema.kind() {
            Kind::Text | Kind::Timestamp(_) => Value::from(text),
            _ => serde_json::from_str(&text).unwrap_or(Value::from(text)),
        })
    }

    /// The form with its parts; `None` if one has to wait.
    fn fill(&mut self, form: &str, known: &Known<'_>) -> Option<String> {
        let mut filled = String::new();
        let mut rest = form;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(before);
            filled.push_str(&self.part(name, known)?);
            rest = after;
        }
        Some(filled + rest)
    }

    fn part(&mut self, name: &str, known: &Known<'_>) -> Option<String> {
        if let Some((alphabet, count)) = name.strip_prefix("letters:").and_then(|rest| rest.rsplit_once(':'))
        {
            return Some(self.letters(alphabet, count.parse().unwrap_or_default()));
        }
        Some(match (name, known.members.get(name)) {
            ("region", _) => known.region.to_owned(),
            ("account", _) => ACCOUNT.to_owned(),
            ("uuid", _) => self.uuid(),
            ("id", _) => self.letters(ID_LETTERS, ID_LENGTH),
            ("now", _) => Timestamp::now().to_string(),
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(other)) => other.to_string(),
            (_, None) if known.patience == Patience::Waits => return None,
            (_, None) => String::new(),
        })
    }

    /// So many characters of a regex class, `2-7a-z`.
    fn letters(&mut self, class: &str, count: usize) -> String {
        let alphabet = characters(class);
        let mut text = String::new();
        while text.len() < count.min(MOST_LETTERS) && !alphabet.is_empty() {
            let letter = |byte: &u8| alphabet[usize::from(*byte) % alphabet.len()];
            let missing = count.min(MOST_LETTERS) - text.len();
            text.extend(self.bytes().iter().take(missing).map(letter));
        }
        text
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        sha256(format!("{} {}", self.purpose, self.made).as_bytes())
    }
}

/// No generated text is longer.
const MOST_LETTERS: usize = 4096;

/// The characters of a regex class that lists ASCII characters and ranges of them.
fn characters(class: &str) -> Vec<char> {
    let mut characters = Vec::new();
    let mut rest = class.chars().filter(char::is_ascii).peekable();
    while let Some(first) = rest.next() {
        let mut range = rest.clone();
        match (range.next(), range.next()) {
            (Some('-'), Some(last)) => {
                characters.extend(first..=last);
                rest = range;
            }
            _ => characters.push(first),
        }
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(patience: Patience) -> Known<'static> {
        let members = Map::from_iter([("name".to_owned(), Value::from("x"))]);
        Known { region: "eu-west-1", members, patience }
    }

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
    fn a_form_takes_members_and_keeps_what_it_does_not_know_as_text() {
        let mut mint = Mint::new("test".into());
        let form = "a:{region}:{account}:{name}/{missing}{";
        assert_eq!(mint.fill(form, &known(Patience::Waits)), None);
        assert_eq!(mint.fill(form, &known(Patience::Ended)).unwrap(), "a:eu-west-1:111122223333:x/{");
        assert_eq!(mint.fill("K{id}", &known(Patience::Waits)).unwrap().len(), 14);
    }

    #[test]
    fn letters_are_those_of_the_class_and_as_many_as_asked() {
        let mut mint = Mint::new("test".into());
        let text = mint.fill("c-{letters:2-7a-c_:40}", &known(Patience::Waits)).unwrap();
        assert_eq!(text.len(), 42);
        assert!(text[2..].chars().all(|c| "234567abc_".contains(c)), "{text}");
        assert_eq!(characters("a-"), ['a', '-']);
        for odd in ["letters:z-a:3", "letters::3", "letters:a:x", "letters:é:3"] {
            assert_eq!(mint.part(odd, &known(Patience::Waits)).as_deref(), Some(""), "{odd}");
        }
    }
}
