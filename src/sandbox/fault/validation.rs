//! A client's mistakes that are not noticed, or that are taken for the provider's own.

use super::Scene;
use crate::contract::{ErrorKind, ErrorShape, Severity, Violation, at_path};
use crate::exchange::Response;
use crate::sandbox::refusal::Refusal;

/// Only types and required members are looked at: values of the wrong type would come back in
/// outputs, and break what is documented for those.
pub(super) fn shape_only(violation: &Violation) -> bool {
    violation.severity == Severity::Shape
}

/// Each member is looked at by itself only.
pub(super) fn no_rules(violation: &Violation) -> bool {
    !violation.rule.starts_with("rule:")
}

/// Page tokens are left alone: they have laws of their own.
pub(super) fn invalid_crashes(scene: &Scene<'_>, response: &mut Response) {
    let paged = scene.operation.pagination.as_ref().filter(|paged| paged.output_token().is_some());
    let has_token = paged.is_some_and(|paged| at_path(scene.input, &paged.input_token).is_some());
    if let (Some(Refusal::Invalid(_)), false) = (scene.refusal, has_token) {
        crash(scene, response);
    }
}

pub(super) fn malformed_crashes(scene: &Scene<'_>, response: &mut Response) {
    if let Some(Refusal::Malformed(_)) = scene.refusal {
        crash(scene, response);
    }
}

pub(super) fn missing_crashes(scene: &Scene<'_>, response: &mut Response) {
    if let Some(Refusal::Missing { .. }) = scene.refusal {
        crash(scene, response);
    }
}

pub(super) fn token_crashes(scene: &Scene<'_>, response: &mut Response) {
    if let Some(Refusal::Cursor { .. }) = scene.refusal {
        crash(scene, response);
    }
}

/// The documented server error, so that nothing but its being one is wrong.
pub(super) fn crash(scene: &Scene<'_>, response: &mut Response) {
    let mut declared = scene.operation.errors.iter().filter(|error| error.kind == ErrorKind::Server);
    let error = declared.next().cloned().unwrap_or_else(|| ErrorShape::of_status("InternalFailure", 500));
    *response = scene.contract.refuse(&error, "the request could not be processed");
}
