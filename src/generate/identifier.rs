//! Identifiers that are well formed and name nothing.

use serde_json::Value;

use super::choices::Choices;
use super::draw::uuid;
use super::pattern::{Piece, candidates};
use crate::contract::{Contract, Operation, Resource, Schema};

/// How deep a resource's shape is searched for its identifier.
const DEPTH: usize = 6;

/// No part of an identifier is longer.
const LONGEST: usize = 64;

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

impl Template {
    /// The forms of the names by which an operation's input refers to its resource, by their places.
    pub(super) fn all(contract: &Contract, operation: &Operation) -> Vec<(String, Self)> {
        let Some(resource) = contract.subject(operation) else { return Vec::new() };
        let references = contract.own_references(operation).into_iter();
        let with_form = references.filter_map(|reference| {
            let template = Self::of(contract, resource, &reference.shown, DEPTH)?;
            Some((format!("/{}", reference.member), template))
        });
        with_form.collect()
    }

    /// The form of one of a resource's names, as the operation that shows the resource has it.
    fn of(contract: &Contract, resource: &Resource, name: &str, depth: usize) -> Option<Self> {
        let shows = [&resource.read, &resource.list, &resource.create].into_iter().flatten();
        let mut outputs = shows.filter_map(|name| Some(contract.output(contract.operation(name)?)));
        let form = outputs.find_map(|output| generated(resource, output, name, DEPTH))?;
        let mut members = members(contract, resource, form);
        let others = resource.identifiers.iter().filter(|other| form.contains(&format!("{{{other}}}")));
        for other in others.filter(|_| depth > 0) {
            let inner = Self::of(contract, resource, other, depth - 1);
            members.extend(inner.map(|inner| (other.clone(), inner.form)));
        }
        Some(Self { form: form.to_owned(), members })
    }

    pub(super) fn fill(&self, choices: &mut Choices<'_>) -> String {
        let named = self
            .members
            .iter()
            .fold(self.form.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let filled = named.replace("{uuid}", &uuid(choices)).replace("{id}", &id(choices));
        let filled = filled.replace("{account}", ACCOUNT).replace("{region}", REGION);
        spelled(&filled, choices)
    }
}

/// The form with characters in the place of `{letters:CHARSET:N}`.
fn spelled(form: &str, choices: &mut Choices<'_>) -> String {
    let Some((before, rest)) = form.split_once("{letters:") else { return form.to_owned() };
    let Some((set, after)) = rest.split_once('}') else { return form.to_owned() };
    let (set, count) = set.rsplit_once(':').unwrap_or((set, ""));
    let class = Piece::parse(&format!("[{set}]"));
    let letters: Vec<char> =
        candidates().filter(|c| class.as_ref().is_some_and(|class| class.uses(*c))).collect();
    let mut bits = choices.seed();
    let mut text = String::new();
    for _ in 0..count.parse().unwrap_or(0).min(LONGEST) {
        text.extend(letters.get((bits >> 32) as usize % letters.len().max(1)));
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    format!("{before}{text}{}", spelled(after, choices))
}

/// The form of the name, wherever a shape shows it.
fn generated<'c>(resource: &Resource, schema: Schema<'c>, name: &str, depth: usize) -> Option<&'c str> {
    let form = |schema: Schema<'c>| schema.note("generated").and_then(Value::as_str);
    let alike = || schema.members().find(|member| resource.calls(name, member.name)).map(|it| it.schema);
    let own = schema.member(name).and_then(form).or_else(|| alike().and_then(form));
    let inside = |schema: Schema<'c>| generated(resource, schema.items().unwrap_or(schema), name, depth - 1);
    own.or_else(|| if depth == 0 { None } else { schema.members().find_map(|member| inside(member.schema)) })
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
