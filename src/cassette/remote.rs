//! Cassettes that lie elsewhere, kept in a folder under what they hold.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::de::SliceRead;

use super::bodies::{self, Bodies};
use super::document::{self, Sink};
use super::stored::StoredExchange;
use super::{CassetteError, Header, files, foreign};
use crate::encoding::digest;

/// Where cassettes are fetched from.
pub trait Remote {
    /// Why it does not give one.
    type Error;

    /// What changes whenever the object does, if the store has such a thing.
    fn tag(&self, key: &str) -> Result<Option<String>, Self::Error>;

    /// The whole object.
    fn get(&self, key: &str) -> Result<Object, Self::Error>;
}

/// An object of a [`Remote`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub bytes: Bytes,
    /// What changes whenever it does.
    pub tag: Option<String>,
}

/// Why a cassette could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError<E> {
    /// It was not given.
    #[error("{0}")]
    Remote(E),
    /// It is no cassette, or could not be kept.
    #[error("{0}")]
    Cassette(#[from] CassetteError),
    /// A body beside it is not what its name says.
    #[error("{key} does not hold what its name says: upload the cassette's `.bodies` folder again")]
    Altered {
        /// The key of the body.
        key: String,
    },
}

/// The folder in which fetched cassettes are kept.
///
/// ```text
/// cassettes/<sha256>.json               a cassette, under the digest of what it holds
/// cassettes/<sha256>.json.bodies/<sha256>
/// sources/<sha256 of its address>.json  what lay at an address the last time
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
}

/// Where a cassette lies, and what it holds.
type Kept = (PathBuf, Vec<u8>);

/// What lay at an address.
#[derive(Serialize, Deserialize)]
struct Source {
    address: String,
    tag: String,
    sha256: String,
}

impl Cache {
    /// In this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where a cassette lies now, with its big bodies beside it. It is fetched if it is not what was
    /// fetched from this `address` before, or is not whole any more.
    pub fn fetch<R: Remote>(
        &self,
        remote: &R,
        address: &str,
        key: &str,
    ) -> Result<PathBuf, FetchError<R::Error>> {
        let source = self.folder.join("sources").join(format!("{}.json", digest(address.as_bytes())));
        if let Some((path, bytes)) = self.kept(remote, &source, address, key)? {
            self.fetch_bodies(remote, &path, &bytes, key)?;
            return Ok(path);
        }
        let Object { bytes, tag } = remote.get(key).map_err(FetchError::Remote)?;
        let sha256 = digest(&bytes);
        let path = self.cassette(&sha256);
        self.fetch_bodies(remote, &path, &bytes, key)?;
        keep(&path, &bytes)?;
        // Last, for it says that all is there.
        if let Some(tag) = tag {
            let told = Source { address: address.to_owned(), tag, sha256 };
            let told = serde_json::to_vec(&told)
                .map_err(|error| CassetteError::io("write", &source)(error.into()))?;
            keep(&source, &told)?;
        }
        Ok(path)
    }

    /// What was fetched before, if it is still what lies there.
    fn kept<R: Remote>(
        &self,
        remote: &R,
        source: &Path,
        address: &str,
        key: &str,
    ) -> Result<Option<Kept>, FetchError<R::Error>> {
        let told = fs::read(source).ok().and_then(|told| serde_json::from_slice::<Source>(&told).ok());
        let Some(told) = told.filter(|told| told.address == address) else { return Ok(None) };
        if remote.tag(key).map_err(FetchError::Remote)? != Some(told.tag) {
            return Ok(None);
        }
        let path = self.cassette(&told.sha256);
        let bytes = fs::read(&path).ok().filter(|bytes| digest(bytes) == told.sha256);
        Ok(bytes.map(|bytes| (path, bytes)))
    }

    /// Has the big bodies beside the cassette.
    fn fetch_bodies<R: Remote>(
        &self,
        remote: &R,
        path: &Path,
        cassette: &[u8],
        key: &str,
    ) -> Result<(), FetchError<R::Error>> {
        let mut named = Named::default();
        document::read(path, SliceRead::new(cassette), &mut named)
            .map_err(|error| foreign::explain(path, cassette, error))?;
        let bodies = Bodies::of(path);
        for name in named.0.iter().filter(|name| !bodies.holds(name)) {
            let key = format!("{key}.bodies/{name}");
            let body = remote.get(&key).map_err(FetchError::Remote)?.bytes;
            if digest(&body) != *name {
                return Err(FetchError::Altered { key });
            }
            keep(&bodies.file(name), &body)?;
        }
        Ok(())
    }

    fn cassette(&self, sha256: &str) -> PathBuf {
        self.folder.join("cassettes").join(format!("{sha256}.json"))
    }
}

fn keep(path: &Path, bytes: &[u8]) -> Result<(), CassetteError> {
    files::replace(path, path, |file| file.write_all(bytes))
}

/// The files of bodies that a cassette names.
#[derive(Default)]
struct Named(BTreeSet<String>);

impl Sink for Named {
    fn header(&mut self, _header: Header) -> Result<(), CassetteError> {
        Ok(())
    }

    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
        // What is no digest is told by whoever reads the cassette; it leads nowhere here.
        self.0.extend(bodies::named(&exchange).filter(|name| bodies::is_digest(name)).map(str::to_owned));
        Ok(())
    }
}
