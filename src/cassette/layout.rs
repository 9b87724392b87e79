//! JSON text in other spacings. Only the white space between tokens changes: numbers, escapes
//! and the order of members stay as they were written, which a parse into values would not keep.

/// What is no longer than this stays on one line.
const LINE: usize = 100;

/// Without white space.
pub(super) fn compact(json: &str) -> String {
    // A copy is far quicker.
    if !may_have_space(json) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => at = end_of_string(json, at),
            b' ' | b'\n' | b'\r' | b'\t' => {
                out.push_str(&json[copied..at]);
                at += 1;
                copied = at;
            }
            _ => at += 1,
        }
    }
    out.push_str(&json[copied..]);
    out
}

/// Whether there is no white space between its tokens.
pub(super) fn is_compact(json: &str) -> bool {
    !may_have_space(json) || Tokens::of(json).map(|token| token.text().len()).sum::<usize>() == json.len()
}

/// Told at a glance where there is none at all, which is often so.
fn may_have_space(json: &str) -> bool {
    let has_space = |block: &[u8]| block.iter().fold(false, |found, byte| found | (*byte <= b' '));
    json.as_bytes().chunks(64).any(has_space)
}

/// With one space after each comma and colon, as Python writes.
pub(super) fn spaced(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    for token in Tokens::of(json) {
        out.push_str(token.text());
        if matches!(token, Token::Comma | Token::Colon) {
            out.push(' ');
        }
    }
    out
}

/// Over several lines, to be reviewed; the first line is not indented, the others start at
/// `depth`. What is short stays on one line, save for lists of lists and objects, so that each of
/// those is a line of a diff. So is a header field, for an array of two scalars is never parted.
pub(super) fn pretty(json: &str, depth: usize, out: &mut String) {
    let mut depth = depth;
    let mut tokens = Tokens::of(json);
    while let Some(token) = tokens.next() {
        if let Token::Close(_) = token {
            depth = depth.saturating_sub(1);
            break_line(depth, out);
        }
        out.push_str(token.text());
        match token {
            Token::Open(_) if fits_a_line(token, tokens.clone()) => on_one_line(&mut tokens, out),
            Token::Open(_) => {
                depth += 1;
                break_line(depth, out);
            }
            Token::Comma => break_line(depth, out),
            Token::Colon => out.push(' '),
            Token::Close(_) | Token::Scalar(_) => {}
        }
    }
}

fn break_line(depth: usize, out: &mut String) {
    const INDENT: &str = "                                ";
    out.push('\n');
    let mut left = 2 * depth;
    while left > 0 {
        let now = left.min(INDENT.len());
        out.push_str(&INDENT[..now]);
        left -= now;
    }
}

/// The rest of what was opened.
fn on_one_line(tokens: &mut Tokens<'_>, out: &mut String) {
    let mut open = 1;
    while open > 0
        && let Some(token) = tokens.next()
    {
        out.push_str(token.text());
        match token {
            Token::Open(_) => open += 1,
            Token::Close(_) => open -= 1,
            Token::Comma | Token::Colon => out.push(' '),
            Token::Scalar(_) => {}
        }
    }
}

/// Whether what was just opened goes on one line.
fn fits_a_line(opened: Token<'_>, rest: Tokens<'_>) -> bool {
    let (mut length, mut open, mut scalars) = (1, 1, 0);
    let mut is_pair = opened.text() == "[";
    let mut before = opened;
    for token in rest {
        length += token.text().len();
        match token {
            Token::Open(_) if before.text() == "[" => return false,
            Token::Open(_) => open += 1,
            Token::Close(_) => open -= 1,
            Token::Comma | Token::Colon => length += 1,
            Token::Scalar(_) => scalars += 1,
        }
        is_pair &= open < 2 && scalars <= 2;
        if open == 0 || (length > LINE && !is_pair) {
            return length <= LINE || is_pair;
        }
        before = token;
    }
    true
}

/// Behind the closing quote of the string that begins there.
fn end_of_string(json: &str, start: usize) -> usize {
    let bytes = json.as_bytes();
    let mut at = start + 1;
    while let Some(length) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| ends(*byte))) {
        at += length;
        match bytes[at] {
            b'"' => return at + 1,
            _ => at += 2,
        }
    }
    bytes.len()
}

#[derive(Clone, Copy)]
enum Token<'a> {
    Open(&'a str),
    Close(&'a str),
    Comma,
    Colon,
    Scalar(&'a str),
}

impl<'a> Token<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Open(text) | Self::Close(text) | Self::Scalar(text) => text,
            Self::Comma => ",",
            Self::Colon => ":",
        }
    }
}

/// The tokens of well-formed JSON.
#[derive(Clone)]
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn end_of_word(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let stops = |byte: &u8| {
            matches!(byte, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
        };
        self.at + rest.iter().position(stops).unwrap_or(rest.len())
    }
}

/// Whether the inside of a string ends there, or is escaped.
fn ends(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        let start = self.at;
        let byte = *bytes.get(start)?;
        self.at = match byte {
            b'"' => end_of_string(self.text, start),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => start + 1,
            _ => self.end_of_word(),
        };
        let text = &self.text[start..self.at];
        Some(match byte {
            b'{' | b'[' => Token::Open(text),
            b'}' | b']' => Token::Close(text),
            b',' => Token::Comma,
            b':' => Token::Colon,
            _ => Token::Scalar(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_changes() {
        let long = "x".repeat(80);
        let json =
            r#"{"a":[1.0,1E9,"x, \" {"],"b":{},"c":[],"d":[[1],{"e":null,"f":"LONG"}],"g":"\/\u00e9"}"#;
        let json = &json.replace("LONG", &long);
        let mut text = String::new();
        pretty(json, 0, &mut text);
        insta::assert_snapshot!(text.replace(&long, "LONG"), @r#"
        {
          "a": [1.0, 1E9, "x, \" {"],
          "b": {},
          "c": [],
          "d": [
            [1],
            {"e": null, "f": "LONG"}
          ],
          "g": "\/\u00e9"
        }
        "#);
        assert_eq!(compact(&text), *json);
        assert_eq!(compact(&spaced(&text)), *json);
        assert_eq!(spaced(r#"{"a":1,"b":[1,2]}"#), r#"{"a": 1, "b": [1, 2]}"#);
    }

    #[test]
    fn a_pair_stays_on_one_line_however_long() {
        let long = "x".repeat(300);
        let mut text = String::new();
        pretty(&format!(r#"[["name","{long}"],["{long}",1,2]]"#), 1, &mut text);
        assert_eq!(text.lines().nth(1), Some(format!(r#"    ["name", "{long}"],"#).as_str()));
        assert_eq!(text.lines().count(), 8);
        assert_eq!(text.lines().last(), Some("  ]"));
    }
}
