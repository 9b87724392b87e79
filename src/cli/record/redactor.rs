//! The door, told of what this machine knows to be secret.

use onrecord::redact::Redactor;

use super::outward;
use crate::cli::config::Config;
use crate::cli::context::Context;

/// The credentials of the environment are secrets from the first exchange on, whoever shows them.
pub(in crate::cli) fn make(config: &Config, context: &Context) -> Redactor {
    let redactor = Redactor::with(config.rules.clone());
    secrets(context).iter().for_each(|secret| redactor.secret(secret));
    redactor
}

/// The credentials of the environment, which a replay has to know like the recorder.
pub(in crate::cli) fn secrets(context: &Context) -> Vec<String> {
    match context.variable("AWS_SECRET_ACCESS_KEY") {
        Some(_) => outward::secrets(&context.credentials).map(str::to_owned).collect(),
        None => Vec::new(),
    }
}
