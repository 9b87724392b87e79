//! The part that an operation has in the life of a resource.

use super::given::Given;
use crate::contract::{ErrorShape, Operation, Resource};

/// The part that an operation has in the life of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Create,
    Read,
    Update,
    Delete,
    List,
    Tag,
    Untag,
    ListTags,
    /// Something else is done with one thing.
    Use,
}

impl Part {
    pub(super) fn of(resource: &Resource, operation: &Operation, given: &Given<'_>) -> Option<Self> {
        let tagging = resource.tagging.as_ref();
        let parts = [
            (resource.create.as_ref(), Self::Create),
            (resource.read.as_ref(), Self::Read),
            (resource.update.as_ref(), Self::Update),
            (resource.delete.as_ref(), Self::Delete),
            (resource.list.as_ref(), Self::List),
            (tagging.map(|tagging| &tagging.tag), Self::Tag),
            (tagging.map(|tagging| &tagging.untag), Self::Untag),
            (tagging.map(|tagging| &tagging.list), Self::ListTags),
        ];
        let part = parts.into_iter().find(|(name, _)| *name == Some(&operation.name)).map(|(_, part)| part);
        part.or_else(|| is_about_one(resource, operation, given).then_some(Self::Use))
    }
}

/// Whether an operation is given all identifiers of a resource, and documents that there may be no
/// such thing.
fn is_about_one(resource: &Resource, operation: &Operation, given: &Given<'_>) -> bool {
    let is_given = |name: &String| given.identifier(name).is_some_and(|part| part.value.is_some());
    !resource.identifiers.is_empty()
        && resource.identifiers.iter().all(is_given)
        && not_found(resource, operation).is_some()
}

/// The error that an operation documents for a thing that is not there: that of the resource, else
/// its own of status 404.
pub(super) fn not_found<'o>(resource: &Resource, operation: &'o Operation) -> Option<&'o str> {
    let named = |error: &&ErrorShape| Some(&error.name) == resource.not_found.as_ref();
    let mut errors = operation.client_errors();
    let own = || operation.client_errors().find(|error| error.effective_status() == 404);
    errors.find(named).or_else(own).map(|error| error.name.as_str())
}
