use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign as aws_sign,
};
use aws_sigv4::sign::v4::SigningParams;

use crate::encoding::percent_decode_exact;
use crate::exchange::{Request, Target, Timestamp};
use crate::net::claim::{Claim, Place};
use crate::net::sign::PathForm;

/// The parameters of a presigned query that signing adds.
const ADDED: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

/// A request, and all that makes its signature.
pub(super) struct Signing<'a> {
    pub(super) request: &'a Request,
    pub(super) claim: &'a Claim,
    pub(super) secret: &'a str,
    pub(super) at: Timestamp,
    /// What stands for the body.
    pub(super) payload: &'a str,
}

impl Signing<'_> {
    /// The signatures that are right. There are two where a `+` may be a space or itself.
    pub(super) fn expected(&self, path: PathForm) -> Option<Vec<String>> {
        let target = match self.claim.place {
            Place::Header => self.request.target.clone(),
            Place::Query => without_what_signing_adds(&self.request.target),
        };
        let query = target.query().unwrap_or_default();
        percent_decode_exact(query)?;
        let of = |target: &str| self.signature(target, path);
        let mut all = vec![of(target.as_str())?];
        if query.contains('+') {
            all.push(of(&format!("{}?{}", target.path(), query.replace('+', "%2B")))?);
        }
        Some(all)
    }

    /// `None` where there is no one form of the request.
    fn signature(&self, target: &str, path: PathForm) -> Option<String> {
        let Claim { access_key, region, service, signed, .. } = self.claim;
        let token = match self.claim.place {
            // In the header it is a field like any other.
            Place::Header => None,
            Place::Query => parameter(self.request, "X-Amz-Security-Token"),
        };
        let identity = AwsCredentials::new(access_key, self.secret, token, None, "onrecord").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::from(self.at))
            .settings(self.settings(path)?)
            .build()
            .ok()?
            .into();
        let fields = self.request.headers.iter().filter(|(name, _)| is_named(signed, name));
        let fields: Vec<_> = fields.map(|(name, value)| (name, value.text())).collect();
        let fields = fields.iter().map(|(name, value)| (*name, value.as_ref()));
        let body = SignableBody::Precomputed(self.payload.to_owned());
        // Its host is a signed field, and so this one is never read.
        let uri = format!("https://host{target}");
        let request = SignableRequest::new(self.request.method.as_str(), uri, fields, body).ok()?;
        Some(aws_sign(request, &params).ok()?.into_parts().1)
    }

    /// Covered is what the client says, and nothing besides.
    fn settings(&self, path: PathForm) -> Option<SigningSettings> {
        let mut settings = SigningSettings::default();
        path.set(&mut settings);
        let is_dated = is_named(&self.claim.signed, "x-amz-date");
        settings.excluded_headers = (!is_dated).then(|| vec![Cow::Borrowed("x-amz-date")]);
        if self.claim.place == Place::Query {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(lasting(self.request)?);
        }
        Some(settings)
    }
}

/// How long a presigned request is good for.
pub(super) fn lasting(request: &Request) -> Option<Duration> {
    Some(Duration::from_secs(parameter(request, "X-Amz-Expires")?.parse().ok()?))
}

/// A parameter of the query.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    request.target.pairs().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn is_named(names: &[String], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

fn without_what_signing_adds(target: &Target) -> Target {
    let is_own = |pair: &&str| !ADDED.contains(&pair.split('=').next().unwrap_or_default());
    let own: Vec<_> = target.query().unwrap_or_default().split('&').filter(is_own).collect();
    Target::new(format!("{}?{}", target.path(), own.join("&")))
}
