//! A miss for programs: one line of JSON.

use serde_json::{Map, Value, json};

use super::miss::{Miss, Near};

impl Miss {
    /// What [`Display`](std::fmt::Display) explains, for a program that reads it. Redacted too.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value != json!([]) {
                members.insert(name.to_owned(), value);
            }
        };
        put("miss", json!(self.reason.name()));
        put("operation", json!(self.operation));
        put("request", json!(self.line));
        put("reason", json!(self.reason.to_string()));
        put("problem", json!(self.problem));
        put("ignored", json!(self.loosened));
        put("nearest", self.nearest.iter().map(|near| self.near(near)).collect());
        put("next", json!(self.next()));
        Value::Object(members)
    }

    fn near(&self, near: &Near) -> Value {
        let mut value = json!({
            "cassette": self.cassettes.get(near.cassette),
            "exchanges": near.exchanges,
            "operation": near.operation,
            "request": near.line,
            "served": near.served,
            "differs": near.places,
        });
        if !near.diff.is_empty() {
            value["diff"] = json!(near.diff);
        }
        value
    }
}
