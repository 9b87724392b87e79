//! What an exchange shows that is to be taken care of: secrets, and page tokens.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{Role, Side, loose, text};
use crate::contract::schema::Schema;
use crate::contract::{Contract, Decoded, Operation, Outcome, Place, Resource};
use crate::exchange::{Body, Exchange, Request, Response};

/// How deep lists in lists are looked into for a mark.
const NESTED: usize = 8;

/// The values of one exchange that the contract gives a role other than key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Values of members that the contract marks sensitive.
    pub secrets: Vec<String>,
    /// Page tokens, as they are handed out. One that a client sends was, or is of its own making.
    pub cursors: Vec<String>,
    /// What the client calls the things that it has made: no token hides in such a name.
    pub names: Vec<String>,
}

impl Contract {
    /// The secrets and cursors of one exchange; nothing for an exchange of no known operation.
    pub fn declared(&self, exchange: &Exchange) -> Declared {
        match self.route(&exchange.request) {
            Some(operation) => self.declared_by(operation, exchange),
            None => self.credentials(&exchange.request),
        }
    }

    /// The secrets and cursors of one exchange, whose operation is known.
    pub fn declared_by(&self, operation: &Operation, exchange: &Exchange) -> Declared {
        let mut declared = self.credentials(&exchange.request);
        declared.names = self.given_names(operation, &exchange.request);
        let names = operation.sensitive.get_or_init(|| self.sensitive_names(operation));
        if names.is_empty() {
            declared.cursors.extend(self.cursor(operation, &exchange.response));
            return declared;
        }
        let judged = self.declare_input(operation, &exchange.request, &mut declared);
        declared.collect_loose(&exchange.request.content(), names, &judged);
        let judged = self.declare_outcome(operation, exchange, &mut declared);
        declared.collect_loose(&exchange.response.content(), names, &judged);
        declared
    }

    /// The page token that an answer hands out.
    fn cursor(&self, operation: &Operation, response: &Response) -> Option<String> {
        let paging = operation.pagination.as_ref()?;
        let path = paging.output_token()?;
        let first = path.split('.').next().unwrap_or_default();
        let answer = operation.answer_with(response.status);
        let is_inside = |place: &Place| *place == Place::Body && !paging.is_linked();
        let found = if answer.bindings.iter().any(|it| it.member == first && is_inside(&it.place)) {
            let is_read = response.is_success() && self.protocol().judges_bodies();
            is_read.then(|| text::at(response.content().as_bytes(), path)).flatten()
        } else {
            let Outcome::Output(output) = self.outcome(operation, response) else { return None };
            paging.token(&output)?.as_str().map(str::to_owned)
        };
        found.filter(|token| !token.is_empty())
    }

    /// The identifiers that a creating request chooses.
    fn given_names(&self, operation: &Operation, request: &Request) -> Vec<String> {
        let creates = |resource: &&Resource| resource.create.as_ref() == Some(&operation.name);
        let Some(resource) = self.resources.iter().find(creates) else { return Vec::new() };
        let Ok(Decoded { input, .. }) = self.decode(operation, request) else { return Vec::new() };
        let given = resource.identifiers.iter().filter_map(|name| input.get(name)?.as_str());
        given.map(str::to_owned).collect()
    }

    /// What stands at the places that carry credentials.
    fn credentials(&self, request: &Request) -> Declared {
        let mut found = Vec::new();
        for place in &self.credentials {
            match place {
                // The first word of a scheme says how, and not who.
                Place::Header(name) => found.extend(request.headers.all(name).map(|text| {
                    text.split_once(' ').map_or(text.as_ref(), |(_, credentials)| credentials).to_owned()
                })),
                Place::Query(name) => {
                    found.extend(
                        request.target.pairs().filter(|(own, _)| own == name).map(|(_, value)| value),
                    );
                }
                Place::Cookie(name) => {
                    let lines: Vec<_> = request.headers.all("cookie").collect();
                    let crumbs = lines
                        .iter()
                        .flat_map(|line| line.split(';'))
                        .filter_map(|it| it.trim().split_once('='));
                    found.extend(crumbs.filter(|(own, _)| own == name).map(|(_, value)| value.to_owned()));
                }
                _ => {}
            }
        }
        found.retain(|text| !text.is_empty());
        Declared { secrets: found, ..Declared::default() }
    }

    fn declare_input(&self, operation: &Operation, request: &Request, declared: &mut Declared) -> Judged {
        // A body that cannot be read leaves the path, the query and the header fields.
        let bare = || Request { body: Body::empty(), ..request.clone() };
        let decoded = self.decode(operation, request).or_else(|_| self.decode(operation, &bare()));
        let Ok(Decoded { input, .. }) = decoded else { return Judged::new() };
        declared.collect(self.input(operation), &input)
    }

    fn declare_outcome(&self, operation: &Operation, exchange: &Exchange, declared: &mut Declared) -> Judged {
        match self.outcome(operation, &exchange.response) {
            Outcome::Output(output) => {
                let token = operation.pagination.as_ref().and_then(|paging| paging.token(&output));
                declared.cursors.extend(token.as_ref().and_then(Value::as_str).map(str::to_owned));
                declared.collect(self.output(operation), &output)
            }
            Outcome::Error { identity, body: Some(body) } => {
                let of = |name| operation.errors.iter().find(|error| error.name == name);
                let shapes =
                    identity.all().map(|name| self.shape(of(name).map_or(name, |error| &error.shape)));
                shapes.flat_map(|shape| declared.collect(shape, &body)).collect()
            }
            Outcome::Error { body: None, .. } | Outcome::Unreadable | Outcome::Unjudged(_) => Judged::new(),
        }
    }

    /// The names of members that are sensitive anywhere in what an operation takes and answers.
    fn sensitive_names(&self, operation: &Operation) -> BTreeSet<String> {
        let answers = operation.answers().map(|answer| &answer.shape);
        let errors = operation.errors.iter().map(|error| &error.shape);
        let (mut names, mut seen) = (BTreeSet::new(), HashSet::new());
        for shape in std::iter::once(&operation.input).chain(answers).chain(errors) {
            add_sensitive_names(self.shape(shape), &mut seen, &mut names);
        }
        names.into_iter().map(str::to_owned).collect()
    }
}

/// Texts that a schema describes: it has said whether they are sensitive.
type Judged = HashSet<String>;

impl Declared {
    fn collect(&mut self, schema: Schema<'_>, value: &Value) -> Judged {
        let mut judged = Judged::new();
        schema.walk(value, &mut |schema, value| {
            if schema.role(Side::Response) == Role::Secret {
                self.secrets.extend(leaves(value));
            }
            judged.extend(value.as_str().map(str::to_owned));
        });
        judged
    }

    /// Declares what stands under a sensitive name where no schema describes it: in a body that
    /// cannot be parsed, in an error of another shape, in a member that is there twice.
    fn collect_loose(&mut self, body: &Body, names: &BTreeSet<String>, judged: &Judged) {
        if names.is_empty() || body.is_empty() {
            return;
        }
        let found = loose::values(&String::from_utf8_lossy(body.as_bytes()), names);
        self.secrets.extend(found.into_iter().filter(|value| !judged.contains(value)));
    }
}

fn add_sensitive_names<'c>(schema: Schema<'c>, seen: &mut HashSet<&'c str>, names: &mut BTreeSet<&'c str>) {
    if schema.shape_name().is_some_and(|shape| !seen.insert(shape)) {
        return;
    }
    for member in schema.members() {
        // An element's or a map value's own mark counts for the member that holds it.
        let inner = |schema: &Schema<'c>| schema.items().or_else(|| schema.values());
        let mut nested = std::iter::successors(Some(member.schema), inner).take(NESTED);
        if nested.any(|schema| schema.role(Side::Response) == Role::Secret) {
            names.insert(member.name);
        }
        add_sensitive_names(member.schema, seen, names);
    }
    for element in schema.items().into_iter().chain(schema.values()) {
        add_sensitive_names(element, seen, names);
    }
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::encoding::pack;
    use crate::exchange::{Ending, Method, Response, Target, Timestamp, Timing};

    fn contract() -> Contract {
        let sensitive = json!({"target": "smithy.api#String", "traits": {"smithy.api#sensitive": {}}});
        let plain = json!({"target": "smithy.api#String"});
        let model = json!({"smithy": "2.0", "shapes": {
            "x#Boxes": {"type": "service", "version": "1", "operations": [{"target": "x#Open"}],
                "traits": {"aws.protocols#restJson1": {}, "aws.auth#sigv4": {"name": "boxes"}}},
            "x#Open": {"type": "operation", "input": {"target": "x#OpenInput"},
                "output": {"target": "x#OpenOutput"}, "errors": [{"target": "x#Locked"}],
                "traits": {"smithy.api#http": {"method": "POST", "uri": "/open", "code": 200}}},
            "x#OpenInput": {"type": "structure", "members": {"code": sensitive, "note": plain}},
            "x#OpenOutput": {"type": "structure", "members": {"inside": {"target": "x#Things"}, "note": plain}},
            "x#Things": {"type": "list", "member": sensitive},
            "x#Locked": {"type": "structure", "members": {"hint": sensitive, "message": plain},
                "traits": {"smithy.api#error": "client", "smithy.api#httpError": 403}},
        }});
        Contract::from_smithy("boxes", "boxes.json", &model.to_string()).unwrap()
    }

    /// The same for plain and for packed bodies.
    fn secrets(request: &[u8], status: u16, response: &[u8]) -> Vec<String> {
        let plain = secrets_under("identity", request, status, response);
        assert_eq!(secrets_under("zstd", request, status, response), plain);
        plain
    }

    fn secrets_under(coding: &str, request: &[u8], status: u16, response: &[u8]) -> Vec<String> {
        let mut asked = Request::new(Method::Post, Target::new("/open"));
        asked.headers.push("content-encoding", coding);
        asked.body = Body::from(pack(coding, request).unwrap());
        let mut answer = Response::new(status);
        answer.headers.push("content-encoding", coding);
        answer.body = Body::from(pack(coding, response).unwrap());
        let timing = Timing {
            started: Timestamp::parse("2026-11-21T07:32:37.250Z").unwrap(),
            first_byte: Default::default(),
            duration: Default::default(),
        };
        let exchange =
            Exchange { operation: None, request: asked, response: answer, ending: Ending::Complete, timing };
        let mut found = contract().declared(&exchange).secrets;
        found.dedup();
        found
    }

    #[test]
    fn what_an_error_holds_is_declared() {
        let error = br#"{"__type":"Locked","hint":"under the mat","message":"no"}"#;
        assert_eq!(secrets(b"{}", 403, error), ["under the mat"]);
        assert_eq!(secrets(b"{}", 500, br#"{"message":"no","code":"1234567"}"#), ["1234567"]);
    }

    #[test]
    fn what_cannot_be_parsed_is_declared() {
        for text in [
            &br#"{"code":"1234567","note":"a"#[..],
            br#"{"code":"1234567"#,
            b"\xef\xbb\xbf{\"code\":\"1234567\"}",
            b"{\"note\":\"\xff\",\"code\":\"1234567\"}",
        ] {
            assert_eq!(secrets(text, 200, b"{}"), ["1234567"]);
            assert_eq!(secrets(b"{}", 200, text), ["1234567"]);
        }
        assert_eq!(secrets(br#"{"code":"1234567","code":"2345678"}"#, 200, b""), ["2345678", "1234567"]);
        assert_eq!(secrets(b"{}", 200, br#"{"note":"a","inside":["gold","silv"#), ["gold", "silv"]);
        assert!(secrets(br#"{"note":"a"}"#, 200, br#"{"note":"a"}"#).is_empty());
    }
}
