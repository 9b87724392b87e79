//! The door, told of what this machine knows to be secret.

use onrecord::redact::Redactor;

use super::outward;
use crate::cli::config::Config;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// The credentials of the environment are secrets from the first exchange on, whoever shows them.
pub(super) fn make(_config: &Config, context: &Context) -> Result<Redactor, Failure> {
    let redactor = Redactor::new();
    if context.variable("AWS_SECRET_ACCESS_KEY").is_some() {
        outward::tell(&redactor, &context.credentials);
    }
    Ok(redactor)
}
