//! What clients wait for by calling an operation again and again (Smithy `@waitable`).

use std::time::Duration;

use serde_json::Value;

use crate::contract::Outcome;

/// One state that is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiter {
    /// Its documented name, `ClusterActive`.
    pub name: String,
    /// The first that fits an answer says what it means; where none fits, a success means to wait
    /// on, and an error breaks the wait off.
    pub acceptors: Vec<Acceptor>,
    /// How long one waits at least before asking again.
    pub delay: Duration,
}

/// How long one waits where nothing is documented (Smithy `minDelay`).
pub const DELAY: Duration = Duration::from_secs(2);

/// What an answer means to those who wait.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptor {
    /// What it means.
    pub wait: Wait,
    /// Which answers it is about.
    pub matcher: Matcher,
}

/// What becomes of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// What was waited for is there.
    Succeeds,
    /// It will never be there.
    Fails,
    /// It goes on.
    Goes,
}

/// Which answers an acceptor is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// Those that succeed, or those that do not.
    Success(bool),
    /// An error of that name.
    Error(String),
    /// Those with an output that says so.
    Output {
        /// Names of members; what follows the name of a list is looked up in each of its elements.
        path: Vec<String>,
        /// How many of what is found must be as expected.
        quantity: Quantity,
        /// Texts are compared, and booleans.
        expected: Value,
    },
}

/// How many of the values at a path must be as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The only one.
    One,
    /// All, and there are some.
    All,
    /// At least one.
    Any,
}

impl Waiter {
    /// What an outcome means to those who wait; `None` where it breaks the wait off.
    pub fn judge(&self, outcome: &Outcome) -> Option<Wait> {
        let fitting = self.acceptors.iter().find(|acceptor| acceptor.matcher.fits(outcome));
        match (fitting, outcome) {
            (Some(acceptor), _) => Some(acceptor.wait),
            (None, Outcome::Output(_)) => Some(Wait::Goes),
            (None, _) => None,
        }
    }
}

impl Matcher {
    fn fits(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Success(expected), outcome) => match outcome {
                Outcome::Output(_) => *expected,
                Outcome::Error { .. } => !*expected,
                Outcome::Unreadable | Outcome::Unjudged(_) => false,
            },
            (Self::Error(name), Outcome::Error { identity, .. }) => identity.all().any(|it| it == name),
            (Self::Output { path, quantity, expected }, Outcome::Output(output)) => {
                let mut found = Vec::new();
                collect(output, path, &mut found);
                let is_so = |value: &&Value| *value == expected;
                match quantity {
                    Quantity::One => found.len() == 1 && found.iter().all(is_so),
                    Quantity::All => !found.is_empty() && found.iter().all(is_so),
                    Quantity::Any => found.iter().any(is_so),
                }
            }
            (Self::Error(_) | Self::Output { .. }, _) => false,
        }
    }
}

/// The values at a path.
fn collect<'v>(value: &'v Value, path: &[String], found: &mut Vec<&'v Value>) {
    match (value, path) {
        (Value::Array(elements), path) => elements.iter().for_each(|value| collect(value, path, found)),
        (value, []) => found.push(value),
        (value, [name, rest @ ..]) => {
            if let Some(value) = value.get(name) {
                collect(value, rest, found);
            }
        }
    }
}
