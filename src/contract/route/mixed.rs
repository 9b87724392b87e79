//! A segment of a path in which labels and literal text stand side by side.

use std::fmt;

/// `{name}.json`, `{name}:{verb}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mixed {
    /// The text before the first label.
    start: String,
    /// Each label with the text after it.
    labels: Vec<(String, String)>,
}

impl Mixed {
    /// Reads a segment; `None` if it has no label.
    pub(super) fn parse(segment: &str) -> Option<Self> {
        let (start, mut rest) = segment.split_once('{')?;
        let mut labels = Vec::new();
        loop {
            let (label, after) = rest.split_once('}')?;
            let (text, next) = after.split_once('{').map_or((after, None), |(text, next)| (text, Some(next)));
            labels.push((label.to_owned(), text.to_owned()));
            match next {
                Some(next) => rest = next,
                None => return Some(Self { start: start.to_owned(), labels }),
            }
        }
    }

    /// Whether both have the same text around their labels.
    pub(super) fn reaches_the_same_as(&self, other: &Self) -> bool {
        let texts = |mixed: &Self| mixed.labels.iter().map(|(_, after)| after.clone()).collect::<Vec<_>>();
        self.start == other.start && texts(self) == texts(other)
    }

    /// The labels as they stand in a segment; each is as short as it can be, and none is empty.
    pub(super) fn labels<'t>(&self, segment: &'t str) -> Option<Vec<(&str, &'t str)>> {
        fit(&self.labels, segment.strip_prefix(self.start.as_str())?)
    }

    /// The segment with the labels' texts; `Err` is the label that has none.
    pub(super) fn fill(&self, text: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
        let mut filled = self.start.clone();
        for (label, after) in &self.labels {
            filled.push_str(&text(label)?);
            filled.push_str(after);
        }
        Ok(filled)
    }
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start)?;
        self.labels.iter().try_for_each(|(label, after)| write!(f, "{{{label}}}{after}"))
    }
}

/// Labels with literal text after each, fitted to a text. Templates have a few labels, and paths are
/// short, so that trying every place is cheap.
fn fit<'l, 't>(labels: &'l [(String, String)], text: &'t str) -> Option<Vec<(&'l str, &'t str)>> {
    let Some(((label, after), rest)) = labels.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    let first = text.chars().next()?.len_utf8();
    let ends: Vec<usize> = match (after.is_empty(), rest.is_empty()) {
        (_, true) => vec![text.len().checked_sub(after.len()).filter(|_| text.ends_with(after.as_str()))?],
        (true, false) => vec![first],
        (false, false) => text.match_indices(after.as_str()).map(|(at, _)| at).collect(),
    };
    ends.into_iter().filter(|end| *end >= first).find_map(|end| {
        let mut found = vec![(label.as_str(), text.get(..end)?)];
        found.extend(fit(rest, text.get(end + after.len()..)?)?);
        Some(found)
    })
}
