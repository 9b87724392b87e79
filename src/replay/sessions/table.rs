//! The open sessions by all that names them. Replaced as a whole, never changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::marks::Mark;
use super::session::Session;

#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) default: Option<Arc<Session>>,
    named: BTreeMap<Arc<str>, Arc<Session>>,
    /// Names too, where an access key id is looked for.
    keyed: HashMap<String, Arc<str>>,
}

impl Table {
    /// With none but the default one.
    pub(super) fn of(default: Option<Arc<Session>>) -> Self {
        Self { default, ..Self::default() }
    }

    pub(super) fn named(&self, name: &str) -> Option<&Arc<Session>> {
        let own = || self.default.as_ref().filter(|default| *default.reach.name == *name);
        self.named.get(name).or_else(own)
    }

    pub(super) fn keyed(&self, key: &str) -> Option<&Arc<Session>> {
        self.named.get(key).or_else(|| self.named.get(self.keyed.get(key)?))
    }

    pub(super) fn means(&self, mark: &Mark) -> Option<&Arc<Session>> {
        match mark {
            Mark::Name(name) => self.named(name),
            Mark::Key(key) => self.keyed(key).or(self.default.as_ref()),
            Mark::None => self.default.as_ref(),
        }
    }

    /// All of them, the default one first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.default.iter().chain(self.named.values())
    }

    pub(super) fn len(&self) -> usize {
        self.named.len()
    }

    /// With this session, in the place of one that has its name.
    pub(super) fn with(&self, session: Arc<Session>) -> Self {
        let mut table = self.clone();
        if self.default.as_ref().is_some_and(|default| default.reach.name == session.reach.name) {
            table.default = Some(session);
            return table;
        }
        if let Some(key) = &session.reach.access_key_id {
            table.keyed.insert(key.clone(), session.reach.name.clone());
        }
        table.named.insert(session.reach.name.clone(), session);
        table
    }

    pub(super) fn without(&self, session: &Session) -> Self {
        let mut table = self.clone();
        table.named.remove(&session.reach.name);
        if let Some(key) = &session.reach.access_key_id {
            table.keyed.remove(key);
        }
        table
    }
}
