//! UUIDs and their numbers: a long recording meets millions of them.

use std::collections::HashMap;

use crate::encoding::is_uuid;

/// Less than a hundred bytes for each.
#[derive(Default)]
pub(super) struct Uuids {
    numbers: HashMap<[u8; 16], u64>,
    /// In the order of their numbers.
    values: Vec<(u64, [u8; 16])>,
}

impl Uuids {
    /// Takes a UUID under the next number; `false` if it is not written as most are, in lower case.
    pub(super) fn insert(&mut self, uuid: &str, number: u64) -> bool {
        let Some(value) = parse(uuid) else { return false };
        self.numbers.insert(value, number);
        self.values.push((number, value));
        true
    }

    pub(super) fn number(&self, uuid: &str) -> Option<u64> {
        self.numbers.get(&parse(uuid)?).copied()
    }

    pub(super) fn value(&self, number: u64) -> Option<String> {
        let at = self.values.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(write(&self.values[at].1))
    }
}

fn parse(uuid: &str) -> Option<[u8; 16]> {
    if !is_uuid(uuid) || uuid.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let digits = uuid.bytes().filter_map(|byte| char::from(byte).to_digit(16));
    Some(digits.fold(0_u128, |value, digit| (value << 4) | u128::from(digit)).to_be_bytes())
}

fn write(value: &[u8; 16]) -> String {
    let mut text = format!("{:032x}", u128::from_be_bytes(*value));
    [20, 16, 12, 8].into_iter().for_each(|at| text.insert(at, '-'));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_back_as_it_was_written() {
        let (uuid, upper) = ("050e8400-e29b-41d4-a716-446655440000", "050E8400-E29B-41D4-A716-446655440000");
        let mut uuids = Uuids::default();
        assert!(uuids.insert(uuid, 3) && !uuids.insert(upper, 4));
        assert_eq!((uuids.number(uuid), uuids.number(upper)), (Some(3), None));
        assert_eq!((uuids.value(3).as_deref(), uuids.value(4)), (Some(uuid), None));
    }
}
