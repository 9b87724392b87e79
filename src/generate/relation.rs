//! Inputs in which two places stand to each other as they should not.

use serde_json::Value;

use super::breaking::Way;
use super::choices::Choices;
use super::place::first;
use super::valid::Asker;
use super::violations::{Broken, Violating};
use crate::contract::{Condition, REGION};

/// The places that a relation is about: they must be there for it to be broken.
pub(super) fn places(way: &Way) -> Vec<String> {
    let Way::Rule(at, condition) = way else { return Vec::new() };
    let (one, other) = match condition {
        Condition::Schema(_) => return Vec::new(),
        Condition::Equal(one, other) | Condition::Differ(one, other) | Condition::Among(one, other) => {
            (one, other)
        }
    };
    let own = [one, other].into_iter().filter(|place| *place != REGION);
    own.map(|place| format!("{at}{place}")).collect()
}

impl Asker<'_> {
    /// A valid input with one of the two places changed.
    pub(super) fn against_relation(
        &self,
        violating: &Violating,
        at: &str,
        condition: &Condition,
        choices: &mut Choices<'_>,
    ) -> Option<Broken> {
        let mut input = choices.fixed(|choices| self.input(choices))?;
        let (place, value) = self.wrong(&input, at, condition, choices)?;
        *input.pointer_mut(&place)? = value;
        let pointer = first(&input, &violating.pointer)?;
        let new = input.pointer(&pointer)?.clone();
        let broken = Broken { input, pointer, rule: violating.rule.clone(), old: None, new: Some(new) };
        self.shows(violating, &broken).then_some(broken)
    }

    /// Which place gets which value, so that the condition does not hold.
    fn wrong(
        &self,
        input: &Value,
        at: &str,
        condition: &Condition,
        choices: &mut Choices<'_>,
    ) -> Option<(String, Value)> {
        let found = |place: &str| {
            let pointer = first(input, &format!("{at}{place}"))?;
            Some((input.pointer(&pointer)?.clone(), pointer))
        };
        let mut another = |place: &str, there: &Value| {
            let place = self.root.at(&format!("{at}{place}"), &[]);
            self.drawing.another(&place, std::slice::from_ref(there), choices)
        };
        match condition {
            Condition::Schema(_) => None,
            Condition::Differ(one, other) => {
                let (own, region) = if one == REGION { (other, one) } else { (one, other) };
                let value = if region == REGION { Value::from(self.region()?) } else { found(region)?.0 };
                Some((found(own)?.1, value))
            }
            Condition::Equal(one, other) => {
                let (value, _) = found(one)?;
                Some((found(other)?.1, another(other, &value)?))
            }
            Condition::Among(one, other) => {
                let (value, pointer) = found(one)?;
                let there = found(other).map_or(value, |(there, _)| there);
                Some((pointer, another(one, &there)?))
            }
        }
    }
}
