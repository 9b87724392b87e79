//! Waiters (Smithy `@waitable`).

use std::time::Duration;

use serde_json::Value;

use super::ast::Shape;
use super::list;
use super::operations::Loader;
use crate::contract::model::{Acceptor, DELAY, Matcher, Quantity, Wait, Waiter};

impl Loader<'_> {
    /// The waiters of an operation. One that asks for more than a path of members is left out: who
    /// does not know when a wait ends must not end it.
    pub(super) fn waiters(&self, shape: &Shape, output: Option<&Shape>) -> Vec<Waiter> {
        let stated = shape.traits.get("smithy.waiters#waitable").and_then(Value::as_object);
        let waiter = |(name, waiter): (&String, &Value)| {
            let acceptors = list(waiter.get("acceptors"));
            let acceptors = acceptors.iter().map(|acceptor| self.acceptor(acceptor, output));
            let delay = waiter.get("minDelay").and_then(Value::as_u64).map_or(DELAY, Duration::from_secs);
            Some(Waiter { name: name.clone(), acceptors: acceptors.collect::<Option<_>>()?, delay })
        };
        stated.into_iter().flatten().filter_map(waiter).collect()
    }

    fn acceptor(&self, acceptor: &Value, output: Option<&Shape>) -> Option<Acceptor> {
        let wait = match acceptor.get("state")?.as_str()? {
            "success" => Wait::Succeeds,
            "failure" => Wait::Fails,
            "retry" => Wait::Goes,
            _ => return None,
        };
        let (kind, said) = acceptor.get("matcher")?.as_object()?.iter().next()?;
        let matcher = match kind.as_str() {
            "success" => Matcher::Success(said.as_bool()?),
            "errorType" => Matcher::Error(super::ast::local(said.as_str()?).to_owned()),
            "output" => self.output(said, output?)?,
            _ => return None,
        };
        Some(Acceptor { wait, matcher })
    }

    fn output(&self, said: &Value, output: &Shape) -> Option<Matcher> {
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        let expected = text("expected")?;
        let (quantity, expected) = match text("comparator")? {
            "stringEquals" => (Quantity::One, expected.into()),
            "allStringEquals" => (Quantity::All, expected.into()),
            "anyStringEquals" => (Quantity::Any, expected.into()),
            "booleanEquals" => (Quantity::One, Value::Bool(expected.parse().ok()?)),
            _ => return None,
        };
        let path = path(text("path")?)?.join(".");
        let path = self.wire_path(output, &path).split('.').map(str::to_owned).collect();
        Some(Matcher::Output { path, quantity, expected })
    }
}

/// The names along a JMESPath that is nothing but members and the elements of lists,
/// `services[].status`.
fn path(expression: &str) -> Option<Vec<&str>> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|part| part.is_ascii_alphanumeric() || part == '_');
    let name = |step| {
        let step: &str = step;
        let name = step.strip_suffix("[]").or_else(|| step.strip_suffix("[*]")).unwrap_or(step);
        is_name(name).then_some(name)
    };
    expression.split('.').map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{Contract, Outcome};

    #[test]
    fn paths_of_members_are_read_and_others_are_not() {
        assert_eq!(path("cluster.status"), Some(vec!["cluster", "status"]));
        assert_eq!(path("services[].parts[*].status"), Some(vec!["services", "parts", "status"]));
        for other in ["length(a) > `0`", "a[?b == 'c']", "a[0]", "a || b", "", "a..b", "@"] {
            assert_eq!(path(other), None, "{other}");
        }
    }

    #[test]
    fn a_waiter_judges_answers() {
        let eks = Contract::built_in("eks").unwrap().unwrap();
        let waiters = &eks.operation("DescribeCluster").unwrap().waiters;
        let judge = |name: &str, outcome: &Outcome| {
            waiters.iter().find(|waiter| waiter.name == name).unwrap().judge(outcome)
        };
        let shows = |status: &str| Outcome::Output(json!({"cluster": {"status": status}}));
        assert_eq!(judge("ClusterActive", &shows("CREATING")), Some(Wait::Goes));
        assert_eq!(judge("ClusterActive", &shows("ACTIVE")), Some(Wait::Succeeds));
        assert_eq!(judge("ClusterActive", &shows("FAILED")), Some(Wait::Fails));
        let gone = Outcome::Error {
            identity: crate::contract::ErrorIdentity {
                header: Some("ResourceNotFoundException".to_owned()),
                ..Default::default()
            },
            body: None,
        };
        assert_eq!(judge("ClusterDeleted", &gone), Some(Wait::Succeeds));
        assert_eq!(judge("ClusterActive", &gone), None);
    }
}
