//! Promises: a provider's documented operations, shapes, statuses, errors, pagination and rules.

mod role;

pub use role::Declared;
