//! Any contract, served: every output is held to all that is documented of it.

use std::sync::Arc;

use serde_json::Value;

use crate::contract::{Contract, Outcome};
use crate::exchange::{Request, Response};
use crate::sandbox::Sandbox;

pub(super) struct Served {
    pub(super) contract: Arc<Contract>,
    pub(super) sandbox: Sandbox,
    pub(super) region: &'static str,
}

/// The name and status of an error.
pub(super) type Refused = (String, u16);

impl Served {
    pub(super) fn new(contract: Contract, region: &'static str) -> Self {
        let contract = Arc::new(contract);
        Self { sandbox: Sandbox::new(Arc::clone(&contract), &[]), contract, region }
    }

    pub(super) fn request(&self, operation: &str, input: &Value) -> Request {
        let operation = self.contract.operation(operation).unwrap();
        let mut request = self.contract.encode(operation, input).unwrap();
        let scope = format!("AKIAIOSFODNN7EXAMPLE/20261121/{}/service/aws4_request", self.region);
        request.headers.set("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0"));
        request
    }

    pub(super) fn send(&self, operation: &str, input: &Value) -> Response {
        self.sandbox.answer(&self.request(operation, input))
    }

    pub(super) fn call(&self, operation: &str, input: &Value) -> Result<Value, Refused> {
        let response = self.send(operation, input);
        let described = self.contract.operation(operation).unwrap();
        match self.contract.outcome(described, &response) {
            Outcome::Output(output) => {
                if self.contract.has_output(described) {
                    let shape = &described.answer.shape;
                    let found = self.contract.violations(shape, &output);
                    assert_eq!(found, [], "{operation} {input} gives {output}");
                    let found = self.contract.broken_rules(shape, &output, Some(self.region));
                    assert_eq!(found, [], "{operation} {input} gives {output}");
                }
                Ok(output)
            }
            Outcome::Error { identity, body } => {
                let named = identity.name().map(str::to_owned).unwrap_or_else(|| format!("{body:?}"));
                Err((named, response.status))
            }
            other => panic!("{operation} {input}: {other:?}"),
        }
    }

    pub(super) fn output(&self, operation: &str, input: &Value) -> Value {
        self.call(operation, input).unwrap_or_else(|error| panic!("{operation} {input}: {error:?}"))
    }
}
