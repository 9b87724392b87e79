//! Header fields that hold credentials: how each is written without them.

use std::ops::Range;

use super::REDACTED;
use super::rules::Rules;
use crate::encoding;

/// A header field without its credentials.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The value as it may be stored.
    pub(super) value: String,
    /// What was taken out.
    pub(super) secrets: Vec<String>,
    /// What was taken out and is worth nothing a few minutes later: a signature.
    pub(super) passing: Vec<String>,
}

/// The field without its credentials, if its name says that it holds some.
pub(super) fn redacted(name: &str, value: &str, rules: &Rules) -> Option<Field> {
    match name {
        "authorization" | "proxy-authorization" => Some(authorization(value)),
        "cookie" => Some(cookies(value)),
        "set-cookie" => Some(set_cookie(value)),
        name if rules.headers.contains(name) || rules.names.say_secret(name) || is_credential(name) => {
            Some(plain("", value))
        }
        // The last chunk of a signed upload to S3.
        "x-amz-trailer-signature" => Some(passing(plain("", value))),
        _ => None,
    }
}

/// The last word of header fields that show a credential.
const CREDENTIAL: &[&str] = &[
    "token",
    "key",
    "auth",
    "authorization",
    "authentication",
    "secret",
    "password",
    "signature",
    "assertion",
];

/// Words of header fields that end likewise and show none: page tokens, handshakes, names of things.
const NONE: &[&str] = &[
    "next",
    "continuation",
    "page",
    "cursor",
    "delete",
    "marker",
    "client",
    "request",
    "idempotency",
    "websocket",
    "surrogate",
    "partition",
    "routing",
    "cache",
    "public",
    "www",
    "meta",
];

/// Whether a header field shows a credential. In a header no member of a shape has its name, so that
/// less is asked of a name than in a body.
fn is_credential(name: &str) -> bool {
    let mut words = name.split(['-', '_', '.']);
    let shows = words.clone().next_back().is_some_and(|last| CREDENTIAL.contains(&last));
    // An API key, whatever else it is called.
    (shows && !words.any(|word| NONE.contains(&word))) || name.ends_with("-api")
}

fn authorization(value: &str) -> Field {
    if let Some((key, signature)) = in_sigv4(value) {
        return sigv4(value, key, signature);
    }
    let Some((scheme, credentials)) = value.split_once(' ') else { return plain("", value) };
    let mut field = plain(&format!("{scheme} "), credentials);
    if scheme.eq_ignore_ascii_case("basic") {
        field.secrets.extend(basic_password(credentials));
    }
    field
}

/// Where `AWS4-… Credential=<key>/…, …, Signature=<signature>` has its key and its signature.
fn in_sigv4(value: &str) -> Option<(Range<usize>, Range<usize>)> {
    let under = |name: &str, ends: fn(char) -> bool| {
        let start = value.rfind(name)? + name.len();
        let length = value[start..].find(ends).unwrap_or(value.len() - start);
        (length > 0).then_some(start..start + length)
    };
    let (scheme, _) = value.strip_prefix("AWS4-")?.split_once(' ')?;
    let key = under("Credential=", |char| matches!(char, '/' | ',') || char.is_whitespace())?;
    let signature = under("Signature=", |char| char == ',' || char.is_whitespace())?;
    let has_scope = value[key.end..].starts_with('/') && key.end < signature.start;
    (!scheme.is_empty() && has_scope).then_some((key, signature))
}

fn sigv4(value: &str, key: Range<usize>, signature: Range<usize>) -> Field {
    let mut field = Field { value: value.to_owned(), secrets: Vec::new(), passing: Vec::new() };
    // From the end, so that the places before it stay.
    if &value[signature.clone()] != REDACTED {
        field.passing.push(value[signature.clone()].to_owned());
        field.value.replace_range(signature, REDACTED);
    }
    if &value[key.clone()] != REDACTED {
        // The dummy keys of emulators (`test`) are words that occur elsewhere.
        if is_key_id(&value[key.clone()]) {
            field.secrets.push(value[key.clone()].to_owned());
        }
        field.value.replace_range(key, REDACTED);
    }
    field
}

fn is_key_id(key: &str) -> bool {
    key.len() >= 16 && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The password; with an empty one the user is the secret, as with API keys.
fn basic_password(credentials: &str) -> Option<String> {
    let decoded = String::from_utf8(encoding::unbase64_lenient(credentials)?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(if password.is_empty() { user } else { password }.to_owned())
}

/// `a=1; b=2`
fn cookies(value: &str) -> Field {
    let mut field = Field { value: String::new(), secrets: Vec::new(), passing: Vec::new() };
    for (index, pair) in value.split(';').enumerate() {
        let cookie = cookie(pair);
        field.value.push_str(if index == 0 { "" } else { ";" });
        field.value.push_str(&cookie.value);
        field.passing.extend(cookie.passing);
    }
    field
}

/// `a=1; Path=/; HttpOnly`
fn set_cookie(value: &str) -> Field {
    let (pair, attributes) = value.split_once(';').map_or((value, None), |(pair, rest)| (pair, Some(rest)));
    let mut field = cookie(pair);
    if let Some(attributes) = attributes {
        field.value = format!("{};{attributes}", field.value);
    }
    field
}

fn cookie(pair: &str) -> Field {
    match pair.split_once('=') {
        Some((name, value)) => passing(plain(&format!("{name}="), value)),
        None => passing(plain("", pair)),
    }
}

/// A load balancer sets a cookie with each answer. One that is used shows itself again and again.
fn passing(field: Field) -> Field {
    Field { secrets: Vec::new(), passing: field.secrets, ..field }
}

fn plain(before: &str, secret: &str) -> Field {
    if secret.is_empty() || secret == REDACTED {
        return Field { value: format!("{before}{secret}"), secrets: Vec::new(), passing: Vec::new() };
    }
    let value = format!("{before}{REDACTED}");
    Field { value, secrets: vec![secret.trim_matches('"').to_owned()], passing: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_what_is_no_credential() {
        let cases = [
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/us-east-1/kafka/aws4_request, SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3be",
                "AWS4-HMAC-SHA256 Credential=REDACTED/20261121/us-east-1/kafka/aws4_request, SignedHeaders=host;x-amz-date, Signature=REDACTED",
            ),
            ("authorization", "Bearer abc.def", "Bearer REDACTED"),
            ("proxy-authorization", "Basic dXNlcjpodW50ZXIy", "Basic REDACTED"),
            ("authorization", "token-alone", "REDACTED"),
            ("cookie", "a=1; b=2;c", "a=REDACTED; b=REDACTED;REDACTED"),
            ("set-cookie", "sid=1; Path=/; HttpOnly", "sid=REDACTED; Path=/; HttpOnly"),
            ("x-amz-security-token", "FwoGZXIvYXdz", "REDACTED"),
            ("x-api-key", "k", "REDACTED"),
        ];
        for (name, value, expected) in cases {
            let field = redacted(name, value, &Rules::default()).unwrap();
            assert_eq!(field.value, expected);
            assert_eq!(redacted(name, expected, &Rules::default()).unwrap().value, expected);
            assert!(redacted(name, expected, &Rules::default()).unwrap().secrets.is_empty(), "{name}");
        }
        let shows = |name: &str| redacted(name, "k", &Rules::default()).is_some();
        for name in [
            "x-auth-key",
            "circle-token",
            "x-csrf-token",
            "x-functions-key",
            "x-jfrog-art-api",
            "authentication",
        ] {
            assert!(shows(name), "{name}");
        }
        for name in
            ["x-next-token", "idempotency-key", "sec-websocket-key", "surrogate-key", "x-amz-client-token"]
        {
            assert!(!shows(name), "{name}");
        }
        assert_eq!(redacted("x-amz-date", "20261121T073237Z", &Rules::default()), None);
    }

    #[test]
    fn what_was_taken_out_is_known() {
        let field = redacted("authorization", "Basic dXNlcjpodW50ZXIy", &Rules::default()).unwrap();
        assert_eq!(field.secrets, ["dXNlcjpodW50ZXIy", "hunter2"]);
    }
}
