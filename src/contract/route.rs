//! Which operation a request is.

mod mixed;

use super::protocol::Protocol;
use super::{Contract, Operation};
use crate::encoding::percent_decode;
use crate::exchange::{Body, Method, Request, Target};

/// The path of an operation, with labels: `/v1/clusters/{clusterArn}`.
///
/// Smithy 2.0, HTTP binding traits, `@http` uri; a greedy label is written `{name+}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriPattern {
    /// What stands before the segments, raw: in the addresses that we know, the usual one first.
    bases: Vec<String>,
    segments: Vec<Segment>,
    /// Query parameters that are part of the pattern.
    query: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Label(String),
    Greedy(String),
    /// Labels with literal text around them (OpenAPI): `{name}.json`.
    Mixed(mixed::Mixed),
}

impl UriPattern {
    /// Reads a pattern as Smithy writes it.
    pub fn parse(pattern: &str) -> Self {
        let target = Target::new(pattern);
        let segments = target.segments().map(|text| {
            match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(label) if !label.contains(['{', '}']) => match label.strip_suffix('+') {
                    Some(label) => Segment::Greedy(label.to_owned()),
                    None => Segment::Label(label.to_owned()),
                },
                _ => match mixed::Mixed::parse(text) {
                    Some(mixed) => Segment::Mixed(mixed),
                    None => Segment::Literal(text.to_owned()),
                },
            }
        });
        let bases = vec![String::new()];
        Self { bases, segments: segments.collect(), query: target.pairs().collect() }
    }

    /// The pattern below these paths, `/v1`, the usual one first.
    pub(super) fn below(self, bases: &[String]) -> Self {
        Self { bases: bases.to_vec(), ..self }
    }

    /// The labels' decoded values, if the target fits. An empty label fits nothing.
    pub fn labels(&self, target: &Target) -> Option<Vec<(&str, String)>> {
        let raw = self.raw_labels(target)?;
        Some(raw.into_iter().map(|(name, text)| (name, percent_decode(text))).collect())
    }

    /// The labels as they stand in the target.
    pub(super) fn raw_labels<'t>(&self, target: &'t Target) -> Option<Vec<(&str, &'t str)>> {
        if !self.query.iter().all(|wanted| target.pairs().any(|pair| pair == *wanted)) {
            return None;
        }
        let below = |base: &str| {
            let rest = target.path().strip_prefix(base)?;
            (base.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        self.bases.iter().find_map(|base| self.labels_below(below(base)?))
    }

    /// The labels of a path whose base has been taken away.
    fn labels_below<'t>(&self, path: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        let mut labels = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                rest = rest.strip_prefix('/')?;
            }
            let left = self.segments.len() - index - 1;
            let end = match segment {
                Segment::Greedy(_) => end_before(rest, left)?,
                Segment::Literal(_) | Segment::Label(_) | Segment::Mixed(_) => {
                    rest.find('/').unwrap_or(rest.len())
                }
            };
            let (text, after) = rest.split_at(end);
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Label(name) | Segment::Greedy(name) if !text.is_empty() => {
                    labels.push((name.as_str(), text))
                }
                Segment::Mixed(mixed) => labels.extend(mixed.labels(text)?),
                _ => return None,
            }
            rest = after;
        }
        rest.is_empty().then_some(labels)
    }

    /// Whether a parameter of the query is part of the pattern.
    pub(super) fn fixes(&self, name: &str) -> bool {
        self.query.iter().any(|(fixed, _)| fixed == name)
    }

    /// The path for the labels' values, which `text` gives escaped; it is told whether the label is
    /// greedy. `Err` is the label that has none.
    pub(super) fn fill(&self, text: impl Fn(&str, bool) -> Option<String>) -> Result<Target, String> {
        let filled = |name: &str, greedy| {
            text(name, greedy).filter(|text| !text.is_empty()).ok_or_else(|| name.to_owned())
        };
        let mut path = self.bases.first().cloned().unwrap_or_default();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Label(name) => path.push_str(&filled(name, false)?),
                Segment::Greedy(name) => path.push_str(&filled(name, true)?),
                Segment::Mixed(mixed) => path.push_str(&mixed.fill(|name| filled(name, false))?),
            }
        }
        let target = Target::new(path);
        Ok(self.query.iter().fold(target, |target, (name, value)| target.with_pair(name, value)))
    }

    /// Whether every target that fits one of two patterns fits the other one as well.
    pub(super) fn reaches_the_same_as(&self, other: &Self) -> bool {
        let same = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Literal(one), Segment::Literal(other)) => one == other,
            (Segment::Mixed(one), Segment::Mixed(other)) => one.reaches_the_same_as(other),
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        self.query == other.query
            && self.bases.first() == other.bases.first()
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }

    /// How closely a pattern describes a path: `/v1/clusters/all` goes before
    /// `/v1/clusters/{name}`, and `/v1/clusters/{name}.json` too.
    fn closeness(&self) -> (usize, usize) {
        let count = |wanted: fn(&Segment) -> bool| self.segments.iter().filter(|it| wanted(it)).count();
        let literals = count(|segment| matches!(segment, Segment::Literal(_)));
        (literals + self.query.len(), count(|segment| matches!(segment, Segment::Mixed(_))))
    }
}

impl std::fmt::Display for UriPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.bases.first().map(String::as_str).unwrap_or_default())?;
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Label(name) => write!(f, "/{{{name}}}")?,
                Segment::Greedy(name) => write!(f, "/{{{name}+}}")?,
                Segment::Mixed(mixed) => write!(f, "/{mixed}")?,
            }
        }
        Ok(())
    }
}

/// Where a greedy label ends that has so many segments after it.
fn end_before(text: &str, segments: usize) -> Option<usize> {
    let mut end = text.len();
    for _ in 0..segments {
        end = text[..end].rfind('/')?;
    }
    Some(end)
}

impl Contract {
    /// The operation that a request calls; `None` if the contract documents none such.
    pub fn route(&self, request: &Request) -> Option<&Operation> {
        self.called(request).map(|(operation, _)| operation)
    }

    /// The operation that a request calls, and the documented protocol that it does so in. The
    /// protocols that name the operation go before those that only have paths.
    pub(super) fn called(&self, request: &Request) -> Option<(&Operation, Protocol)> {
        let (paths, names): (Vec<Protocol>, Vec<Protocol>) =
            self.protocols.iter().partition(|protocol| protocol.binds_http());
        names.into_iter().chain(paths).find_map(|protocol| {
            let operation = match protocol.named_operation(&self.service, request) {
                Some(name) => self.operation(&name),
                None if protocol.binds_http() => self.by_path(request),
                None => None,
            };
            Some((operation?, protocol))
        })
    }

    fn by_path(&self, request: &Request) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.method == request.method)
            .filter(|operation| operation.uri.raw_labels(&request.target).is_some())
            .max_by_key(|operation| operation.uri.closeness())
    }

    /// Whether a request's path is documented, with another method.
    pub(super) fn has_path(&self, request: &Request) -> bool {
        let fits = |operation: &Operation| {
            operation.method != request.method && operation.uri.raw_labels(&request.target).is_some()
        };
        self.operations.iter().any(fits)
    }
}

impl Protocol {
    /// The name of the operation that a request calls, where the protocol puts it on the wire.
    fn named_operation(self, service: &str, request: &Request) -> Option<String> {
        match self {
            Self::RestJson1 | Self::RestXml | Self::Http => None,
            _ if request.method != Method::Post && !matches!(self, Self::AwsQuery | Self::Ec2Query) => None,
            Self::AwsJson1_0 | Self::AwsJson1_1 => {
                let target = request.headers.get("x-amz-target").filter(|_| request.target.path() == "/")?;
                let (named, operation) = target.split_once('.')?;
                let is_own = named == service && self.speaks(request);
                is_own.then(|| operation.to_owned())
            }
            Self::AwsQuery | Self::Ec2Query => action(request),
            Self::RpcV2Cbor => {
                let (front, operation) = request.target.path().rsplit_once("/operation/")?;
                let (_, named) = front.rsplit_once("/service/")?;
                (named == service).then(|| operation.to_owned())
            }
        }
    }

    /// Whether a request's content type is not that of the other JSON protocol.
    fn speaks(self, request: &Request) -> bool {
        let named = request.headers.get("content-type").unwrap_or_default();
        match self {
            Self::AwsJson1_0 => !named.starts_with("application/x-amz-json-1.1"),
            _ => !named.starts_with("application/x-amz-json-1.0"),
        }
    }
}

/// The action of an awsQuery or ec2Query request: in its form, or in its query beside a version.
fn action(request: &Request) -> Option<String> {
    let is_form = request
        .headers
        .get("content-type")
        .is_some_and(|named| named.starts_with("application/x-www-form-urlencoded"));
    let content = if is_form { request.content() } else { Body::empty() };
    let form = content.text().map(|form| Target::new(format!("?{form}")));
    let action_of = |target: &Target| {
        let of = |wanted: &str| target.pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        of("Version").and_then(|_| of("Action"))
    };
    form.as_ref().and_then(action_of).or_else(|| action_of(&request.target))
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
    fn a_label_may_have_text_around_it() {
        let found = |pattern, target| {
            labels(pattern, target).map(|it| it.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
        };
        assert_eq!(found("/users/{id}.json", "/users/a%20b.json"), Some(vec!["a b".to_owned()]));
        assert_eq!(found("/users/{id}.json", "/users/a.xml"), None);
        assert_eq!(found("/users/{id}.json", "/users/.json"), None);
        assert_eq!(found("/a/{b}:{verb}", "/a/x:y:z"), Some(vec!["x".to_owned(), "y:z".to_owned()]));
        assert_eq!(found("/{from}...{to}", "/v1...v2"), Some(vec!["v1".to_owned(), "v2".to_owned()]));
        assert_eq!(found("/v{major}/x", "/v2/x"), Some(vec!["2".to_owned()]));
        assert_eq!(
            found("/{a}-{b}.json", "/1-2.jsonx.json"),
            Some(vec!["1".to_owned(), "2.jsonx".to_owned()])
        );
    }

    #[test]
    fn a_pattern_fits_below_each_of_its_bases() {
        let pattern = UriPattern::parse("/users/{id}").below(&["/api/v1".to_owned(), String::new()]);
        for target in ["/api/v1/users/7", "/users/7"] {
            assert_eq!(pattern.labels(&Target::new(target)), Some(vec![("id", "7".to_owned())]), "{target}");
        }
        assert_eq!(pattern.labels(&Target::new("/api/v2/users/7")), None);
        assert_eq!(UriPattern::parse("/{a}").below(&["/v1".to_owned()]).labels(&Target::new("/v10")), None);
        assert_eq!(pattern.to_string(), "/api/v1/users/{id}");
        assert_eq!(pattern.fill(|_, _| Some("7".to_owned())).unwrap().as_str(), "/api/v1/users/7");
    }

    #[test]
    fn other_paths_do_not_fit() {
        for target in ["/v1/clusters", "/v1/clusters/", "/v1/clusters/a/b", "/v2/clusters/a"] {
            assert_eq!(labels("/v1/clusters/{arn}", target), None, "{target}");
        }
    }
}
