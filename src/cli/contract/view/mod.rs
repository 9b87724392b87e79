//! A contract as data for programs and for the terminal. The names of the members are part of the
//! command's interface.

mod node;
mod operation;

use std::collections::BTreeMap;

use onrecord::contract::{Contract, Operation, Resource, Side};
use serde::Serialize;
use serde_json::Value;

pub(super) use node::Node;
pub(super) use operation::{OperationView, PlaceView, RuleView, SourceView};

/// What a contract says, or what it says of one operation.
#[derive(Serialize)]
pub(super) struct View {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) version: String,
    pub(super) service: String,
    /// SHA-256 of the source texts.
    pub(super) digest: String,
    pub(super) protocols: Vec<ProtocolView>,
    pub(super) servers: Vec<String>,
    pub(super) signing_name: Option<String>,
    pub(super) operations: Vec<OperationView>,
    pub(super) resources: Vec<ResourceView>,
    pub(super) common_errors: Vec<CommonError>,
    pub(super) resolutions: Vec<Value>,
    /// Every shape that the operations reach, by name.
    pub(super) shapes: BTreeMap<String, Node>,
}

#[derive(Serialize)]
pub(super) struct ProtocolView {
    pub(super) name: &'static str,
    /// Whether what stands in bodies is judged.
    pub(super) judges_bodies: bool,
}

#[derive(Serialize)]
pub(super) struct CommonError {
    pub(super) code: String,
    pub(super) statuses: Vec<u16>,
}

#[derive(Serialize)]
pub(super) struct ResourceView {
    pub(super) name: String,
    pub(super) identifiers: Vec<String>,
    pub(super) create: Option<String>,
    pub(super) read: Option<String>,
    pub(super) update: Option<String>,
    pub(super) delete: Option<String>,
    pub(super) list: Option<String>,
    pub(super) tagging: Option<TaggingView>,
    pub(super) unique: Option<UniqueView>,
    pub(super) not_found: Option<String>,
    pub(super) states: Option<StatesView>,
}

#[derive(Serialize)]
pub(super) struct TaggingView {
    pub(super) property: String,
    pub(super) tag: String,
    pub(super) untag: String,
    pub(super) list: String,
}

#[derive(Serialize)]
pub(super) struct UniqueView {
    pub(super) member: String,
    pub(super) error: String,
}

#[derive(Serialize)]
pub(super) struct StatesView {
    pub(super) member: String,
    pub(super) initial: String,
    pub(super) settled: Vec<String>,
    pub(super) deleting: Option<String>,
    pub(super) transitions: Vec<(String, Vec<String>)>,
}

/// What each place of an operation is for.
#[derive(Serialize)]
pub(super) struct RoleTable {
    pub(super) operation: String,
    pub(super) request: BTreeMap<String, &'static str>,
    pub(super) response: BTreeMap<String, &'static str>,
}

impl View {
    /// What the contract says of these operations.
    pub(super) fn of(contract: &Contract, operations: &[&Operation]) -> Self {
        let is_whole = operations.len() == contract.operations.len();
        let belongs = |resource: &&Resource| {
            is_whole || operations.iter().any(|it| resource.operations().any(|name| name == it.name))
        };
        let protocol = |protocol: &onrecord::contract::Protocol| ProtocolView {
            name: protocol.as_str(),
            judges_bodies: protocol.judges_bodies(),
        };
        let common = |(code, statuses): &(String, Vec<u16>)| CommonError {
            code: code.clone(),
            statuses: statuses.clone(),
        };
        Self {
            id: contract.id.clone(),
            title: contract.title.clone(),
            version: contract.version.clone(),
            service: contract.service.clone(),
            digest: contract.digest.clone(),
            protocols: contract.protocols.iter().map(protocol).collect(),
            servers: contract.servers.clone(),
            signing_name: contract.signing_name.clone(),
            operations: operations.iter().map(|it| OperationView::of(contract, it)).collect(),
            resources: contract.resources.iter().filter(belongs).map(resource).collect(),
            common_errors: contract.common_errors.iter().map(common).collect(),
            resolutions: contract.resolutions.clone(),
            shapes: node::reachable(contract, operations),
        }
    }
}

fn resource(resource: &Resource) -> ResourceView {
    ResourceView {
        name: resource.name.clone(),
        identifiers: resource.identifiers.clone(),
        create: resource.create.clone(),
        read: resource.read.clone(),
        update: resource.update.clone(),
        delete: resource.delete.clone(),
        list: resource.list.clone(),
        tagging: resource.tagging.as_ref().map(|tagging| TaggingView {
            property: tagging.property.clone(),
            tag: tagging.tag.clone(),
            untag: tagging.untag.clone(),
            list: tagging.list.clone(),
        }),
        unique: resource
            .unique
            .as_ref()
            .map(|unique| UniqueView { member: unique.member.clone(), error: unique.error.clone() }),
        not_found: resource.not_found.clone(),
        states: resource.states.as_ref().map(|states| StatesView {
            member: states.member.clone(),
            initial: states.initial.clone(),
            settled: states.settled.clone(),
            deleting: states.deleting.clone(),
            transitions: states.transitions.clone(),
        }),
    }
}

/// The role tables of operations.
pub(super) fn role_tables(contract: &Contract, operations: &[&Operation]) -> Vec<RoleTable> {
    let table = |operation: &&Operation| {
        let rows = contract.roles(operation);
        let side = |side: Side| {
            let rows = rows.iter().filter(|row| row.side == side);
            rows.map(|row| (row.pointer.clone(), row.role.as_str())).collect()
        };
        RoleTable {
            operation: operation.name.clone(),
            request: side(Side::Request),
            response: side(Side::Response),
        }
    };
    operations.iter().map(table).collect()
}
