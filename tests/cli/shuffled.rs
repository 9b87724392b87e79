//! A session with each provider, recorded from the sandbox and replayed to clients that come in any order
//! and all at once: every answer belongs to its request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use onrecord::cassette::Cassette;
use onrecord::contract::Contract;
use onrecord::exchange::{Exchange, Method, Request, Target};
use serde_json::{Value, json};

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

/// What has to be in a recording for this test to show something: different operations with equal bodies,
/// a poll through three states, and equal creates with different tokens where the
/// contract has tokens.
fn shows_enough(contract: &Contract, exchanges: &[Exchange]) {
    let (mut bodies, mut polls) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
    let mut creates = BTreeMap::<_, BTreeSet<_>>::new();
    for exchange in exchanges {
        let Some(operation) = contract.route(&exchange.request) else { continue };
        let asked = plainly(contract, &exchange.request);
        bodies.entry(exchange.request.body.text()).or_default().insert(&operation.name);
        polls.entry(asked.clone()).or_default().insert(answer(exchange));
        for (_, token) in contract.idempotency_tokens(operation, &exchange.request) {
            creates.entry(asked.clone()).or_default().insert(token);
        }
    }
    assert!(bodies.values().any(|operations| operations.len() >= 2), "operations with equal bodies");
    assert!(polls.values().any(|answers| answers.len() >= 3), "a poll through three states");
    assert!(creates.is_empty() || creates.values().any(|tokens| tokens.len() >= 2), "two equal creates");
}

/// How many pages somebody has turned, one after the other: by a token that the page before handed out,
/// or by an offset.
fn longest_walk(exchanges: &[Exchange]) -> usize {
    let mut pages: BTreeMap<String, usize> = BTreeMap::new();
    let mut offsets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Exchange { request, response, .. } in exchanges {
        let sent: Vec<_> = request.target.pairs().chain(members(&request.body)).collect();
        let turned = sent.iter().find_map(|(_, value)| pages.get(value)).copied().unwrap_or_default();
        for (name, value) in members(&response.body) {
            if name.eq_ignore_ascii_case("nexttoken") {
                pages.entry(value).or_insert(turned + 1);
            }
        }
        // A last page hands out none.
        if turned > 0 {
            pages.insert(format!("end of {turned}"), turned + 1);
        }
        if let Some((_, offset)) = sent.iter().find(|(name, _)| name == "offset") {
            offsets.entry(request.target.path().to_owned()).or_default().insert(offset.clone());
        }
    }
    let by_offset = offsets.values().map(BTreeSet::len).max().unwrap_or_default();
    pages.into_values().max().unwrap_or_default().max(by_offset)
}

/// The texts at the top of a JSON body.
fn members(body: &onrecord::exchange::Body) -> Vec<(String, String)> {
    let Some(Value::Object(members)) = body.json() else { return Vec::new() };
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    members.into_iter().filter_map(text).collect()
}

fn record(contract: &str, path: &Path) -> Vec<Exchange> {
    let words = format!("check --sandbox --cases 1 --contract {contract} --record");
    run(onrecord(&words).arg(path)).with(0, &[]);
    held(path)
}

/// Sends a request, and says what it was answered.
fn told(server: &Server, target: &str, name: Option<&str>, body: &Value) -> Value {
    let mut request = Request::new(Method::Post, Target::new(target));
    let media = if name.is_some() { "application/x-amz-json-1.1" } else { "application/json" };
    request.headers.push("content-type", media);
    name.iter().for_each(|name| request.headers.push("x-amz-target", *name));
    request.body = body.to_string().into();
    server.send(&request).unwrap().0.body.json().unwrap_or_default()
}

/// Two equal creates with different tokens: the second one is refused, for the name is taken.
fn creates_twice(server: &Server) {
    for token in ["token-of-the-first", "token-of-the-second"] {
        let body = json!({"name": "same", "roleArn": "arn:aws:iam::123456789012:role/x",
            "resourcesVpcConfig": {"subnetIds": ["subnet-0a", "subnet-0b"]}, "clientRequestToken": token});
        told(server, "/clusters", None, &body);
    }
}

/// Three clusters, shown on three pages.
fn turns_pages(server: &Server) {
    let of = |name: &str| Some(format!("BaldrApiService.{name}"));
    for _ in 0..3 {
        let body = json!({"HsmType": "hsm1.medium", "SubnetIds": ["subnet-0123abcd"]});
        told(server, "/", of("CreateCluster").as_deref(), &body);
    }
    let mut body = json!({"MaxResults": 1});
    while let Some(token) = told(server, "/", of("DescribeClusters").as_deref(), &body).get("NextToken") {
        body["NextToken"] = token.clone();
    }
}

/// What clients do to the sandbox, recorded.
fn story(contract: &str, path: &Path, tell: fn(&Server)) -> Vec<Exchange> {
    let sandbox = Server::start(&mut onrecord(&format!("sandbox --contract {contract}")));
    let words = format!("record --contract {contract} --upstream {} --cassette", sandbox.url);
    let recorder = Server::start(onrecord(&words).arg(path));
    tell(&recorder);
    recorder.stop();
    sandbox.stop();
    held(path)
}

fn held(path: &Path) -> Vec<Exchange> {
    let cassette = Cassette::load(path).unwrap();
    cassette.exchanges.into_iter().map(|exchange| (*exchange).clone()).collect()
}

/// The contract's own checks make most of what is to be shown; `tell` the rest.
fn every_answer_is_right(name: &str, tell: Option<fn(&Server)>) {
    let folder = folder();
    let (checked, told) = (folder.path().join("checked.json"), folder.path().join("told.json"));
    let mut recordings = vec![(record(name, &checked), checked)];
    recordings.extend(tell.map(|tell| (story(name, &told, tell), told)));
    let contract = Contract::built_in(name).unwrap().unwrap();
    shows_enough(
        &contract,
        &recordings.iter().flat_map(|(exchanges, _)| exchanges.clone()).collect::<Vec<_>>(),
    );
    let walks = recordings.iter().map(|(exchanges, _)| longest_walk(exchanges));
    assert!(walks.max() >= Some(3), "three pages");
    recordings.iter().for_each(|(exchanges, path)| is_right(name, &contract, exchanges, path));
}

fn is_right(name: &str, contract: &Contract, exchanges: &[Exchange], path: &Path) {
    let words = format!("replay --contract {name} --strict --cassette");
    let server = Server::start(onrecord(&words).arg(path));
    let order = shuffled(exchanges.len());
    let server_ref = &server;
    let got: Vec<(usize, String)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let own: Vec<_> = order.iter().copied().skip(client).step_by(CLIENTS).collect();
                scope.spawn(move || {
                    let ask = |number: usize| {
                        let (response, _) = server_ref.send(&exchanges[number].request).unwrap();
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
        let asked = plainly(contract, &exchanges[number].request);
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
    every_answer_is_right("msk", None);
}

#[test]
fn eks() {
    every_answer_is_right("eks", Some(creates_twice));
}

#[test]
fn dsql() {
    every_answer_is_right("dsql", None);
}

#[test]
fn cloudhsm() {
    every_answer_is_right("cloudhsm", Some(turns_pages));
}

#[test]
fn astronomer() {
    every_answer_is_right("astronomer", None);
}
