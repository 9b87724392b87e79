//! The canonical request of AWS Signature Version 4, from what came. Not the signer's own: that one makes
//! anew what it adds, and so takes for signed what nobody has signed.

use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};

use super::whole::Stamp;
use crate::encoding::{digest, percent_decode_bytes, percent_encode_bytes};
use crate::exchange::Request;
use crate::net::claim::{Claim, Place};
use crate::net::is_same_secret;
use crate::net::sign::PathForm;

/// A request, and all that makes its signature.
pub(super) struct Signing<'a> {
    pub(super) request: &'a Request,
    pub(super) claim: &'a Claim,
    pub(super) secret: &'a str,
    pub(super) stamp: Stamp,
    /// What may stand for the body.
    pub(super) payloads: Vec<String>,
}

impl Signing<'_> {
    /// Whether one of the forms that clients and services agree on has the signature that was told.
    pub(super) fn is_right(&self, form: PathForm) -> bool {
        let Claim { day, region, service, signature, .. } = self.claim;
        let key = generate_signing_key(self.secret, SystemTime::from(self.stamp.at), region, service);
        let told = |canonical: Vec<u8>| {
            let digest = digest(&canonical);
            let text = &self.stamp.text;
            let text = format!("AWS4-HMAC-SHA256\n{text}\n{day}/{region}/{service}/aws4_request\n{digest}");
            let made = calculate_signature(&key, text.as_bytes());
            is_same_secret(made.as_bytes(), signature.as_bytes())
        };
        self.canonical(form).into_iter().any(told)
    }

    /// The canonical request, in each of its forms.
    pub(super) fn canonical(&self, form: PathForm) -> Vec<Vec<u8>> {
        let method = self.request.method.as_str().as_bytes();
        let signed = self.claim.signed.join(";");
        let mut all = Vec::new();
        for path in paths(self.request.target.path(), form) {
            for query in self.queries() {
                for fields in self.fields() {
                    for payload in &self.payloads {
                        let ends = [signed.as_bytes(), payload.as_bytes()];
                        let [path, query] = [path.as_bytes(), query.as_bytes()];
                        all.push([method, path, query, &fields, ends[0], ends[1]].join(&b'\n'));
                    }
                }
            }
        }
        all
    }

    /// A `+` may be a space or itself.
    fn queries(&self) -> Vec<String> {
        let query = self.request.target.query().unwrap_or_default();
        one_or_two(["%20", "%2B"].map(|plus| self.query(&query.replace('+', plus))))
    }

    fn query(&self, query: &str) -> String {
        let escaped = |text: &str| percent_encode_bytes(&percent_decode_bytes(text));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let pairs = pairs.map(|(name, value)| (escaped(name), escaped(value)));
        let is_signature =
            |name: &str| self.claim.place == Place::Query && name.eq_ignore_ascii_case("X-Amz-Signature");
        let mut pairs: Vec<_> = pairs.filter(|(name, _)| !is_signature(name)).collect();
        pairs.sort_unstable();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// The covered fields. A tab is a space to most signers, and itself to some.
    fn fields(&self) -> Vec<Vec<u8>> {
        let is_space: [fn(u8) -> bool; 2] = [|byte| byte == b' ', |byte| byte.is_ascii_whitespace()];
        one_or_two(
            is_space.map(|is_space| {
                self.claim.signed.iter().flat_map(|name| self.field(name, is_space)).collect()
            }),
        )
    }

    fn field(&self, name: &str, is_space: fn(u8) -> bool) -> Vec<u8> {
        let values = self.request.headers.iter().filter(|(own, _)| *own == name);
        let values: Vec<_> = values.map(|(_, value)| plain(value.as_bytes(), is_space)).collect();
        [name.as_bytes(), b":", &values.join(&b','), b"\n"].concat()
    }
}

/// Without space around it, and with one for many inside it.
fn plain(value: &[u8], is_space: fn(u8) -> bool) -> Vec<u8> {
    let words = value.split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

fn paths(path: &str, form: PathForm) -> Vec<String> {
    let each =
        |path: &str, change: fn(&str) -> String| path.split('/').map(change).collect::<Vec<_>>().join("/");
    match form {
        // Some escape what came, some what they read of it.
        PathForm::AsSent => {
            let path = if path.is_empty() { "/" } else { path };
            let anew = each(path, |segment| percent_encode_bytes(&percent_decode_bytes(segment)));
            one_or_two([path.to_owned(), anew])
        }
        PathForm::Escaped => vec![each(&normal(path), |segment| percent_encode_bytes(segment.as_bytes()))],
    }
}

/// Without empty segments and dots (RFC 3986 section 5.2.4).
fn normal(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !kept.is_empty();
    format!("/{}{}", kept.join("/"), if is_folder { "/" } else { "" })
}

fn one_or_two<T: PartialEq>(forms: [T; 2]) -> Vec<T> {
    let mut forms = Vec::from(forms);
    forms.dedup();
    forms
}
