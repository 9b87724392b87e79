//! Members whose names speak of secrets, and that are not marked as such.

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::{Kind, Role, Schema, Side};

/// Words of a name that speak of a secret, when they end it.
const SECRET: &[&[&str]] = &[
    &["api", "key"],
    &["credential"],
    &["credentials"],
    &["passphrase"],
    &["password"],
    &["passwd"],
    &["private", "key"],
    &["secret"],
    &["secret", "key"],
    &["token"],
];

/// Tokens that lead from page to page, or tell repeated requests apart.
const NO_SECRETS: &[&str] = &[
    "client",
    "continuation",
    "dedupe",
    "idempotency",
    "iteration",
    "marker",
    "next",
    "page",
    "pagination",
    "paging",
    "previous",
    "request",
    "starting",
    "update",
];

pub(super) fn lint(name: &str, schema: Schema<'_>, shape: &str, path: &str, found: &mut Findings<'_>) {
    let is_plain = [Side::Request, Side::Response].iter().all(|side| schema.role(*side) == Role::Key);
    if schema.kind() == Kind::Text && schema.keyword("enum").is_none() && is_plain && speaks_of_a_secret(name)
    {
        let problem =
            format!("{shape}.{path} sounds like a secret, and is not marked as one: it would be recorded");
        let subject = Subject::Member(shape.to_owned(), path.to_owned());
        found.note(&subject, Some("sensitive"), problem, "say `sensitive: true` of it, or `role: key`");
    }
}

fn speaks_of_a_secret(name: &str) -> bool {
    let words = words(name);
    let ends =
        |secret: &&[&str]| words.len() >= secret.len() && words[words.len() - secret.len()..] == **secret;
    SECRET.iter().any(ends) && !words.iter().any(|word| NO_SECRETS.contains(&word.as_str()))
}

/// The words of `secretAccessKey`, `secret_access_key` and `SecretAccessKEY`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase() || letter.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in ["password", "MasterUserPassword", "client_secret", "privateKey", "authToken", "apiKey"] {
            assert!(speaks_of_a_secret(name), "{name}");
        }
        for name in
            ["nextToken", "NextPageToken", "clientRequestToken", "secretArn", "tokenType", "monkey", "key"]
        {
            assert!(!speaks_of_a_secret(name), "{name}");
        }
    }
}
