//! Any document is an OpenAPI contract or an error that says why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::contract::Contract;

/// What every document begins with; the rest is anything.
const HEAD: &str = "openapi: 3.1.0\n";

fuzz_target!(|text: &str| {
    for text in [text, &format!("{HEAD}{text}")] {
        if let Ok(contract) = Contract::from_text("fuzz", "fuzz.yaml", text) {
            for operation in &contract.operations {
                contract.input_violations(operation, &serde_json::Value::Null, None);
            }
        }
    }
});
