//! The recording proxy.
