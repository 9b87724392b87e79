//! Any text is a Smithy contract or an error that says why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::contract::Contract;

fuzz_target!(|text: &str| {
    if let Ok(contract) = Contract::from_smithy("fuzz", "fuzz.json", text) {
        for operation in &contract.operations {
            contract.input_violations(operation, &serde_json::Value::Null, None);
        }
    }
});
