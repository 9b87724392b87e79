//! What a client's signature says.

use std::borrow::Cow;

use crate::exchange::{Request, Target, is_of_signature};

/// A signature of AWS Signature Version 4.
pub(super) struct Claim {
    pub(super) access_key: String,
    /// The day that it is for, `20260131`.
    pub(super) day: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) place: Place,
    /// The names of the fields that it covers, in lower case.
    pub(super) signed: Vec<String>,
    /// In hexadecimal digits; empty if it is not there.
    pub(super) signature: String,
}

/// Why a signature is none of version 4 that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is for several Regions at once, `AWS4-ECDSA-P256-SHA256`.
    SeveralRegions,
    /// It is of version 2.
    Old,
    /// It does not say Region and service.
    Broken,
}

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Header,
    Query,
}

/// What `x-amz-content-sha256` says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// Its digest.
    Digest,
    /// It is not signed.
    Unsigned,
    /// Likewise; it is in chunks with a checksum behind them.
    UnsignedTrailer,
    /// It is in chunks that are signed each.
    Chunks,
    /// Likewise, chunk by chunk for as long as it takes.
    Events,
    /// Nothing that is known.
    Unknown,
}

impl Payload {
    pub(super) fn of(told: &str) -> Self {
        match told {
            "UNSIGNED-PAYLOAD" => Self::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::UnsignedTrailer,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
                Self::Chunks
            }
            "STREAMING-AWS4-HMAC-SHA256-EVENTS" => Self::Events,
            other if other.starts_with("STREAMING-") => Self::Unknown,
            _ => Self::Digest,
        }
    }
}

impl Claim {
    /// The signature of a request, if it has one; why it cannot be read, if it cannot.
    pub(super) fn of(request: &Request) -> Result<Option<Self>, Unread> {
        let field = request.headers.get("authorization").unwrap_or_default();
        let (scheme, rest) = field.split_once(' ').unwrap_or((&field, ""));
        match scheme {
            "AWS4-HMAC-SHA256" => {
                let part = |name: &str| {
                    let mut parts = rest.split(',').map(str::trim);
                    parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
                };
                let part = |name: &str| part(name).unwrap_or_default();
                let said = [part("Credential"), part("SignedHeaders"), part("Signature")];
                Self::read(said, Place::Header).map(Some)
            }
            "AWS4-ECDSA-P256-SHA256" => Err(Unread::SeveralRegions),
            "AWS" => Err(Unread::Old),
            _ => Self::in_query(&request.target),
        }
    }

    fn in_query(target: &Target) -> Result<Option<Self>, Unread> {
        let parameter = |name: &str| parameter(target, name);
        match parameter("x-amz-algorithm").as_deref() {
            None => Ok(None),
            Some("AWS4-HMAC-SHA256") => {
                let said = ["x-amz-credential", "x-amz-signedheaders", "x-amz-signature"]
                    .map(|name| parameter(name).unwrap_or_default());
                Self::read(said.each_ref().map(String::as_str), Place::Query).map(Some)
            }
            Some(_) => Err(Unread::SeveralRegions),
        }
    }

    fn read([credential, fields, signature]: [&str; 3], place: Place) -> Result<Self, Unread> {
        let mut parts = credential.rsplitn(5, '/');
        match [(); 5].map(|()| parts.next()) {
            [Some("aws4_request"), Some(service), Some(region), Some(day), Some(access_key)]
                if !service.is_empty() && !region.is_empty() =>
            {
                Ok(Self {
                    access_key: access_key.to_owned(),
                    day: day.to_owned(),
                    region: region.to_owned(),
                    service: service.to_owned(),
                    place,
                    signed: fields.split(';').map(str::to_ascii_lowercase).collect(),
                    signature: signature.to_owned(),
                })
            }
            _ => Err(Unread::Broken),
        }
    }

    /// What stands for the body, as far as the request says.
    pub(super) fn payload<'r>(&self, request: &'r Request) -> Option<Cow<'r, str>> {
        let in_query = match self.place {
            Place::Header => None,
            Place::Query => parameter(&request.target, CONTENT),
        };
        in_query.map(Cow::Owned).or_else(|| request.headers.get(CONTENT))
    }

    /// Whether a field is to be signed again: what the client has signed, for it knows what
    /// arrives unchanged, and what AWS wants signed.
    pub(super) fn covers(&self, name: &str) -> bool {
        let stays_here = ["connection", "expect", "te", "trailer", "upgrade"].contains(&name);
        let is_wanted = name == "host" || name.starts_with("x-amz-");
        (is_wanted || self.signed.iter().any(|signed| signed == name)) && !stays_here
    }
}

/// The field or parameter that says what stands for the body.
pub(super) const CONTENT: &str = "x-amz-content-sha256";

/// A parameter of the query, whatever the case of its name.
pub(super) fn parameter(target: &Target, name: &str) -> Option<String> {
    target.pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A target without the signature in its query; all else as it was written.
pub(super) fn without_signature(target: &Target) -> Target {
    let Some(query) = target.query() else { return target.clone() };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !is_of_signature(pair.split('=').next().unwrap_or_default()))
        .collect();
    let joint = if kept.is_empty() { "" } else { "?" };
    Target::new(format!("{}{joint}{}", target.path(), kept.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Method;

    fn with(authorization: &str) -> Request {
        let mut request = Request::new(Method::Get, Target::new("/"));
        request.headers.push("Authorization", authorization);
        request
    }

    #[test]
    fn region_and_service_are_read_from_the_scope() {
        for field in [
            "AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-west-1/kafka/aws4_request, SignedHeaders=host;x-amz-date;content-type, Signature=00",
            "AWS4-HMAC-SHA256 Credential=A/K/20150830/eu-west-1/kafka/aws4_request,SignedHeaders=Content-Type;host,Signature=00",
        ] {
            let claim = Claim::of(&with(field)).unwrap().unwrap();
            assert_eq!((claim.region.as_str(), claim.service.as_str()), ("eu-west-1", "kafka"));
            assert!(claim.covers("content-type") && claim.covers("x-amz-target") && claim.covers("host"));
            assert!(!claim.covers("accept") && !claim.covers("connection"));
        }
    }

    #[test]
    fn what_cannot_be_read_says_why_and_what_is_unsigned_is_none() {
        let why = |field| Claim::of(&with(field)).err();
        assert_eq!(
            why("AWS4-ECDSA-P256-SHA256 Credential=A/20150830/s3/aws4_request"),
            Some(Unread::SeveralRegions)
        );
        assert_eq!(why("AWS AKID:c2ln"), Some(Unread::Old));
        assert_eq!(why("AWS4-HMAC-SHA256 Credential=AKID/eks/aws4_request"), Some(Unread::Broken));
        assert_eq!(why("AWS4-HMAC-SHA256"), Some(Unread::Broken));
        for field in ["Bearer t", "Basic dTpw", ""] {
            assert!(Claim::of(&with(field)).unwrap().is_none(), "{field}");
        }
    }

    #[test]
    fn a_signature_in_the_query_is_read_and_taken_off() {
        let target = Target::new(
            "/b//k%2F?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20150830%2Fus-east-1%2Fs3%2Faws4_request\
             &versionId=%2f+&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Brange\
             &x-amz-acl=private&flag&X-Amz-Security-Token=t&X-Amz-Signature=00",
        );
        let claim = Claim::of(&Request::new(Method::Get, target.clone())).unwrap().unwrap();
        assert_eq!((claim.region.as_str(), claim.service.as_str()), ("us-east-1", "s3"));
        assert!(claim.covers("range"));
        assert_eq!(without_signature(&target).as_str(), "/b//k%2F?versionId=%2f+&x-amz-acl=private&flag");
        assert_eq!(without_signature(&Target::new("/?X-Amz-Signature=1")).as_str(), "/");
        assert_eq!(without_signature(&Target::new("/x")).as_str(), "/x");
    }
}
