//! What a run makes, on disk before it is asked for.
//!
//! One JSON line for each step: how the run began, each creating request before it is sent, its answer, and
//! each deletion that was accepted. A line is whole where it ends in a newline; what a kill cut short was
//! never acted on. The file holds real identifiers, is its owner's only, and is locked while it is written to.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::mark::{Mark, Tells, made_by};
use super::thing::Thing;
use crate::contract::{Contract, Operation, Resource};
use crate::exchange::{Method, Request, Response, Target, Timestamp};

/// The format that this version writes, and the only one that it reads.
const FORMAT: u64 = 1;

/// The status of a request that never went out.
pub(super) const UNSENT: u16 = 0;

/// The status of a request that was found to have made something.
const FOUND: u16 = 200;

/// How each ledger begins.
const OPENING: &str = "{\"line\":\"began\",";

/// Which run a ledger is of, and whom it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Began {
    format: u64,
    /// The run's mark.
    mark: String,
    /// The contract, as the command line named it.
    pub contract: String,
    /// The overlays, as the command line named them.
    pub overlays: Vec<String>,
    /// The provider's address.
    pub target: String,
    /// The region that requests are signed for.
    pub region: String,
    /// When the run began.
    pub at: String,
}

impl Began {
    /// A run that begins now.
    pub fn now(mark: &Mark, contract: String, overlays: Vec<String>, target: String, region: String) -> Self {
        let mark = mark.as_str().to_owned();
        Self { format: FORMAT, mark, contract, overlays, target, region, at: Timestamp::now().to_string() }
    }
}

/// A step of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    Began(Began),
    Asked(Asked),
    Answered(Answered),
    Deleted(Deleted),
}

/// A creating request that is about to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) operation: String,
    pub(super) at: String,
    /// What will tell that the thing is ours.
    pub(super) told_by: Tells,
    /// What the thing will lie in.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) within: Map<String, Value>,
    /// The request, where only sending it again can find the thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<Sent>,
}

/// A request as it is before it is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// What came of a creating request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    pub(super) number: u64,
    pub(super) status: u16,
    /// What the thing is called, if the answer says that there is one.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) names: Map<String, Value>,
}

/// A deletion that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deleted {
    pub(super) resource: String,
    pub(super) names: Map<String, Value>,
}

/// Why a ledger cannot be written or read.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file system says no.
    #[error("cannot {what} the ledger {}: {source}", path.display())]
    Io {
        /// What was to be done.
        what: &'static str,
        /// The ledger.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is another file, or it was changed.
    #[error("{}:{line}: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The run that writes it is still under way.
    #[error("{}: its run is still under way; end that first", .0.display())]
    Busy(PathBuf),
    /// An earlier run's ledger is there.
    #[error("{path} is there; clean up after its run: onrecord check --clean-up {path}", path = .0.display())]
    There(PathBuf),
}

/// A ledger that is written to. There is no file before the first creating request.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    began: Began,
    mark: Mark,
    file: Option<File>,
    asked: u64,
}

impl Ledger {
    /// A ledger of a run that begins.
    ///
    /// # Errors
    /// When there is one already at that path.
    pub fn new(path: PathBuf, mark: Mark, began: Began) -> Result<Self, LedgerError> {
        match path.exists() {
            true => Err(LedgerError::There(path)),
            false => Ok(Self { path, began, mark, file: None, asked: 0 }),
        }
    }

    /// Reads a ledger, to be gone on with. `None`: its run had asked for nothing yet.
    ///
    /// # Errors
    /// When it cannot be read, is no ledger, or is being written to.
    pub fn open(path: &Path) -> Result<Option<Self>, LedgerError> {
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed("open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read", path))?;
        let Some((began, lines)) = read(path, &bytes)? else { return Ok(None) };
        let mark = Mark::parse(&began.mark).ok_or_else(|| LedgerError::Broken {
            path: path.to_owned(),
            line: 1,
            why: "its mark is none; without the true one nothing can be told to be of its run".to_owned(),
        })?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) as u64;
        let at_end = file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0)));
        at_end.map_err(failed("write", path))?;
        let asked = lines.iter().filter(|line| matches!(line, Line::Asked(_))).count() as u64;
        Ok(Some(Self { path: path.to_owned(), began, mark, file: Some(file), asked }))
    }

    /// Where it is, or will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which run it is of.
    pub fn began(&self) -> &Began {
        &self.began
    }

    /// The mark of its run.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// What it says so far. `None` as long as nothing was asked for.
    pub(super) fn lines(&self) -> Result<Option<Vec<Line>>, LedgerError> {
        if self.file.is_none() {
            return Ok(None);
        }
        let bytes = fs::read(&self.path).map_err(failed("read", &self.path))?;
        Ok(read(&self.path, &bytes)?.map(|(_, lines)| lines))
    }

    /// Takes the file away: nothing is left.
    pub(super) fn remove(&mut self) -> Result<(), LedgerError> {
        self.file = None;
        fs::remove_file(&self.path).map_err(failed("remove", &self.path))
    }

    /// Notes a request that may make something, before it is sent. Gives its number.
    pub(super) fn asks(
        &mut self,
        contract: &Contract,
        request: &Request,
    ) -> Result<Option<u64>, LedgerError> {
        let operation = contract.route(request);
        let making = operation.and_then(|it| Some((it, made_by(contract, it)?)));
        let Some((operation, resource)) = making else { return Ok(None) };
        // What cannot be read as an input names nothing, and asks for nothing that could be found.
        let input = contract.decode(operation, request).map(|decoded| decoded.input).unwrap_or_default();
        let told_by = self.mark.tells(contract, operation, &input);
        let parents = contract.parents(resource).into_iter();
        self.asked += 1;
        self.write(&Line::Asked(Asked {
            number: self.asked,
            operation: operation.name.clone(),
            at: Timestamp::now().to_string(),
            told_by,
            within: parents.filter_map(|name| Some((name.clone(), input.get(&name)?.clone()))).collect(),
            request: (told_by == Tells::Token).then(|| Sent::from(request)),
        }))?;
        Ok(Some(self.asked))
    }

    /// Notes what came of it, or that a request has deleted something.
    pub(super) fn answered(
        &mut self,
        contract: &Contract,
        number: Option<u64>,
        request: &Request,
        response: &Response,
    ) -> Result<(), LedgerError> {
        let Some(operation) = contract.route(request) else { return Ok(()) };
        if let Some(number) = number {
            let names = made(contract, operation, request, response).map(|thing| names_of(contract, &thing));
            let names = names.unwrap_or_default();
            return self.write(&Line::Answered(Answered { number, status: response.status, names }));
        }
        let deletes = |resource: &&Resource| resource.delete.as_ref() == Some(&operation.name);
        if let Some(resource) = contract.resources.iter().find(deletes).filter(|_| response.is_success())
            && let Ok(decoded) = contract.decode(operation, request)
        {
            let named = contract.references(operation).into_iter();
            let names = named.filter_map(|it| Some((it.shown, decoded.input.get(&it.member)?.clone())));
            return self.deleted(&resource.name, names.collect());
        }
        Ok(())
    }

    /// Notes that a request never went out.
    pub(super) fn unsent(&mut self, number: u64) -> Result<(), LedgerError> {
        self.write(&Line::Answered(Answered { number, status: UNSENT, names: Map::new() }))
    }

    /// Notes what a request made whose answer had not come.
    pub(super) fn found(&mut self, number: u64, names: Map<String, Value>) -> Result<(), LedgerError> {
        self.write(&Line::Answered(Answered { number, status: FOUND, names }))
    }

    /// Notes that something is gone. What was never asked for is not ours to remember.
    pub(super) fn deleted(&mut self, resource: &str, names: Map<String, Value>) -> Result<(), LedgerError> {
        if self.file.is_none() || names.is_empty() {
            return Ok(());
        }
        self.write(&Line::Deleted(Deleted { resource: resource.to_owned(), names }))
    }

    /// What comes back only once it is on disk. The first line goes with the second.
    fn write(&mut self, line: &Line) -> Result<(), LedgerError> {
        let failed = |source| LedgerError::Io { what: "write", path: self.path.clone(), source };
        let mut text = String::new();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                text = serde_json::to_string(&Line::Began(self.began.clone()))
                    .map_err(|it| failed(it.into()))?;
                text.push('\n');
                none.insert(create(&self.path)?)
            }
        };
        text.push_str(&serde_json::to_string(line).map_err(|it| failed(it.into()))?);
        text.push('\n');
        file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(failed)
    }
}

/// The thing that a successful answer says there is now.
pub(super) fn made<'c>(
    contract: &'c Contract,
    operation: &Operation,
    request: &Request,
    response: &Response,
) -> Option<Thing<'c>> {
    let resource = made_by(contract, operation)?;
    let crate::contract::Outcome::Output(shown) = contract.outcome(operation, response) else { return None };
    let asked = contract.decode(operation, request).map(|decoded| decoded.input).unwrap_or_default();
    Some(Thing { resource, asked, shown })
}

/// All that operations call a thing, so that a ledger can name it again.
pub(super) fn names_of(contract: &Contract, thing: &Thing<'_>) -> Map<String, Value> {
    let resource = thing.resource;
    let operations = resource.operations().filter_map(|name| contract.operation(name));
    let named = operations.flat_map(|operation| contract.references(operation)).map(|it| it.shown);
    let all = named.chain(resource.identifiers.iter().cloned()).chain(contract.parents(resource));
    let scalar = |value: &&Value| value.is_string() || value.is_number();
    all.filter_map(|name| Some((name.clone(), thing.name(&name).filter(scalar)?.clone()))).collect()
}

impl From<&Request> for Sent {
    fn from(request: &Request) -> Self {
        let headers =
            request.headers.iter().map(|(name, value)| (name.to_owned(), value.text().into_owned()));
        Self {
            method: request.method.as_str().to_owned(),
            target: request.target.as_str().to_owned(),
            headers: headers.collect(),
            body: request.body.text().unwrap_or_default().to_owned(),
        }
    }
}

impl From<&Sent> for Request {
    fn from(sent: &Sent) -> Self {
        let mut request = Self::new(Method::from(sent.method.as_str()), Target::new(sent.target.clone()));
        for (name, value) in &sent.headers {
            request.headers.push(name, value.as_str());
        }
        request.body = sent.body.clone().into();
        request
    }
}

/// The lines of a ledger. What stands behind the last newline was cut short by a kill.
fn read(path: &Path, bytes: &[u8]) -> Result<Option<(Began, Vec<Line>)>, LedgerError> {
    let broken = |line: usize, why: String| LedgerError::Broken { path: path.to_owned(), line, why };
    let text = String::from_utf8_lossy(bytes);
    let whole = text.rfind('\n').map(|end| text.get(..end).unwrap_or_default());
    let Some(whole) = whole else {
        let is_torn = OPENING.starts_with(text.get(..OPENING.len()).unwrap_or(&text));
        return match is_torn {
            true => Ok(None),
            false => Err(broken(1, "it is no ledger of onrecord; name the file that a run told".to_owned())),
        };
    };
    let mut lines = Vec::new();
    for (index, line) in whole.lines().enumerate() {
        let why = |error: serde_json::Error| match index {
            0 => "it is no ledger of onrecord; name the file that a run told".to_owned(),
            _ => format!("the line is broken ({error}); delete by hand what it names, and take it out"),
        };
        lines.push(serde_json::from_str(line).map_err(|error| broken(index + 1, why(error)))?);
    }
    let mut lines = lines.into_iter();
    match lines.next() {
        Some(Line::Began(began)) if began.format == FORMAT => Ok(Some((began, lines.collect()))),
        Some(Line::Began(began)) => Err(broken(
            1,
            format!(
                "it has format {}, and this onrecord reads {FORMAT}; take the one that wrote it",
                began.format
            ),
        )),
        _ => Err(broken(1, "it is no ledger of onrecord; name the file that a run told".to_owned())),
    }
}

fn create(path: &Path) -> Result<File, LedgerError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("create the folder of", path))?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed("create", path))?;
    lock(&file, path)?;
    // Its name must outlast a crash as well.
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("create", path))?;
    Ok(file)
}

fn lock(file: &File, path: &Path) -> Result<(), LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed("lock", path)(error)),
    }
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    move |source| LedgerError::Io { what, path: path.to_owned(), source }
}
