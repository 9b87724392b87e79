//! The sandbox and an empty replay answer any request.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use onrecord::contract::Contract;
use onrecord::exchange::{Body, Method, Request, Target};
use onrecord::replay::Replayer;
use onrecord::sandbox::Sandbox;

static MSK: LazyLock<Arc<Contract>> =
    LazyLock::new(|| Arc::new(Contract::built_in("msk").expect("built in").expect("loads")));

fuzz_target!(|parts: (&str, &str, &str, &[u8])| {
    let (method, target, field, body) = parts;
    let mut request = Request::new(Method::from(method), Target::new(target));
    request.headers.push("content-type", field);
    request.body = Body::from(body.to_vec());
    let refused = Replayer::new(vec![MSK.clone()], Vec::new()).answer(&request).status;
    assert!((400..500).contains(&refused), "an empty replay misses: {refused}");
    Sandbox::new(MSK.clone(), &[]).answer(&request);
});
