//! What of a request says what is asked for, and what only who asks and when.

/// Header fields that ask for another answer to the same request (RFC 9110 sections 13.1 and 14.2).
pub const SELECTING: &[&str] = &["if-match", "if-none-match", "range"];

/// Header fields that name what is asked for and in which form.
pub const NAMING: &[&str] = &[
    "accept",
    "accept-language",
    "content-type",
    "soapaction",
    "x-amz-target",
    "x-http-method",
    "x-http-method-override",
];

/// Query parameters of a presigned request that say who asks and when.
const SIGNATURE: &[&str] = &[
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// Whether a query parameter is part of a presigned request's signature.
pub fn is_of_signature(parameter: &str) -> bool {
    SIGNATURE.contains(&parameter.to_ascii_lowercase().as_str())
}
