//! The sandbox, spoken to as a client does: an input on the wire, an answer read back.

mod clean;
mod documented;
mod drift;
mod faults;
mod garden;
mod other;
mod paging;
mod refusals;
mod served;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::{Fault, Sandbox};
use crate::contract::{Contract, Outcome, Severity};
use crate::exchange::Response;

/// Read once for all tests: so are its schemas compiled once.
static MSK: LazyLock<Arc<Contract>> = LazyLock::new(|| Arc::new(Contract::built_in("msk").unwrap().unwrap()));

/// A client of a sandbox that serves the contract of MSK.
struct Client {
    contract: Arc<Contract>,
    sandbox: Sandbox,
}

impl Client {
    fn new(faults: &[Fault]) -> Self {
        let contract = Arc::clone(&MSK);
        Self { sandbox: Sandbox::new(Arc::clone(&contract), faults), contract }
    }

    fn send(&self, operation: &str, input: &Value) -> Response {
        let operation = self.contract.operation(operation).unwrap();
        self.sandbox.answer(&self.contract.encode(operation, input).unwrap())
    }

    fn outcome(&self, operation: &str, input: &Value) -> Outcome {
        let response = self.send(operation, input);
        self.contract.outcome(self.contract.operation(operation).unwrap(), &response)
    }

    /// The output of a call that succeeds, and that is what the contract says of it.
    fn output(&self, operation: &str, input: &Value) -> Value {
        let outcome = self.outcome(operation, input);
        let Outcome::Output(output) = outcome else { panic!("{operation} {input}: {outcome:?}") };
        let described = self.contract.operation(operation).unwrap();
        if self.contract.has_output(described) {
            let found = self.contract.violations(&described.answer.shape, &output);
            assert!(
                found.iter().all(|it| it.severity != Severity::Shape),
                "{operation}: {found:?} in {output}"
            );
        }
        output
    }

    /// The name, status and message of the error of a call that is refused.
    fn error(&self, operation: &str, input: &Value) -> (String, u16, String) {
        let response = self.send(operation, input);
        let outcome = self.contract.outcome(self.contract.operation(operation).unwrap(), &response);
        let Outcome::Error { identity, body } = outcome else { panic!("{operation} {input}: {outcome:?}") };
        let message = body.unwrap()["message"].as_str().unwrap().to_owned();
        (identity.name().unwrap().to_owned(), response.status, message)
    }

    /// Creates a cluster and gives its ARN.
    fn create(&self, name: &str) -> String {
        let created = self.output("CreateCluster", &cluster(name));
        created["clusterArn"].as_str().unwrap().to_owned()
    }

    fn create_all<T: AsRef<str>>(&self, names: impl IntoIterator<Item = T>) -> Vec<String> {
        names.into_iter().map(|name| self.create(name.as_ref())).collect()
    }

    /// The names on each page, following the tokens; at most 50 pages.
    fn walk(&self, query: &Value) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut query = query.clone();
        while pages.len() < 50 {
            let output = self.output("ListClusters", &query);
            pages.push(names(&output));
            match output.get("nextToken") {
                Some(token) => query["nextToken"] = token.clone(),
                None => break,
            }
        }
        pages
    }
}

fn names(output: &Value) -> Vec<String> {
    let items = output["clusterInfoList"].as_array().unwrap();
    items.iter().map(|item| item["clusterName"].as_str().unwrap().to_owned()).collect()
}

fn cluster(name: &str) -> Value {
    json!({
        "clusterName": name, "kafkaVersion": "2.2.1", "numberOfBrokerNodes": 2,
        "brokerNodeGroupInfo": {"clientSubnets": ["subnet-a", "subnet-b"], "instanceType": "kafka.m5.large"}
    })
}
