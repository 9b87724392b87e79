//! YAML 1.2: a tree in which aliases are shared, so that a short text cannot grow without bounds.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Value, json};

use super::position::Position;
use super::scalar::{self, Unfit};
use super::{DEEPEST, Unread};

/// What all aliases of a text may add to its values, about in bytes.
const HEAVIEST: usize = 256 << 20;

/// What a value weighs besides its text.
const VALUE: usize = 32;

/// What a scalar with the tag `!!binary` becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    /// Its base64, as text like any other.
    Text,
    /// `{"base64_string": "..."}`, so that it can be told from text.
    Marked,
}

/// A value, as often as it is referred to.
struct Node<'t> {
    at: Position,
    weight: usize,
    /// Objects and lists inside each other.
    height: usize,
    kind: Kind<'t>,
}

enum Kind<'t> {
    Scalar(Scalar<'t>),
    List(Vec<(Position, Rc<Node<'t>>)>),
    Object(Vec<Member<'t>>),
}

struct Scalar<'t> {
    text: Cow<'t, str>,
    plain: bool,
    tag: Option<Cow<'t, Tag>>,
}

#[derive(Clone)]
struct Member<'t> {
    key: Cow<'t, str>,
    at: Position,
    value: Rc<Node<'t>>,
}

/// Reads a text; `None` if it holds nothing.
pub(super) fn read(text: &str, binary: Binary) -> Result<Option<Value>, Unread> {
    tree(text)?.map(|node| value(&node, binary)).transpose()
}

/// Goes as far along the steps as a text that has been read leads.
pub(super) fn locate(text: &str, steps: &[String]) -> Option<Position> {
    let mut node = tree(text).ok()??;
    let mut found = node.at;
    for step in steps {
        let child = match &node.kind {
            Kind::Object(members) => members
                .iter()
                .find(|member| member.key == *step)
                .map(|member| (member.at, member.value.clone())),
            Kind::List(elements) => step.parse().ok().and_then(|index: usize| elements.get(index)).cloned(),
            Kind::Scalar(_) => None,
        };
        let Some(child) = child else { break };
        (found, node) = child;
    }
    Some(found)
}

fn value(node: &Node<'_>, binary: Binary) -> Result<Value, Unread> {
    match &node.kind {
        Kind::Scalar(scalar) if binary == Binary::Marked && scalar.is_binary() => {
            Ok(json!({"base64_string": scalar.text}))
        }
        Kind::Scalar(scalar) => scalar.value(node.at),
        Kind::List(elements) => elements.iter().map(|(_, element)| value(element, binary)).collect(),
        Kind::Object(members) => {
            let read = |member: &Member<'_>| Ok((member.key.to_string(), value(&member.value, binary)?));
            members.iter().map(read).collect()
        }
    }
}

impl Scalar<'_> {
    fn is_binary(&self) -> bool {
        // The core schema does not know it, so the parser has no short name for it.
        let names = ["!!binary", "!<tag:yaml.org,2002:binary>", "tag:yaml.org,2002:binary"];
        self.tag.as_ref().is_some_and(|tag| names.contains(&&*tag.original()))
    }

    fn value(&self, at: Position) -> Result<Value, Unread> {
        let value = match &self.tag {
            None if self.plain => scalar::plain(&self.text),
            None => Ok(self.text.as_ref().into()),
            Some(tag) if tag.original() == "!" => Ok(self.text.as_ref().into()),
            Some(tag) => tag
                .core_suffix()
                .and_then(|name| scalar::tagged(name, &self.text))
                .ok_or_else(|| unknown(tag, at))?,
        };
        value.map_err(|unfit| match unfit {
            Unfit::Unbounded => {
                let problem = format!("the number {} is out of range", self.text);
                error(at, problem, "write a number that a double can hold, or put it in quotes")
            }
            Unfit::Mistagged => {
                error(at, format!("{:?} is not what its tag says", self.text), "take the tag away")
            }
        })
    }
}

fn tree(text: &str) -> Result<Option<Rc<Node<'_>>>, Unread> {
    let options = granit_parser::options! { flow_nesting_limit: DEEPEST, block_nesting_limit: DEEPEST };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| unscanned(&error))?;
        builder.take(event, position(&span.start))?;
    }
    Ok(builder.root)
}

/// The tree as far as it has been read.
#[derive(Default)]
struct Builder<'t> {
    documents: usize,
    open: Vec<Open<'t>>,
    anchors: HashMap<usize, Rc<Node<'t>>>,
    /// What all aliases so far weigh.
    aliased: usize,
    root: Option<Rc<Node<'t>>>,
}

/// An object or a list whose end has not come yet.
struct Open<'t> {
    at: Position,
    anchor: usize,
    parts: Parts<'t>,
}

enum Parts<'t> {
    List(Vec<(Position, Rc<Node<'t>>)>),
    Object(Object<'t>),
}

#[derive(Default)]
struct Object<'t> {
    members: Vec<Member<'t>>,
    names: HashSet<Cow<'t, str>>,
    /// The key whose value comes next.
    key: Option<Key<'t>>,
    merged: Vec<Rc<Node<'t>>>,
}

struct Key<'t> {
    at: Position,
    text: Cow<'t, str>,
    /// `<<`, not in quotes: the members of its value become those of the object.
    merges: bool,
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, at: Position) -> Result<(), Unread> {
        match event {
            Event::DocumentStart(..) if self.documents > 0 => {
                Err(error(at, "a second document begins", "give one file for each document"))
            }
            Event::DocumentStart(..) => {
                self.documents += 1;
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let weight = VALUE + text.len();
                let kind = Kind::Scalar(Scalar { text, plain: style == ScalarStyle::Plain, tag });
                self.anchored(anchor, Node { at, weight, height: 0, kind })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(at, anchor, tag.as_deref(), Parts::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(at, anchor, tag.as_deref(), Parts::Object(Object::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| {
                    error(at, "an alias stands inside of what it stands for", "write the value out")
                })?;
                self.aliased = self.aliased.saturating_add(node.weight);
                if self.aliased > HEAVIEST {
                    return Err(error(at, "aliases make the text too large", "use fewer of them"));
                }
                self.put(at, node)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        at: Position,
        anchor: usize,
        tag: Option<&Tag>,
        parts: Parts<'t>,
    ) -> Result<(), Unread> {
        if let Some(tag) = tag.filter(|tag| !matches!(tag.core_suffix(), Some("map" | "seq"))) {
            return Err(unknown(tag, at));
        }
        self.open.push(Open { at, anchor, parts });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unread> {
        let Some(Open { at, anchor, parts }) = self.open.pop() else { return Ok(()) };
        let kind = match parts {
            Parts::List(elements) => Kind::List(elements),
            Parts::Object(object) => Kind::Object(object.whole()?),
        };
        let parts: Vec<(usize, &Node<'_>)> = match &kind {
            Kind::Scalar(_) => Vec::new(),
            Kind::List(elements) => elements.iter().map(|(_, element)| (0, &**element)).collect(),
            Kind::Object(members) => {
                members.iter().map(|member| (member.key.len(), &*member.value)).collect()
            }
        };
        let height = 1 + parts.iter().map(|(_, node)| node.height).max().unwrap_or(0);
        let weight = parts.iter().fold(VALUE, |sum, (key, node)| sum.saturating_add(key + node.weight));
        if height > DEEPEST {
            return Err(too_deep(at));
        }
        self.anchored(anchor, Node { at, weight, height, kind })
    }

    fn anchored(&mut self, anchor: usize, node: Node<'t>) -> Result<(), Unread> {
        let node = Rc::new(node);
        // Zero: no anchor.
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.put(node.at, node)
    }

    /// Puts a node where the text has come to.
    fn put(&mut self, at: Position, node: Rc<Node<'t>>) -> Result<(), Unread> {
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.root = Some(node),
            Some(Parts::List(elements)) => elements.push((at, node)),
            Some(Parts::Object(object)) => return object.put(at, node),
        }
        Ok(())
    }
}

impl<'t> Object<'t> {
    fn put(&mut self, at: Position, node: Rc<Node<'t>>) -> Result<(), Unread> {
        match self.key.take() {
            None => self.key = Some(key(at, &node)?),
            Some(key) if key.merges => self.merged.push(node),
            Some(Key { at, text, .. }) => {
                if !self.names.insert(text.clone()) {
                    let problem = format!("the key {text:?} stands twice in one object");
                    return Err(error(at, problem, "keep one of the two"));
                }
                self.members.push(Member { key: text, at, value: node });
            }
        }
        Ok(())
    }

    /// The members with those that are merged in; its own win, then the first.
    fn whole(mut self) -> Result<Vec<Member<'t>>, Unread> {
        for node in std::mem::take(&mut self.merged) {
            match &node.kind {
                Kind::List(elements) => {
                    elements.iter().try_for_each(|(_, element)| self.merge(element))?;
                }
                _ => self.merge(&node)?,
            }
        }
        Ok(self.members)
    }

    fn merge(&mut self, node: &Node<'t>) -> Result<(), Unread> {
        let Kind::Object(members) = &node.kind else {
            return Err(error(node.at, "only objects can be merged with <<", "give an object"));
        };
        for member in members {
            if self.names.insert(member.key.clone()) {
                self.members.push(member.clone());
            }
        }
        Ok(())
    }
}

/// Any scalar is a key, as it is written: `200` and `1.10` too.
fn key<'t>(at: Position, node: &Node<'t>) -> Result<Key<'t>, Unread> {
    let Kind::Scalar(scalar) = &node.kind else {
        return Err(error(at, "a key is a list or an object", "write the key as text"));
    };
    let merges = scalar.plain && scalar.tag.is_none() && scalar.text == "<<";
    Ok(Key { at, text: scalar.text.clone(), merges })
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

fn unscanned(error: &ScanError) -> Unread {
    let at = position(error.marker());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(at),
        _ => self::error(at, format!("no YAML: {}", error.info()), "mend the text there"),
    }
}

fn unknown(tag: &Tag, at: Position) -> Unread {
    if ["python/", "ruby/"].iter().any(|language| tag.original().contains(language)) {
        let problem = format!("the tag {} asks for an object of a program", tag.original());
        return error(at, problem, "write plain values; nothing in a file is run");
    }
    error(at, format!("the tag {} is not known here", tag.original()), "take the tag away")
}

fn too_deep(at: Position) -> Unread {
    error(at, format!("nested deeper than {DEEPEST} levels"), "take levels out of the text")
}

fn error(at: Position, problem: impl Into<String>, mend: &'static str) -> Unread {
    Unread { at: Some(at), problem: problem.into(), mend }
}
