//! Whether a signature is whole: what can be said of it without a secret.

use super::verdict::Wrong;
use crate::encoding::digest;
use crate::exchange::{Request, Timestamp, is_of_signature, is_s3};
use crate::net::claim::{CONTENT, Claim, Payload, Place, parameter};

/// How long a presigned request may be good for, in seconds.
const LASTING: std::ops::RangeInclusive<u64> = 1..=604_800;

/// Header fields of which a signed request has one.
const SINGLE: [&str; 4] = ["authorization", "x-amz-date", "x-amz-security-token", CONTENT];

/// When a request was signed.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    pub(super) at: Timestamp,
    /// `20150830T123600Z`.
    pub(super) text: String,
}

/// Nothing of a signature comes twice: it would be signed with one, and read with the other.
pub(super) fn nothing_twice(request: &Request, claim: &Claim) -> Result<(), Wrong> {
    let mut names: Vec<String> = match claim.place {
        Place::Header => {
            let said = request.headers.get("authorization").unwrap_or_default();
            let (_, said) = said.split_once(' ').unwrap_or_default();
            let parts = said.split(',').filter_map(|part| part.trim().split_once('='));
            parts.map(|(name, _)| name.to_owned()).collect()
        }
        Place::Query => {
            let names = request.target.pairs().map(|(name, _)| name.to_ascii_lowercase());
            names.filter(|name| is_of_signature(name)).collect()
        }
    };
    names.sort_unstable();
    let doubled = names.windows(2).find(|two| two[0] == two[1]).map(|two| two[0].clone());
    let is_doubled = |name: &&str| request.headers.all(name).count() > 1;
    match doubled.or_else(|| SINGLE.into_iter().find(is_doubled).map(str::to_owned)) {
        Some(name) => Err(Wrong::Twice { name }),
        None => Ok(()),
    }
}

/// When it was signed, if all is there that a signature consists of.
pub(super) fn complete(request: &Request, claim: &Claim) -> Result<Stamp, Wrong> {
    let parameter = |name: &str| parameter(&request.target, name);
    let (said, names) = match claim.place {
        Place::Header => {
            let date = ["x-amz-date", "date"].iter().find_map(|name| request.headers.get(name));
            (date.map(std::borrow::Cow::into_owned), ["SignedHeaders", "Signature", "x-amz-date"])
        }
        Place::Query => {
            let names = ["X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"];
            (parameter(names[2]), names)
        }
    };
    let is_there =
        [claim.signed.iter().any(|name| !name.is_empty()), !claim.signature.is_empty(), said.is_some()];
    let lacking = names.into_iter().zip(is_there).filter(|(_, is_there)| !is_there).map(|(name, _)| name);
    let expiry = if claim.place == Place::Query { Some(parameter("X-Amz-Expires")) } else { None };
    let lacking: Vec<_> = lacking.chain((expiry == Some(None)).then_some("X-Amz-Expires")).collect();
    if !lacking.is_empty() {
        return Err(Wrong::Incomplete { lacking });
    }
    let is_span = |text: &str| text.parse().is_ok_and(|seconds| LASTING.contains(&seconds));
    if expiry.flatten().is_some_and(|text| !is_span(&text)) {
        return Err(Wrong::Expiry);
    }
    let may_be_http = claim.place == Place::Header && !request.headers.contains("x-amz-date");
    let said = said.unwrap_or_default();
    let stamp = basic(&said).or_else(|| may_be_http.then(|| http(&said)).flatten()).ok_or(Wrong::Date)?;
    if stamp.text.starts_with(&claim.day) && claim.day.len() == 8 { Ok(stamp) } else { Err(Wrong::Day) }
}

/// `20150830T123600Z`.
fn basic(text: &str) -> Option<Stamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    let [year, month, day] = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
    let [hour, minute, second] = [part(9, 11)?, part(11, 13)?, part(13, 15)?];
    (part(8, 9)? == "T" && part(15, text.len())? == "Z").then_some(())?;
    let at = Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    Some(Stamp { at, text: text.to_owned() })
}

/// An HTTP date.
fn http(text: &str) -> Option<Stamp> {
    let at = Timestamp::parse_http(text)?;
    let plain = at.to_string().get(..19)?.replace(['-', ':'], "");
    Some(Stamp { at, text: format!("{plain}Z") })
}

/// The covered fields are named in their order, once each, and came.
pub(super) fn covers_what_came(request: &Request, claim: &Claim) -> Result<(), Wrong> {
    if !claim.signed.iter().any(|name| name == "host") {
        return Err(Wrong::Host);
    }
    if !claim.signed.windows(2).all(|two| two[0] < two[1]) {
        return Err(Wrong::Order);
    }
    let absent = claim.signed.iter().filter(|name| !request.headers.contains(name));
    let absent: Vec<_> = absent.cloned().collect();
    if absent.is_empty() { Ok(()) } else { Err(Wrong::Absent { fields: absent }) }
}

/// What may stand for the body: its digest, or a word that says how it is signed instead.
pub(super) fn payloads(request: &Request, claim: &Claim) -> Result<Vec<String>, Wrong> {
    const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    let own = || digest(request.body.as_bytes());
    let is_presigned_for_s3 = claim.place == Place::Query && is_s3(&claim.service);
    let Some(told) = claim.payload(request) else {
        return match is_s3(&claim.service) {
            true if is_presigned_for_s3 => Ok(vec![UNSIGNED.to_owned()]),
            true => Err(Wrong::Undigested),
            false => Ok(vec![own()]),
        };
    };
    match Payload::of(&told) {
        Payload::Unknown => return Err(Wrong::Payload),
        Payload::Digest if !told.eq_ignore_ascii_case(&own()) => return Err(Wrong::Digest),
        _ => {}
    }
    // A field that came along with a presigned request need not be what was signed.
    let is_beside = is_presigned_for_s3
        && parameter(&request.target, CONTENT).is_none()
        && !claim.signed.iter().any(|name| name == CONTENT);
    let beside = is_beside.then(|| UNSIGNED.to_owned());
    Ok(std::iter::once(told.into_owned()).chain(beside).collect())
}
