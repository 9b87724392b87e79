//! One operation.

use std::collections::BTreeMap;

use super::super::view::{OperationView, RuleView, SourceView};
use super::phrase::bare;
use super::tree::Tree;

pub(super) fn render(operation: &OperationView, tree: &mut Tree<'_>) -> String {
    let OperationView { name, method, uri, safety, .. } = operation;
    let prefix =
        operation.host_prefix.as_deref().map(|prefix| format!(", host {prefix}...")).unwrap_or_default();
    let mut text = format!("{name}  {method} {uri}{prefix}  {safety}\n");
    text += &source(operation.source.as_ref());
    let input = tree.message(&operation.input, &operation.places, 2);
    text += &part("input", &operation.input, &input);
    for answer in &operation.answers {
        let output = tree.message(&answer.shape, &answer.places, 2);
        text += &part(&format!("answer {}", answer.statuses), &answer.shape, &output);
    }
    text += &errors(operation, tree);
    text += &pagination(operation);
    text += &facts(operation);
    text += &roles(operation);
    text + "\n"
}

fn part(what: &str, name: &str, members: &str) -> String {
    format!("  {what}  {name}\n{members}")
}

/// Errors; those with the same members one after the other, and then the members.
fn errors(operation: &OperationView, tree: &mut Tree<'_>) -> String {
    let mut text = String::new();
    let mut last = None;
    for error in &operation.errors {
        let members = tree.message(&error.shape, &[], 2);
        if let Some(other) = last.replace(members.clone()).filter(|other| *other != members) {
            text += &other;
        }
        text += &part(&format!("error {}", error.statuses), &error.name, "");
    }
    text + &last.unwrap_or_default()
}

fn source(source: Option<&SourceView>) -> String {
    source.map(|source| format!("  documented in {}\n", cited(source))).unwrap_or_default()
}

fn cited(source: &SourceView) -> String {
    let SourceView { title, url, section } = source;
    format!("{title}, {section} <{url}>")
}

fn pagination(operation: &OperationView) -> String {
    let Some(it) = &operation.pagination else { return String::new() };
    let mut words = vec![match (&it.output_token, it.style) {
        (Some(output), _) if it.next_link.as_ref() == Some(output) => {
            format!("a link in {output} leads on, with {}", it.input_token)
        }
        (Some(output), _) => format!("{output} leads on, in {}", it.input_token),
        (None, style) => {
            format!("{} counts {}s", it.input_token, if style == "page" { "page" } else { "item" })
        }
    }];
    let link = it.next_link.as_ref().filter(|link| it.output_token.as_ref() != Some(*link));
    words.extend(link.map(|link| format!("a link to the next page in {link}")));
    words.extend(it.items.as_ref().map(|items| format!("items in {items}")));
    words.extend(it.total.as_ref().map(|total| format!("all of them counted in {total}")));
    words.extend(it.page_size.as_ref().map(|size| format!("size in {size}")));
    words.extend(it.default.map(|size| format!("{size} by default")));
    words.extend(it.maximum.map(|size| format!("{size} at most")));
    words.extend(it.identity.as_ref().map(|path| match path.as_str() {
        "" => "items are told apart by themselves".to_owned(),
        path => format!("items are told apart by {path}"),
    }));
    words.push(format!("ends with a token that is {}", it.ends.join(" or ")));
    format!("  pages: {}\n{}", words.join("; "), source(it.source.as_ref()))
}

fn facts(operation: &OperationView) -> String {
    let mut text = String::new();
    for it in &operation.constraints {
        text += &format!("  {} {}  {}\n{}", it.level, it.pointer, it.schema, documented(it.source.as_ref()));
    }
    text += &operation.rules.iter().chain(&operation.answer_rules).map(rule).collect::<String>();
    for it in &operation.filters {
        let key = it.key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
        let item = if it.item.is_empty() { "the item" } else { &it.item };
        let how = if it.kind == "prefix" { "starts with it" } else { "is one of its values" };
        text += &format!("  filter {}{key}: {item} {how}\n{}", it.member, documented(it.source.as_ref()));
    }
    text
}

fn rule(rule: &RuleView) -> String {
    let RuleView { id, at, level, note, .. } = rule;
    let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
    let when = rule.when.as_deref().map(|when| format!(" when {when} is there:")).unwrap_or_default();
    let what = if note.is_empty() { bare(&rule.condition) } else { note.clone() };
    format!("  {level} rule {id}{at}:{when} {what}\n{}", documented(rule.source.as_ref()))
}

fn documented(source: Option<&SourceView>) -> String {
    source.map(|source| format!("    in {}\n", cited(source))).unwrap_or_default()
}

/// How many places have which role; `--roles` names them.
fn roles(operation: &OperationView) -> String {
    let count = |side: &BTreeMap<String, &'static str>| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        side.values().for_each(|role| *counts.entry(role).or_default() += 1);
        let words: Vec<_> = counts.iter().map(|(role, count)| format!("{count} {role}")).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    format!(
        "  roles: request {}; response {}\n",
        count(&operation.roles.request),
        count(&operation.roles.response)
    )
}
