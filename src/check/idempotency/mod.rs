//! What a request may do when it comes again: IT-01, IT-03, IT-12 and IT-14 of the catalogue.

mod client;
mod readonly;
#[cfg(test)]
mod tests;
mod token;

pub(super) use client::ATTEMPTS;
pub(super) use readonly::UNCHANGED;
pub(super) use token::{MISMATCH, REPEATED};

/// Why a repeated request was not judged.
const FAILED: &str = "the provider failed when the request came again";
