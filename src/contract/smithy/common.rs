//! Errors that any operation of an AWS service may answer.

/// AWS, "Common Errors": what each service that is signed with SigV4 may answer. The pages of the
/// services differ in the status of some: then both count. And what its protocols answer to a request
/// that cannot be read (Smithy, HTTP protocol compliance tests for malformed requests).
const AWS: &[(&str, &[u16])] = &[
    ("AccessDenied", &[403]),
    ("AccessDeniedException", &[400, 403]),
    ("ExpiredToken", &[400, 403]),
    ("ExpiredTokenException", &[400, 403]),
    ("IncompleteSignature", &[400, 403]),
    ("InternalFailure", &[500]),
    ("InternalServerError", &[500]),
    ("InvalidSignatureException", &[400, 403]),
    ("MalformedHttpRequestException", &[400]),
    ("MissingAuthenticationTokenException", &[400, 403]),
    ("NotAcceptableException", &[406]),
    ("NotAuthorized", &[400, 401]),
    ("OptInRequired", &[403]),
    ("RequestAbortedException", &[400]),
    ("RequestEntityTooLargeException", &[413]),
    ("RequestExpired", &[400, 403]),
    ("RequestTimeoutException", &[408]),
    ("SerializationException", &[400]),
    ("ServiceUnavailable", &[503]),
    ("ServiceUnavailableException", &[503]),
    ("SignatureDoesNotMatch", &[403]),
    ("ThrottlingException", &[400, 429]),
    ("TooManyRequestsException", &[429]),
    ("UnknownOperationException", &[404]),
    ("UnrecognizedClientException", &[400, 403]),
    ("UnsupportedMediaTypeException", &[415]),
    ("ValidationError", &[400]),
    ("ValidationException", &[400]),
];

/// Those of AWS, for a service that it signs for and that states none of its own.
pub(super) fn errors() -> Vec<(String, Vec<u16>)> {
    AWS.iter().map(|(code, statuses)| ((*code).to_owned(), statuses.to_vec())).collect()
}
