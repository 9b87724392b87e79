//! Signing for the provider what a client has signed for us.

mod programs;
mod stream;

pub use programs::ProgramsOnly;

use tokio::runtime::{Handle, RuntimeFlavor};

use super::claim::{self, Claim, Payload, Place, Unread};
use super::sign::{Cover, Scope, sign_for};
use super::{Checkpoint, CredentialSource, Credentials, NetError, Passage, Towards, Upstream};
use crate::exchange::{Request, Timestamp, is_s3};

/// Signs again, with the user's own credentials and for the host that a request is sent to, what
/// a client has signed with any credentials for ours. Region and service stay the ones that the
/// client signed for, and what is not signed stays so.
#[derive(Debug, Clone)]
pub struct Resigner {
    source: CredentialSource,
    only_for: Option<Upstream>,
}

impl Resigner {
    /// With credentials from there.
    pub fn new(source: CredentialSource) -> Self {
        Self { source, only_for: None }
    }

    /// Signs only what is sent to this scheme, host and port. All else passes as it is: a session
    /// token is part of what is sent.
    #[must_use]
    pub fn only_for(self, upstream: &Upstream) -> Self {
        Self { only_for: Some(upstream.clone()), ..self }
    }

    /// Mostly at hand. Where somebody has to be asked for them, other requests move on to another
    /// thread meanwhile.
    fn credentials(&self) -> Result<Credentials, NetError> {
        let is_shared =
            Handle::try_current().is_ok_and(|on| on.runtime_flavor() == RuntimeFlavor::MultiThread);
        match self.source.at_hand() {
            Some(credentials) => Ok(credentials),
            None if is_shared => tokio::task::block_in_place(|| self.source.credentials()),
            None => self.source.credentials(),
        }
    }
}

impl Checkpoint for Resigner {
    fn pass(&self, request: Request, towards: Towards<'_>) -> Passage {
        if self.only_for.as_ref().is_some_and(|own| !towards.is(own)) {
            return Passage::On(request);
        }
        let claim = match Claim::of(&request) {
            Ok(Some(claim)) => claim,
            Ok(None) => return Passage::On(request),
            Err(unread) => {
                return Passage::Refused(format!("the request cannot be signed again: {}", why(unread)));
            }
        };
        let signed = self.credentials().and_then(|own| resign(request, &claim, towards.host(), &own));
        signed.map_or_else(|error| Passage::Refused(error.to_string()), Passage::On)
    }
}

fn why(unread: Unread) -> &'static str {
    match unread {
        Unread::SeveralRegions => {
            "it is signed for several regions at once (AWS4-ECDSA-P256-SHA256), which needs the forward proxy \
             (`--proxy`), where the client's own signature arrives"
        }
        Unread::Old => {
            "it has a signature of version 2, which no longer counts; let the client sign with version 4"
        }
        Unread::Broken => {
            "its signature does not say region and service, as in \
             `Credential=ID/20260131/us-east-1/eks/aws4_request`"
        }
    }
}

fn resign(
    mut request: Request,
    claim: &Claim,
    authority: &str,
    credentials: &Credentials,
) -> Result<Request, NetError> {
    let payload = payload(&mut request, claim)?;
    if claim.place == Place::Query {
        request.target = claim::without_signature(&request.target);
    }
    let is_signed = |name: &str| claim.covers(name);
    let Claim { service, region, .. } = claim;
    let scope = Scope { host: authority, service, region, payload, is_signed: &is_signed };
    sign_for(&mut request, &scope, credentials, Timestamp::now())?;
    Ok(request)
}

/// How the body is to be signed: as the client has signed it. A body in signed chunks comes out
/// whole, for nobody could sign its chunks again but one who holds them all, and then one
/// signature does.
fn payload(request: &mut Request, claim: &Claim) -> Result<Cover, NetError> {
    let Some(told) = claim.payload(request).map(std::borrow::Cow::into_owned) else {
        let is_unsigned = claim.place == Place::Query && is_s3(&claim.service);
        return Ok(if is_unsigned { Cover::Unsigned } else { Cover::Signed });
    };
    Ok(match Payload::of(&told) {
        Payload::Unsigned => Cover::Unsigned,
        Payload::UnsignedTrailer => Cover::UnsignedTrailer,
        Payload::Digest => Cover::Told,
        Payload::Chunks => {
            stream::unwrap(request)?;
            Cover::Told
        }
        Payload::Events | Payload::Unknown => {
            return Err(NetError::Sign { why: format!("its body is signed as {told}, which is unknown") });
        }
    })
}

/// Shows one provider a token, whatever the client has shown. Its debug output does not show it.
#[derive(Clone)]
pub struct Bearer {
    upstream: Upstream,
    field: String,
}

impl Bearer {
    /// This token, as `Authorization: Bearer …`, for what is sent to this scheme, host and port. All
    /// else passes as it is: nobody else is to see it.
    pub fn new(upstream: &Upstream, token: &str) -> Self {
        Self { upstream: upstream.clone(), field: format!("Bearer {}", token.trim()) }
    }
}

impl Checkpoint for Bearer {
    fn pass(&self, mut request: Request, towards: Towards<'_>) -> Passage {
        if towards.is(&self.upstream) {
            request.headers.set("authorization", self.field.as_str());
        }
        Passage::On(request)
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}
