//! JSON pointers (RFC 6901) into the text of a document, which may be cut short.

use std::borrow::Cow;

/// A pointer with a wildcard: `/users/*/token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Any,
    Named(String),
}

/// Where in a document the walk is: a member of an object, once its name was read, or an item.
enum Frame<'a> {
    Object(Option<Cow<'a, str>>),
    Array(usize),
}

impl Pointer {
    /// `None` if the text is no pointer.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let steps = text.strip_prefix('/')?.split('/').map(|step| match step {
            "*" => Step::Any,
            step => Step::Named(step.replace("~1", "/").replace("~0", "~")),
        });
        Some(Self(steps.collect()))
    }

    /// Whether a place is the one it points at, or within.
    fn leads_to(&self, path: &[Frame<'_>]) -> bool {
        let fits = |(step, frame): (&Step, &Frame<'_>)| match (step, frame) {
            (Step::Any, _) => true,
            (Step::Named(name), Frame::Object(Some(member))) => name == member,
            (Step::Named(name), Frame::Array(index)) => *name == index.to_string(),
            (Step::Named(_), Frame::Object(None)) => false,
        };
        self.0.len() <= path.len() && self.0.iter().zip(path).all(fits)
    }
}

/// The ranges of the texts and numbers that the pointers lead to; a text without its quotes.
pub(super) fn places(json: &[u8], pointers: &[Pointer]) -> Vec<(usize, usize)> {
    if pointers.is_empty() {
        return Vec::new();
    }
    let (mut found, mut path, mut index) = (Vec::new(), Vec::<Frame<'_>>::new(), 0);
    while let Some(byte) = json.get(index) {
        let start = index;
        index += 1;
        match byte {
            b'{' => path.push(Frame::Object(None)),
            b'[' => path.push(Frame::Array(0)),
            b'}' | b']' => _ = path.pop(),
            b',' => next(path.last_mut()),
            b'"' => {
                let end = start + 1 + string(&json[start + 1..]);
                index = end + 1;
                if let Some(Frame::Object(name @ None)) = path.last_mut() {
                    *name = Some(unescaped(&json[start + 1..end]));
                } else if pointers.iter().any(|pointer| pointer.leads_to(&path)) {
                    found.push((start + 1, end));
                }
            }
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                index += json[index..].iter().take_while(|byte| is_part(byte)).count();
                if pointers.iter().any(|pointer| pointer.leads_to(&path)) {
                    found.push((start, index));
                }
            }
            _ => {}
        }
    }
    found
}

fn next(frame: Option<&mut Frame<'_>>) {
    match frame {
        Some(Frame::Object(name)) => *name = None,
        Some(Frame::Array(index)) => *index += 1,
        None => {}
    }
}

/// How long a string is up to its closing quote, or to the end of the text.
fn string(text: &[u8]) -> usize {
    let mut index = 0;
    while let Some(byte) = text.get(index) {
        match byte {
            b'"' => return index,
            b'\\' => index += 2,
            _ => index += 1,
        }
    }
    text.len()
}

fn unescaped(name: &[u8]) -> Cow<'_, str> {
    if !name.contains(&b'\\') {
        return String::from_utf8_lossy(name);
    }
    let quoted = [b"\"", name, b"\""].concat();
    serde_json::from_slice(&quoted).map_or_else(|_| String::from_utf8_lossy(name), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_place_and_what_is_within() {
        let at = |json: &'static str, pointer: &str| {
            let found = places(json.as_bytes(), &[Pointer::parse(pointer).unwrap()]);
            found.iter().map(|(start, end)| &json[*start..*end]).collect::<Vec<_>>()
        };
        let json = r#"{"a": {"b": ["x", -1.5e3, {"c": "y\""}], "d/e": "z"}, "b": "no"}"#;
        assert_eq!(at(json, "/a/b"), ["x", "-1.5e3", r#"y\""#]);
        assert_eq!(at(json, "/a/b/1"), ["-1.5e3"]);
        assert_eq!(at(json, "/a/*/2/c"), [r#"y\""#]);
        assert_eq!(at(json, "/a/d~1e"), ["z"]);
        assert!(at(json, "/c").is_empty());
        assert_eq!(at(r#"{"\u0061": "cut sho"#, "/a"), ["cut sho"]);
        assert_eq!(at(r#"["a\"#, "/0"), [r"a\"]);
        assert_eq!(Pointer::parse("a"), None);
    }
}
