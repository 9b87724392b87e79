//! Members that say when something expires: a replayed answer has them later, by the age of its
//! recording. When a thing was made is a fact of the recording, and stays.

use std::collections::{BTreeSet, HashSet};

use crate::contract::{Contract, Kind, Operation, Schema};

impl Contract {
    /// The names of members that are timestamps, say by their names that something expires then, and
    /// stand anywhere in what an operation answers.
    pub fn expiries<'o>(&self, operation: &'o Operation) -> &'o BTreeSet<String> {
        operation.expiries.get_or_init(|| {
            let (mut names, mut seen) = (BTreeSet::new(), HashSet::new());
            for answer in operation.answers() {
                add(self.shape(&answer.shape), &mut seen, &mut names);
            }
            names
        })
    }
}

fn add<'c>(schema: Schema<'c>, seen: &mut HashSet<&'c str>, names: &mut BTreeSet<String>) {
    if schema.shape_name().is_some_and(|name| !seen.insert(name)) {
        return;
    }
    for member in schema.members() {
        let says_so = member.name.to_ascii_lowercase().contains("expir");
        if says_so && matches!(member.schema.kind(), Kind::Timestamp(_)) {
            names.insert(member.name.to_owned());
        }
        add(member.schema, seen, names);
    }
    for inner in schema.items().into_iter().chain(schema.values()).chain(schema.branches()) {
        add(inner, seen, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_tells_what_expires() {
        let of = |id: &str, operation: &str| {
            let contract = Contract::built_in(id).unwrap().unwrap();
            let operation = contract.operation(operation).unwrap();
            contract.expiries(operation).iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(of("eks", "DescribeCluster"), ["activationExpiry"]);
        assert_eq!(of("cloudhsm", "DescribeClusters"), ["HsmTypeRollbackExpiration"]);
        assert_eq!(of("msk", "ListClusters"), [""; 0]);
    }
}
