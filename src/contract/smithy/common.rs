//! Errors that any operation may answer.

use serde_json::Value;

use super::{ast, list};

/// AWS, "Common Errors": what each service that is signed with SigV4 may answer. The pages of the
/// services differ in the status of some: then both count.
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
    ("NotAuthorized", &[400, 401]),
    ("OptInRequired", &[403]),
    ("RequestAbortedException", &[400]),
    ("RequestEntityTooLargeException", &[413]),
    ("RequestExpired", &[400, 403]),
    ("RequestTimeoutException", &[408]),
    ("ServiceUnavailable", &[503]),
    ("ServiceUnavailableException", &[503]),
    ("SignatureDoesNotMatch", &[403]),
    ("ThrottlingException", &[400, 429]),
    ("TooManyRequestsException", &[429]),
    ("UnknownOperationException", &[404]),
    ("UnrecognizedClientException", &[400, 403]),
    ("ValidationError", &[400]),
    ("ValidationException", &[400]),
];

/// Those that the model states; else, for a service that AWS signs for, those of AWS.
pub(super) fn errors(service: &ast::Shape) -> Vec<(String, Vec<u16>)> {
    match service.traits.get("onrecord#commonErrors") {
        Some(stated) => list(Some(stated)).iter().filter_map(read).collect(),
        None if service.traits.contains_key("aws.auth#sigv4") => {
            AWS.iter().map(|(code, statuses)| ((*code).to_owned(), statuses.to_vec())).collect()
        }
        None => Vec::new(),
    }
}

fn read(entry: &Value) -> Option<(String, Vec<u16>)> {
    let statuses = entry.get("status")?.as_array()?;
    let statuses = statuses.iter().filter_map(|status| status.as_u64()?.try_into().ok()).collect();
    Some((entry.get("code")?.as_str()?.to_owned(), statuses))
}
