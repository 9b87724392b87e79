//! Structures as trees. A shape is shown where it comes first, and then only named.

use std::collections::{BTreeMap, BTreeSet};

use super::super::view::{Node, PlaceView};
use super::phrase;

/// Shapes, and which of them have been shown.
pub(super) struct Tree<'v> {
    shapes: &'v BTreeMap<String, Node>,
    shown: BTreeSet<&'v str>,
}

impl<'v> Tree<'v> {
    pub(super) fn new(shapes: &'v BTreeMap<String, Node>) -> Self {
        Self { shapes, shown: BTreeSet::new() }
    }

    /// The members of an input, an output or an error; `places` says which are not in the body.
    pub(super) fn message(&mut self, shape: &str, places: &[PlaceView], depth: usize) -> String {
        let Some((name, node)) = self.shapes.get_key_value(shape) else { return String::new() };
        if !self.shown.insert(name) {
            return if node.members.is_empty() { String::new() } else { line(depth, "as above", &[]) };
        }
        self.inside(node, places, depth)
    }

    fn inside(&mut self, node: &'v Node, places: &[PlaceView], depth: usize) -> String {
        let mut text = String::new();
        for member in &node.members {
            let name = format!("{}{}", member.name, if member.required { "*" } else { "" });
            let place = places.iter().find(|place| place.member == member.name).map(place);
            text += &self.node(&name, &member.node, place, depth);
        }
        if let Some(elements) = &node.elements {
            text += &self.element(elements, depth);
        }
        for branch in &node.branches {
            text += &self.node("or", branch, None, depth);
        }
        text
    }

    /// Elements are worth a line of their own if there is more to say than their kind.
    fn element(&mut self, elements: &'v Node, depth: usize) -> String {
        let is_plain = !has_parts(self.described(elements)) && phrase::details(elements).is_empty();
        if is_plain { String::new() } else { self.node("each", elements, None, depth) }
    }

    /// Where a node's parts are: behind the name of its shape, or in itself.
    fn described(&self, node: &'v Node) -> &'v Node {
        node.shape.as_ref().and_then(|shape| self.shapes.get(shape)).unwrap_or(node)
    }

    fn node(&mut self, name: &str, node: &'v Node, place: Option<String>, depth: usize) -> String {
        let mut details: Vec<_> = place.into_iter().chain(phrase::details(node)).collect();
        let described = self.described(node);
        let kind = self.kind(described);
        // A plain list or map is no news when it comes again.
        let shape = node.shape.as_ref().filter(|_| self.is_structured(described));
        let Some((shape, described)) = shape.and_then(|shape| self.shapes.get_key_value(shape)) else {
            return line(depth, &format!("{name}  {kind}"), &details)
                + &self.inside(described, &[], depth + 1);
        };
        let head = format!("{name}  {kind} {shape}");
        if !self.shown.insert(shape) {
            details.push("as above".to_owned());
            return line(depth, &head, &details);
        }
        line(depth, &head, &details) + &self.inside(described, &[], depth + 1)
    }

    fn kind(&self, node: &'v Node) -> String {
        match &node.elements {
            Some(elements) if !self.is_structured(node) => {
                format!("{} of {}", node.kind, phrase::kind(self.described(elements)))
            }
            _ => phrase::kind(node),
        }
    }

    /// Whether there are structures in it.
    fn is_structured(&self, node: &'v Node) -> bool {
        let elements = node.elements.as_ref().map(|elements| self.described(elements));
        !node.members.is_empty() || !node.branches.is_empty() || elements.is_some_and(has_parts)
    }
}

fn has_parts(node: &Node) -> bool {
    !node.members.is_empty() || node.elements.is_some() || !node.branches.is_empty()
}

fn place(place: &PlaceView) -> String {
    match (place.place, &place.name) {
        ("payload", _) => "the whole body".to_owned(),
        ("query", None) => "all other query parameters".to_owned(),
        ("header", Some(name)) if name.ends_with('*') => format!("headers {name}"),
        (kind, Some(name)) => format!("{kind} {name}"),
        (kind, None) => kind.to_owned(),
    }
}

fn line(depth: usize, head: &str, details: &[String]) -> String {
    let indent = "  ".repeat(depth);
    match details {
        [] => format!("{indent}{head}\n"),
        details => format!("{indent}{head}: {}\n", details.join("; ")),
    }
}
