//! Links to the next page that are wrong.

use serde_json::Value;

use super::Scene;
use crate::contract::{PagingStyle, at_path};
use crate::exchange::Target;
use crate::sandbox::leading::Leading;
use crate::sandbox::project::put;

/// A host that is not the provider's.
const ELSEWHERE: &str = "http://elsewhere.example";

/// A link leads to another host.
pub(super) fn elsewhere(scene: &Scene<'_>, output: &mut Value) {
    change(scene, output, |url| format!("{ELSEWHERE}{url}"));
}

/// A link has lost the page size.
pub(super) fn forgets(scene: &Scene<'_>, output: &mut Value) {
    let size = scene.operation.pagination.as_ref().and_then(|paged| paged.page_size.clone());
    change(scene, output, |url| {
        let target = Target::new(url);
        let kept = target.pairs().filter(|(name, _)| Some(name) != size.as_ref());
        kept.fold(Target::new(target.path()), |kept, (name, value)| kept.with_pair(&name, &value)).to_string()
    });
}

/// The last page of a counted list links to another one.
pub(super) fn beyond(scene: &Scene<'_>, output: &mut Value) {
    let Some(paged) = &scene.operation.pagination else { return };
    if matches!(paged.style, PagingStyle::Token(_)) || paged.link(output).is_some() || scene.refusal.is_some()
    {
        return;
    }
    let Scene { contract, operation, input, .. } = *scene;
    let here = at_path(input, &paged.input_token).cloned().unwrap_or_else(|| 0.into());
    Leading { contract, operation, input }.lead(output, Some(here));
}

/// Writes another URL wherever the link has its own.
fn change(scene: &Scene<'_>, output: &mut Value, url: impl FnOnce(&str) -> String) {
    let Some(paged) = &scene.operation.pagination else { return };
    let (Some(path), Some(old)) = (&paged.next_link, paged.link(output).map(str::to_owned)) else { return };
    let Some(mut link) = at_path(output, path).cloned() else { return };
    replace(&mut link, &old, &url(&old));
    put(output, path, link);
}

fn replace(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) => *text = text.replace(old, new),
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace(element, old, new)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, old, new)),
        _ => {}
    }
}
