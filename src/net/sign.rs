use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as aws_sign,
};
use aws_sigv4::sign::v4::SigningParams;

use super::NetError;
use crate::exchange::{Request, Target, Timestamp, is_s3};

/// An AWS key pair. Its debug output shows neither half.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id, `AKIA…`.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Signs a request for a host (AWS Signature Version 4): sets `Host`, `X-Amz-Date` and
/// `Authorization`, and what temporary credentials and S3 want besides. An older signature is
/// taken off.
///
/// A `+` in the query is written `%2B`: some verifiers read it as a space, and both spellings
/// mean the same to those that do not.
pub fn sign(
    request: &mut Request,
    host: &str,
    service: &str,
    region: &str,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<(), NetError> {
    let payload = if is_s3(service) { Cover::Told } else { Cover::Signed };
    let scope = Scope { host, service, region, payload, is_signed: &|_| true };
    sign_for(request, &scope, credentials, at)
}

/// What a signature is for, and what it covers.
pub(super) struct Scope<'a> {
    pub(super) host: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) payload: Cover,
    /// Whether a field is covered, by its name in lower case.
    pub(super) is_signed: &'a dyn Fn(&str) -> bool,
}

/// How a signature covers a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// By its digest.
    Signed,
    /// By its digest, which is told in a field as well.
    Told,
    /// Not at all, and it says so.
    Unsigned,
    /// Likewise; the body is in chunks with a checksum behind them.
    UnsignedTrailer,
}

/// Signs as [`sign`] does, for a scope.
pub(super) fn sign_for(
    request: &mut Request,
    scope: &Scope<'_>,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<(), NetError> {
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
        request.headers.remove(name);
    }
    if let Some((path, query)) = request.target.as_str().split_once('?') {
        request.target = Target::new(format!("{path}?{}", query.replace('+', "%2B")));
    }
    request.headers.set("host", scope.host);
    for (name, value) in signature(request, scope, credentials, at)? {
        request.headers.set(&name, value);
    }
    Ok(())
}

fn signature(
    request: &Request,
    scope: &Scope<'_>,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<Vec<(String, String)>, NetError> {
    let wrong = |error: &dyn std::error::Error| NetError::Sign { why: super::error::chain(error) };
    let Credentials { access_key, secret_key, session_token } = credentials.clone();
    let identity = AwsCredentials::new(access_key, secret_key, session_token, None, "onrecord").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(SystemTime::from(at))
        .settings(settings(scope))
        .build()
        .map_err(|error| wrong(&error))?
        .into();
    let uri = format!("https://{}{}", scope.host, request.target);
    let signed = request.headers.iter().filter(|(name, _)| (scope.is_signed)(name));
    let fields: Vec<_> = signed.map(|(name, value)| (name, value.text())).collect();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_ref()));
    let body = match scope.payload {
        Cover::Signed | Cover::Told => SignableBody::Bytes(request.body.as_bytes()),
        Cover::Unsigned => SignableBody::UnsignedPayload,
        Cover::UnsignedTrailer => SignableBody::StreamingUnsignedPayloadTrailer,
    };
    let signable = SignableRequest::new(request.method.as_str(), uri, fields, body);
    let signed =
        aws_sign(signable.map_err(|error| wrong(&error))?, &params).map_err(|error| wrong(&error))?;
    let (instructions, _) = signed.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn settings(scope: &Scope<'_>) -> SigningSettings {
    let mut settings = SigningSettings::default();
    PathForm::of(scope.service).set(&mut settings);
    if scope.payload != Cover::Signed {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

/// How a signature covers a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathForm {
    /// As it is sent.
    AsSent,
    /// Without dots and empty segments, and escaped once more.
    Escaped,
}

impl PathForm {
    /// S3 and its kin sign the path as it is; nobody else does.
    pub(super) fn of(service: &str) -> Self {
        if is_s3(service) { Self::AsSent } else { Self::Escaped }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::AsSent => Self::Escaped,
            Self::Escaped => Self::AsSent,
        }
    }

    fn set(self, settings: &mut SigningSettings) {
        let (encoding, normalization) = match self {
            Self::AsSent => (PercentEncodingMode::Single, UriPathNormalizationMode::Disabled),
            Self::Escaped => (PercentEncodingMode::Double, UriPathNormalizationMode::Enabled),
        };
        settings.percent_encoding_mode = encoding;
        settings.uri_path_normalization_mode = normalization;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Body, Method};

    fn credentials() -> Credentials {
        // The example credentials of the AWS documentation.
        Credentials {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        }
    }

    #[test]
    fn the_signature_is_the_one_of_the_published_test_suite() {
        // AWS Signature Version 4 test suite, get-vanilla and get-vanilla-query-order-key-case.
        for (target, signature) in [
            ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let mut request = Request::new(Method::Get, Target::new(target));
            let at = Timestamp::parse("2015-08-30T12:36:00Z").unwrap();
            sign(&mut request, "example.amazonaws.com", "service", "us-east-1", &credentials(), at).unwrap();
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature={signature}"
            );
            assert_eq!(request.headers.get("authorization").as_deref(), Some(expected.as_str()));
            assert_eq!(request.headers.get("x-amz-date").as_deref(), Some("20150830T123600Z"));
        }
    }

    #[test]
    fn signing_twice_leaves_one_signature() {
        let mut request = Request::new(Method::Post, Target::new("/x?token=a+b"));
        request.body = Body::from("{}");
        let credentials = Credentials { session_token: Some("t".to_owned()), ..credentials() };
        for region in ["us-east-1", "eu-west-1"] {
            let at = Timestamp::parse("2015-08-30T12:36:00Z").unwrap();
            sign(&mut request, "example.org", "s3", region, &credentials, at).unwrap();
        }
        assert_eq!(request.target.as_str(), "/x?token=a%2Bb");
        for name in ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "host"] {
            assert_eq!(request.headers.all(name).count(), 1, "{name}");
        }
        assert!(request.headers.get("authorization").unwrap().contains("/eu-west-1/s3/"));
    }

    #[test]
    fn debug_output_shows_no_key() {
        assert_eq!(format!("{:?}", credentials()), "Credentials(…)");
    }
}
