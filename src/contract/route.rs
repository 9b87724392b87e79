//! Which operation a request is.

use super::{Contract, Operation};
use crate::encoding::{percent_decode, percent_encode, percent_encode_path};
use crate::exchange::{Request, Target};

/// The path of an operation, with labels: `/v1/clusters/{clusterArn}`.
///
/// Smithy 2.0, HTTP binding traits, `@http` uri; a greedy label is written `{name+}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriPattern {
    segments: Vec<Segment>,
    /// Query parameters that are part of the pattern.
    query: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Label(String),
    Greedy(String),
}

impl UriPattern {
    /// Reads a pattern as Smithy writes it.
    pub fn parse(pattern: &str) -> Self {
        let target = Target::new(pattern);
        let segments = target.segments().map(|text| {
            match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(label) => match label.strip_suffix('+') {
                    Some(label) => Segment::Greedy(label.to_owned()),
                    None => Segment::Label(label.to_owned()),
                },
                None => Segment::Literal(text.to_owned()),
            }
        });
        Self { segments: segments.collect(), query: target.pairs().collect() }
    }

    /// The labels' decoded values, if the target fits. An empty label fits nothing.
    pub fn labels(&self, target: &Target) -> Option<Vec<(&str, String)>> {
        if !self.query.iter().all(|wanted| target.pairs().any(|pair| pair == *wanted)) {
            return None;
        }
        let mut rest: Vec<&str> = target.segments().collect();
        let mut labels = Vec::new();
        let (last, init) = self.segments.split_last()?;
        for segment in init {
            if rest.is_empty() {
                return None;
            }
            let text = rest.remove(0);
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Label(name) if !text.is_empty() => {
                    labels.push((name.as_str(), percent_decode(text)))
                }
                Segment::Greedy(_) | Segment::Literal(_) | Segment::Label(_) => return None,
            }
        }
        match (last, rest.as_slice()) {
            (Segment::Literal(literal), [text]) if literal == text => {}
            (Segment::Label(name), [text]) if !text.is_empty() => labels.push((name, percent_decode(text))),
            (Segment::Greedy(name), [first, ..]) if !first.is_empty() => {
                labels.push((name, percent_decode(&rest.join("/"))));
            }
            _ => return None,
        }
        Some(labels)
    }

    /// The path for the labels' values; `Err` is the label that has none.
    pub(super) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Result<Target, String> {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Label(name) => path.push_str(&percent_encode(&filled(name, &value)?)),
                Segment::Greedy(name) => path.push_str(&percent_encode_path(&filled(name, &value)?)),
            }
        }
        let target = Target::new(path);
        Ok(self.query.iter().fold(target, |target, (name, value)| target.with_pair(name, value)))
    }

    /// Whether every target that fits one of two patterns fits the other one as well.
    pub(super) fn reaches_the_same_as(&self, other: &Self) -> bool {
        let same = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Literal(one), Segment::Literal(other)) => one == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        self.query == other.query
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }

    /// How many parts are fixed: `/v1/clusters/all` goes before `/v1/clusters/{name}`.
    fn fixed_parts(&self) -> usize {
        let literals = self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_)));
        literals.count() + self.query.len()
    }
}

impl std::fmt::Display for UriPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Label(name) => write!(f, "/{{{name}}}")?,
                Segment::Greedy(name) => write!(f, "/{{{name}+}}")?,
            }
        }
        Ok(())
    }
}

impl Contract {
    /// The operation that a request calls; `None` if the contract documents none such.
    pub fn route(&self, request: &Request) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.method == request.method)
            .filter(|operation| operation.uri.labels(&request.target).is_some())
            .max_by_key(|operation| operation.uri.fixed_parts())
    }
}

fn filled(name: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    value(name).filter(|text| !text.is_empty()).ok_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pattern: &str, target: &str) -> Option<Vec<(String, String)>> {
        let pattern = UriPattern::parse(pattern);
        let labels = pattern.labels(&Target::new(target))?;
        Some(labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn an_escaped_slash_stays_inside_its_label() {
        let found = labels("/v1/clusters/{arn}", "/v1/clusters/arn%3Aa%2Fb?x=1");
        assert_eq!(found, Some(vec![("arn".into(), "arn:a/b".into())]));
    }

    #[test]
    fn a_greedy_label_takes_the_rest() {
        assert_eq!(
            labels("/{b}/{k+}", "/a/x/y"),
            Some(vec![("b".into(), "a".into()), ("k".into(), "x/y".into())])
        );
    }

    #[test]
    fn other_paths_do_not_fit() {
        for target in ["/v1/clusters", "/v1/clusters/", "/v1/clusters/a/b", "/v2/clusters/a"] {
            assert_eq!(labels("/v1/clusters/{arn}", target), None, "{target}");
        }
    }
}
