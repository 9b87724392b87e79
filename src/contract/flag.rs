//! A member that says whether a list goes on.

use super::schema::Kind;
use super::{Contract, Operation};

/// What such members are called, in lower case without underscores.
const NAMES: &[&str] = &["istruncated", "truncated", "hasmore", "hasnext", "hasnextpage", "hasmoreresults"];

impl Contract {
    /// The dotted path of the yes or no that an output says beside its items: whether there are more.
    pub fn more_flag(&self, operation: &Operation) -> Option<String> {
        let items = operation.pagination.as_ref()?.items.as_ref()?;
        let output = self.output(operation);
        let holder = items.rsplit_once('.').map(|(holder, _)| holder);
        let beside = holder.map_or(Some(output), |holder| output.path(holder))?;
        let is_flag = |name: &str| NAMES.contains(&name.to_ascii_lowercase().replace('_', "").as_str());
        let flag = beside.members().find(|it| it.schema.kind() == Kind::Boolean && is_flag(it.name))?;
        Some(holder.map_or_else(|| flag.name.to_owned(), |holder| format!("{holder}.{}", flag.name)))
    }
}
