//! Big bodies in files of their own beside the cassette, named by the SHA-256 of what they hold.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::CassetteError;
use super::error::{BodyFault, Misfit};
use super::files;
use super::stored::{StoredBody, StoredExchange, StoredView};
use crate::encoding;
use crate::exchange::{Body, Exchange};
use crate::redact::Redacted;

/// A body over this size does not go into the cassette itself.
pub(super) const INLINE: usize = 256 * 1024;

/// The folder of a cassette's big bodies. It has the cassette's whole name, `msk.json.bodies`: two
/// cassettes that differ in their extension only would sweep each other's bodies away.
pub(super) struct Bodies {
    cassette: PathBuf,
    folder: PathBuf,
}

impl Bodies {
    pub(super) fn of(cassette: &Path) -> Self {
        let mut folder = cassette.as_os_str().to_owned();
        folder.push(".bodies");
        Self { cassette: cassette.to_owned(), folder: PathBuf::from(folder) }
    }

    /// The exchange as it goes into the cassette, its big bodies written to files.
    pub(super) fn put(&self, exchange: Redacted<Exchange>) -> Result<StoredExchange, CassetteError> {
        let mut exchange = exchange.into_inner();
        let request = self.put_body(&mut exchange.request.body)?;
        let response = self.put_body(&mut exchange.response.body)?;
        let mut stored = StoredExchange::from(exchange);
        stored.request.body = request.or(stored.request.body);
        stored.response.body = response.or(stored.response.body);
        Ok(stored)
    }

    /// The exchange with its big bodies read from their files. What somebody edited must still fit
    /// together.
    pub(super) fn take(&self, mut stored: StoredExchange) -> Result<Exchange, CassetteError> {
        let views = [view(&mut stored.request.body), view(&mut stored.response.body)];
        let request = self.take_body(&mut stored.request.body)?;
        let response = self.take_body(&mut stored.response.body)?;
        let mut exchange = Exchange::try_from(stored)
            .map_err(|error| self.fault(BodyFault::Missing, &self.folder.join(error.sha256)))?;
        exchange.request.body = request.unwrap_or(exchange.request.body);
        exchange.response.body = response.unwrap_or(exchange.response.body);
        match misfit(&exchange, views) {
            None => Ok(exchange),
            Some(misfit) => {
                let name = format!("{} {}", exchange.request.method, exchange.request.target);
                let (cassette, started) = (self.cassette.clone(), exchange.timing.started);
                Err(CassetteError::Misfit { cassette, exchange: name, started, misfit })
            }
        }
    }

    /// Takes away the files that no exchange names: an older, worse redacted body may be one.
    pub(super) fn sweep(&self, named: &HashSet<String>) -> Result<(), CassetteError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(CassetteError::io("list", &self.folder)(error)),
        };
        let mut kept = 0;
        for entry in entries {
            let entry = entry.map_err(CassetteError::io("list", &self.folder))?;
            let name = entry.file_name();
            let stale = name.to_str().is_some_and(|name| is_unnamed(name, named));
            if stale {
                fs::remove_file(entry.path()).map_err(CassetteError::io("remove", &entry.path()))?;
            }
            kept += usize::from(!stale);
        }
        if kept == 0 {
            fs::remove_dir(&self.folder).map_err(CassetteError::io("remove", &self.folder))?;
        }
        Ok(())
    }

    /// Takes these files away.
    pub(super) fn remove(&self, named: &HashSet<String>) -> Result<(), CassetteError> {
        for path in named.iter().map(|name| self.folder.join(name)) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CassetteError::io("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Has these files in another folder too.
    pub(super) fn lend(&self, named: &HashSet<String>, other: &Self) -> Result<(), CassetteError> {
        for name in named {
            let (from, to) = (self.folder.join(name), other.folder.join(name));
            if to.exists() {
                continue;
            }
            files::create_folder(&to)?;
            let linked = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop));
            linked.map_err(CassetteError::io("create", &to))?;
        }
        Ok(())
    }

    /// Has them belong to another cassette.
    pub(super) fn move_to(&self, other: &Self) -> Result<(), CassetteError> {
        match fs::rename(&self.folder, &other.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(CassetteError::io("rename", &self.folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Whether the file of this digest is there, and holds it.
    pub(super) fn holds(&self, digest: &str) -> bool {
        fs::read(self.file(digest)).is_ok_and(|bytes| encoding::digest(&bytes) == digest)
    }

    pub(super) fn file(&self, digest: &str) -> PathBuf {
        self.folder.join(digest)
    }

    /// Takes a big body away, and says where it is.
    fn put_body(&self, body: &mut Body) -> Result<Option<StoredBody>, CassetteError> {
        if body.len() <= INLINE {
            return Ok(None);
        }
        let body = std::mem::take(body);
        let name = encoding::digest(body.as_bytes());
        let path = self.folder.join(&name);
        // The name says what it holds; a file cut short by a crash never gets its name.
        if fs::metadata(&path).is_ok_and(|file| file.len() == body.len() as u64) {
            return Ok(Some(StoredBody::File(name)));
        }
        files::replace(&path, &self.cassette, |file| io::Write::write_all(file, body.as_bytes()))?;
        Ok(Some(StoredBody::File(name)))
    }

    fn take_body(&self, stored: &mut Option<StoredBody>) -> Result<Option<Body>, CassetteError> {
        let Some(StoredBody::File(name)) = stored else { return Ok(None) };
        let path = self.folder.join(OsStr::new(name));
        if !is_digest(name) {
            return Err(self.fault(BodyFault::Misnamed, &path));
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.fault(BodyFault::Missing, &path));
            }
            Err(error) => return Err(CassetteError::io("read", &path)(error)),
        };
        if encoding::digest(&bytes) != *name {
            return Err(self.fault(BodyFault::Altered, &path));
        }
        *stored = None;
        Ok(Some(Body::from(bytes)))
    }

    fn fault(&self, fault: BodyFault, body: &Path) -> CassetteError {
        CassetteError::Body { body: body.to_owned(), cassette: self.cassette.clone(), fault }
    }
}

fn view(body: &mut Option<StoredBody>) -> Option<StoredView> {
    match body {
        Some(StoredBody::Packed(packed)) => packed.view.take(),
        _ => None,
    }
}

fn misfit(exchange: &Exchange, [asked, answered]: [Option<StoredView>; 2]) -> Option<Misfit> {
    let Exchange { request, response, .. } = exchange;
    if asked.is_some() && asked != StoredView::of(&request.headers, &request.body) {
        return Some(Misfit::View { message: "request" });
    }
    if answered.is_some() && answered != StoredView::of(&response.headers, &response.body) {
        return Some(Misfit::View { message: "response" });
    }
    let lengths = response.pieces.iter().map(|piece| piece.length);
    let pieces = lengths.fold(0_usize, usize::saturating_add);
    let apart = !response.pieces.is_empty() && pieces != response.body.len();
    apart.then(|| Misfit::Pieces { pieces, body: response.body.len() })
}

/// The files that an exchange names.
pub(super) fn named(exchange: &StoredExchange) -> impl Iterator<Item = &str> {
    [&exchange.request.body, &exchange.response.body].into_iter().filter_map(|body| match body {
        Some(StoredBody::File(name)) => Some(name.as_str()),
        _ => None,
    })
}

/// Whether a file in the folder is a body that nothing names, or was cut short by a kill.
fn is_unnamed(file: &str, named: &HashSet<String>) -> bool {
    let temporary = file.strip_suffix(files::TEMPORARY).is_some_and(|file| file.starts_with('.'));
    temporary || (is_digest(file) && !named.contains(file))
}

/// Also keeps a hand-made name from leading out of the folder.
pub(super) fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
