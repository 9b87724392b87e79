//! JSON text in other spacings. Only the white space between tokens changes: numbers, escapes
//! and the order of members stay as they were written, which a parse into values would not keep.

/// An array of scalars stays on one line up to this many characters.
const LINE: usize = 100;

/// Without white space.
pub(super) fn compact(json: &str) -> String {
    // Most JSON is, and a copy is far quicker.
    if is_compact(json) { json.to_owned() } else { Tokens::of(json).map(Token::text).collect() }
}

/// Whether there is no white space between its tokens.
pub(super) fn is_compact(json: &str) -> bool {
    Tokens::of(json).map(|token| token.text().len()).sum::<usize>() == json.len()
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
/// `depth`. An array of scalars stays on one line if it is short or has two at most, so that a
/// header field is one line of a diff.
pub(super) fn pretty(json: &str, depth: usize, out: &mut String) {
    let mut depth = depth;
    let mut inline = false;
    let mut opened = false;
    let mut tokens = Tokens::of(json);
    while let Some(token) = tokens.next() {
        let closes = matches!(token, Token::Close(_));
        if closes && !inline {
            depth = depth.saturating_sub(1);
        }
        if !inline && opened != closes {
            break_line(depth, out);
        }
        opened = false;
        out.push_str(token.text());
        match token {
            Token::Open(text) => {
                inline = text == "[" && fits_a_line(tokens.clone());
                opened = !inline;
                depth += usize::from(!inline);
            }
            Token::Close(_) => inline = false,
            Token::Comma if inline => out.push(' '),
            Token::Comma => break_line(depth, out),
            Token::Colon => out.push(' '),
            Token::Scalar(_) => {}
        }
    }
}

fn break_line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Whether an array, of which the bracket was just read, goes on one line.
fn fits_a_line(rest: Tokens<'_>) -> bool {
    let (mut length, mut scalars) = (0, 0);
    for token in rest {
        match token {
            Token::Open(_) => return false,
            Token::Close(_) => return true,
            Token::Scalar(text) => (length, scalars) = (length + text.len() + 2, scalars + 1),
            Token::Comma | Token::Colon => {}
        }
        if length > LINE && scalars > 2 {
            return false;
        }
    }
    true
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

    fn end_of_string(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(length) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| ends(*byte))) {
            at += length;
            match bytes[at] {
                b'"' => return at + 1,
                _ => at += 2,
            }
        }
        bytes.len()
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
            b'"' => self.end_of_string(),
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
        let json = r#"{"a":[1.0,1E9,"x, \" {"],"b":{},"c":[],"d":[[1],{"e":null}],"f":"\/\u00e9"}"#;
        let mut text = String::new();
        pretty(json, 0, &mut text);
        insta::assert_snapshot!(text, @r#"
        {
          "a": [1.0, 1E9, "x, \" {"],
          "b": {},
          "c": [],
          "d": [
            [1],
            {
              "e": null
            }
          ],
          "f": "\/\u00e9"
        }
        "#);
        assert_eq!(compact(&text), json);
        assert_eq!(compact(&spaced(&text)), json);
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
