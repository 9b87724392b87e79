//! What a user adds to our own rules.

use std::collections::BTreeSet;

use regex::bytes::Regex;

use super::names::{self, Names};
use super::pointer::Pointer;
use super::shapes::ACCOUNT;
use crate::contract::{Contract, Outcome, at_path};
use crate::exchange::Exchange;

/// Shorter ids are in too many words that mean something else.
const SHORTEST_ID: usize = 4;

/// A user's own rules. By default there are none.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub(super) headers: BTreeSet<String>,
    pub(super) pointers: Vec<Pointer>,
    pub(super) patterns: Vec<Regex>,
    pub(super) ids: Vec<IdRule>,
    pub(super) names: Names,
    pub(super) accounts: BTreeSet<String>,
    members: Vec<Member>,
}

/// A name or id that is written as a pseudonym.
#[derive(Debug, Clone)]
pub(super) struct IdRule {
    pub(super) pattern: Regex,
    /// A literal one has the same pseudonym in every session: it says only which rule it is.
    pub(super) literal: Option<String>,
}

/// `Operation.member.path`
#[derive(Debug, Clone)]
struct Member {
    operation: String,
    path: String,
}

impl Rules {
    /// The values of this header field are secrets.
    pub fn header(mut self, name: &str) -> Result<Self, RuleError> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(RuleError::new("header", name, "it is no name of a header field"));
        }
        self.headers.insert(name.to_ascii_lowercase());
        Ok(self)
    }

    /// What stands at this JSON pointer (RFC 6901) of a body is a secret. `*` is any one step.
    pub fn pointer(mut self, pointer: &str) -> Result<Self, RuleError> {
        let parsed = Pointer::parse(pointer).ok_or_else(|| {
            RuleError::new("pointer", pointer, "a JSON pointer begins with `/`, as in `/user/token`")
        })?;
        self.pointers.push(parsed);
        Ok(self)
    }

    /// What this regular expression matches is a secret: its first group, or all of it.
    pub fn pattern(mut self, pattern: &str) -> Result<Self, RuleError> {
        self.patterns.push(regex("pattern", pattern)?);
        Ok(self)
    }

    /// A member of the contract is a secret: `Operation.member.path`, or the name of a member,
    /// wherever it is.
    pub fn member(mut self, path: &str) -> Result<Self, RuleError> {
        if path.split('.').any(|name| names::bare(name).is_empty()) {
            let how = "write `Operation.member`, or the name of a member";
            return Err(RuleError::new("member", path, how));
        }
        match path.split_once('.') {
            Some((operation, path)) => {
                self.members.push(Member { operation: operation.to_owned(), path: path.to_owned() });
            }
            None => self.names.add(path),
        }
        Ok(self)
    }

    /// This name or id gets a pseudonym, the same in every session of these rules.
    pub fn id(mut self, literal: &str) -> Result<Self, RuleError> {
        if literal.chars().filter(|char| char.is_alphanumeric()).count() < SHORTEST_ID {
            let why = format!(
                "it has less than {SHORTEST_ID} letters and digits, and would be found in words that mean \
                 something else; name more of it"
            );
            return Err(RuleError::new("id", literal, &why));
        }
        let pattern = regex("id", &regex::escape(literal))?;
        self.ids.push(IdRule { pattern, literal: Some(literal.to_owned()) });
        Ok(self)
    }

    /// What this regular expression matches, its first group or all of it, gets a pseudonym.
    pub fn id_pattern(mut self, pattern: &str) -> Result<Self, RuleError> {
        self.ids.push(IdRule { pattern: regex("id", pattern)?, literal: None });
        Ok(self)
    }

    /// The values under this name are no secrets, whatever it says.
    pub fn keep(mut self, name: &str) -> Result<Self, RuleError> {
        if names::bare(name).is_empty() {
            return Err(RuleError::new("keep", name, "there is no letter or digit in it"));
        }
        self.names.keep(name);
        Ok(self)
    }

    /// This account stays as it is: nobody's, made up for tests and documentation.
    pub fn keep_account(mut self, account: &str) -> Result<Self, RuleError> {
        if account.len() != ACCOUNT || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RuleError::new("account to keep", account, "an account id has twelve digits"));
        }
        self.accounts.insert(account.to_owned());
        Ok(self)
    }

    /// The values of the members that these rules name: more secrets for what the contract declares.
    pub fn members(&self, contract: &Contract, exchange: &Exchange) -> Vec<String> {
        if self.members.is_empty() {
            return Vec::new();
        }
        let Some(operation) = contract.route(&exchange.request) else { return Vec::new() };
        let named = || self.members.iter().filter(|member| member.operation == operation.name);
        if named().next().is_none() {
            return Vec::new();
        }
        let input = contract.decode(operation, &exchange.request).ok().map(|decoded| decoded.input);
        let output = match contract.outcome(operation, &exchange.response) {
            Outcome::Output(output) => Some(output),
            Outcome::Error { body, .. } => body,
            _ => None,
        };
        let mut found = Vec::new();
        for value in input.iter().chain(&output) {
            for member in named() {
                add_at(value, &member.path, &mut found);
            }
        }
        found
    }
}

/// The texts at a dotted path; of a list on the way, those of each of its items.
fn add_at(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    use serde_json::Value;
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Array(items) => items.iter().for_each(|item| add_at(item, path, found)),
        Value::String(text) if path.is_empty() => found.push(text.clone()),
        Value::Number(number) if path.is_empty() => found.push(number.to_string()),
        Value::Object(members) if path.is_empty() => {
            members.values().for_each(|member| add_at(member, "", found));
        }
        Value::Object(_) => {
            if let Some(member) = at_path(value, name) {
                add_at(member, rest, found);
            }
        }
        _ => {}
    }
}

fn regex(kind: &'static str, pattern: &str) -> Result<Regex, RuleError> {
    let read = Regex::new(pattern).map_err(|error| {
        let last = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
        RuleError::new(kind, pattern, last.trim_start_matches("error: "))
    })?;
    if read.is_match(b"") {
        return Err(RuleError::new(kind, pattern, "it matches the empty text, and so everywhere"));
    }
    Ok(read)
}

/// A rule that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{rule}`: {problem}")]
pub struct RuleError {
    /// Which kind of rule, `pattern`.
    pub kind: &'static str,
    /// The rule as it was given.
    pub rule: String,
    /// What is wrong with it.
    pub problem: String,
}

impl RuleError {
    fn new(kind: &'static str, rule: &str, problem: &str) -> Self {
        Self { kind, rule: rule.to_owned(), problem: problem.to_owned() }
    }
}
