use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Origin;
use crate::exchange::Timestamp;
use crate::redact::Leak;

/// Why a cassette or its journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// The file system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, `read`.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file ends in the middle.
    #[error("{place}: the cassette is cut short: restore the file, or record it again")]
    CutShort {
        /// Where it ends.
        place: Place,
    },
    /// The file is not JSON.
    #[error("{place}: not JSON ({reason}): restore the file, or record it again")]
    NotJson {
        /// Where reading stopped.
        place: Place,
        /// What is wrong there.
        reason: String,
    },
    /// The file is JSON, but no cassette.
    #[error("{place}: not a cassette ({reason}): mend the file by hand, or record it again")]
    NotACassette {
        /// Where.
        place: Place,
        /// What is wrong there.
        reason: String,
    },
    /// The file is something else, and it shows what.
    #[error("{place}: {what}")]
    Foreign {
        /// Where it shows.
        place: Place,
        /// What it is.
        what: Foreign,
    },
    /// A newer onrecord wrote the file.
    #[error("{}: format {format} is newer than this onrecord reads ({reads}): upgrade onrecord", path.display())]
    Newer {
        /// The cassette or journal.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// The newest format that can be read.
        reads: u64,
    },
    /// A body's own file is missing, or not what was recorded.
    #[error("{}: {fault} (a body of {}): restore the file, or record the cassette again", body.display(), cassette.display())]
    Body {
        /// The file of the body.
        body: PathBuf,
        /// The cassette that needs it.
        cassette: PathBuf,
        /// What is wrong.
        fault: BodyFault,
    },
    /// Parts of an exchange do not fit together: somebody edited one of them.
    #[error("{}: {exchange} of {started}: {misfit}", cassette.display())]
    Misfit {
        /// The cassette.
        cassette: PathBuf,
        /// Method and target of its request.
        exchange: String,
        /// When it began.
        started: Timestamp,
        /// What does not fit.
        misfit: Misfit,
    },
    /// Another recording holds the journal.
    #[error("{}: another onrecord is recording into this cassette: let it end, or choose another file", journal.display())]
    Busy {
        /// The journal.
        journal: PathBuf,
    },
    /// A killed recording left its journal.
    #[error("{}: a recording was killed and its exchanges are still here: fold them into the cassette with `onrecord cassette recover {}`", journal.display(), journal.with_extension("").display())]
    Left {
        /// The journal.
        journal: PathBuf,
    },
    /// The file with the journal's name is something else.
    #[error("{}: not a journal of ours, so it is left as it is: take it away, or name another cassette", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// A line of the journal, not the last, is not what was written.
    #[error("{}:{line}: the journal is damaged ({reason}): delete this line to recover the rest", journal.display())]
    Damaged {
        /// The journal.
        journal: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The journal could not be appended to.
    #[error("cannot append to {}: {source}; the {safe} exchanges before are safe in it: make room, then run `onrecord cassette recover {}`", journal.display(), journal.with_extension("").display())]
    NotAppended {
        /// The journal.
        journal: PathBuf,
        /// How many exchanges it holds.
        safe: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A secret that was learned late could not be taken out of what was written before.
    #[error("{source}; {erased} exchanges had to be erased for it, the others are safe in {}: make room, then run `onrecord cassette recover {}`", journal.display(), journal.with_extension("").display())]
    NotMended {
        /// The journal.
        journal: PathBuf,
        /// How many exchanges are in no file any more.
        erased: usize,
        /// What went wrong.
        source: Box<CassetteError>,
    },
    /// The journal is complete, but could not be folded into its cassette.
    #[error("{source}; all that was recorded is safe in {}: mend that, then run `onrecord cassette recover {}`", journal.display(), journal.with_extension("").display())]
    NotFolded {
        /// The journal.
        journal: PathBuf,
        /// What went wrong.
        source: Box<CassetteError>,
    },
    /// Exchanges would still hold a secret. They are in no file any more.
    #[error("{refused}; {rest}")]
    Leak {
        /// What was left out.
        refused: Box<Refused>,
        /// What became of the others.
        rest: Rest,
    },
    /// Recordings of different origin do not mix in one cassette.
    #[error("{} was recorded from {held}, not from {coming}: record into another file", cassette.display())]
    OtherOrigin {
        /// The cassette.
        cassette: PathBuf,
        /// What it was recorded from.
        held: Origin,
        /// What would be added.
        coming: Origin,
    },
}

impl CassetteError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    pub(super) fn no_header(path: &Path) -> Self {
        let place = Place { path: path.to_owned(), line: 1, column: 1 };
        Self::NotACassette { place, reason: "missing field `header`".to_owned() }
    }

    /// What `serde_json` says, with the place taken out of its sentence.
    pub(super) fn json(path: &Path, error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let place = Place { path: path.to_owned(), line: error.line(), column: error.column() };
        let sentence = error.to_string();
        let tail = format!(" at line {} column {}", error.line(), error.column());
        let reason = sentence.strip_suffix(&tail).unwrap_or(&sentence).to_owned();
        match error.classify() {
            Category::Eof => Self::CutShort { place },
            Category::Data => Self::NotACassette { place, reason },
            Category::Syntax => Self::NotJson { place, reason },
            Category::Io => {
                Self::Io { doing: "read", path: path.to_owned(), source: io::Error::other(reason) }
            }
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// What a file is in the place of a cassette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// Nothing at all.
    Empty,
    /// A cassette with both sides of a merge in it.
    Conflict,
    /// Text behind a byte order mark.
    Marked,
    /// Compressed.
    Gzip,
    /// The journal of a recording.
    Journal,
    /// Another tool's recording.
    Har,
    /// The same, of vcrpy or go-vcr.
    Vcr,
    /// The same, of Hoverfly.
    Hoverfly,
    /// Mappings of WireMock.
    WireMock,
    /// A contract.
    Contract,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty: restore it, or delete it and record it again",
            Self::Conflict => {
                "the marks of a merge conflict: take one side (`git checkout --ours` or `--theirs`), or record it again"
            }
            Self::Marked => "a byte order mark: save the file as UTF-8 without one",
            Self::Gzip => "compressed by gzip: unpack it with `gunzip`",
            Self::Journal => {
                "the journal of a recording, not its cassette: name the cassette, after `onrecord cassette recover`"
            }
            Self::Har => "a HAR, not a cassette: make one of it with `onrecord cassette import`",
            Self::Vcr => "a recording of VCR, not a cassette: make one of it with `onrecord cassette import`",
            Self::Hoverfly => {
                "a simulation of Hoverfly, not a cassette: make one of it with `onrecord cassette import`"
            }
            Self::WireMock => {
                "a mapping of WireMock, not a cassette: name the cassette that it was exported from, or record one"
            }
            Self::Contract => "a contract, not a cassette: name it with `--contract`",
        })
    }
}

/// What is wrong with the file of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// There is no such file.
    Missing,
    /// It does not hold what its name says.
    Altered,
    /// Its name is not a SHA-256 in hex.
    Misnamed,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the file is missing",
            Self::Altered => "the file is not what was recorded",
            Self::Misnamed => "the name is not a SHA-256 in hex",
        })
    }
}

/// What does not fit together in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The view of a packed body is not what its bytes hold.
    View {
        /// `request` or `response`.
        message: &'static str,
    },
    /// The pieces of a streamed body are not its bytes.
    Pieces {
        /// How many bytes they have.
        pieces: usize,
        /// How many bytes the body has.
        body: usize,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::View { message } => write!(
                f,
                "the view of the {message}'s body is not what its bytes hold, which are what is replayed: delete \
                 the view, or have it in the place of `packed` and delete the fields content-encoding and \
                 content-length"
            ),
            Self::Pieces { pieces, body } => write!(
                f,
                "the response's pieces have {pieces} bytes and its body has {body}: mend their lengths, or delete \
                 the pieces"
            ),
        }
    }
}

/// The exchanges that the gate before the cassette refused. Their targets are not told: they may
/// hold the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When the first one began.
    pub started: Timestamp,
    /// Its operation, where known.
    pub operation: Option<String>,
    /// What it would have held, and where.
    pub leak: Leak,
    /// How many more there are.
    pub more: usize,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, operation, leak, more } = self;
        let operation = operation.as_deref().unwrap_or("the exchange");
        write!(f, "{operation} of {started}: {leak}")?;
        match more {
            0 => Ok(()),
            1 => f.write_str("; so it is with one more"),
            more => write!(f, "; so it is with {more} more"),
        }
    }
}

/// What became of the exchanges beside those that were refused.
#[derive(Debug)]
pub enum Rest {
    /// There are none.
    None,
    /// They are in a file.
    Kept {
        /// How many.
        exchanges: usize,
        /// The cassette, or `<cassette>.partial` if they were to replace one.
        file: PathBuf,
    },
    /// They are still in the journal.
    Failed(Box<CassetteError>),
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing else was recorded"),
            Self::Kept { exchanges, file } => {
                write!(f, "the {exchanges} other exchanges are in {}", file.display())
            }
            Self::Failed(error) => error.fmt(f),
        }
    }
}
