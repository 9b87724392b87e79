//! JSON on lines, token for token as it was written, each line knowing its JSON pointer.

use serde::de::IgnoredAny;

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) indent: usize,
    /// Where the value on it is, RFC 6901; `None` for a line that only closes one.
    pub(super) pointer: Option<String>,
    pub(super) tokens: Vec<(Token, String)>,
}

/// What a piece of JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Key,
    Text,
    /// A number, `true`, `false` or `null`.
    Literal,
    Sign,
}

/// The lines of a JSON text; `None` if it is not JSON.
pub(super) fn lines(text: &str) -> Option<Vec<Line>> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut printer = Printer { rest: text.trim_ascii(), ..Printer::default() };
    while !printer.rest.is_empty() {
        printer.token();
    }
    printer.end_line();
    Some(printer.lines)
}

/// The line that a pointer is about: its own, or that of the innermost value around it.
pub(super) fn line_of(lines: &[Line], pointer: &str) -> Option<usize> {
    let mut pointer = pointer;
    loop {
        if let Some(at) = lines.iter().position(|line| line.pointer.as_deref() == Some(pointer)) {
            return Some(at);
        }
        pointer = &pointer[..pointer.rfind('/')?];
    }
}

#[derive(Default)]
struct Printer<'t> {
    rest: &'t str,
    lines: Vec<Line>,
    line: Line,
    open: Vec<Frame>,
}

/// An array or object that is not closed yet.
struct Frame {
    /// The index of the next item; `None` in an object.
    index: Option<usize>,
    /// The key of the next value, escaped; `None` before it was read.
    key: Option<String>,
}

impl Printer<'_> {
    fn token(&mut self) {
        let length = match self.rest.as_bytes()[0] {
            b'"' => string_length(self.rest),
            b'{' | b'[' | b'}' | b']' | b',' | b':' => 1,
            _ => self
                .rest
                .find(|c: char| "{}[],:".contains(c) || c.is_ascii_whitespace())
                .unwrap_or(self.rest.len()),
        };
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest.trim_ascii_start();
        match token {
            "{" | "[" => self.begin(token),
            "}" | "]" => self.finish(token),
            "," => self.next_item(),
            ":" => self.push(Token::Sign, ": "),
            _ if token.starts_with('"') => self.string(token),
            _ => self.value(Token::Literal, token),
        }
    }

    fn string(&mut self, token: &str) {
        match self.open.last_mut() {
            Some(frame) if frame.index.is_none() && frame.key.is_none() => {
                let key = serde_json::from_str::<String>(token).unwrap_or_else(|_| token.to_owned());
                frame.key = Some(key.replace('~', "~0").replace('/', "~1"));
                self.value(Token::Key, token);
            }
            _ => self.value(Token::Text, token),
        }
    }

    fn begin(&mut self, sign: &str) {
        self.value(Token::Sign, sign);
        let close = if sign == "{" { "}" } else { "]" };
        if let Some(rest) = self.rest.strip_prefix(close) {
            self.push(Token::Sign, close);
            self.rest = rest.trim_ascii_start();
            return;
        }
        let index = (sign == "[").then_some(0);
        self.open.push(Frame { index, key: None });
        self.end_line();
    }

    fn finish(&mut self, sign: &str) {
        self.open.pop();
        self.end_line();
        self.push(Token::Sign, sign);
    }

    fn next_item(&mut self) {
        self.push(Token::Sign, ",");
        if let Some(frame) = self.open.last_mut() {
            frame.key = None;
            frame.index = frame.index.map(|index| index + 1);
        }
        self.end_line();
    }

    /// The first of a line gives it its pointer.
    fn value(&mut self, kind: Token, token: &str) {
        if self.line.tokens.is_empty() {
            self.line.pointer = Some(self.pointer());
        }
        self.push(kind, token);
    }

    fn pointer(&self) -> String {
        let step = |frame: &Frame| match (&frame.key, frame.index) {
            (Some(key), _) => format!("/{key}"),
            (None, Some(index)) => format!("/{index}"),
            (None, None) => String::new(),
        };
        self.open.iter().map(step).collect()
    }

    fn push(&mut self, kind: Token, token: &str) {
        self.line.tokens.push((kind, token.to_owned()));
    }

    fn end_line(&mut self) {
        if !self.line.tokens.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
        self.line.indent = self.open.len();
    }
}

/// With both quotation marks.
fn string_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    use super::*;

    fn print(text: &str) -> String {
        let lines = lines(text).unwrap();
        let line = |line: &Line| {
            let text: String = line.tokens.iter().map(|(_, token)| token.as_str()).collect();
            format!("{:<8}{}{text}", line.pointer.as_deref().unwrap_or("-"), "  ".repeat(line.indent))
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_line_knows_where_it_is() {
        let text = r#" {"a" :1.0,"b":[{},[ ],{"c/d":"x\"]y"},true],"~":{"e":null}} "#;
        insta::assert_snapshot!(print(text), @r#"
                {
        /a        "a": 1.0,
        /b        "b": [
        /b/0        {},
        /b/1        [],
        /b/2        {
        /b/2/c~1d      "c/d": "x\"]y"
        -           },
        /b/3        true
        -         ],
        /~0       "~": {
        /~0/e       "e": null
        -         }
        -       }
        "#);
        assert_eq!(print("12"), "        12");
        assert_eq!(lines("{\"a\":1"), None);
        assert_eq!(lines(""), None);
    }

    #[test]
    fn what_is_missing_is_marked_where_it_should_be() {
        let lines = lines(r#"{"a":[{"b":1},{"c":2}]}"#).unwrap();
        let line = |pointer| line_of(&lines, pointer);
        assert_eq!(line("/a/1/c"), Some(6));
        assert_eq!(line("/a/1/nextToken"), Some(5));
        assert_eq!(line("/a/*/b"), Some(1));
        assert_eq!(line("/nextToken"), Some(0));
        assert_eq!(line(""), Some(0));
        assert_eq!(line("no pointer"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_token_is_lost(text in any::<String>(), number in any::<i64>()) {
            let json = serde_json::json!({ text.clone(): [text, number, null, {}, [[number]]] }).to_string();
            let tokens = lines(&json).unwrap().into_iter().flat_map(|line| line.tokens);
            let printed: String = tokens.map(|(_, token)| if token == ": " { ":".to_owned() } else { token }).collect();
            prop_assert_eq!(printed, json);
        }
    }
}
