//! The flags for many sessions in one process.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use onrecord::encoding::hex;
use onrecord::net::{Limits, Running, random};
use onrecord::replay::sessions::{Admin, Opening, Root, SessionError, Sessions, Token};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Sessions beside the default one.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Sessions")]
pub(in crate::cli) struct Sharing {
    /// Open a session of that name too; several FILEs of one NAME are one sequence
    #[arg(long = "session", value_name = "NAME=FILE")]
    sessions: Vec<Named>,
    /// Serve the admin API here, on loopback only: it opens, closes, resets and shows sessions
    #[arg(long, value_name = "ADDR")]
    pub(super) admin: Option<SocketAddr>,
    /// A file with the admin API's token; without it, one is made for this run and told
    #[arg(long, value_name = "FILE", requires = "admin")]
    admin_token_file: Option<PathBuf>,
    /// The folder below which the admin API may open cassettes; without it, the working directory
    #[arg(long, value_name = "DIR", requires = "admin")]
    cassette_root: Option<PathBuf>,
    /// How many sessions may be open at once, besides the default one
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(super) max_sessions: usize,
}

/// A cassette of a named session.
#[derive(Debug, Clone)]
struct Named {
    name: Option<String>,
    file: PathBuf,
}

impl FromStr for Named {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once('=') {
            Some((name, file)) => Self { name: Some(name.to_owned()), file: file.into() },
            None => Self { name: None, file: text.into() },
        })
    }
}

/// The admin API, while it is served.
pub(super) struct Administration {
    pub(super) running: Running,
    pub(super) token: String,
}

impl Sharing {
    /// Whether there can be more sessions than the default one.
    pub(super) fn is_used(&self) -> bool {
        self.admin.is_some() || !self.sessions.is_empty()
    }

    /// Opens the sessions that are named.
    pub(super) fn open(&self, sessions: &Arc<Sessions>, strict: bool) -> Result<(), Failure> {
        let mut openings: Vec<Opening> = Vec::new();
        for Named { name, file } in &self.sessions {
            if name.is_none() {
                let file = file.display();
                return Err(Failure::Input(format!("--session {file}: write it as NAME={file}")));
            }
            match openings.iter_mut().find(|opening| opening.name == *name) {
                Some(opening) => opening.cassettes.push(file.clone()),
                None => openings.push(Opening {
                    name: name.clone(),
                    cassettes: vec![file.clone()],
                    strict,
                    ..Opening::default()
                }),
            }
        }
        openings.into_iter().try_for_each(|opening| {
            let name = opening.name.clone().unwrap_or_default();
            sessions.open(opening).map(drop).map_err(|error| match error {
                SessionError::Library(error) => match error.downcast::<Failure>() {
                    Ok(failure) => *failure,
                    Err(error) => Failure::Input(error.to_string()),
                },
                error => Failure::Input(format!("--session {name}: {error}")),
            })
        })
    }

    /// Serves the admin API, if it is wanted.
    pub(super) fn administer(
        &self,
        sessions: Arc<Sessions>,
        url: String,
        strict: bool,
    ) -> Result<Option<Administration>, Failure> {
        let Some(addr) = self.admin else { return Ok(None) };
        if !addr.ip().is_loopback() {
            return Err(Failure::Input(format!(
                "--admin {addr}: it is for this machine only; write --admin 127.0.0.1:{}",
                addr.port()
            )));
        }
        let token = self.token()?;
        let folder = self.cassette_root.as_deref().unwrap_or(Path::new("."));
        let root = Root::new(folder)
            .map_err(|error| Failure::Input(format!("--cassette-root {}: {error}", folder.display())))?;
        let known = Token::new(&*token).ok_or_else(|| {
            Failure::Input("the admin API's token: write at least 16 characters without spaces".to_owned())
        })?;
        let limits = Limits { body: 1 << 20, connections: 256, ..Limits::default() };
        let admin = Admin::new(sessions, known, root, url);
        let admin = if strict { admin.strict() } else { admin };
        let running = Running::serve(addr, Arc::new(admin), limits)?;
        Ok(Some(Administration { running, token }))
    }

    fn token(&self) -> Result<String, Failure> {
        let Some(path) = &self.admin_token_file else { return Ok(hex(&random::<32>()?)) };
        let text = std::fs::read_to_string(path);
        let text =
            text.map_err(|error| Failure::Input(format!("--admin-token-file {}: {error}", path.display())))?;
        Ok(text.trim().to_owned())
    }
}

impl Administration {
    /// Says where it is, and what has to be known.
    pub(super) fn tell(&self, context: &Context) {
        context.tell(&format!("onrecord: admin API: {}", self.running.url()));
        context.tell(&format!("onrecord: admin token: {}", self.token));
    }
}
