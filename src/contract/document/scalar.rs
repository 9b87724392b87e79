//! What a YAML scalar means: the core schema of YAML 1.2, in which `yes` and dates are text.

use serde_json::{Number, Value};

/// Why a scalar is no value.
pub(super) enum Unfit {
    /// Infinite, not a number, or beyond a double.
    Unbounded,
    /// Not what its tag says.
    Mistagged,
}

/// A plain scalar without a tag.
pub(super) fn plain(text: &str) -> Result<Value, Unfit> {
    null(text).or_else(|| boolean(text)).map(Ok).or_else(|| number(text)).unwrap_or_else(|| Ok(text.into()))
}

/// A scalar with a tag of the core schema, by the tag's last part; `None` if the tag is unknown.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Result<Value, Unfit>> {
    let value = match tag {
        "str" | "binary" | "timestamp" => return Some(Ok(text.into())),
        "null" => null(text).map(Ok),
        "bool" => boolean(text).map(Ok),
        "int" => integer(text).map(Ok),
        "float" => number(text),
        _ => return None,
    };
    Some(value.unwrap_or(Err(Unfit::Mistagged)))
}

fn null(text: &str) -> Option<Value> {
    matches!(text, "" | "~" | "null" | "Null" | "NULL").then_some(Value::Null)
}

fn boolean(text: &str) -> Option<Value> {
    match text {
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Result<Value, Unfit>> {
    if let Some(integer) = integer(text) {
        return Some(Ok(integer));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Err(Unfit::Unbounded));
    }
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    // What Rust reads beyond the core schema begins with a letter: `inf`, `nan`, `infinity`.
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    Some(Number::from_f64(value).map(Value::Number).ok_or(Unfit::Unbounded))
}

/// `None` also for one that only a double can hold.
fn integer(text: &str) -> Option<Value> {
    let radix = |digits: &str, radix| {
        let digits = Some(digits).filter(|digits| !digits.starts_with('+'))?;
        u64::from_str_radix(digits, radix).ok().map(Value::from)
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}
