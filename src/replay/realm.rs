//! Where a request goes, as far as it says: the same request to two Regions is not one request.

use crate::exchange::Request;
use crate::redact::PROVIDER;

/// The host and the signature's scope of a request. Where clients name our own host, compared only
/// if a cassette holds equal requests to more than one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Realm {
    pub(super) host: Option<String>,
    /// Region and service of a SigV4 signature, `us-east-1/kafka`.
    pub(super) scope: Option<String>,
}

impl Realm {
    pub(super) fn of(request: &Request) -> Self {
        Self { host: request.headers.get("host").map(|host| plain(&host)), scope: scope(request) }
    }

    /// Whether a request to that place, which names the host that it means, may be one of those
    /// recorded here. A recording that does not tell its host goes by the signature.
    pub(super) fn may_mean(&self, asked: &Self) -> bool {
        match (self.host.as_deref().filter(|host| *host != PROVIDER), &asked.host) {
            (Some(own), Some(asked)) => own == asked,
            _ => !self.contradicts(asked),
        }
    }

    /// Whether both are signed, for different Regions or services.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        self.scope.is_some() && other.scope.is_some() && self.scope != other.scope
    }
}

/// One form of a host: in lower case, without a dot at its end and without the port that goes without
/// saying.
pub(super) fn plain(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let name = [":443", ":80"].iter().find_map(|port| host.strip_suffix(port)).unwrap_or(&host);
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

/// The service that a request is signed for.
pub(super) fn service(request: &Request) -> Option<String> {
    Some(scope(request)?.split_once('/')?.1.to_owned())
}

/// What a signature that is malformed may be for; of nothing else anything is guessed.
pub(super) fn guessed(request: &Request) -> Option<String> {
    let is_signed = request.headers.get("authorization").is_some_and(|text| text.starts_with("AWS"))
        || request.target.pairs().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-algorithm"));
    let scope = credential(request).unwrap_or_default();
    // Key, day, Region, service: the last that is there may be it.
    let said = scope.trim_end_matches("/aws4_request").rsplit('/').next().unwrap_or_default().to_owned();
    is_signed.then_some(said)
}

/// Who signed a request: the access key id of its signature.
pub(super) fn access_key(request: &Request) -> Option<String> {
    let credential = credential(request)?;
    let (key, _) = credential.split_once('/').filter(|(key, _)| !key.is_empty())?;
    Some(key.to_owned())
}

fn scope(request: &Request) -> Option<String> {
    let credential = credential(request)?;
    let mut parts = credential.strip_suffix("/aws4_request")?.rsplit('/');
    let (service, region, _date) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{region}/{service}"))
}

/// SigV4's credential is `key/date/region/service/aws4_request`, in a header or in the query.
fn credential(request: &Request) -> Option<String> {
    let header = request.headers.get("authorization");
    let credential = header
        .as_deref()
        .and_then(|text| text.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default().to_owned());
    credential.or_else(|| {
        request.target.query().filter(|query| query.contains("X-Amz-Credential"))?;
        request.target.pairs().find(|(name, _)| name == "X-Amz-Credential").map(|(_, value)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Method, Target};

    #[test]
    fn the_scope_is_read_from_header_and_query() {
        let mut signed = Request::new(Method::Get, Target::new("/"));
        let value = "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-west-1/kafka/aws4_request, SignedHeaders=host, Signature=0";
        signed.headers.push("authorization", value);
        assert_eq!(Realm::of(&signed).scope.as_deref(), Some("eu-west-1/kafka"));
        let presigned = "/?X-Amz-Credential=AKID%2F20261121%2Fus-east-1%2Fdsql%2Faws4_request";
        let presigned = Request::new(Method::Get, Target::new(presigned));
        assert_eq!(service(&presigned).as_deref(), Some("dsql"));
    }

    #[test]
    fn hosts_have_one_form() {
        for host in ["A.example", "a.example:443", "a.example.", "a.example.:80"] {
            assert_eq!(plain(host), "a.example");
        }
        assert_eq!(plain("a.example:8443"), "a.example:8443");
        assert_eq!(plain("[::1]:8080"), "[::1]:8080");
    }

    #[test]
    fn what_is_no_signature_has_no_scope() {
        let mut request = Request::new(Method::Get, Target::new("/"));
        for text in ["Bearer x", "Credential=", "AWS4 Credential=a/b", "REDACTED"] {
            request.headers.set("authorization", text);
            assert_eq!(Realm::of(&request).scope, None, "{text}");
        }
    }
}
