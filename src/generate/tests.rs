use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::{Map, Value, json};

use super::*;
use crate::contract::{Contract, Operation};

fn msk() -> Contract {
    Contract::built_in("msk").unwrap().unwrap()
}

fn samples(contract: &Contract, operation: &Operation, count: u64) -> Vec<Value> {
    let strategy = valid(contract, operation, &Map::new());
    (0..count)
        .map(|seed| strategy.new_tree(&mut runner(seed, &operation.name)).unwrap().current())
        .collect()
}

#[test]
fn valid_inputs_break_nothing_and_survive_the_wire() {
    let msk = msk();
    for operation in &msk.operations {
        for input in samples(&msk, operation, 500) {
            assert_eq!(msk.input_violations(operation, &input), [], "{} {input:#}", operation.name);
            let request = msk.encode(operation, &input).unwrap();
            let decoded = msk.decode(operation, &request).unwrap();
            assert_eq!(decoded.input, input, "{}", operation.name);
            assert_eq!(msk.route(&request).unwrap().name, operation.name);
        }
    }
}

#[test]
fn one_seed_and_name_give_the_same_values() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    assert_eq!(samples(&msk, create, 50), samples(&msk, create, 50));
}

#[test]
fn what_is_given_stays() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let given = Map::from_iter([("clusterName".to_owned(), json!("mine"))]);
    for seed in 0..100 {
        let input = valid(&msk, create, &given).new_tree(&mut runner(seed, "given")).unwrap().current();
        assert_eq!(input["clusterName"], "mine");
    }
}

#[test]
fn speed() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let strategy = valid(&msk, create, &Map::new());
    let mut runner = runner(1, "speed");
    strategy.new_tree(&mut runner).unwrap();
    let started = std::time::Instant::now();
    let mut bytes = 0;
    for _ in 0..5000 {
        bytes += strategy.new_tree(&mut runner).unwrap().current().to_string().len();
    }
    println!("{:?} each, {} bytes", started.elapsed() / 5000, bytes / 5000);
    for _ in 0..6 {
        println!("{}", strategy.new_tree(&mut runner).unwrap().current());
    }
}

#[test]
fn labels() {
    let msk = msk();
    for operation in &msk.operations {
        let started = std::time::Instant::now();
        let found = violations(&msk, operation);
        println!("{} {:?}", operation.name, started.elapsed());
        for violating in &found.reachable {
            let strategy = violating.strategy(&msk, operation, &Map::new());
            let broken = strategy.new_tree(&mut runner(1, "x")).map(|tree| tree.current());
            let broken = broken.map(|b| format!("{} {:?} -> {:?}", b.pointer, b.old.map(|v| v.to_string().chars().take(40).collect::<String>()), b.new.map(|v| v.to_string().chars().take(70).collect::<String>())));
            println!("  {} {} {broken:?}", violating.label, violating.level);
        }
        for Unreachable { label, reason } in &found.unreachable {
            println!("  - {label}: {reason}");
        }
    }
}
