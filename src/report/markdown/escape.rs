//! Values made safe for Markdown: none of them begins markup, calls a person or ends a block.

use crate::encoding::escape_markup;
use crate::report::links::{Piece, pieces};
use crate::report::visible::{one_line, visible};

/// For a cell of a table or the rest of a line.
pub(super) fn cell(text: &str) -> String {
    let mut out = String::new();
    for character in one_line(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Else GitHub calls the person or links the issue of that name.
            '@' | '#' => {
                out.push(character);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}

/// In HTML, as in a `<summary>`.
pub(super) fn html(text: &str) -> String {
    escape_markup(&one_line(text))
}

/// As a code span.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space at both ends is taken off again, and keeps a backtick from joining the fence.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// As a block of code.
pub(super) fn block(language: &str, text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(3.max(longest_run(&text) + 1));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// A sentence, with its addresses as links.
pub(super) fn sentence(text: &str) -> String {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => cell(text),
        Piece::Link { text, url } => format!("[{}](<{}>)", cell(text), one_line(url)),
    };
    pieces(text).into_iter().map(piece).collect()
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        assert_eq!(cell("a|b\n<i>*x* @bob #1"), "a\\|b\\\\n&lt;i&gt;\\*x\\* @<!-- -->bob #<!-- -->1");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(block("text", "```\nx\n"), "````text\n```\nx\n````");
        assert_eq!(html("</summary>"), "&lt;/summary&gt;");
        assert_eq!(
            sentence("Page [1], GET <https://x.example/a(b)>."),
            "[Page \\[1\\], GET](<https://x.example/a(b)>)."
        );
    }
}
