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

/// What the header fields of providers begin with.
const OWN: &[&str] = &["x-amz-", "x-goog-", "x-ms-"];

/// Header fields that whoever sends a request makes anew: the client for its connection and with its own
/// name, and the signer.
pub const MADE_ANEW: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
];

/// Header fields besides those that say when a request was sent, over which way, and which attempt it is.
pub const EN_ROUTE: &[&str] = &[
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "date",
    "proxy-authorization",
    "proxy-connection",
    "traceparent",
    "tracestate",
    "x-amzn-trace-id",
    "x-onrecord-session",
];

/// Providers' own ones besides those that say who asks, when and how it is sent.
const OWN_BESIDE: &[&str] = &[
    "x-amz-cf-id",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-te",
    "x-amz-trailer",
    "x-goog-api-client",
    "x-goog-content-sha256",
    "x-goog-date",
    "x-ms-client-request-id",
    "x-ms-date",
    "x-ms-return-client-request-id",
    "x-ms-useragent",
];

/// Whether a header field is one of a provider's own that says what is asked for: where something is
/// copied from, who may read it, which tags it gets. A checksum says nothing that its body does not.
pub fn is_option(field: &str) -> bool {
    OWN.iter().any(|own| field.starts_with(own))
        && !MADE_ANEW.contains(&field)
        && !OWN_BESIDE.contains(&field)
        && !field.starts_with("x-amz-checksum-")
}

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

/// Whether a service that requests are signed for is S3 or one of its kin: they sign paths as they are
/// sent, and say what stands for the body.
pub fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-outposts" | "s3-object-lambda")
}

/// Query parameters that say who signed a request before signatures of version 4: one of them, beside
/// `Signature` and `Expires`. S3, CloudFront and Google Cloud Storage have such URLs.
const OLD_SIGNERS: &[&str] = &["AWSAccessKeyId", "GoogleAccessId", "Key-Pair-Id"];

/// Whether a query parameter is part of a presigned URL's older signature, given the names of all
/// parameters of the query. Each of these names means something else where it stands alone.
pub fn is_of_old_signature<'q>(parameter: &str, mut all: impl Iterator<Item = &'q str> + Clone) -> bool {
    let is_one = parameter == "Signature" || parameter == "Expires" || OLD_SIGNERS.contains(&parameter);
    is_one && all.clone().any(|name| name == "Signature") && all.any(|name| OLD_SIGNERS.contains(&name))
}
