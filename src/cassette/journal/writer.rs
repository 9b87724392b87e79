//! The file of a journal, appended to by many threads at once.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Durability;
use crate::cassette::CassetteError;

/// When a line that was written is synced. Syncing takes time too: it ends within 100 ms on a
/// disk that needs 50 ms for it.
const GROUP: Duration = Duration::from_millis(50);

/// Appends whole lines, and has them synced.
pub(super) struct Writer {
    shared: Arc<Shared>,
    syncer: Option<JoinHandle<()>>,
}

struct Shared {
    path: PathBuf,
    file: File,
    durability: Durability,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    length: u64,
    exchanges: u64,
    /// Up to where, and up to which exchange, the file is on disk.
    synced: (u64, u64),
    syncing: bool,
    /// When the lines that were written since are to be synced.
    due: Option<Instant>,
    /// Why nothing more can be appended: what follows a torn line could not be told from damage,
    /// and after a failed sync nobody knows what is on disk.
    broken: Option<&'static str>,
    ended: bool,
}

impl Writer {
    /// For a file of that length, all of it synced.
    pub(super) fn new(path: PathBuf, file: File, length: u64, durability: Durability) -> io::Result<Self> {
        let state = Mutex::new(State { length, synced: (length, 0), ..State::default() });
        let shared = Arc::new(Shared { path, file, durability, state, changed: Condvar::new() });
        let syncer = match durability {
            Durability::Synced => None,
            Durability::Grouped => {
                let shared = Arc::clone(&shared);
                let syncer = thread::Builder::new().name("journal".to_owned());
                Some(syncer.spawn(move || shared.sync_in_groups())?)
            }
        };
        Ok(Self { shared, syncer })
    }

    pub(super) fn file(&self) -> &File {
        &self.shared.file
    }

    /// Has the line of one exchange in the file, and on disk if that is asked for.
    pub(super) fn append(&self, line: &[u8]) -> Result<(), CassetteError> {
        let shared = &*self.shared;
        let mut state = shared.lock();
        shared.write(&mut state, line).map_err(|source| shared.not_appended(state.exchanges, source))?;
        state.length += line.len() as u64;
        state.exchanges += 1;
        match shared.durability {
            Durability::Synced => {
                let end = state.length;
                shared.sync(state, end)
            }
            Durability::Grouped => {
                let first = state.due.is_none();
                if first {
                    state.due = Some(Instant::now() + GROUP);
                }
                drop(state);
                if first {
                    shared.changed.notify_all();
                }
                Ok(())
            }
        }
    }

    /// Syncs what is left. Nothing is appended any more.
    pub(super) fn end(&mut self) -> Result<(), CassetteError> {
        self.stop();
        let state = self.shared.lock();
        let end = state.length;
        self.shared.sync(state, end)
    }

    fn stop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        // A thread that panicked has said so.
        self.syncer.take().map(JoinHandle::join);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What fails here is found out when the journal is recovered.
        drop(self.end());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &mut State, line: &[u8]) -> io::Result<()> {
        if let Some(why) = state.broken {
            return Err(io::Error::other(why));
        }
        let mut file = &self.file;
        file.write_all(line).inspect_err(|_| {
            let back = file.set_len(state.length).and_then(|()| file.seek(SeekFrom::Start(state.length)));
            if back.is_err() {
                state.broken = Some("an earlier write stopped in the middle of a line");
            }
        })
    }

    /// Returns when the file is on disk up to `end`. Whoever comes while one syncs waits for the
    /// next sync, and shares it with all others who came.
    fn sync<'a>(&'a self, mut state: MutexGuard<'a, State>, end: u64) -> Result<(), CassetteError> {
        while state.synced.0 < end {
            if let Some(why) = state.broken {
                return Err(self.not_appended(state.synced.1, io::Error::other(why)));
            }
            if state.syncing {
                state = self.wait(state);
                continue;
            }
            let reached = (state.length, state.exchanges);
            state.syncing = true;
            drop(state);
            let synced = self.file.sync_data();
            state = self.lock();
            state.syncing = false;
            self.changed.notify_all();
            match synced {
                Ok(()) => state.synced = reached,
                Err(source) => {
                    state.broken = Some("an earlier write did not reach the disk");
                    state.exchanges = state.synced.1;
                    return Err(self.not_appended(state.synced.1, source));
                }
            }
        }
        Ok(())
    }

    fn sync_in_groups(&self) {
        let mut state = self.lock();
        while !state.ended {
            state = match state.due {
                None => self.wait(state),
                Some(due) => {
                    let left = due.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        state.due = None;
                        let end = state.length;
                        // A failure is kept in the state: the next exchange, or the end, tells it.
                        let _told_later = self.sync(state, end);
                        self.lock()
                    } else {
                        let waited = self.changed.wait_timeout(state, left);
                        waited.unwrap_or_else(PoisonError::into_inner).0
                    }
                }
            };
        }
    }

    fn not_appended(&self, safe: u64, source: io::Error) -> CassetteError {
        CassetteError::NotAppended { journal: self.path.clone(), safe, source }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn writer(durability: Durability) -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let file = File::create_new(&path).unwrap();
        (folder, Writer::new(path, file, 0, durability).unwrap())
    }

    fn synced(writer: &Writer) -> (u64, u64) {
        writer.shared.lock().synced
    }

    #[test]
    fn a_line_that_no_other_follows_is_synced_in_time() {
        let (_folder, writer) = writer(Durability::Grouped);
        for round in 1..=3 {
            writer.append(b"a line\n").unwrap();
            assert_ne!(synced(&writer), (7 * round, round), "in a group, not at once");
            let began = Instant::now();
            while synced(&writer) != (7 * round, round) {
                // Generous: this machine may be busy.
                assert!(began.elapsed() < Duration::from_secs(20));
                thread::sleep(Duration::from_millis(5));
            }
            assert!(began.elapsed() >= GROUP / 2);
        }
    }

    #[test]
    fn a_synced_line_is_on_disk_before_it_is_told() {
        let (_folder, writer) = writer(Durability::Synced);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let before = writer.shared.lock().length;
                        writer.append(b"a line\n").unwrap();
                        assert!(synced(&writer).0 >= before + 7);
                    }
                });
            }
        });
        assert_eq!(synced(&writer), (8 * 20 * 7, 8 * 20));
    }

    #[test]
    fn what_is_left_is_synced_at_the_end() {
        let (folder, mut writer) = writer(Durability::Grouped);
        writer.append(b"a line\n").unwrap();
        writer.end().unwrap();
        assert_eq!(synced(&writer), (7, 1));
        assert_eq!(fs::read(folder.path().join("journal")).unwrap(), b"a line\n");
    }

    #[cfg(unix)]
    #[test]
    fn after_a_failed_sync_nothing_is_appended() {
        // A pipe takes writes and cannot be synced.
        let (_reader, pipe) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(pipe));
        let mut writer = Writer::new(PathBuf::from("journal"), file, 0, Durability::Synced).unwrap();
        for why in ["cannot append to journal: Invalid argument", "an earlier write did not reach the disk"] {
            let message = writer.append(b"a line\n").unwrap_err().to_string();
            assert!(message.contains(why), "{message}");
            assert!(message.contains("the 0 exchanges before are safe in it"), "{message}");
        }
        assert!(writer.end().is_err());
    }
}
