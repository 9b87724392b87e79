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
        let is_plain = elements.shape.is_none() && elements.members.is_empty() && elements.elements.is_none();
        if is_plain && phrase::details(elements).is_empty() {
            return String::new();
        }
        self.node("each", elements, None, depth)
    }

    fn node(&mut self, name: &str, node: &'v Node, place: Option<String>, depth: usize) -> String {
        let known = node.shape.as_deref().and_then(|shape| self.shapes.get_key_value(shape));
        let mut details: Vec<_> = place.into_iter().chain(phrase::details(node)).collect();
        let kind = match known {
            // What is inside it is at its first place.
            Some((shape, described)) if has_parts(described) => {
                let kind = format!("{} {shape}", described.kind);
                if !self.shown.insert(shape) {
                    details.push("as above".to_owned());
                    return line(depth, &format!("{name}  {kind}"), &details);
                }
                let inside = self.inside(described, &[], depth + 1);
                return line(depth, &format!("{name}  {kind}"), &details) + &inside;
            }
            Some((_, described)) => phrase::kind(described),
            None => phrase::kind(node),
        };
        line(depth, &format!("{name}  {kind}"), &details) + &self.inside(node, &[], depth + 1)
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
