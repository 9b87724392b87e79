//! Whether what a client has signed is signed right.

mod expected;
mod verdict;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::expected::Signing;
pub use self::verdict::{Unverified, Verdict, Wrong};
use super::claim::{Claim, Place, Unread};
use super::sign::PathForm;
use super::{Credentials, is_same_secret};
use crate::encoding::digest;
use crate::exchange::{Request, Timestamp, is_of_old_signature};

/// Secrets, by their access key ids. Debug output shows neither.
#[derive(Clone, Default)]
pub struct Keyring(HashMap<String, String>);

impl Keyring {
    /// With the secret of one more key.
    #[must_use]
    pub fn and(mut self, credentials: &Credentials) -> Self {
        self.0.insert(credentials.access_key.clone(), credentials.secret_key.clone());
        self
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.len())
    }
}

/// Verifies the signature (AWS Signature Version 4, in the header or presigned) of a request that is
/// as its client sent it, `Host` included.
///
/// Of a body in signed chunks only the head's signature is verified, not those of its chunks. What time
/// it is does not matter. A `+` in the query may be a space or itself.
pub fn verify(request: &Request, keys: &Keyring) -> Verdict {
    let claim = match Claim::of(request) {
        Ok(Some(claim)) => claim,
        Ok(None) if is_presigned_the_old_way(request) => return Verdict::Unverified(Unverified::Old),
        Ok(None) => return Verdict::Unsigned,
        Err(Unread::SeveralRegions) => return Verdict::Unverified(Unverified::SeveralRegions),
        Err(Unread::Old) => return Verdict::Unverified(Unverified::Old),
        Err(Unread::Broken) => return Verdict::Wrong(Wrong::Scope),
    };
    let Some(secret) = keys.0.get(&claim.access_key) else {
        return Verdict::Unverified(Unverified::UnknownKey);
    };
    match judged(request, &claim, secret) {
        Ok(verdict) => verdict,
        Err(wrong) => Verdict::Wrong(wrong),
    }
}

/// As boto3 does it for S3 still.
fn is_presigned_the_old_way(request: &Request) -> bool {
    let names: Vec<_> = request.target.pairs().map(|(name, _)| name).collect();
    is_of_old_signature("Signature", names.iter().map(String::as_str))
}

fn judged(request: &Request, claim: &Claim, secret: &str) -> Result<Verdict, Wrong> {
    let at = complete(request, claim)?;
    covers_what_came(request, claim)?;
    let payload = payload(request, claim)?;
    let signing = Signing { request, claim, secret, at, payload: &payload };
    let own = PathForm::of(&claim.service);
    let Some(signatures) = signing.expected(own) else {
        return Ok(Verdict::Unverified(Unverified::Unreadable));
    };
    let is_told = |signature: &String| is_same_secret(signature.as_bytes(), claim.signature.as_bytes());
    if signatures.iter().any(is_told) {
        return Ok(Verdict::Right);
    }
    // Not what was asked, but what a client gets wrong that takes one service for another.
    let elsewhere = signing.expected(own.other()).unwrap_or_default();
    Err(match (elsewhere.iter().any(is_told), own) {
        (true, PathForm::AsSent) => Wrong::EscapedPath,
        (true, PathForm::Escaped) => Wrong::PathAsSent,
        (false, _) => Wrong::Mismatch { covered: claim.signed.clone() },
    })
}

/// When it was signed, if all is there that a signature consists of.
fn complete(request: &Request, claim: &Claim) -> Result<Timestamp, Wrong> {
    let (said, names) = match claim.place {
        Place::Header => {
            let date = ["x-amz-date", "date"].iter().find_map(|name| request.headers.get(name));
            (date.map(std::borrow::Cow::into_owned), ["SignedHeaders", "Signature", "x-amz-date"])
        }
        Place::Query => {
            let names = ["X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"];
            (expected::parameter(request, names[2]), names)
        }
    };
    let is_there =
        [claim.signed.iter().any(|name| !name.is_empty()), !claim.signature.is_empty(), said.is_some()];
    let lacking = names.into_iter().zip(is_there).filter(|(_, is_there)| !is_there).map(|(name, _)| name);
    let expiry =
        (claim.place == Place::Query && expected::lasting(request).is_none()).then_some("X-Amz-Expires");
    let lacking: Vec<_> = lacking.chain(expiry).collect();
    if !lacking.is_empty() {
        return Err(Wrong::Incomplete { lacking });
    }
    let said = said.unwrap_or_default();
    let at = instant(&said).ok_or(Wrong::Date)?;
    let day = at.to_string().get(..10).map(|day| day.replace('-', ""));
    match day.is_some_and(|day| day == claim.day) {
        true => Ok(at),
        false => Err(Wrong::Day),
    }
}

/// `20150830T123600Z`, or an HTTP date.
fn instant(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    let basic = || {
        let [year, month, day] = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
        let [hour, minute, second] = [part(9, 11)?, part(11, 13)?, part(13, 15)?];
        (part(8, 9)? == "T" && part(15, text.len())? == "Z").then_some(())?;
        Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
    };
    basic().or_else(|| Timestamp::parse_http(text))
}

fn covers_what_came(request: &Request, claim: &Claim) -> Result<(), Wrong> {
    if !claim.signed.iter().any(|name| name == "host") {
        return Err(Wrong::Host);
    }
    let absent = claim.signed.iter().filter(|name| !request.headers.contains(name));
    let absent: Vec<_> = absent.cloned().collect();
    if absent.is_empty() { Ok(()) } else { Err(Wrong::Absent { fields: absent }) }
}

/// What stands for the body in a signature: its digest, or a word that says how it is signed instead.
fn payload(request: &Request, claim: &Claim) -> Result<String, Wrong> {
    let own = || digest(request.body.as_bytes());
    match request.headers.get("x-amz-content-sha256").as_deref() {
        Some(told) if told == "UNSIGNED-PAYLOAD" || told.starts_with("STREAMING-") => Ok(told.to_owned()),
        Some(told) if told.eq_ignore_ascii_case(&own()) => Ok(told.to_owned()),
        Some(_) => Err(Wrong::Digest),
        None if claim.place == Place::Query && PathForm::of(&claim.service) == PathForm::AsSent => {
            Ok("UNSIGNED-PAYLOAD".to_owned())
        }
        None => Ok(own()),
    }
}
