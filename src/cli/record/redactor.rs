//! The door, told of what this machine knows to be secret.

use onrecord::redact::Redactor;

use super::outward;
use crate::cli::config::Config;
use crate::cli::context::Context;

/// The credentials of the environment are secrets from the first exchange on, whoever shows them.
pub(in crate::cli) fn make(config: &Config, context: &Context) -> Redactor {
    let redactor = Redactor::with(config.rules.clone());
    if context.variable("AWS_SECRET_ACCESS_KEY").is_some() {
        outward::tell(&redactor, &context.credentials);
    }
    redactor
}
