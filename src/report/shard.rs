//! A part of all cases, dealt out by their names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::encoding::sha256;

/// One of several parts of a run. Which cases are in it follows from their names alone, so that every
/// shard is the same whatever the others do, and a new case moves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// How many there are.
    count: u64,
    /// Which one, counted from 1.
    index: u64,
}

impl Shard {
    /// Whether a case is in this shard.
    pub fn takes(self, case: &str) -> bool {
        let digest = sha256(case.as_bytes());
        let dealt = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        dealt % self.count == self.index - 1
    }

    /// The others of the same run.
    pub(super) fn all(self) -> impl Iterator<Item = Self> {
        (1..=self.count).map(move |index| Self { index, ..self })
    }

    /// How many there are.
    pub(super) fn count(self) -> u64 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some(Self { index: index.trim().parse().ok()?, count: count.trim().parse().ok()? })
        });
        let shard = numbers.filter(|shard| (1..=shard.count).contains(&shard.index) && shard.count <= 10_000);
        shard.ok_or_else(|| format!("`{text}` is no shard; write which of how many, as in 1/4"))
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::*;

    #[test]
    fn what_is_no_shard_is_told() {
        for text in ["", "1", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/4"] {
            let told = format!("`{text}` is no shard; write which of how many, as in 1/4");
            assert_eq!(text.parse::<Shard>(), Err(told));
        }
        assert_eq!("2/4".parse::<Shard>().unwrap().to_string(), "2/4");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_case_is_in_one_shard(name in any::<String>(), count in 1..50_u64) {
            let any = Shard { count, index: 1 };
            assert_eq!(any.all().filter(|shard| shard.takes(&name)).count(), 1);
        }
    }

    /// Who recorded a shard must find the same cases in it later: this may not change.
    #[test]
    fn cases_stay_where_they_are() {
        let dealt = |name: &str| "1/3".parse::<Shard>().unwrap().all().position(|shard| shard.takes(name));
        let names = ["ListClusters/valid/0", "ListClusters/valid/1", "CreateCluster/lifecycle/0"];
        assert_eq!(names.map(dealt), [Some(1), Some(2), Some(0)]);
    }
}
