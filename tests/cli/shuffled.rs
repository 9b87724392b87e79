//! A session with each provider, recorded from the sandbox and replayed to clients that come in any order
//! and all at once: every answer belongs to its request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use onrecord::cassette::Cassette;
use onrecord::contract::Contract;
use onrecord::exchange::{Exchange, Request};
use serde_json::Value;

use crate::support::{Server, folder, onrecord, run};

/// How many clients ask at once.
const CLIENTS: usize = 8;

/// What a reader of the recording would call the same request; written apart from what replay does.
fn plainly(contract: &Contract, request: &Request) -> String {
    let operation = contract.route(request);
    let tokens =
        operation.map(|operation| contract.idempotency_tokens(operation, request)).unwrap_or_default();
    let mut pairs: Vec<_> = request.target.pairs().collect();
    pairs.retain(|(name, value)| !tokens.iter().any(|(_, token)| token == value && name != "nextToken"));
    pairs.sort();
    let body = match request.body.json() {
        Some(mut body) => {
            if let Value::Object(members) = &mut body {
                tokens.iter().for_each(|(member, _)| drop(members.shift_remove(member)));
                members.sort_keys();
            }
            body.to_string()
        }
        None => request.body.text().unwrap_or_default().to_owned(),
    };
    let (method, path, target) =
        (&request.method, request.target.path(), request.headers.get("x-amz-target"));
    format!("{method} {path} {pairs:?} {target:?} {body}")
}

/// The same numbers in another order, the same each time.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for at in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap());
    }
    order
}

fn answer(exchange: &Exchange) -> String {
    format!("{} {}", exchange.response.status, exchange.response.body.text().unwrap_or_default())
}

/// What has to be in a recording for this test to show something.
fn shows_enough(contract: &Contract, exchanges: &[Exchange]) {
    let (mut bodies, mut polls) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
    let mut creates = BTreeMap::<_, BTreeSet<_>>::new();
    let mut pages = 0;
    for exchange in exchanges {
        let Some(operation) = contract.route(&exchange.request) else { continue };
        let asked = plainly(contract, &exchange.request);
        bodies.entry(exchange.request.body.text()).or_default().insert(&operation.name);
        polls.entry(asked.clone()).or_default().insert(answer(exchange));
        pages += usize::from(exchange.operation.as_deref().is_some_and(|name| name.starts_with("List")));
        for (_, token) in contract.idempotency_tokens(operation, &exchange.request) {
            creates.entry(asked.clone()).or_default().insert(token);
        }
    }
    assert!(bodies.values().any(|operations| operations.len() >= 2), "operations with equal bodies");
    assert!(polls.values().any(|answers| answers.len() >= 3), "a poll through three states");
    assert!(pages == 0 || pages >= 3, "three pages");
    assert!(creates.is_empty() || creates.values().any(|tokens| !tokens.is_empty()), "tokens");
}

fn record(contract: &str, path: &Path) -> Vec<Exchange> {
    let words = format!("check --sandbox --cases 1 --contract {contract} --record");
    run(onrecord(&words).arg(path)).with(0, &[]);
    let cassette = Cassette::load(path).unwrap();
    cassette.exchanges.into_iter().map(|exchange| (*exchange).clone()).collect()
}

fn every_answer_is_right(name: &str) {
    let folder = folder();
    let path = folder.path().join("a.json");
    let exchanges = record(name, &path);
    let contract = Contract::built_in(name).unwrap().unwrap();
    shows_enough(&contract, &exchanges);

    let words = format!("replay --contract {name} --strict --cassette");
    let server = Server::start(onrecord(&words).arg(&path));
    let order = shuffled(exchanges.len());
    let (server_ref, exchanges_ref) = (&server, &exchanges);
    let got: Vec<(usize, String)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let own: Vec<_> = order.iter().copied().skip(client).step_by(CLIENTS).collect();
                scope.spawn(move || {
                    let ask = |number: usize| {
                        let (response, _) = server_ref.send(&exchanges_ref[number].request).unwrap();
                        let body = response.body.text().unwrap_or_default().to_owned();
                        // Our own address stands where the provider's stood.
                        let body = body.replace(&server_ref.url[7..], onrecord::redact::PROVIDER);
                        (number, format!("{} {body}", response.status))
                    };
                    own.into_iter().map(ask).collect::<Vec<_>>()
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    server.stop().with(0, &[&format!("{} served, 0 missed, 0 unused", exchanges.len())]);

    // Equal requests may have met in any order: together they have got just what was recorded for them.
    let (mut expected, mut given) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
    for (number, text) in got {
        let asked = plainly(&contract, &exchanges[number].request);
        expected.entry(asked.clone()).or_default().push(answer(&exchanges[number]));
        given.entry(asked).or_default().push(text);
    }
    for answers in expected.values_mut().chain(given.values_mut()) {
        answers.sort();
    }
    for (asked, answers) in expected {
        assert_eq!(given[&asked], answers, "{asked}");
    }
}

#[test]
fn msk() {
    every_answer_is_right("msk");
}

#[test]
fn eks() {
    every_answer_is_right("eks");
}

#[test]
fn dsql() {
    every_answer_is_right("dsql");
}

#[test]
fn cloudhsm() {
    every_answer_is_right("cloudhsm");
}

#[test]
fn astronomer() {
    every_answer_is_right("astronomer");
}
