//! Cassettes that are open: sessions over the same files share them.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use super::session::Reach;
use crate::exchange::{plain_host, without_port};
use crate::redact::PROVIDER;
use crate::replay::{Library, Replayer};

/// What is wrong with cassettes or their contracts, in the words of whoever reads them.
pub type MakingError = Box<dyn Error + Send + Sync>;

/// What sessions are made of. Called on the threads that open and reset them, which may wait.
pub trait Making: Send + Sync + 'static {
    /// Reads cassettes and their contracts.
    ///
    /// # Errors
    /// What is wrong with them, and what mends it.
    fn library(&self, cassettes: &[PathBuf]) -> Result<Library, MakingError>;

    /// A replay of them for the session that is reached so.
    fn replayer(&self, session: &Reach, library: Arc<Library>) -> Replayer;
}

/// Libraries that some session holds, by their files as they were when they were read.
#[derive(Debug, Default)]
pub(super) struct Stock(Mutex<HashMap<Vec<Stamp>, Weak<Holding>>>);

/// A library, and what is asked of all of it.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) library: Arc<Library>,
    /// The hosts that it was recorded from, where they are real ones.
    pub(super) hosts: HashSet<String>,
}

/// A file as it is now.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Stamp {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Stock {
    /// The library of these files; read only if no session has it.
    pub(super) fn get(
        &self,
        cassettes: &[PathBuf],
        making: &dyn Making,
    ) -> Result<Arc<Holding>, MakingError> {
        let stamps: Vec<_> = cassettes.iter().map(stamp).collect();
        // Held while one is read, so that those who ask for the same one at once do not all read it.
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holding) = open.get(&stamps).and_then(Weak::upgrade) {
            return Ok(holding);
        }
        open.retain(|_, holding| holding.strong_count() > 0);
        let holding = Arc::new(Holding::new(making.library(cassettes)?));
        open.insert(stamps, Arc::downgrade(&holding));
        Ok(holding)
    }
}

impl Holding {
    pub(super) fn new(library: Library) -> Self {
        let hosts = library.hosts().filter_map(|host| plain_host(without_port(host)));
        let hosts = hosts.filter(|host| host != PROVIDER);
        let hosts = hosts.collect();
        Self { library: Arc::new(library), hosts }
    }
}

fn stamp(path: &PathBuf) -> Stamp {
    let data = fs::metadata(path).ok();
    Stamp {
        path: path.clone(),
        length: data.as_ref().map_or(0, fs::Metadata::len),
        modified: data.and_then(|data| data.modified().ok()),
    }
}
