//! The contracts of the services that the vectors are about.

use std::collections::HashMap;
use std::sync::Arc;

use onrecord::contract::{Contract, ErrorShape, Operation};
use onrecord::sandbox::Sandbox;
use serde_json::Value;

pub(crate) struct Models {
    contracts: Vec<Arc<Contract>>,
    /// The operations that answer an error, by its id.
    errors: HashMap<String, String>,
}

impl Models {
    /// All services of a model.
    pub(crate) fn new(text: &str) -> Self {
        let model: Value = serde_json::from_str(text).unwrap();
        let shapes = model["shapes"].as_object().unwrap();
        let services = shapes.iter().filter(|(_, shape)| shape["type"] == "service").map(|(id, _)| id);
        let load = |id: &String| Contract::from_smithy_service("vectors", "vectors.json", text, id);
        let contracts = services.map(|id| Arc::new(load(id).unwrap())).collect();
        let mut errors = HashMap::new();
        for (id, shape) in shapes {
            for error in shape["errors"].as_array().into_iter().flatten() {
                errors.insert(crate::text(&error["target"]).to_owned(), id.clone());
            }
        }
        Self { contracts, errors }
    }

    /// An operation, with the contract of the service that has it.
    pub(crate) fn operation(&self, id: &str) -> Result<(&Contract, &Operation), String> {
        let found =
            self.contracts.iter().find_map(|contract| Some((&**contract, contract.operation(local(id))?)));
        found.ok_or_else(|| format!("no service has the operation {id}"))
    }

    /// An error, with an operation that answers it.
    pub(crate) fn error(&self, id: &str) -> Result<(&Contract, &Operation, &ErrorShape), String> {
        let operation = self.errors.get(id).ok_or_else(|| format!("no operation answers {id}"))?;
        let (contract, operation) = self.operation(operation)?;
        let error = operation.errors.iter().find(|error| error.name == local(id));
        error.map(|error| (contract, operation, error)).ok_or_else(|| format!("{id} is not declared"))
    }

    /// A provider that has the operation.
    pub(crate) fn sandbox(&self, id: &str) -> Result<Sandbox, String> {
        let found = self.contracts.iter().find(|contract| contract.operation(local(id)).is_some());
        let contract = found.ok_or_else(|| format!("no service has the operation {id}"))?;
        Ok(Sandbox::new(contract.clone(), &[]))
    }
}

fn local(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}
