use std::borrow::Cow;

/// A text as a shell takes it for one word.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.:,-_=+@%".contains(&byte);
    match !text.is_empty() && text.bytes().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_change_is_quoted() {
        for (text, word) in [
            ("a/b-1.json", "a/b-1.json"),
            ("", "''"),
            ("one it.json", "'one it.json'"),
            ("it's.json", r"'it'\''s.json'"),
            ("$HOME;ls", "'$HOME;ls'"),
            ("é", "'é'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
