//! Shell lines that show a finding again.
//!
//! Evidence holds pseudonyms in the places of what the provider made up. A request that uses
//! such a value gets it from the answer of the request before it, as the run did:
//!
//! ```text
//! enc() { printf %s "$1" | sed 's/%/%25/g;s/:/%3A/g...'; }
//! V1=$(curl -sS -X POST 'http://127.0.0.1:5000/v1/clusters' ... | grep -o '"clusterArn": *"[^"]*"' | ...)
//! curl -sS -i -X GET 'http://127.0.0.1:5000/v1/clusters/'"$(enc "$V1")"
//! ```
//!
//! The lines are for any POSIX shell. Only the last answer is shown, which is the one judged.

mod capture;
mod repeat;
#[cfg(test)]
mod tests;
mod word;

use self::capture::{Captures, Piece};
use crate::cassette::stored::{StoredBody, StoredExchange, StoredRequest};
use crate::exchange::{HeaderValue, MADE_ANEW};

/// How the requests are signed (AWS Signature Version 4). The credentials are the shell's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The name that goes into the credential scope, `kafka`.
    pub service: String,
    /// The region, `us-east-1`.
    pub region: String,
}

/// POSIX shell lines that send the requests of the evidence to a provider again, in order.
pub fn script(evidence: &[StoredExchange], base_url: &str, signing: Option<&Signing>) -> String {
    let captures = Captures::of(evidence);
    let base = base_url.trim_end_matches('/');
    let mut lines = Vec::new();
    for (at, exchange) in evidence.iter().enumerate() {
        let taken = captures.taken_from(at);
        let shown = match (at + 1 == evidence.len(), taken.is_empty()) {
            (true, _) => Shown::Whole,
            (false, true) => Shown::Nothing,
            (false, false) => Shown::Body,
        };
        let url = captures.target(at);
        let line = curl(&exchange.request, (base, &url), &captures.body(at), shown);
        let line = line + &signing.map(signature).unwrap_or_default();
        lines.push(capture::assign(&line, at, &taken));
    }
    let script = repeat::looped(&lines).join("\n");
    if captures.escapes() { format!("{ENC}{script}") } else { script }
}

/// How much of an answer is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    Body,
    Nothing,
}

const ENC: &str = "enc() { printf %s \"$1\" | sed 's/%/%25/g;s/:/%3A/g;s,/,%2F,g;s/+/%2B/g;s/=/%3D/g;\
                   s/&/%26/g;s/?/%3F/g;s/#/%23/g;s/ /%20/g'; }\n";

/// Arguments longer than this are piped: Linux takes none of more than 128 KiB.
const LONGEST_ARGUMENT: usize = 100_000;

fn curl(request: &StoredRequest, (base, target): (&str, &[Piece]), body: &[Piece], shown: Shown) -> String {
    let mut line = "curl -sS".to_owned();
    match (shown, request.method.as_str()) {
        (Shown::Nothing, "HEAD") => line.push_str(" -o /dev/null --head"),
        (_, "HEAD") => line.push_str(" --head"),
        (Shown::Whole, method) => add(&mut line, &["-i -X", &word::bare(method)]),
        (Shown::Body, method) => add(&mut line, &["-X", &word::bare(method)]),
        (Shown::Nothing, method) => add(&mut line, &["-o /dev/null -X", &word::bare(method)]),
    }
    if request.target.contains(['[', ']', '{', '}']) {
        line.push_str(" --globoff");
    }
    if ["/./", "/../"].iter().any(|dots| request.target.contains(dots)) {
        line.push_str(" --path-as-is");
    }
    add(&mut line, &[&word::of(&based(base, target))]);
    headers(&mut line, request);
    with_body(line, request, body)
}

fn based(base: &str, target: &[Piece]) -> Vec<Piece> {
    let mut url = target.to_vec();
    match url.first_mut() {
        Some(Piece::Literal(path)) => path.insert_str(0, base),
        _ => url.insert(0, Piece::Literal(base.to_owned())),
    }
    url
}

fn headers(line: &mut String, request: &StoredRequest) {
    for (name, value) in &request.headers {
        let value = HeaderValue::from(value.clone());
        if left_out(&name.to_ascii_lowercase(), value.as_bytes()) {
            continue;
        }
        let mut field = name.clone().into_bytes();
        match value.as_bytes() {
            // What curl takes for an empty field; a colon would take the field away.
            b"" => field.push(b';'),
            value => field.extend([b": ", value].concat()),
        }
        add(line, &["-H", &word::bytes(&field)]);
    }
}

/// Whether curl, or whoever signs, makes the field anew.
fn left_out(name: &str, value: &[u8]) -> bool {
    MADE_ANEW.contains(&name) || name.starts_with("amz-sdk-") || (name == "accept" && value == b"*/*")
}

fn with_body(mut line: String, request: &StoredRequest, body: &[Piece]) -> String {
    let Some(stored) = &request.body else {
        // Else curl would announce no length at all, which some servers refuse.
        if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            no_default_type(&mut line, request);
            line.push_str(" --data-raw ''");
        }
        return line;
    };
    no_default_type(&mut line, request);
    match stored.clone().bytes() {
        Err(elsewhere) => add(&mut line, &["--data-binary", &format!("@{}", elsewhere.sha256)]),
        Ok(bytes) if bytes.contains(&0) || bytes.len() > LONGEST_ARGUMENT || !is_text(stored) => {
            return format!("printf {} | {line} --data-binary @-", word::printf(&bytes));
        }
        Ok(_) => add(&mut line, &["--data-raw", &word::of(body)]),
    }
    line
}

/// curl calls any body a form, unless told not to.
fn no_default_type(line: &mut String, request: &StoredRequest) {
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        line.push_str(" -H 'Content-Type:'");
    }
}

fn is_text(body: &StoredBody) -> bool {
    !matches!(body, StoredBody::Base64(_) | StoredBody::Packed(_) | StoredBody::File(_))
}

fn signature(signing: &Signing) -> String {
    let scope = word::bare(&format!("aws:amz:{}:{}", signing.region, signing.service));
    format!(
        " --aws-sigv4 {scope} --user \"${{AWS_ACCESS_KEY_ID:-test}}:${{AWS_SECRET_ACCESS_KEY:-test}}\" \
         ${{AWS_SESSION_TOKEN:+\"-Hx-amz-security-token: $AWS_SESSION_TOKEN\"}}"
    )
}

fn add(line: &mut String, words: &[&str]) {
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
}
