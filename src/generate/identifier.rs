//! Identifiers that are well formed and name nothing.

use proptest::strategy::Strategy;
use serde_json::Value;

use super::choices::Choices;
use super::draw::uuid;
use super::tree::drawn;
use crate::contract::{Contract, Operation, Place, Resource, Schema};

/// How deep a resource's shape is searched for its identifier.
const DEPTH: usize = 6;

/// The account and region of everything that does not exist.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";

/// The documented form of an identifier, with the parts that vary.
#[derive(Debug, Clone)]
pub(super) struct Template {
    form: String,
    /// Other members that the form names, each with a plausible value.
    members: Vec<(String, String)>,
}

/// A well-formed identifier that names nothing, for the resource that an operation is about;
/// `None` where the contract does not say how identifiers are made.
pub fn unknown_identifier(
    contract: &Contract,
    operation: &Operation,
) -> Option<impl Strategy<Value = String, Tree: Send> + use<>> {
    let template = Template::of(contract, operation)?;
    Some(drawn("an identifier always fills", move |choices| Some(template.fill(choices))))
}

impl Template {
    /// The form of the identifiers of an operation's resource.
    pub(super) fn of(contract: &Contract, operation: &Operation) -> Option<Self> {
        let takes_one = operation.bindings.iter().any(|binding| binding.place == Place::Label);
        let resource = contract.resource_of(&operation.name).filter(|_| takes_one)?;
        let read = contract.operation(resource.read.as_ref()?)?;
        let shown = contract.output(read);
        let form = resource.identifiers.iter().find_map(|name| generated(shown, name, DEPTH))?;
        Some(Self { form: form.to_owned(), members: members(contract, resource, form) })
    }

    pub(super) fn fill(&self, choices: &mut Choices<'_>) -> String {
        let filled = self.form.replace("{uuid}", &uuid(choices)).replace("{id}", &id(choices));
        let filled = filled.replace("{account}", ACCOUNT).replace("{region}", REGION);
        self.members.iter().fold(filled, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// The form of the identifier of that name, wherever a shape shows it.
fn generated<'c>(schema: Schema<'c>, name: &str, depth: usize) -> Option<&'c str> {
    let own = schema.member(name).and_then(|member| member.note("generated")).and_then(Value::as_str);
    let inner = || schema.members().find_map(|member| generated(member.schema, name, depth - 1));
    own.or_else(|| if depth == 0 { None } else { inner() })
}

/// Values for the members of the create input that a form names.
fn members(contract: &Contract, resource: &Resource, form: &str) -> Vec<(String, String)> {
    let create = resource.create.as_ref().and_then(|create| contract.operation(create));
    let input = create.map(|create| contract.input(create));
    let named = input.into_iter().flat_map(|input| input.members());
    let named = named.filter(|member| form.contains(&format!("{{{}}}", member.name)));
    let plausible = |schema: Schema<'_>| {
        let text = schema.note("values").and_then(|values| values.get(0)).and_then(Value::as_str);
        text.unwrap_or("unknown").to_owned()
    };
    named.map(|member| (member.name.to_owned(), plausible(member.schema))).collect()
}

/// 13 upper-case letters and digits.
fn id(choices: &mut Choices<'_>) -> String {
    let bits = format!("{:X}", u128::from(choices.seed()) | 1 << 64);
    bits.chars().rev().take(13).collect()
}
