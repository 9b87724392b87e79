//! Every node of every shape: bounds that nothing satisfies, values that break their own shape.

use serde_json::Value;

use super::{Findings, generated, secrets};
use crate::contract::Schema;
use crate::contract::places::Subject;

/// How deep schemas in schemas are looked into.
const DEPTH: usize = 16;

/// Pairs of keywords of which the first is never above the second.
const BOUNDS: &[(&str, &str)] = &[
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
];

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    for name in contract.shapes() {
        let schema = contract.shape(name);
        node(schema, &Subject::Shape(name.to_owned()), found);
        inside(schema, name, "", DEPTH, found);
    }
}

/// The members and elements that are described here, and not behind a reference.
fn inside(schema: Schema<'_>, shape: &str, path: &str, depth: usize, found: &mut Findings<'_>) {
    if depth == 0 || (schema.shape_name().is_some() && !path.is_empty()) {
        return;
    }
    let members = schema.members().map(|member| (member.name, member.schema));
    let elements = schema.items().into_iter().chain(schema.values()).map(|element| ("*", element));
    for (step, part) in members.chain(elements) {
        let path = if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
        node(part, &Subject::Member(shape.to_owned(), path.clone()), found);
        secrets::lint(step, part, shape, &path, found);
        inside(part, shape, &path, depth - 1, found);
    }
}

fn node(schema: Schema<'_>, subject: &Subject, found: &mut Findings<'_>) {
    for (least, most) in BOUNDS {
        if let (Some(least_is), Some(most_is)) = (number(schema, least), number(schema, most))
            && least_is > most_is
        {
            let problem = format!("no value satisfies {least} {least_is} and {most} {most_is}");
            found.warning(subject, None, problem, "mend one of the two");
        }
    }
    if schema.keyword("enum").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        found.warning(
            subject,
            None,
            "no value is in an empty enum".to_owned(),
            "give it values, or leave it out",
        );
    }
    stated(schema, subject, found);
    generated::lint(schema, subject, found);
}

fn number(schema: Schema<'_>, keyword: &str) -> Option<f64> {
    schema.keyword(keyword)?.as_f64()
}

/// The values and the default that the node itself states.
fn stated(schema: Schema<'_>, subject: &Subject, found: &mut Findings<'_>) {
    let values = schema.own_note("values").and_then(Value::as_array).into_iter().flatten();
    let values = values.map(|value| ("values", value));
    let default = schema.own_note("default").and_then(|default| default.get("value"));
    for (word, value) in values.chain(default.map(|value| ("default", value))) {
        for demands in found.contract.broken_by(&schema, value) {
            let problem = format!("{word}: {value} is not what the contract demands: it must be {demands}");
            found.warning(subject, Some(word), problem, "mend the value, or the shape");
        }
    }
}
