//! Conforming values made wrong in one place each: every one must be noticed.

use std::sync::atomic::{AtomicUsize, Ordering};

use onrecord::contract::{Contract, Kind, Schema, TimestampFormat};
use serde_json::{Value, json};

static MADE: AtomicUsize = AtomicUsize::new(0);
static NOTICED: AtomicUsize = AtomicUsize::new(0);

/// How many were made, and how many were noticed.
pub(crate) fn tally() -> (usize, usize) {
    (MADE.load(Ordering::Relaxed), NOTICED.load(Ordering::Relaxed))
}

/// Makes a value wrong in every way that its schema knows.
pub(crate) fn judge(contract: &Contract, shape: &str, value: &Value) -> Result<(), String> {
    let mut wrong = Vec::new();
    contract.shape(shape).walk_from(String::new(), value, &mut |schema, pointer, part| {
        // The whole is an object wherever it comes from.
        let others = others(schema, part).into_iter().filter(|_| !pointer.is_empty());
        wrong.extend(others.map(|other| (pointer.to_owned(), Some(other))));
        let required = schema.members().filter(|member| member.required && part.get(member.name).is_some());
        wrong.extend(required.map(|member| (format!("{pointer}/{}", member.name), None)));
    });
    for (pointer, other) in wrong {
        let mutant = replaced(value, &pointer, other.as_ref());
        MADE.fetch_add(1, Ordering::Relaxed);
        if contract.violations(shape, &mutant).is_empty() {
            return Err(format!("nobody notices {other:?} at {pointer} of {value}"));
        }
        NOTICED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Values that are not what a schema describes.
fn others(schema: Schema<'_>, value: &Value) -> Vec<Value> {
    if value.is_null() {
        return Vec::new();
    }
    let is_blob = schema.keyword("contentEncoding").is_some();
    let mut others = match schema.kind() {
        Kind::Structure | Kind::Map => vec![json!("text"), json!([])],
        Kind::List => vec![json!("text"), json!({})],
        Kind::Text if is_blob => vec![json!(7), json!("no base64")],
        Kind::Text => vec![json!(7), json!(["text"])],
        Kind::Integer => vec![json!("7"), json!(1.5), json!(1e30)],
        Kind::Number => vec![json!("7"), json!(true)],
        Kind::Boolean => vec![json!("true"), json!(1)],
        Kind::Timestamp(TimestampFormat::DateTime) => {
            vec![json!(1_515_531_081), json!("Tue, 29 Apr 2014 18:30:38 GMT")]
        }
        Kind::Timestamp(TimestampFormat::HttpDate) => {
            vec![json!(1_515_531_081), json!("1985-04-12T23:20:50Z")]
        }
        Kind::Timestamp(TimestampFormat::EpochSeconds) => {
            vec![json!("1985-04-12T23:20:50Z"), json!("Tue, 29 Apr 2014 18:30:38 GMT")]
        }
        Kind::Choice | Kind::Any => Vec::new(),
    };
    if schema.keyword("enum").is_some() {
        others.push(if value.is_number() { json!(4242) } else { json!("no such value") });
    }
    others
}

/// The value with another one at a pointer, or with none.
fn replaced(value: &Value, pointer: &str, other: Option<&Value>) -> Value {
    let mut mutant = value.clone();
    match other {
        Some(other) => *mutant.pointer_mut(pointer).unwrap() = other.clone(),
        None => {
            let (holder, name) = pointer.rsplit_once('/').unwrap();
            mutant.pointer_mut(holder).and_then(Value::as_object_mut).unwrap().remove(name);
        }
    }
    mutant
}
