//! Whether what a client has signed is signed right.

mod canonical;
mod keyring;
mod verdict;
mod whole;

#[cfg(test)]
mod tests;

use self::canonical::Signing;
pub use self::keyring::Keyring;
pub use self::verdict::{Unverified, Verdict, Wrong};
use super::claim::{Claim, Unread};
use super::sign::PathForm;
use crate::exchange::{Request, is_of_old_signature};

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
    match keys.secret(&claim.access_key) {
        None => Verdict::Unverified(Unverified::UnknownKey),
        Some(secret) => judged(request, &claim, &secret).map_or_else(Verdict::Wrong, |()| Verdict::Right),
    }
}

/// As boto3 does it for S3 still.
fn is_presigned_the_old_way(request: &Request) -> bool {
    let names: Vec<_> = request.target.pairs().map(|(name, _)| name).collect();
    is_of_old_signature("Signature", names.iter().map(String::as_str))
}

fn judged(request: &Request, claim: &Claim, secret: &str) -> Result<(), Wrong> {
    whole::nothing_twice(request, claim)?;
    let stamp = whole::complete(request, claim)?;
    whole::covers_what_came(request, claim)?;
    let payloads = whole::payloads(request, claim)?;
    let signing = Signing { request, claim, secret, stamp, payloads };
    let own = PathForm::of(&claim.service);
    if signing.is_right(own) {
        return Ok(());
    }
    // Not what was asked, but what a client gets wrong that takes one service for another.
    Err(match (signing.is_right(own.other()), own) {
        (true, PathForm::AsSent) => Wrong::EscapedPath,
        (true, PathForm::Escaped) => Wrong::PathAsSent,
        (false, _) => Wrong::Mismatch { covered: claim.signed.clone() },
    })
}
