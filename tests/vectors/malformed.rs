//! Requests that no server may take, and what it answers.

use serde_json::{Map, Value, json};

use crate::models::Models;
use crate::requests::request;
use crate::{same, text};

pub(crate) fn judge(models: &Models, shape: &str, test: &Value) -> Result<(), String> {
    let mut asked = test["request"].clone();
    asked["method"] = if asked["method"].is_null() { json!("POST") } else { asked["method"].clone() };
    let response = models.sandbox(shape)?.answer(&request(&asked));
    let expected = &test["response"];
    same("the status", u64::from(response.status), expected["code"].as_u64().unwrap_or_default())?;
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        same(name, &*response.headers.get(name).unwrap_or_default(), text(value))?;
    }
    let Some(contents) = expected["body"]["assertion"]["contents"].as_str() else { return Ok(()) };
    let contents: Value = serde_json::from_str(contents).map_err(|error| format!("{error} in {contents}"))?;
    same("the body", response.body.json(), Some(contents))
}

/// The vector once for each of its parameters.
pub(crate) fn expanded(test: &Value) -> Vec<Value> {
    let Some(parameters) = test["testParameters"].as_object() else {
        return vec![replaced(test, &Map::new())];
    };
    let count = parameters.values().filter_map(|values| values.as_array()).map(Vec::len).max().unwrap_or(0);
    let bound = |index: usize| {
        let value = |(name, values): (&String, &Value)| (name.clone(), values[index].clone());
        replaced(test, &parameters.iter().map(value).collect())
    };
    (0..count).map(bound).collect()
}

/// With `$name:L` for the parameter as it is, `$name:S` for it as a JSON string, and `$$` for `$`.
fn replaced(value: &Value, bound: &Map<String, Value>) -> Value {
    match value {
        Value::String(template) => Value::String(filled(template, bound)),
        Value::Array(elements) => elements.iter().map(|element| replaced(element, bound)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let is_given = name == "testParameters";
                (name.clone(), if is_given { value.clone() } else { replaced(value, bound) })
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

fn filled(template: &str, bound: &Map<String, Value>) -> String {
    let mut text = template.to_owned();
    for (name, value) in bound {
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text
            .replace(&format!("${name}:L"), &plain)
            .replace(&format!("${name}:S"), &json!(plain).to_string());
    }
    text.replace("$$", "$")
}
