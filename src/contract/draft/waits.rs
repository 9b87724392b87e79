//! What documented states say of those who wait for them.

use serde_json::Value;

use crate::contract::model::{Acceptor, Contract, DELAY, Matcher, Quantity, Resource, States, Wait, Waiter};

/// Gives the operation that shows a resource the waiters that follow from its states, unless it has
/// waiters of its own.
pub(super) fn add(contract: &mut Contract) {
    for resource in contract.resources.clone() {
        let Some(states) = &resource.states else { continue };
        let found = resource.read.as_ref().and_then(|read| Some((read, path(contract, read, states)?)));
        let Some((read, path)) = found else { continue };
        let operation = contract.operations.iter_mut().find(|operation| operation.name == *read);
        if let Some(operation) = operation.filter(|operation| operation.waiters.is_empty()) {
            operation.waiters = waiters(&resource, states, &path);
        }
    }
}

/// Where an answer shows the state: at its top, or in the one member that is the resource.
fn path(contract: &Contract, read: &str, states: &States) -> Option<Vec<String>> {
    let output = contract.output(contract.operation(read)?);
    let state = states.member.clone();
    if output.member(&state).is_some() {
        return Some(vec![state]);
    }
    let mut holders = output.members().filter(|member| member.schema.member(&state).is_some());
    match (holders.next(), holders.next()) {
        (Some(only), None) => Some(vec![only.name.to_owned(), state]),
        _ => None,
    }
}

/// Who waits for it to settle waits while it is as it was made, or in a state that leads to settled
/// ones only; who waits for its end, while it is being deleted. Of the other states no page says that
/// one waits in them.
fn waiters(resource: &Resource, states: &States, path: &[String]) -> Vec<Waiter> {
    let shows = |wait: Wait, state: &str| Acceptor {
        wait,
        matcher: Matcher::Output {
            path: path.to_vec(),
            quantity: Quantity::One,
            expected: Value::String(state.to_owned()),
        },
    };
    let settled = states.settled.iter().map(|state| shows(Wait::Succeeds, state));
    let leads_there =
        |next: &[String]| !next.is_empty() && next.iter().all(|state| states.settled.contains(state));
    let passing = states.transitions.iter().filter(|(_, next)| leads_there(next)).map(|(state, _)| state);
    let waiting = std::iter::once(&states.initial).chain(passing).map(|state| shows(Wait::Goes, state));
    let mut found = vec![Waiter {
        name: format!("{}Settled", resource.name),
        acceptors: settled.chain(waiting).chain([otherwise(Wait::Fails)]).collect(),
        delay: DELAY,
    }];
    if let (Some(deleting), Some(error)) = (&states.deleting, &resource.not_found) {
        let gone = Acceptor { wait: Wait::Succeeds, matcher: Matcher::Error(error.clone()) };
        found.push(Waiter {
            name: format!("{}Deleted", resource.name),
            acceptors: vec![gone, shows(Wait::Goes, deleting), otherwise(Wait::Fails)],
            delay: DELAY,
        });
    }
    found
}

/// For every other answer that is none of an error.
fn otherwise(wait: Wait) -> Acceptor {
    Acceptor { wait, matcher: Matcher::Success(true) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{ErrorIdentity, Outcome};

    #[test]
    fn states_say_what_is_waited_for() {
        let msk = Contract::built_in("msk").unwrap().unwrap();
        let waiters = &msk.operation("DescribeCluster").unwrap().waiters;
        let judge = |outcome: &Outcome| waiters.iter().map(|it| it.judge(outcome)).collect::<Vec<_>>();
        let shows = |state: &str| judge(&Outcome::Output(json!({"clusterInfo": {"state": state}})));
        assert_eq!(shows("CREATING"), [Some(Wait::Goes), Some(Wait::Fails)]);
        assert_eq!(shows("ACTIVE"), [Some(Wait::Succeeds), Some(Wait::Fails)]);
        assert_eq!(shows("FAILED"), [Some(Wait::Fails), Some(Wait::Fails)]);
        assert_eq!(shows("UPDATING"), [Some(Wait::Goes), Some(Wait::Fails)]);
        assert_eq!(shows("DELETING"), [Some(Wait::Fails), Some(Wait::Goes)]);
        let named = |name: &str| ErrorIdentity { header: Some(name.to_owned()), ..ErrorIdentity::default() };
        let gone = Outcome::Error { identity: named("NotFoundException"), body: None };
        assert_eq!(judge(&gone), [None, Some(Wait::Succeeds)]);
    }

    #[test]
    fn waiters_of_the_models_own_are_kept() {
        let names = |id: &str, operation: &str| {
            let contract = Contract::built_in(id).unwrap().unwrap();
            let waiters = &contract.operation(operation).unwrap().waiters;
            waiters.iter().map(|waiter| waiter.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("dsql", "GetCluster"), ["ClusterActive", "ClusterNotExists"]);
        assert_eq!(names("eks", "DescribeCluster"), ["ClusterActive", "ClusterDeleted"]);
        assert_eq!(names("astronomer", "GetCluster"), ["ClusterSettled"]);
        assert_eq!(names("cloudhsm", "DescribeClusters"), [""; 0], "a list, and no thing of its own");
    }
}
