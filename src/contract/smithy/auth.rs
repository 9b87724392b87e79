//! How an operation wants to be authenticated.

use super::ast::Shape;

/// The traits by which a service says how it can be.
const SCHEMES: &[&str] = &[
    "aws.auth#cognitoUserPools",
    "aws.auth#sigv4",
    "aws.auth#sigv4a",
    "smithy.api#httpApiKeyAuth",
    "smithy.api#httpBasicAuth",
    "smithy.api#httpBearerAuth",
    "smithy.api#httpDigestAuth",
];

/// Whether nothing but a signature of AWS lets a request of this operation in: what `@auth` of the
/// operation says, else that of the service, else all that the service can do; and `@optionalAuth`.
pub(super) fn is_signed(service: &Shape, operation: &Shape) -> bool {
    let stated =
        [operation, service].into_iter().find_map(|shape| shape.traits.get("smithy.api#auth")?.as_array());
    let schemes: Vec<_> = match stated {
        Some(stated) => stated.iter().filter_map(|scheme| scheme.as_str()).collect(),
        None => SCHEMES.iter().copied().filter(|scheme| service.traits.contains_key(*scheme)).collect(),
    };
    let is_optional = operation.traits.contains_key("smithy.api#optionalAuth");
    !is_optional && !schemes.is_empty() && schemes.iter().all(|scheme| scheme.starts_with("aws.auth#sigv4"))
}
