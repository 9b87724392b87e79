use std::collections::HashSet;

use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::{Map, Value, json};

use super::*;
use crate::contract::{Contract, Operation};

mod fixture;

fn contracts() -> Vec<Contract> {
    let built_in = [
        ("msk.json", include_str!("../../contracts/msk.json")),
        ("eks.json", include_str!("../../contracts/eks.json")),
        ("dsql.json", include_str!("../../contracts/dsql.json")),
        ("cloudhsm.json", include_str!("../../contracts/cloudhsm.json")),
        ("astronomer.yaml", include_str!("../../contracts/astronomer.yaml")),
    ];
    let contracts = built_in.map(|(file, text)| Contract::from_text(file, file, text).unwrap());
    contracts.into_iter().chain([fixture::contract()]).collect()
}

/// Requests are signed for a region where they are signed at all.
const REGION: &str = "us-east-1";

fn known(contract: &Contract) -> Known {
    Known { region: contract.signing_name.as_ref().map(|_| REGION.to_owned()), ..Known::default() }
}

fn msk() -> Contract {
    Contract::built_in("msk").unwrap().unwrap()
}

fn sample(contract: &Contract, operation: &Operation, seed: u64) -> Value {
    let strategy = valid(contract, operation, &Known::default());
    strategy.new_tree(&mut runner(seed, &operation.name)).unwrap().current()
}

#[test]
fn valid_inputs_break_nothing_and_survive_the_wire() {
    for contract in contracts() {
        for operation in &contract.operations {
            let strategy = valid(&contract, operation, &Known::default());
            for seed in 0..400 {
                let tree = strategy.new_tree(&mut runner(seed, &operation.name));
                let input = tree.unwrap_or_else(|why| panic!("{} {seed}: {why}", operation.name)).current();
                assert_eq!(
                    contract.input_violations(operation, &input, None),
                    [],
                    "{} {input:#}",
                    operation.name
                );
                let request = contract.encode(operation, &input).unwrap();
                assert_eq!(contract.decode(operation, &request).unwrap().input, input, "{}", request.target);
                assert_eq!(contract.route(&request).unwrap().name, operation.name);
            }
        }
    }
}

#[test]
fn valid_inputs_seldom_need_a_second_draw() {
    // Constructive: what comes out of one draw is valid, apart from rules.
    for contract in contracts() {
        for operation in &contract.operations {
            let asker = valid::Asker::new(&contract, operation, &Known::default());
            for seed in 0..200 {
                let mut rng = rng(seed, &operation.name);
                let input = asker.input(&mut choices::Choices::fresh(&mut rng)).unwrap();
                let found = contract.input_violations(operation, &input, None);
                let is_known = |rule: &str| rule.starts_with("rule:") || matches!(rule, "anyOf" | "oneOf");
                assert!(found.iter().all(|violation| is_known(&violation.rule)), "{found:#?}");
            }
        }
    }
}

#[test]
fn valid_inputs_differ_in_size_and_reach_every_member() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let inputs: Vec<Value> = (0..300).map(|seed| sample(&msk, create, seed)).collect();
    for member in msk.input(create).members() {
        assert!(inputs.iter().any(|input| input.get(member.name).is_some()), "{}", member.name);
    }
    let small = inputs.iter().filter(|input| input.as_object().unwrap().len() <= 5).count();
    assert!(small > 60 && small < 250, "{small}");
}

#[test]
fn one_seed_and_name_give_the_same_values_and_another_name_others() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let strategy = valid(&msk, create, &Known::default());
    let draw = |case: &str| strategy.new_tree(&mut runner(7, case)).unwrap().current();
    assert_eq!(draw("a"), draw("a"));
    assert_ne!(draw("a"), draw("b"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&draw("a")).unwrap());
}

#[test]
fn what_is_given_stays_and_page_tokens_come_only_so() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let list = msk.operation("ListClusters").unwrap();
    let known = |name: &str, value: &str| Known {
        given: Map::from_iter([(name.to_owned(), json!(value))]),
        ..Known::default()
    };
    let (given, token) = (known("clusterName", "mine"), known("nextToken", "t/0="));
    for seed in 0..100 {
        let created = valid(&msk, create, &given).new_tree(&mut runner(seed, "given")).unwrap().current();
        assert_eq!(created["clusterName"], "mine");
        assert!(sample(&msk, list, seed).get("nextToken").is_none());
        let listed = valid(&msk, list, &token).new_tree(&mut runner(seed, "given")).unwrap().current();
        assert_eq!(listed["nextToken"], "t/0=");
        assert!(listed.get("clusterName").is_none());
    }
}

#[test]
fn every_violation_breaks_its_constraint_and_shows_on_the_wire() {
    for contract in contracts() {
        for operation in &contract.operations {
            for violating in violations(&contract, operation).reachable {
                let strategy = violating.strategy(&contract, operation, &known(&contract));
                for seed in 0..6 {
                    let tree = strategy.new_tree(&mut runner(seed, &violating.label));
                    let broken = tree.expect(&violating.label).current();
                    assert_as_labelled(&contract, operation, &violating, &broken);
                }
            }
        }
    }
}

fn assert_as_labelled(contract: &Contract, operation: &Operation, violating: &Violating, broken: &Broken) {
    let label = format!("{}/{}", operation.name, violating.label);
    let request = contract.encode(operation, &broken.input).unwrap();
    let decoded = contract.decode(operation, &request).unwrap().input;
    let found = contract.input_violations(operation, &decoded, Some(REGION));
    let is_it = |pointer: &str, rule: &str| pointer == broken.pointer && rule == violating.rule;
    assert!(
        found.iter().any(|v| is_it(&v.pointer, &v.rule) && v.level == violating.level),
        "{label} {found:#?}"
    );
    for other in found.iter().filter(|v| !is_it(&v.pointer, &v.rule)) {
        let (one, two) = (&other.pointer, &broken.pointer);
        assert!(one.starts_with(two) || two.starts_with(one), "{label} also breaks {other:#?}");
    }
    assert_eq!(broken.input.pointer(&broken.pointer), broken.new.as_ref(), "{label}");
    assert_ne!(broken.old, broken.new, "{label}");
}

#[test]
fn labels_are_stable_and_unique() {
    let mut text = String::new();
    for contract in contracts() {
        for operation in &contract.operations {
            let found = violations(&contract, operation);
            let labels: HashSet<&str> = found.reachable.iter().map(|found| found.label.as_str()).collect();
            assert_eq!(labels.len(), found.reachable.len(), "{}", operation.name);
            text += &format!("{}\n", operation.name);
            for violating in &found.reachable {
                text += &format!("  {:6} {}\n", violating.level.as_str(), violating.label);
            }
            for unreachable in &found.unreachable {
                text += &format!("  -      {}: {}\n", unreachable.label, unreachable.reason);
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_violation_overrides_what_is_given() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let given =
        Known { given: Map::from_iter([("clusterName".to_owned(), json!("mine"))]), ..Known::default() };
    for violating in violations(&msk, create).reachable {
        let strategy = violating.strategy(&msk, create, &given);
        let broken = strategy.new_tree(&mut runner(1, &violating.label)).unwrap().current();
        let name = broken.input.get("clusterName");
        assert_eq!(name == Some(&json!("mine")), !violating.pointer.starts_with("/clusterName"));
    }
}

#[test]
fn a_valid_input_shrinks_to_what_matters_and_stays_valid() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let strategy = valid(&msk, create, &Known::default());
    let fails = |input: &Value| input.pointer("/encryptionInfo/encryptionInTransit/inCluster").is_some();
    let mut trees = (0..).map(|seed| strategy.new_tree(&mut runner(seed, "shrink")).unwrap());
    let mut tree = trees.find(|tree| fails(&tree.current())).unwrap();
    let mut asked = 0;
    let smallest = shrink(&mut tree, 300, |input| {
        asked += 1;
        assert_eq!(msk.input_violations(create, input, None), []);
        fails(input)
    });
    assert_eq!(
        smallest,
        json!({
            "brokerNodeGroupInfo": {
                "clientSubnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0b2c3d4e5f6071829"],
                "instanceType": "kafka.m5.large"
            },
            "clusterName": "SalesCluster",
            "encryptionInfo": {"encryptionInTransit": {"inCluster": false}},
            "kafkaVersion": "1.1.1",
            "numberOfBrokerNodes": 6
        })
    );
    assert!(asked < 100, "{asked}");
}

#[test]
fn a_text_shrinks_to_its_telling_character() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let strategy = valid(&msk, create, &Known::default());
    let fails = |input: &Value| input["clusterName"].as_str().unwrap().contains('%');
    let mut trees = (0..).map(|seed| strategy.new_tree(&mut runner(seed, "text")).unwrap());
    let mut tree = trees.find(|tree| fails(&tree.current())).unwrap();
    assert_eq!(shrink(&mut tree, 300, fails)["clusterName"], "%");
}

#[test]
fn a_broken_input_stays_as_labelled_while_it_shrinks() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let of_each_kind = violations(&msk, create).reachable.into_iter().step_by(9);
    for violating in of_each_kind {
        let strategy = violating.strategy(&msk, create, &Known::default());
        let mut tree = strategy.new_tree(&mut runner(3, &violating.label)).unwrap();
        let smallest = shrink(&mut tree, 60, |broken| {
            let found = msk.input_violations(create, &broken.input, None);
            assert!(found.iter().any(|v| v.rule == violating.rule && v.pointer == broken.pointer));
            true
        });
        let members = smallest.input.as_object().unwrap().len();
        assert!(members <= 6, "{}: {:#}", violating.label, smallest.input);
    }
}

#[test]
fn shrinking_asks_no_more_than_its_budget() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    for budget in [0, 1, 5] {
        let mut tree = valid(&msk, create, &Known::default()).new_tree(&mut runner(1, "budget")).unwrap();
        let mut asked = 0;
        shrink(&mut tree, budget, |_| {
            asked += 1;
            asked % 2 == 0
        });
        assert!(asked <= budget);
    }
}

#[test]
fn a_name_that_nothing_has_is_well_formed_and_new_each_time() {
    let msk = msk();
    for operation in msk.operations.iter().filter(|operation| operation.label().is_some()) {
        let label = operation.label().unwrap();
        let names: HashSet<String> =
            (0..20).map(|seed| sample(&msk, operation, seed)[label].as_str().unwrap().to_owned()).collect();
        assert_eq!(names.len(), 20, "{}", operation.name);
        assert!(
            names.iter().all(|name| name.starts_with("arn:aws:kafka:") && !name.contains('{')),
            "{names:?}"
        );
    }
}

#[test]
fn an_idempotency_token_follows_the_rest_of_its_input() {
    let contract = fixture::contract();
    let create = contract.operation("CreateThing").unwrap();
    let mut tree = valid(&contract, create, &Known::default()).new_tree(&mut runner(5, "token")).unwrap();
    let mut seen = vec![tree.current()];
    shrink(&mut tree, 200, |input| {
        seen.push(input.clone());
        seen.len() % 3 != 0
    });
    for (index, one) in seen.iter().enumerate() {
        for other in &seen[..index] {
            assert_eq!(one["token"] == other["token"], one == other);
        }
        assert_eq!(one["token"].as_str().unwrap().len(), 36);
    }
}

#[test]
fn a_broken_rule_is_found_for_every_seed() {
    let msk = msk();
    let create = msk.operation("CreateCluster").unwrap();
    let rules = violations(&msk, create).reachable.into_iter().filter(|v| v.label.starts_with("rule."));
    for violating in rules {
        let strategy = violating.strategy(&msk, create, &Known::default());
        for seed in 0..50 {
            strategy.new_tree(&mut runner(seed, "rule")).expect(&violating.label);
        }
    }
}

#[test]
fn no_contract_makes_it_panic_or_run_on() {
    let contract = fixture::hostile();
    let operation = &contract.operations[0];
    for member in contract.input(operation).members() {
        let place = place::Place::root(&contract, operation).member(member.name);
        let drawing = draw::Drawing::default();
        for seed in 0..20 {
            drawing.value(&place, &mut choices::Choices::fresh(&mut rng(seed, member.name)));
        }
    }
    violations(&contract, operation);
    assert!(valid(&contract, operation, &Known::default()).new_tree(&mut runner(1, "hostile")).is_err());
}

#[test]
fn strategies_and_trees_can_go_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    let msk = msk();
    let list = msk.operation("ListClusters").unwrap();
    let strategy = valid(&msk, list, &Known::default());
    is_send(&strategy);
    is_send(&strategy.new_tree(&mut runner(1, "send")).unwrap());
    let violating = violations(&msk, list).reachable.remove(0).strategy(&msk, list, &Known::default());
    is_send(&violating);
}
