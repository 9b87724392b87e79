//! A contract for the terminal.

mod operation;
mod phrase;
mod tree;

use onrecord::contract::{Contract, Operation, Role, Side};

use super::view::{ResourceView, View};
use tree::Tree;

/// A contract, or one operation of it.
pub(super) fn whole(view: &View) -> String {
    let mut tree = Tree::new(&view.shapes);
    let operations: String = view.operations.iter().map(|it| operation::render(it, &mut tree)).collect();
    let resources: String = view.resources.iter().map(resource).collect();
    format!("{}\n{operations}{resources}{}{}", head(view), common_errors(view), resolutions(view))
}

/// What is needed to choose an operation of a big contract.
pub(super) fn overview(contract: &Contract) -> String {
    let none: [&Operation; 0] = [];
    let mut text = head(&View::of(contract, &none));
    text += &format!("  operations  {}\n\n", contract.operations.len());
    let width = contract.operations.iter().map(|operation| operation.name.len()).max().unwrap_or_default();
    for operation in &contract.operations {
        let pages = if operation.pagination.is_some() { "  pages" } else { "" };
        text += &format!(
            "{:<width$}  {:<7}  {} {}  {}{pages}\n",
            operation.name,
            operation.safety.as_str(),
            operation.method,
            operation.uri,
            operation.answer.statuses
        );
    }
    for resource in &contract.resources {
        text += &format!(
            "\nresource {}: {}",
            resource.name,
            resource.operations().collect::<Vec<_>>().join(", ")
        );
    }
    text + "\n\nName an operation to see it whole, or take all of it with --format json.\n"
}

/// What each place of the operations is for.
pub(super) fn roles(contract: &Contract, operations: &[&Operation]) -> String {
    let mut text = String::new();
    for operation in operations {
        text += &format!("{}\n", operation.name);
        for row in contract.roles(operation) {
            let side = match row.side {
                Side::Request => "request",
                Side::Response => "response",
            };
            text += &format!("  {side:<8}  {:<8}  {}\n", row.role.as_str(), row.pointer);
        }
        text.push('\n');
    }
    let meaning = |role: Role| match role {
        Role::Key => "key: compared when a request is matched",
        Role::Volatile => "volatile: never compared",
        Role::Secret => "secret: never stored",
        Role::Cursor => "cursor: a page token",
    };
    let all = [Role::Key, Role::Volatile, Role::Secret, Role::Cursor];
    text + &all.map(meaning).join("; ") + "\n"
}

fn head(view: &View) -> String {
    let mut text = format!("{}: {}", view.id, view.title);
    if !view.version.is_empty() {
        text += &format!(", {}", view.version);
    }
    text.push('\n');
    for protocol in &view.protocols {
        let judged = if protocol.judges_bodies { "" } else { " (bodies are not judged)" };
        text += &format!("  protocol    {}{judged}\n", protocol.name);
    }
    for server in &view.servers {
        text += &format!("  server      {server}\n");
    }
    if let Some(name) = &view.signing_name {
        text += &format!("  signed for  {name} (AWS Signature Version 4)\n");
    }
    text + &format!("  digest      {}\n", view.digest)
}

fn resource(resource: &ResourceView) -> String {
    let mut text = format!("resource {}\n", resource.name);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text += &format!("  {name:<12}{value}\n");
        }
    };
    line("identified", resource.identifiers.join(", "));
    for (name, operation) in [
        ("create", &resource.create),
        ("read", &resource.read),
        ("update", &resource.update),
        ("delete", &resource.delete),
        ("list", &resource.list),
    ] {
        line(name, operation.clone().unwrap_or_default());
    }
    if let Some(tagging) = &resource.tagging {
        let (tag, untag, list) = (&tagging.tag, &tagging.untag, &tagging.list);
        line("tagging", format!("{tag}, {untag}, {list}; shown as {}", tagging.property));
    }
    if let Some(unique) = &resource.unique {
        line("unique", format!("{}, else {}", unique.member, unique.error));
    }
    line("not found", resource.not_found.clone().unwrap_or_default());
    if let Some(states) = &resource.states {
        let deleting = states.deleting.as_ref().map(|state| format!(", {state} while it is deleted"));
        let settled = states.settled.join(" or ");
        line(
            "states",
            format!(
                "{}: {} first, then {settled}{}",
                states.member,
                states.initial,
                deleting.unwrap_or_default()
            ),
        );
        for (from, to) in &states.transitions {
            line("", format!("{from} to {}", to.join(", ")));
        }
    }
    text + "\n"
}

fn common_errors(view: &View) -> String {
    if view.common_errors.is_empty() {
        return String::new();
    }
    let mut text = "errors of any operation\n".to_owned();
    for error in &view.common_errors {
        let statuses: Vec<_> = error.statuses.iter().map(u16::to_string).collect();
        text += &format!("  {}  {}\n", error.code, statuses.join(" or "));
    }
    text + "\n"
}

fn resolutions(view: &View) -> String {
    let text = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let line = |it| format!("  {}: {}; {}\n", text(it, "about"), text(it, "chosen"), text(it, "why"));
    let lines: String = view.resolutions.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("where sources disagree\n{lines}") }
}
