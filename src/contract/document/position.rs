//! Places in a text, and JSON pointers to them.

/// A character of a text. Both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::contract) struct Position {
    pub(in crate::contract) line: usize,
    pub(in crate::contract) column: usize,
}

impl Position {
    /// The place behind a text.
    pub(super) fn after(text: &str) -> Self {
        let (line, last) = text.split('\n').enumerate().last().unwrap_or_default();
        Self { line: line + 1, column: last.chars().count() + 1 }
    }
}

/// The steps of a JSON pointer; `None` if it is none.
pub(super) fn steps(pointer: &str) -> Option<Vec<String>> {
    let mut steps = pointer.split('/');
    if !steps.next()?.is_empty() {
        return None;
    }
    Some(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// A name as one step of a JSON pointer, with the slash before it.
pub(in crate::contract) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
