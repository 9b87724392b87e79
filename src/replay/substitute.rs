//! Puts one text in the place of another, but only where it stands alone.

use std::borrow::Cow;
use std::ops::Range;

/// One text and what stands in its place.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) from: String,
    pub(super) to: String,
    /// What longer words are made of: inside of one, nothing is replaced.
    pub(super) part: fn(char) -> bool,
}

/// Makes a change wherever the text stands alone. `marks` are places in the text, in order, which
/// move along; one inside of what is replaced moves behind it.
pub(super) fn whole_words<'t>(text: &'t str, change: &Change, marks: &mut [usize]) -> Cow<'t, str> {
    let Change { from, to, part } = change;
    if from.is_empty() {
        return Cow::Borrowed(text);
    }
    let is_alone = |at: &usize| {
        !text[..*at].chars().next_back().is_some_and(*part)
            && !text[at + from.len()..].chars().next().is_some_and(*part)
    };
    let places = text.match_indices(from.as_str()).map(|(at, _)| at).filter(is_alone);
    let edits: Vec<_> = places.map(|at| (at..at + from.len(), to.as_str())).collect();
    match edits.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(spliced(text, &edits, marks)),
    }
}

/// The text with others in some of its places, which are in order and apart. Marks move along, see
/// [`whole_words`].
pub(super) fn spliced(text: &str, edits: &[(Range<usize>, impl AsRef<str>)], marks: &mut [usize]) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut marked) = (0, 0);
    for (Range { start, end }, to) in edits {
        move_marks(marks, &mut marked, *start, |mark| out.len() + mark - copied);
        out.push_str(&text[copied..*start]);
        out.push_str(to.as_ref());
        copied = *end;
        move_marks(marks, &mut marked, *end, |_| out.len());
    }
    move_marks(marks, &mut marked, text.len(), |mark| out.len() + mark - copied);
    out.push_str(&text[copied..]);
    out
}

/// Moves the marks that were not moved yet, up to and with that one at `end`.
fn move_marks(marks: &mut [usize], moved: &mut usize, end: usize, to: impl Fn(usize) -> usize) {
    for mark in marks.iter_mut().skip(*moved).take_while(|mark| **mark <= end) {
        *mark = to(*mark);
        *moved += 1;
    }
}

/// What an idempotency token is made of: a UUID's dashes are inside it.
pub(super) fn of_token(part: char) -> bool {
    part.is_alphanumeric() || matches!(part, '-' | '_')
}

/// What a host's name is made of.
pub(super) fn of_host(part: char) -> bool {
    part.is_alphanumeric() || matches!(part, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: &str, to: &str, part: fn(char) -> bool) -> Change {
        Change { from: from.to_owned(), to: to.to_owned(), part }
    }

    #[test]
    fn marks_stay_with_what_they_stand_beside() {
        let mut marks = [0, 2, 4, 5, 7, 9, 11, 13];
        let changed = whole_words("a tok b tok c", &change("tok", "longer", of_token), &mut marks);
        assert_eq!(changed, "a longer b longer c");
        assert_eq!(marks, [0, 2, 8, 8, 10, 17, 17, 19]);
        let mut marks = [2, 4, 5, 13];
        assert_eq!(whole_words("a tok b tok c", &change("tok", "", of_token), &mut marks), "a  b  c");
        assert_eq!(marks, [2, 2, 2, 7]);
    }

    #[test]
    fn only_whole_words_are_replaced() {
        let text = r#"{"a":"tok-1","b":"tok-12","c":"x/tok-1?","d":"tok-1-b"}"#;
        let replaced = r#"{"a":"new","b":"tok-12","c":"x/new?","d":"tok-1-b"}"#;
        assert_eq!(whole_words(text, &change("tok-1", "new", of_token), &mut []), replaced);
        let hosts = "https://a.example/x a.example.com b.a.example a.example:80";
        assert_eq!(
            whole_words(hosts, &change("a.example", "127.0.0.1:9", of_host), &mut []),
            "https://127.0.0.1:9/x a.example.com b.a.example 127.0.0.1:9:80"
        );
    }

    #[test]
    fn what_is_not_there_costs_nothing() {
        for from in ["d", ""] {
            assert!(matches!(
                whole_words("abc", &change(from, "e", of_token), &mut []),
                Cow::Borrowed("abc")
            ));
        }
    }
}
