//! Header fields of errors that are not as they should be, and bodies that repeat them otherwise.

use serde_json::json;

use super::Scene;
use super::error::change_body;
use crate::contract::{Protocol, Statuses};
use crate::exchange::Response;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::{REPEATED_ID, REQUEST_ID};

pub(super) fn retry_someday(scene: &Scene<'_>, response: &mut Response) {
    if scene.refusal.is_some() {
        response.headers.set("retry-after", "someday");
    }
}

/// Only where nothing but the body is wrong, so that no other law needs the answer.
pub(super) fn unchallenged(scene: &Scene<'_>, response: &mut Response) {
    let Some(refusal @ Refusal::Malformed(_)) = scene.refusal else { return };
    let mut errors = scene.operation.errors.iter();
    let error = errors.find(|error| error.statuses == Some(Statuses::One(401)));
    if let Some(error) = error.filter(|_| scene.contract.protocol() == Protocol::Http) {
        *response = scene.contract.refuse(error, &refusal.message());
    }
}

pub(super) fn repeats_other_status(scene: &Scene<'_>, response: &mut Response) {
    let other = if response.status == 400 { 409 } else { 400 };
    change_body(scene, response, |body| {
        if let Some(status) = body.get_mut("statusCode").filter(|it| it.is_number()) {
            *status = json!(other);
        }
    });
}

pub(super) fn repeats_other_id(scene: &Scene<'_>, response: &mut Response) {
    change_body(scene, response, |body| {
        if let Some(id) = body.get_mut(REPEATED_ID) {
            *id = json!("onrecord-other");
        }
    });
}

pub(super) fn same_request_id(_: &Scene<'_>, response: &mut Response) {
    response.headers.set(REQUEST_ID, "8b3f0c9e-5d2a-4c71-9e06-2f4d1a7b6c58");
}
