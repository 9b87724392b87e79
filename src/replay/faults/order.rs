//! Which requests a fault acts on: `NAME[:OPERATION][@N|@P%]`.

use std::str::FromStr;

use thiserror::Error;

use super::{Fault, Number};
use crate::encoding::sha256_of_parts;
use crate::replay::key::Call;

/// A fault, and when it acts.
#[derive(Debug, Clone)]
pub struct Order {
    fault: &'static Fault,
    /// The operation that it is for; all, if there is none.
    operation: Option<String>,
    when: When,
}

/// Which of the equal requests.
#[derive(Debug, Clone, Copy)]
enum When {
    /// The one with this number, counted from 1.
    Number(u64),
    /// So many of a hundred.
    Share(u64),
}

/// Why an order cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderError {
    /// No fault is called so.
    #[error("there is no fault {0}")]
    Unknown(String),
    /// What stands behind `@`.
    #[error("{0} behind @ is neither the number of a request (@2) nor a share of them (@10%)")]
    When(String),
}

impl FromStr for Order {
    type Err = OrderError;

    fn from_str(text: &str) -> Result<Self, OrderError> {
        let (what, when) = text.split_once('@').unwrap_or((text, "1"));
        let (name, operation) = what.split_once(':').map_or((what, None), |(name, rest)| (name, Some(rest)));
        let fault = Fault::named(name).ok_or_else(|| OrderError::Unknown(name.to_owned()))?;
        let parsed = match when.strip_suffix('%') {
            Some(share) => share.parse().ok().filter(|share| *share <= 100).map(When::Share),
            None => when.parse().ok().filter(|number| *number > 0).map(When::Number),
        };
        let when = parsed.ok_or_else(|| OrderError::When(when.to_owned()))?;
        Ok(Self { fault, operation: operation.map(str::to_owned), when })
    }
}

impl Order {
    /// The fault.
    pub fn fault(&self) -> &'static Fault {
        self.fault
    }

    /// The operation that it is for, where it is for one.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// Whether it is for that call.
    pub(in crate::replay) fn is_for(&self, call: Option<Call<'_>>) -> bool {
        let is_meant = |wanted: &String| call.is_some_and(|call| call.operation.name == *wanted);
        self.operation.as_ref().is_none_or(is_meant)
    }

    /// The only one of equal requests that it acts on, where there is one.
    pub(in crate::replay) fn number(&self) -> Option<u64> {
        match self.when {
            When::Number(number) => Some(number),
            When::Share(_) => None,
        }
    }

    /// Whether it acts on this request.
    pub(super) fn acts(&self, seed: u64, call: Option<Call<'_>>, key: &[u8], number: Number) -> bool {
        self.is_for(call)
            && match (self.when, number) {
                (When::Number(wanted), number) => number == Number::OfKey(wanted),
                (When::Share(share), Number::OfKey(number) | Number::Beyond(number)) => {
                    self.drawn(seed, key, number) < share
                }
            }
    }

    /// A number below 100 that follows from the seed, the fault, the key and the request's number.
    fn drawn(&self, seed: u64, key: &[u8], number: u64) -> u64 {
        let parts = [&seed.to_le_bytes(), self.fault.name.as_bytes(), key, &number.to_le_bytes()];
        let [a, b, c, d, ..] = sha256_of_parts(&parts);
        u64::from(u32::from_le_bytes([a, b, c, d])) % 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_followed_is_told() {
        for wrong in ["thrott", "throttle@0", "throttle@", "throttle@101%", "throttle@x%", ":List"] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong}");
        }
        let order: Order = "throttle:List@2".parse().unwrap();
        assert_eq!((order.fault().name, order.operation()), ("throttle", Some("List")));
    }

    #[test]
    fn a_share_is_kept_and_follows_from_the_seed() {
        let order: Order = "throttle@10%".parse().unwrap();
        let chosen = |seed| {
            (0..1000)
                .filter(|number| order.acts(seed, None, b"key", Number::OfKey(*number)))
                .collect::<Vec<_>>()
        };
        assert!((60..140).contains(&chosen(1).len()), "{}", chosen(1).len());
        assert_eq!(chosen(1), chosen(1));
        assert_ne!(chosen(1), chosen(2));
        let is_beyond = |number: &u64| order.acts(1, None, b"key", Number::Beyond(*number));
        assert!((60..140).contains(&(0..1000).filter(is_beyond).count()));
    }
}
