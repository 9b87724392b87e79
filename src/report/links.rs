//! Where a rule is documented, as text and links.

/// A piece of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// A web address, with what it is called.
    Link {
        text: &'t str,
        url: &'t str,
    },
}

/// The pieces of a sentence. An address in angle brackets is that of the words before it; only
/// `http` and `https` make a link.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = address(rest) {
        let (before, url, after) = (&rest[..start], &rest[start..end], &rest[end..]);
        match (before.strip_suffix('<'), after.strip_prefix('>')) {
            (Some(title), Some(after)) if title.contains(char::is_alphanumeric) => {
                // What separates it from the words before.
                let own = title.trim_start_matches(|c: char| c.is_whitespace() || ",;".contains(c));
                pieces.push(Piece::Text(&title[..title.len() - own.len()]));
                pieces.push(Piece::Link { text: own.trim_end(), url });
                rest = after;
            }
            _ => {
                pieces.extend([Piece::Text(before), Piece::Link { text: url, url }]);
                rest = after;
            }
        }
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

fn address(text: &str) -> Option<(usize, usize)> {
    let starts = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme));
    let start = starts.min()?;
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`\\".contains(c);
    let length = text[start..].find(ends).unwrap_or(text.len() - start);
    let url = &text[start..start + length];
    Some((start, start + url.trim_end_matches(['.', ',', ';', ':']).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_the_words_before_it() {
        let link = |text, url| Piece::Link { text, url };
        assert_eq!(
            pieces("Smithy, 4.2 <https://a.example/#b>"),
            [link("Smithy, 4.2", "https://a.example/#b")]
        );
        assert_eq!(
            pieces("see http://a.example, and <https://b.example>."),
            [
                Piece::Text("see "),
                link("http://a.example", "http://a.example"),
                Piece::Text(", "),
                link("and", "https://b.example"),
                Piece::Text("."),
            ]
        );
        assert_eq!(pieces("javascript:alert(1)"), [Piece::Text("javascript:alert(1)")]);
        assert_eq!(pieces(""), []);
    }
}
