use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use onrecord::encoding::shell_word;
use onrecord::redact::Redactor;
use onrecord::replay::sessions::Astray;
use onrecord::replay::{Doubt, Miss};
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::proxy::let_in;

/// Where misses are logged.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Logging {
    /// Append each miss to this file, as a line of JSON; a refused host or signature and an unknown session too
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// The log of one replay, as one of its sessions writes it.
#[derive(Debug)]
pub(super) struct Log {
    open: Option<Arc<Open>>,
    /// What is logged of no session says itself which one was meant, if any was.
    session: Option<Arc<str>>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: Mutex<File>,
}

impl Logging {
    pub(super) fn open(&self) -> Result<Log, Failure> {
        let Some(path) = &self.log else { return Ok(Log { open: None, session: None }) };
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(|error| {
            Failure::Input(format!("cannot open {}: {error}; {}", path.display(), cure(path)))
        })?;
        let open = Open { path: path.clone(), file: Mutex::new(file) };
        Ok(Log { open: Some(Arc::new(open)), session: None })
    }
}

fn cure(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    folder.map_or_else(
        || "name another --log".to_owned(),
        |folder| {
            let folder = folder.display().to_string();
            format!("make its folder first (mkdir -p {}), or name another --log", shell_word(&folder))
        },
    )
}

impl Log {
    /// The same log, with that session in each line.
    pub(super) fn of(&self, session: &Arc<str>) -> Self {
        Self { open: self.open.clone(), session: Some(session.clone()) }
    }

    pub(super) fn miss(&self, miss: &Miss) {
        self.line(|| miss.to_json());
    }

    pub(super) fn astray(&self, astray: &Astray) {
        self.line(|| astray.to_json());
    }

    pub(super) fn doubt(&self, session: Option<&str>, doubt: &Doubt) {
        self.line(|| {
            let mut value = doubt.to_json();
            if let Some(session) = session {
                value["session"] = json!(session);
            }
            value
        });
    }

    pub(super) fn refused(&self, host: &str) {
        self.line(|| {
            json!({
                "miss": "host-refused",
                "host": Redactor::new().text(host).into_inner(),
                "reason": "no contract and no cassette names this host",
                "next": [let_in(host)],
            })
        });
    }

    /// Writes a whole line at once; where that fails, the replay goes on.
    fn line(&self, value: impl FnOnce() -> Value) {
        let Some(Open { path, file }) = self.open.as_deref() else { return };
        let mut value = value();
        if let Value::Object(members) = &mut value {
            members.entry("session").or_insert_with(|| json!(self.session.as_deref()));
        }
        let line = format!("{value}\n");
        let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        if let Err(error) = written {
            Context::shout(&format!("onrecord: cannot append to {}: {error}", path.display()));
        }
    }
}
