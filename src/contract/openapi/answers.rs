//! Documented answers: successes and errors.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::bodies::{self, BODY};
use super::documents::reference_of;
use super::names::pascal;
use super::notes;
use super::operations::Call;
use super::parameters::{self, Bound, Location, Parameter};
use super::shapes::Shapes;
use crate::contract::Side;
use crate::contract::model::{Answer, Binding, ErrorKind, ErrorShape, Place, Statuses};
use crate::contract::schema::escaped;
use crate::exchange::Method;

/// Errors that several operations refer to, by the place of the response.
pub(super) type Shared = HashMap<String, (String, Vec<Binding>)>;

/// What an operation answers.
pub(super) struct Answered {
    pub(super) answer: Answer,
    pub(super) others: Vec<Answer>,
    pub(super) errors: Vec<ErrorShape>,
}

/// One response of the document.
struct Documented<'d> {
    statuses: Statuses,
    source: &'d Map<String, Value>,
    /// Where it stands, and whether others may refer to it.
    at: String,
    shared: bool,
}

/// Everything that an operation documents to answer.
pub(super) fn answered<'d>(shapes: &mut Shapes<'d>, call: &Call<'d>, shared: &mut Shared) -> Answered {
    let (mut successes, mut errors): (Vec<_>, Vec<_>) =
        documented(shapes, call).into_iter().partition(|it| is_success(it.statuses));
    if successes.is_empty()
        && let Some(at) = errors.iter().position(|it| it.statuses == Statuses::Default)
    {
        let default = errors.remove(at);
        let problem = "no success is documented beside default, which is read as the success";
        shapes.notices.warn(&default.at, problem, "document the success with its status");
        successes.push(Documented { statuses: Statuses::Class(2), ..default });
    }
    let mut answers = successes.iter().enumerate().map(|(index, it)| {
        let number = if index == 0 { String::new() } else { it.statuses.to_string() };
        let name = format!("{}Output{number}", call.shape_name());
        let (shape, bindings) = structure(shapes, call, it, &name);
        Answer { statuses: it.statuses, shape, bindings }
    });
    let first = answers.next();
    let others = answers.collect();
    let answer = first.unwrap_or_else(|| {
        let empty = json!({"type": "object", "properties": {}});
        let shape = shapes.define(&format!("{}Output", call.shape_name()), empty, &call.at);
        Answer { statuses: Statuses::Class(2), shape, bindings: Vec::new() }
    });
    let errors = errors.iter().map(|it| error(shapes, call, it, shared)).collect();
    Answered { answer, others, errors }
}

/// The responses, each kind from the exact to the general.
fn documented<'d>(shapes: &mut Shapes<'d>, call: &Call<'d>) -> Vec<Documented<'d>> {
    let mut found = Vec::new();
    let responses = call.operation.get("responses").and_then(Value::as_object);
    for (code, node) in responses.into_iter().flatten().filter(|(code, _)| !code.starts_with("x-")) {
        let at = format!("{}/responses/{}", call.at, escaped(code));
        let Some(statuses) = statuses(code) else {
            let mend = "use a status, a range such as 4XX, or default";
            shapes.notices.warn(&at, format!("there is no status {code}, and the answer is left out"), mend);
            continue;
        };
        let documents = shapes.documents;
        let Some((source, place)) = documents.object(node, &at) else {
            shapes.notices.missing(&at, reference_of(node).unwrap_or(&at));
            continue;
        };
        found.push(Documented { statuses, source, at: place, shared: reference_of(node).is_some() });
    }
    found.retain(|it| !matches!(it.statuses, Statuses::One(100..=199) | Statuses::Class(1)));
    found.sort_by_key(|it| match it.statuses {
        Statuses::One(status) => (0, status),
        Statuses::Class(class) => (1, class.into()),
        Statuses::Default => (2, 0),
    });
    found
}

fn statuses(code: &str) -> Option<Statuses> {
    if code == "default" {
        return Some(Statuses::Default);
    }
    if let [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] = code.as_bytes() {
        return Some(Statuses::Class(class - b'0'));
    }
    code.parse().ok().filter(|status| (100..1000).contains(status)).map(Statuses::One)
}

fn is_success(statuses: Statuses) -> bool {
    matches!(statuses, Statuses::One(200..=299) | Statuses::Class(2))
}

fn error(shapes: &mut Shapes<'_>, call: &Call<'_>, it: &Documented<'_>, shared: &mut Shared) -> ErrorShape {
    let known = shared.get(&it.at).filter(|_| it.shared).cloned();
    let (shape, bindings) = known.unwrap_or_else(|| {
        let name = match it.shared {
            true => shared_name(&it.at),
            false => format!("{}Error{}", call.shape_name(), pascal(&it.statuses.to_string())),
        };
        let made = structure(shapes, call, it, &name);
        if it.shared {
            shared.insert(it.at.clone(), made.clone());
        }
        made
    });
    let is_server = matches!(it.statuses, Statuses::One(500..) | Statuses::Class(5));
    ErrorShape {
        name: it.statuses.to_string(),
        shape,
        statuses: Some(it.statuses),
        kind: if is_server { ErrorKind::Server } else { ErrorKind::Client },
        bindings,
        source: None,
    }
}

/// A component's name, as that of an error.
fn shared_name(at: &str) -> String {
    let name = pascal(&super::survey::last_step(at));
    match () {
        () if name.ends_with("Error") => name,
        () if name.starts_with(|first: char| first.is_ascii_digit()) => format!("Error{name}"),
        () => format!("{name}Error"),
    }
}

/// The structure of an answer: header fields by name, and the body.
fn structure(
    shapes: &mut Shapes<'_>,
    call: &Call<'_>,
    it: &Documented<'_>,
    name: &str,
) -> (String, Vec<Binding>) {
    let mut members = headers(shapes, it);
    if let Some(content) = it.source.get("content").and_then(Value::as_object) {
        let at = format!("{}/content", it.at);
        let content =
            bodies::content(shapes, content, &at, Side::Response, &format!("{name}{}", pascal(BODY)));
        members.extend(content.map(|content| Bound {
            binding: Binding { member: BODY.into(), place: Place::Payload, style: Default::default() },
            node: content.node,
            required: call.method != Method::Head,
        }));
    }
    let said = notes::beside(it.source, &it.at, &mut shapes.notices);
    let (structure, bindings) = parameters::structure(members, said);
    (shapes.define(name, structure, &it.at), bindings)
}

fn headers(shapes: &mut Shapes<'_>, it: &Documented<'_>) -> Vec<Bound> {
    let documents = shapes.documents;
    let mut members: Vec<Bound> = Vec::new();
    for (name, node) in it.source.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let at = format!("{}/headers/{}", it.at, escaped(name));
        let Some((source, place)) = documents.object(node, &at) else {
            shapes.notices.missing(&at, reference_of(node).unwrap_or(&at));
            continue;
        };
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let parameter = Parameter { name, location: Location::Header, source, at: place };
        let (mut node, style) = parameters::schema(shapes, &parameter, Side::Response);
        if let Some(node) = node.as_object_mut() {
            node.extend(notes::beside(source, &parameter.at, &mut shapes.notices));
        }
        let member = if name == BODY { format!("{BODY}_header") } else { name.clone() };
        members.push(Bound {
            binding: Binding { member, place: Place::Header(name.clone()), style },
            node,
            required: source.get("required") == Some(&Value::Bool(true)),
        });
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_statuses_ranges_and_default() {
        assert_eq!(statuses("404"), Some(Statuses::One(404)));
        assert_eq!(statuses("4XX"), Some(Statuses::Class(4)));
        assert_eq!(statuses("5xx"), Some(Statuses::Class(5)));
        assert_eq!(statuses("default"), Some(Statuses::Default));
        for code in ["20", "6XX", "ok", "2X0", ""] {
            assert_eq!(statuses(code), None, "{code}");
        }
    }
}
