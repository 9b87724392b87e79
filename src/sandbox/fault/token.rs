//! Tokens and offsets that are taken otherwise than documented.

use serde_json::Value;

use super::{Position, Scene};
use crate::contract::{Kind, Member, at_path};
use crate::sandbox::leading::Leading;
use crate::sandbox::listing::Asked;
use crate::sandbox::paging::{Begin, Entry, Page, Query};
use crate::sandbox::project::put;

/// The longest list that a provider looks through.
const FAR: u64 = 1000;

/// A token is good for the size only that it was handed out for.
pub(super) fn bound_to_size(asked: &Asked<'_>, position: Position) -> Position {
    match position {
        Ok(Begin::After(_)) if asked.last_size().is_some_and(|size| size != asked.size) => {
            Err(asked.refusal())
        }
        other => other,
    }
}

/// A token is good for any filter.
pub(super) fn any_filter(asked: &Asked<'_>, position: Position) -> Position {
    match asked.of_last_list().filter(|(operation, _)| *operation == asked.operation.name) {
        Some((_, begin)) => position.or(Ok(begin)),
        None => position,
    }
}

/// A token is good for any operation.
pub(super) fn any_operation(asked: &Asked<'_>, position: Position) -> Position {
    match asked.of_last_list().filter(|(operation, _)| *operation != asked.operation.name) {
        Some((_, begin)) => position.or(Ok(begin)),
        None => position,
    }
}

/// The largest documented size is refused.
pub(super) fn refuses_maximum(asked: &Asked<'_>, position: Position) -> Position {
    if asked.size.is_some() && asked.size == asked.maximum { Err(asked.refusal()) } else { position }
}

/// An offset far behind the end is refused.
pub(super) fn refuses_far(asked: &Asked<'_>, position: Position) -> Position {
    match position {
        Ok(Begin::Skip(count)) if count >= FAR => Err(asked.refusal()),
        other => other,
    }
}

/// A token is the number of items shown so far.
pub(super) fn counts(scene: &Scene<'_>, output: &mut Value) {
    let Some(paged) = &scene.operation.pagination else { return };
    if let (Some(_), Some(count)) = (paged.token(output), paged.count(output)) {
        let before = at_path(scene.input, &paged.input_token).and_then(Value::as_str);
        let before: u64 = before.and_then(|before| before.parse().ok()).unwrap_or_default();
        let Scene { contract, operation, input, .. } = *scene;
        Leading { contract, operation, input }.lead(output, Some((before + count).to_string().into()));
    }
}

/// Such a token is good for the list only that was asked for just before.
pub(super) fn counted(asked: &Asked<'_>, position: Position) -> Position {
    let number = asked.token().and_then(|token| token.parse().ok());
    match number.filter(|_| asked.is_last_list()) {
        Some(count) => Ok(Begin::Skip(count)),
        None => position,
    }
}

/// Behind the last page of a walk come three empty ones.
pub(super) fn hollow(query: &Query, entries: &[Entry], page: &mut Page) {
    let last = entries.last().map_or(0, |entry| entry.place);
    if let (Begin::After(after), None) = (query.begin, page.next)
        && after < last + 3
    {
        page.next = Some(after.max(last) + 1);
    }
}

/// Behind a full last page comes an empty one.
pub(super) fn one_more(query: &Query, _: &[Entry], page: &mut Page) {
    let by_token = matches!(query.begin, Begin::First | Begin::After(_));
    if by_token && page.next.is_none() && page.entries.len() == query.limit() {
        page.next = page.entries.last().map(|last| last.place);
    }
}

/// A page with others behind it has one item less than were asked for.
pub(super) fn shorter(query: &Query, _: &[Entry], page: &mut Page) {
    let by_token = matches!(query.begin, Begin::First | Begin::After(_));
    if by_token && page.next.is_some() && page.entries.len() > 1 {
        page.entries.pop();
        page.next = page.entries.last().map(|last| last.place);
    }
}

/// Where the item is gone that the last page ended with, one more is left out.
pub(super) fn skips_one(query: &Query, entries: &[Entry], page: &mut Page) {
    if let Begin::After(after) = query.begin
        && after > 0
        && entries.iter().all(|entry| entry.place != after)
        && !page.entries.is_empty()
    {
        page.entries.remove(0);
    }
}

/// A page without items does not say so.
pub(super) fn no_items(scene: &Scene<'_>, output: &mut Value) {
    let Some(items) = scene.operation.pagination.as_ref().and_then(|paged| paged.items.as_ref()) else {
        return;
    };
    let mut members = scene.contract.output(scene.operation).members();
    let optional = members.any(|member| member.name == items && !member.required);
    let empty = output.get(items).and_then(Value::as_array).is_some_and(Vec::is_empty);
    if let (true, true, Value::Object(members)) = (optional, empty, output) {
        members.shift_remove(items);
    }
}

/// The flag for a list that goes on says the opposite.
pub(super) fn wrong_flag(scene: &Scene<'_>, output: &mut Value) {
    let Some(flag) = scene.contract.more_flag(scene.operation) else { return };
    if let Some(more) = at_path(output, &flag).and_then(Value::as_bool) {
        put(output, &flag, (!more).into());
    }
}

/// What stands beside the items is another one on every later page.
pub(super) fn other_beside(scene: &Scene<'_>, output: &mut Value) {
    let Some(paged) = &scene.operation.pagination else { return };
    let (Some(items), Some(token)) = (&paged.items, paged.output_token()) else { return };
    let Some(page) = at_path(scene.input, &paged.input_token).and_then(Value::as_str) else { return };
    let is_plain = |it: &Member<'_>| it.name != items && it.name != token && it.schema.kind() == Kind::Text;
    let mut members = scene.contract.output(scene.operation).members();
    if let Some(member) = members.find(is_plain) {
        put(output, member.name, page.into());
    }
}

/// A counted list has one item more in all than it shows.
pub(super) fn one_too_many(query: &Query, _: &[Entry], page: &mut Page) {
    page.total += usize::from(matches!(query.begin, Begin::Skip(_) | Begin::SkipPages(_)));
}

/// A window begins at a multiple of its size.
pub(super) fn rounded(query: &Query, entries: &[Entry], page: &mut Page) {
    let size = query.limit() as u64;
    if let Begin::Skip(count) = query.begin
        && size > 0
        && count % size != 0
    {
        let aligned = Query { begin: Begin::Skip(count - count % size), filters: Vec::new(), ..*query };
        *page = aligned.page_of(entries, query.limit());
    }
}

/// An offset that no list is as long as is answered with a server error.
pub(super) fn far_crashes(scene: &Scene<'_>, response: &mut crate::exchange::Response) {
    let paged = scene.operation.pagination.as_ref().filter(|paged| paged.output_token().is_none());
    let offset = paged.and_then(|paged| at_path(scene.input, &paged.input_token)?.as_u64());
    if offset.is_some_and(|offset| offset > u64::from(u16::MAX)) {
        super::validation::crash(scene, response);
    }
}
