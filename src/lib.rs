//! onrecord puts a cloud provider's HTTP API on record, plays it back, and holds it to its contract.
//!
//! The list of modules below is the layering: a module uses only modules listed above it.
//! `tests/layering.rs` holds it.

pub mod encoding;

pub mod exchange;

pub mod contract;

pub mod redact;

pub mod cassette;

pub mod interchange;

pub mod check;

pub mod generate;

pub mod report;

pub mod net;

pub mod record;

pub mod replay;

pub mod sandbox;

pub mod runner;

pub mod harness;
