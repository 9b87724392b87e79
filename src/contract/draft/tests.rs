use serde_json::{Value, json};

use super::Overlay;
use crate::contract::document::Document;
use crate::contract::{Contract, ContractError, End, FilterKind, Role, Safety, Side, smithy};

/// A service as AWS publishes many: no resources, nothing but shapes and operations.
fn model() -> Value {
    let text = json!({"target": "smithy.api#String"});
    json!({"smithy": "2.0", "shapes": {
        "x#Keys": {"type": "service", "version": "1", "operations": [{"target": "x#MintKey"}, {"target": "x#ListKeys"}],
            "traits": {"aws.protocols#awsJson1_1": {}}},
        "x#MintKey": {"type": "operation", "input": {"target": "x#Key"}, "output": {"target": "x#Key"}},
        "x#ListKeys": {"type": "operation", "input": {"target": "x#ListKeysInput"}, "output": {"target": "x#ListKeysOutput"},
            "traits": {"smithy.api#paginated": {"inputToken": "next", "outputToken": "next", "items": "keys"}}},
        "x#Key": {"type": "structure", "members": {"id": text, "material": text, "state": text}},
        "x#ListKeysInput": {"type": "structure", "members": {"next": text, "filters": {"target": "x#Filters"}}},
        "x#Filters": {"type": "map", "key": text, "value": text},
        "x#ListKeysOutput": {"type": "structure", "members": {"next": text, "keys": {"target": "x#KeyList"}}},
        "x#KeyList": {"type": "list", "member": {"target": "x#Key"}},
    }})
}

fn laid(overlay: &str) -> Result<Contract, ContractError> {
    let model = model().to_string();
    let document = Document::read("keys.json", model.as_bytes())?;
    let overlay = Overlay::read("mine.yaml", overlay.as_bytes())?;
    let mut draft = smithy::draft("keys", &document, None)?;
    draft.lay(&overlay)?;
    Ok(draft.finish())
}

#[test]
fn every_kind_of_place_takes_words() {
    let unquoted = laid("operations: {ListKeys: {paginated: {end: [null]}}}");
    // `null` is no text in YAML.
    assert_eq!(unquoted.unwrap_err().pointer.as_deref(), Some("/operations/ListKeys/paginated/end/0"));
    let contract = laid(
        "
service:
  pages: {api: {title: API, url: u}}
  commonErrors: [{code: Slow, status: [429]}]
operations:
  MintKey: {safety: create, source: {page: api, section: Mint}}
  ListKeys:
    paginated: {end: ['null', absent]}
    pageSize: {default: 5, maximum: 50}
    identity: id
resources:
  Key: {identifiers: [id], create: MintKey, list: ListKeys, states: {member: state, initial: A, settled: [B]}}
shapes:
  Key:
    rules: [{id: a, when: /state, equal: [/id, /state]}]
    members: {material: {sensitive: true}}
  ListKeysInput: {members: {filters: {filter: [{kind: oneOf, key: ids, item: id}]}}}
  ListKeysOutput: {members: {keys.*.id: {generated: '{uuid}'}}}
",
    )
    .unwrap();
    assert_eq!(contract.warnings, []);
    assert_eq!(contract.common_errors, [("Slow".to_owned(), vec![429])]);
    let mint = contract.operation("MintKey").unwrap();
    assert_eq!((mint.safety, mint.source.as_ref().unwrap().section.as_str()), (Safety::Create, "Mint"));
    assert_eq!(mint.rules[0].id, "a");
    let list = contract.operation("ListKeys").unwrap();
    let pagination = list.pagination.as_ref().unwrap();
    assert_eq!(pagination.items.as_deref(), Some("keys"), "the model's own words stay");
    assert_eq!(pagination.ends, [End::Null, End::Absent]);
    assert_eq!(pagination.sizes.as_ref().unwrap().maximum, Some(50));
    assert_eq!((list.filters[0].kind, list.filters[0].key.as_deref()), (FilterKind::OneOf, Some("ids")));
    assert_eq!(contract.resource_of("ListKeys").unwrap().states.as_ref().unwrap().settled, ["B"]);
    assert_eq!(contract.shape("Key").member("material").unwrap().role(Side::Request), Role::Secret);
    assert_eq!(contract.shape("Key").member("id").unwrap().note("generated"), Some(&json!("{uuid}")));
}

/// Line, column, pointer and problem of the error that an overlay makes, and its cure.
#[track_caller]
fn refused(overlay: &str, line: usize, column: usize, pointer: &str, problem: &str, mend: &str) {
    let error = laid(overlay).unwrap_err();
    assert_eq!(
        (error.file.as_str(), error.line, error.column),
        ("mine.yaml", Some(line), Some(column)),
        "{error}"
    );
    assert_eq!((error.pointer.as_deref(), error.problem.as_str()), (Some(pointer), problem));
    assert!(error.mend.contains(mend), "{error}");
}

#[test]
fn what_is_wrong_is_told_with_place_and_cure() {
    refused(
        "operation: {}",
        1,
        1,
        "/operation",
        "there is no operation here",
        "operations, resources and shapes",
    );
    let wrong = "operations:\n  ListKeys:\n    pagesize: {maximum: 2}";
    let words = "identity, pageSize, paginated, safety, source";
    refused(wrong, 3, 5, "/operations/ListKeys/pagesize", "there is no pagesize here", words);
    let wrong = "operations:\n  ListKeys:\n    pageSize: {maximum: many}";
    let example = r#"write pageSize as in {"default":100,"maximum":100}"#;
    refused(wrong, 3, 16, "/operations/ListKeys/pageSize/maximum", "the value must be an integer", example);
    let wrong = "resources:\n  Key:\n    unique: {member: id}";
    refused(wrong, 3, 5, "/resources/Key/unique", "error is missing", "write unique as in ");
    let wrong = "shapes:\n  Key:\n    rules:\n      - {id: a, equal: [/id, /id], schema: {}}";
    let problem = "it has several of the members of which it needs one";
    refused(wrong, 4, 9, "/shapes/Key/rules/0", problem, "write rules as in ");
    let mend = "name one that `onrecord contract show` lists";
    refused(
        "operations:\n  Fly: {safety: read}",
        2,
        3,
        "/operations/Fly",
        "the contract has no operation Fly",
        mend,
    );
    let wrong = "shapes:\n  Key:\n    members:\n      keys.*.id: {sensitive: true}";
    let at = "/shapes/Key/members/keys.*.id";
    refused(wrong, 4, 7, at, "the contract has no member keys.*.id in Key", "by its name on the wire");
}

#[test]
fn hosts_that_the_model_does_not_name_are_added() {
    let stated = r#"service: {hosts: [{host: "keys.{region}.example.com"}, {host: "{any}.com"}, {host: "k.example"}]}"#;
    let contract = laid(stated).unwrap();
    assert_eq!(
        contract.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["keys.{region}.example.com", "k.example"]
    );
    assert!(contract.serves("keys.eu-west-1.example.com:443") && !contract.serves("a.com"));
    let [warning] = &contract.warnings[..] else { panic!("{:?}", contract.warnings) };
    assert_eq!((warning.file.as_str(), warning.pointer.as_str()), ("mine.yaml", "/service/hosts/1/host"));
    assert_eq!(warning.problem, "hosts: {any}.com is left out, for hosts of anybody fit it");
    assert_eq!(
        laid("service: {hosts: [k.example]}").unwrap_err().pointer.as_deref(),
        Some("/service/hosts/0")
    );
}

#[test]
fn the_model_names_hosts_by_prefix_and_rules_and_operations_put_something_before() {
    let mut model = model();
    let traits = &mut model["shapes"]["x#Keys"]["traits"];
    traits["aws.api#service"] = json!({"sdkId": "Keys", "endpointPrefix": "keys"});
    let rules =
        json!({"rules": [{"endpoint": {"url": "https://vault.{Region}.{PartitionResult#dnsSuffix}"}}]});
    traits["smithy.rules#endpointRuleSet"] = rules;
    let prefix = json!({"hostPrefix": "data-"});
    model["shapes"]["x#MintKey"]["traits"] = json!({"smithy.api#endpoint": prefix});
    let contract = Contract::from_smithy("keys", "keys.json", &model.to_string()).unwrap();
    for host in [
        "keys.us-east-1.amazonaws.com",
        "keys.amazonaws.com",
        "vault.cn-north-1.amazonaws.com.cn",
        "data-keys.us-east-1.api.aws",
    ] {
        assert!(contract.serves(host), "{host}");
    }
    for host in ["vaults.us-east-1.amazonaws.com", "data-.us-east-1.api.aws", "other.us-east-1.amazonaws.com"]
    {
        assert!(!contract.serves(host), "{host}");
    }
}
