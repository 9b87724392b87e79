//! Promises: a provider's documented operations, shapes, statuses, errors, pagination and rules.
//!
//! A [`Contract`] is loaded from the provider's published model. Record asks it which operation an
//! exchange is and what in it is secret, replay which places are keys, check what to demand.
//! Values inside it are JSON Schema 2020-12, read through [`Schema`], so that one validator and
//! one generator serve every kind of model.

mod builtin;
mod document;
mod draft;
mod error;
mod flag;
mod hosts;
mod lint;
mod load;
mod location;
mod model;
mod openapi;
mod pattern;
mod places;
mod protocol;
mod reference;
mod role;
mod route;
mod rules;
mod schema;
mod smithy;
pub(crate) mod tags;
mod validate;
mod wire;

pub use builtin::BUILT_IN;
pub(crate) use document::{Binary, Document, Reading};
pub use draft::Overlay;
pub use error::ContractError;
pub use hosts::{HostPattern, serving};
pub use lint::{Grade, Problem, locate};
pub use location::{About, Location, built_in_text, look_up};
pub use model::{
    Acceptor, Answer, Binding, Condition, Constraint, Contract, DELAY, End, ErrorKind, ErrorShape, Explode,
    Filter, FilterKind, Level, Link, Matcher, Operation, PageSize, Pagination, PagingStyle, ParameterStyle,
    Place, Quantity, Resource, Rule, Safety, Source, States, Statuses, Tagging, Unique, Wait, Waiter,
    Warning,
};
pub use protocol::is_in as is_in_range;
pub use protocol::{Decoded, Dialect, ErrorIdentity, Malformed, Outcome, Protocol, Refusal, Unencodable};
pub use reference::Reference;
pub use role::{Declared, Role, RoleRow, Side, at_path};
pub use route::UriPattern;
pub use rules::{REGION, region};
pub use schema::{Kind, Member, Schema, TimestampFormat};
pub use validate::{Severity, Violation};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchange::{Method, Request, Target};

    fn msk() -> Contract {
        Contract::built_in("msk").unwrap().unwrap()
    }

    #[test]
    fn msk_loads_whole() {
        let msk = msk();
        assert_eq!(msk.operations.len(), 8);
        assert_eq!(msk.warnings, []);
        let list = msk.operation("ListClusters").unwrap();
        let pagination = list.pagination.as_ref().unwrap();
        assert_eq!(pagination.items.as_deref(), Some("clusterInfoList"));
        assert_eq!(pagination.sizes.as_ref().unwrap().default, Some(100));
    }

    #[test]
    fn an_input_survives_the_wire() {
        let msk = msk();
        let list = msk.operation("ListClusters").unwrap();
        let input = json!({"maxResults": 2, "nextToken": "a+b/c=", "clusterNameFilter": "x y"});
        let request = msk.encode(list, &input).unwrap();
        assert_eq!(msk.route(&request).unwrap().name, "ListClusters");
        assert_eq!(msk.decode(list, &request).unwrap().input, input);
    }

    #[test]
    fn violations_name_place_and_rule() {
        let msk = msk();
        let create = msk.operation("CreateCluster").unwrap();
        let input = json!({
            "clusterName": "", "kafkaVersion": "2.2.1", "numberOfBrokerNodes": "two",
            "brokerNodeGroupInfo": {"clientSubnets": ["a"], "instanceType": "kafka.m5.large"},
            "clientAuthentication": {"sasl": {"iam": {"enabled": true}}},
            "encryptionInfo": {"encryptionInTransit": {"inCluster": false}},
            "storageMode": "ELSEWHERE"
        });
        let found = msk.input_violations(create, &input, None);
        let rules: Vec<_> = found.iter().map(|v| (v.pointer.as_str(), v.rule.as_str())).collect();
        for expected in [
            ("/clusterName", "minLength"),
            ("/numberOfBrokerNodes", "type"),
            ("/storageMode", "enum"),
            ("/brokerNodeGroupInfo/clientSubnets", "minItems"),
        ] {
            assert!(rules.contains(&expected), "{expected:?} not in {rules:?}");
        }
        assert!(rules.iter().any(|(_, rule)| rule.starts_with("rule:")));
    }

    #[test]
    fn every_constraint_of_a_member_counts() {
        let msk = msk();
        let create = msk.operation("CreateCluster").unwrap();
        let rules = |subnets: &[&str]| -> Vec<_> {
            let input = json!({"brokerNodeGroupInfo": {"clientSubnets": subnets}});
            let found = msk.input_violations(create, &input, None).into_iter();
            found.filter(|it| it.pointer.ends_with("clientSubnets")).map(|it| (it.rule, it.level)).collect()
        };
        assert_eq!(rules(&["a"]), [("minItems".to_owned(), Level::Must)]);
        assert_eq!(rules(&["a", "a"]), [("uniqueItems".to_owned(), Level::Should)]);
    }

    #[test]
    fn only_its_own_method_reaches_an_operation() {
        let msk = msk();
        let request = Request::new(Method::Options, Target::new("/v1/clusters"));
        assert_eq!(msk.route(&request).unwrap().name, "OptionsClusters");
        assert!(msk.route(&Request::new(Method::Put, Target::new("/v1/clusters"))).is_none());
    }
}
