//! Questions: requests to ask of a provider, made from its contract.
//!
//! [`valid`] inputs keep to everything that is documented; each of the [`violations`] breaks one
//! documented constraint and nothing else. All are proptest strategies, drawn from a seed and the
//! name of a case alone ([`runner`]), and shrink to what matters ([`shrink`]).

mod breaking;
mod choices;
mod draw;
mod format;
mod identifier;
mod pattern;
mod place;
mod relation;
mod seed;
mod text;
mod tree;
mod valid;
mod violations;
mod wire;
mod wrong;

pub use seed::{rng, runner};
pub use tree::shrink;
pub use valid::{Known, simplest, valid, with_count};
pub use violations::{Broken, Unreachable, Violating, Violations, violations};

// What a runner needs to combine strategies, so that proptest has one home.
pub use proptest::sample::subsequence;
pub use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
pub use proptest::test_runner::{Reason, TestRunner};

#[cfg(test)]
mod tests;
