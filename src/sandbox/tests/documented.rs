//! The documented contracts of AWS, each served whole.

use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::{Value, json};

use super::served::Served;
use crate::contract::Contract;
use crate::generate::{Known, runner, valid};

fn served(id: &str, text: &str) -> Served {
    Served::new(Contract::from_smithy(id, id, text).unwrap(), "eu-west-1")
}

fn eks() -> Served {
    served("eks", include_str!("../../../contracts/eks.json"))
}

fn dsql() -> Served {
    served("dsql", include_str!("../../../contracts/dsql.json"))
}

fn cloudhsm() -> Served {
    served("cloudhsm", include_str!("../../../contracts/cloudhsm.json"))
}

#[test]
fn every_valid_input_of_every_operation_has_a_documented_answer() {
    for served in [eks(), dsql(), cloudhsm()] {
        for operation in &served.contract.operations {
            let known = Known { region: Some(served.region.to_owned()), ..Known::default() };
            let inputs = valid(&served.contract, operation, &known);
            let mut runner = runner(7, &operation.name);
            for _ in 0..20 {
                let input = inputs.new_tree(&mut runner).unwrap().current();
                if let Err((error, status)) = served.call(&operation.name, &input) {
                    let declared = operation.client_errors().any(|it| it.name == error);
                    assert!(
                        declared && (400..500).contains(&status),
                        "{}: {error} {status} for {input}",
                        operation.name
                    );
                }
            }
        }
    }
}

#[test]
fn eks_lists_names_and_shows_what_a_cluster_was_made_with() {
    let eks = eks();
    let vpc = json!({"subnetIds": ["subnet-a", "subnet-b"]});
    let input = json!({"name": "orders", "roleArn": "arn:aws:iam::111122223333:role/eks", "resourcesVpcConfig": vpc, "tags": {"a": "b"}});
    let made = eks.output("CreateCluster", &input)["cluster"].clone();
    assert_eq!(made["arn"], "arn:aws:eks:eu-west-1:111122223333:cluster/orders");
    assert_eq!(
        (&made["status"], &made["resourcesVpcConfig"]["subnetIds"]),
        (&json!("CREATING"), &vpc["subnetIds"])
    );
    assert!(made["resourcesVpcConfig"]["vpcId"].as_str().unwrap().starts_with("vpc-"));
    assert_eq!(eks.output("ListClusters", &json!({}))["clusters"], json!(["orders"]));
    let named = json!({"name": "orders"});
    assert_eq!(eks.output("DescribeCluster", &named)["cluster"]["status"], "ACTIVE");
    assert_eq!(
        eks.output("ListTagsForResource", &json!({"resourceArn": made["arn"]}))["tags"],
        json!({"a": "b"})
    );
    assert_eq!(eks.output("DeleteCluster", &named)["cluster"]["status"], "DELETING");
    assert_eq!(
        eks.call("DescribeCluster", &named).unwrap_err(),
        ("ResourceNotFoundException".to_owned(), 404)
    );
}

#[test]
fn dsql_shows_summaries_and_knows_its_region() {
    let dsql = dsql();
    let made = dsql.output("CreateCluster", &json!({"tags": {"a": "b"}, "clientToken": "t"}));
    let id = made["identifier"].as_str().unwrap();
    let arn = json!(format!("arn:aws:dsql:eu-west-1:111122223333:cluster/{id}"));
    assert_eq!((id.len(), &made["arn"]), (26, &arn));
    assert_eq!(dsql.output("ListClusters", &json!({}))["clusters"], json!([{"identifier": id, "arn": arn}]));
    let protected = json!({"identifier": id, "deletionProtectionEnabled": true});
    dsql.output("UpdateCluster", &protected);
    assert_eq!(dsql.output("GetCluster", &json!({"identifier": id}))["deletionProtectionEnabled"], true);
    let name = dsql.output("GetVpcEndpointServiceName", &json!({"identifier": id}));
    assert!(name["serviceName"].as_str().unwrap().starts_with("com.amazonaws."));
    let own = json!({"multiRegionProperties": {"witnessRegion": "eu-west-1"}});
    assert_eq!(dsql.call("CreateCluster", &own).unwrap_err(), ("ValidationException".to_owned(), 400));
    let other = json!({"multiRegionProperties": {"witnessRegion": "us-west-2"}});
    assert_eq!(dsql.output("CreateCluster", &other)["multiRegionProperties"], other["multiRegionProperties"]);
}

#[test]
fn cloudhsm_reads_through_its_list() {
    let hsm = cloudhsm();
    let make = |subnet: &str| {
        let input =
            json!({"HsmType": "hsm1.medium", "SubnetIds": [subnet], "TagList": [{"Key": "a", "Value": "b"}]});
        hsm.output("CreateCluster", &input)["Cluster"].clone()
    };
    let (first, second) = (make("subnet-0a1b2c3d"), make("subnet-0b2c3d4e"));
    assert_eq!(first["State"], "CREATE_IN_PROGRESS");
    let list = |key: &str, values: Value| -> Vec<Value> {
        let output = hsm.output("DescribeClusters", &json!({"Filters": {key: values}}));
        output["Clusters"].as_array().unwrap().iter().map(|it| it["ClusterId"].clone()).collect()
    };
    assert_eq!(list("clusterIds", json!([second["ClusterId"]])), [second["ClusterId"].clone()]);
    assert_eq!(
        list("states", json!(["UNINITIALIZED"])),
        [first["ClusterId"].clone(), second["ClusterId"].clone()]
    );
    assert_eq!(list("vpcIds", json!([first["VpcId"], "vpc-none"])), [first["ClusterId"].clone()]);
    assert!(list("states", json!([])).is_empty());
    let tagged = json!({"ResourceId": first["ClusterId"]});
    hsm.output(
        "TagResource",
        &json!({"ResourceId": first["ClusterId"], "TagList": [{"Key": "c", "Value": "d"}]}),
    );
    hsm.output("UntagResource", &json!({"ResourceId": first["ClusterId"], "TagKeyList": ["a"]}));
    assert_eq!(hsm.output("ListTags", &tagged)["TagList"], json!([{"Key": "c", "Value": "d"}]));
    let named = json!({"ClusterId": first["ClusterId"]});
    hsm.output("ModifyCluster", &json!({"ClusterId": first["ClusterId"], "HsmType": "hsm2m.medium"}));
    assert_eq!(hsm.output("DeleteCluster", &named)["Cluster"]["HsmType"], "hsm2m.medium");
    assert_eq!(hsm.call("DeleteCluster", &named).unwrap_err().0, "CloudHsmResourceNotFoundException");
}
