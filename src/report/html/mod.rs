//! One self-contained page: no file beside it, nothing from the network, readable without
//! scripts, on paper and in the dark.

mod findings;
mod page;
mod table;
#[cfg(test)]
mod tests;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, context};

use super::Run;
use crate::encoding::{base64, sha256};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The run as an HTML page.
pub fn render(run: &Run) -> String {
    let mut environment = Environment::new();
    // The name ends in `.html`: whatever the template prints is escaped for HTML.
    environment.set_syntax(syntax());
    environment.add_template("page.html", TEMPLATE).expect("the template is part of this program");
    let template = environment.get_template("page.html").expect("the template was added above");
    template
        .render(context! { page => Serde(page::Page::of(run)), style => STYLE, script => SCRIPT, policy => policy() })
        .expect("the template uses only what a page has")
}

/// Block tags leave no empty lines behind.
fn syntax() -> SyntaxConfig {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    syntax.expect("the delimiters are the default ones")
}

/// What the page may load and run (Content Security Policy Level 3): its own style and script,
/// and nothing else.
fn policy() -> String {
    let digest = |text: &str| format!("'sha256-{}'", base64(&sha256(text.as_bytes())));
    format!(
        "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}
