//! The story with real parts: boto3, the AWS CLI, moto, a browser, and the binary as users run it.
//!
//! `tests/e2e/setup` gets the parts. Where it cannot, a test says that it is skipped and why; with
//! `CI=true` it fails instead.

mod check;
mod clients;
mod crash;
mod diary;
mod faults;
mod full_disk;
mod har;
mod ledger;
mod no_network;
mod object_store;
mod parts;
mod signatures;
mod snippets;
mod story;
mod verified;
mod wiremock;
mod year_old;
