use crate::encoding::{percent_decode, percent_encode};

/// Path and query of a request, raw: escapes and order as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target(String);

impl Target {
    /// From the raw path with its query, `/v1/clusters?maxResults=2`.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The raw text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The raw path, without the query.
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(self.0.as_str(), |(path, _)| path)
    }

    /// The raw query, without the question mark; `None` if there is no question mark.
    pub fn query(&self) -> Option<&str> {
        self.0.split_once('?').map(|(_, query)| query)
    }

    /// The raw path segments; `/v1/clusters` has two, `//clusters` an empty one and another.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.path().strip_prefix('/').unwrap_or(self.path()).split('/')
    }

    /// The query as decoded pairs, in order, duplicates kept. A `+` stays a plus sign: AWS
    /// services escape spaces as `%20`, and a plus may be part of a page token.
    pub fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name), percent_decode(value))
        })
    }

    /// The target with one more pair in its query, escaped.
    pub fn with_pair(&self, name: &str, value: &str) -> Self {
        let joint = if self.query().is_some() { '&' } else { '?' };
        Self(format!("{}{joint}{}={}", self.0, percent_encode(name), percent_encode(value)))
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_order_and_duplicates() {
        let target = Target::new("/v1/tags/a%2Fb?tagKeys=x&tagKeys=y%20z&flag");
        let pairs: Vec<_> = target.pairs().collect();
        assert_eq!(
            pairs,
            [("tagKeys", "x"), ("tagKeys", "y z"), ("flag", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert_eq!(target.segments().collect::<Vec<_>>(), ["v1", "tags", "a%2Fb"]);
    }

    #[test]
    fn an_empty_segment_is_a_segment() {
        assert_eq!(Target::new("//key").segments().collect::<Vec<_>>(), ["", "key"]);
        assert_eq!(Target::new("/").segments().collect::<Vec<_>>(), [""]);
    }
}
