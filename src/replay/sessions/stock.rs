//! Cassettes that are open: sessions over the same files share them.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use crate::replay::{Library, Replayer};

/// What sessions are made of. Called on the threads that open and reset them, which may wait.
pub trait Making: Send + Sync + 'static {
    /// Reads cassettes and their contracts.
    ///
    /// # Errors
    /// What is wrong with them, and what mends it.
    fn library(&self, cassettes: &[PathBuf]) -> Result<Library, String>;

    /// A replay of them for the session of that name.
    fn replayer(&self, session: &str, library: Arc<Library>) -> Replayer;
}

/// Libraries that some session holds, by their files as they were when they were read.
#[derive(Debug, Default)]
pub(super) struct Stock(Mutex<HashMap<Vec<Stamp>, Weak<Library>>>);

/// A file as it is now.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Stamp {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Stock {
    /// The library of these files; read only if no session has it.
    pub(super) fn library(
        &self,
        cassettes: &[PathBuf],
        making: &dyn Making,
    ) -> Result<Arc<Library>, String> {
        let stamps: Vec<_> = cassettes.iter().map(stamp).collect();
        // Held while one is read, so that those who ask for the same one at once do not all read it.
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = open.get(&stamps).and_then(Weak::upgrade) {
            return Ok(library);
        }
        open.retain(|_, library| library.strong_count() > 0);
        let library = Arc::new(making.library(cassettes)?);
        open.insert(stamps, Arc::downgrade(&library));
        Ok(library)
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
