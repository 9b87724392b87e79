use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;

use super::astray::Astray;
use super::error::SessionError;
use super::marks::{Mark, is_name};
use super::session::{Reach, Session};
use super::stock::{Holding, Making, Stock};
use super::table::Table;
use crate::exchange::{Ending, Request, Response};
use crate::net::{Answer, Caller, Port, Ports, Reply};
use crate::replay::{Library, Replayer};

/// All open sessions. Answers each request out of the one that it is for.
pub struct Sessions {
    table: ArcSwap<Table>,
    /// Held by whoever changes the table; what sessions left behind that are no more.
    left: Mutex<Totals>,
    making: Box<dyn Making>,
    stock: Stock,
    most: usize,
    ports: OnceLock<Ports>,
    numbered: AtomicUsize,
    astray: AtomicUsize,
    on_astray: Option<Box<OnAstray>>,
}

/// Hears of each request that no session is meant by.
type OnAstray = dyn Fn(&Astray) + Send + Sync;

/// A session to open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// Its name; one is made up otherwise.
    pub name: Option<String>,
    /// What it replays; several are one sequence.
    pub cassettes: Vec<PathBuf>,
    /// An access key id that means it, besides its name.
    pub access_key_id: Option<String>,
    /// Whether it gets a port of its own.
    pub port: bool,
    /// Whether an exchange that is left unused is a fault of the run.
    pub strict: bool,
}

/// What all sessions did, those that are closed included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Exchanges that were served.
    pub served: usize,
    /// Misses, with those that no session was meant by.
    pub missed: usize,
    /// Requests that were refused for breaking what their contract documents.
    pub invalid: usize,
    /// Requests that were refused for their signatures.
    pub missigned: usize,
    /// Requests that passed though nobody could tell whether they were signed right.
    pub unverified: usize,
    /// Answers that a planted fault made or changed.
    pub faulty: usize,
    /// Exchanges that were served again, after the last one.
    pub repeated: usize,
    /// Exchanges that strict sessions left unused.
    pub unused: usize,
    /// Those of them that were left by sessions which are closed.
    pub closed_unused: usize,
    /// Sessions that were closed.
    pub closed: usize,
    /// Requests that no session was meant by.
    pub astray: usize,
}

impl Sessions {
    /// The name of the session that requests are for which name none.
    pub const DEFAULT: &str = "default";

    /// None yet, and at most so many.
    pub fn new(making: impl Making, most: usize) -> Self {
        Self {
            table: ArcSwap::default(),
            left: Mutex::default(),
            making: Box::new(making),
            stock: Stock::default(),
            most,
            ports: OnceLock::new(),
            numbered: AtomicUsize::new(0),
            astray: AtomicUsize::new(0),
            on_astray: None,
        }
    }

    /// With a session for requests that name none.
    #[must_use]
    pub fn with_default(self, library: Library) -> Self {
        self.with(library, Reach { name: Self::DEFAULT.into(), access_key_id: None, strict: false })
    }

    /// The same, where an exchange that is left unused is a fault of the run.
    #[must_use]
    pub fn with_strict_default(self, library: Library) -> Self {
        self.with(library, Reach { name: Self::DEFAULT.into(), access_key_id: None, strict: true })
    }

    fn with(self, library: Library, reach: Reach) -> Self {
        let holding = Arc::new(Holding::new(library));
        let default = Some(Arc::new(self.session(reach, None, holding)));
        self.table.store(Arc::new(Table::of(default)));
        self
    }

    /// Calls `hook` with each request that no session is meant by.
    #[must_use]
    pub fn on_astray(mut self, hook: impl Fn(&Astray) + Send + Sync + 'static) -> Self {
        self.on_astray = Some(Box::new(hook));
        self
    }

    /// Opens ports of sessions' own here. Only the first one counts.
    pub fn listen_at(&self, ports: Ports) {
        let _ = self.ports.set(ports);
    }

    /// Opens a session.
    ///
    /// # Errors
    /// Where its name is taken, its cassettes cannot be read, or there is no place for it.
    pub fn open(self: &Arc<Self>, opening: Opening) -> Result<Arc<Session>, SessionError> {
        let name: Arc<str> = opening.name.clone().unwrap_or_else(|| self.made_up()).into();
        self.vet(&name, &opening)?;
        let holding = self.stock.get(&opening.cassettes, &*self.making).map_err(SessionError::Library)?;
        let left = self.changing();
        // Somebody may have been faster while the cassettes were read.
        self.vet(&name, &opening)?;
        let port = if opening.port { Some(Arc::new(self.port(name.clone())?)) } else { None };
        let reach = Reach { name, access_key_id: opening.access_key_id, strict: opening.strict };
        let session = Arc::new(self.session(reach, port, holding));
        self.table.store(Arc::new(self.table.load().with(session.clone())));
        drop(left);
        Ok(session)
    }

    /// Closes a session. Requests that are under way get their answers.
    ///
    /// # Errors
    /// Where it is not open, or is the default one.
    pub fn close(&self, name: &str) -> Result<Arc<Session>, SessionError> {
        let mut left = self.changing();
        let session = self.get(name)?;
        if *session.reach.name == *Self::DEFAULT {
            return Err(SessionError::Lasting);
        }
        self.table.store(Arc::new(self.table.load().without(&session)));
        *left = left.and(&session).and_unused(&session);
        left.closed += 1;
        Ok(session)
    }

    /// Begins a session anew: all its exchanges are there again, and no miss is known.
    ///
    /// # Errors
    /// Where it is not open.
    pub fn reset(&self, name: &str) -> Result<Arc<Session>, SessionError> {
        let mut left = self.changing();
        let old = self.get(name)?;
        let session = self.session(old.reach.clone(), old.port.clone(), old.holding.clone());
        let session = Arc::new(session);
        self.table.store(Arc::new(self.table.load().with(session.clone())));
        *left = left.and(&old);
        Ok(session)
    }

    /// An open session.
    ///
    /// # Errors
    /// Where none has that name.
    pub fn get(&self, name: &str) -> Result<Arc<Session>, SessionError> {
        self.table.load().named(name).cloned().ok_or_else(|| SessionError::Unknown(shown(name)))
    }

    /// All open sessions, the default one first, the others by their names.
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.table.load().all().cloned().collect()
    }

    /// Whether some open session replays that host.
    pub fn know(&self, host: &str) -> bool {
        self.table.load().all().any(|session| session.knows(host))
    }

    /// What all of them did.
    pub fn totals(&self) -> Totals {
        let left = self.changing();
        let totals =
            self.table.load().all().fold(*left, |totals, session| totals.and(session).and_unused(session));
        let astray = self.astray.load(Ordering::Relaxed);
        Totals { missed: totals.missed + astray, astray, closed_unused: left.unused, ..totals }
    }

    fn session(&self, reach: Reach, port: Option<Arc<Port>>, holding: Arc<Holding>) -> Session {
        let replayer = Arc::new(self.making.replayer(&reach, holding.library.clone()));
        Session { reach, port, holding, replayer }
    }

    fn changing(&self) -> MutexGuard<'_, Totals> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vet(&self, name: &str, opening: &Opening) -> Result<(), SessionError> {
        let key = opening.access_key_id.as_deref();
        if let Some(wrong) = [Some(name), key].into_iter().flatten().find(|text| !is_name(text)) {
            return Err(SessionError::Name(shown(wrong)));
        }
        if opening.cassettes.is_empty() {
            return Err(SessionError::NoCassettes);
        }
        let table = self.table.load();
        let is_taken = |text: &&str| *text == Self::DEFAULT || table.keyed(text).is_some();
        match [Some(name), key].into_iter().flatten().find(is_taken) {
            Some(taken) => Err(SessionError::Taken(shown(taken))),
            None if table.len() >= self.most => Err(SessionError::TooMany(self.most)),
            None => Ok(()),
        }
    }

    /// A name that no session has.
    fn made_up(&self) -> String {
        loop {
            let name = format!("session-{}", self.numbered.fetch_add(1, Ordering::Relaxed) + 1);
            if self.table.load().keyed(&name).is_none() {
                return name;
            }
        }
    }

    fn port(self: &Arc<Self>, name: Arc<str>) -> Result<Port, SessionError> {
        let ports = self.ports.get().ok_or(SessionError::NoPorts)?;
        Ok(ports.open(Arc::new(AtPort { sessions: self.clone(), name }))?)
    }

    fn astray(&self, request: &Request, mark: &Mark) -> Reply {
        let number = self.astray.fetch_add(1, Ordering::Relaxed);
        let table = self.table.load();
        if let Some(hook) = self.on_astray.as_ref().filter(|_| number < Astray::TOLD) {
            hook(&Astray::new(request, mark, &table));
        }
        // Some session's contract tells how the provider would refuse.
        let nobody = || Arc::new(Replayer::new(Vec::new(), Vec::new()));
        let replayer = table.all().next().map_or_else(nobody, |session| session.replayer.clone());
        Reply { response: replayer.refuse(request, Astray::TEXT, Astray::NAME), ending: Ending::Complete }
    }
}

impl Answer for Sessions {
    fn answer(&self, request: Request) -> Response {
        self.reply(request).response
    }

    fn reply(&self, request: Request) -> Reply {
        self.reply_to(&Caller::default(), request)
    }

    fn reply_to(&self, caller: &Caller, request: Request) -> Reply {
        let table = self.table.load();
        // Whose signature it is tells nothing apart where no session is open besides the default one.
        let signed = || if table.len() == 0 { Mark::None } else { Mark::signed(&request) };
        let mark = Mark::named(&request, caller).unwrap_or_else(signed);
        match table.means(&mark) {
            Some(session) => Replayer::reply(&session.replayer, &request),
            None => self.astray(&request, &mark),
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("open", &self.table.load().len()).finish_non_exhaustive()
    }
}

/// A port of a session's own: whatever comes here is for it.
struct AtPort {
    sessions: Arc<Sessions>,
    name: Arc<str>,
}

impl Answer for AtPort {
    fn answer(&self, request: Request) -> Response {
        self.reply(request).response
    }

    fn reply(&self, request: Request) -> Reply {
        match self.sessions.table.load().named(&self.name) {
            Some(session) => Replayer::reply(&session.replayer, &request),
            None => self.sessions.astray(&request, &Mark::Name(self.name.to_string())),
        }
    }
}

impl Totals {
    /// What a session did.
    fn and(self, Session { replayer, .. }: &Session) -> Self {
        Self {
            served: self.served + replayer.served(),
            missed: self.missed + replayer.missed(),
            invalid: self.invalid + replayer.invalid(),
            missigned: self.missigned + replayer.missigned(),
            unverified: self.unverified + replayer.unverified(),
            faulty: self.faulty + replayer.faulty(),
            repeated: self.repeated + replayer.repeated(),
            ..self
        }
    }

    /// What it leaves unused, if that is judged.
    fn and_unused(self, session: &Session) -> Self {
        let unused = if session.reach.strict { session.replayer.left() } else { 0 };
        Self { unused: self.unused + unused, ..self }
    }
}

/// The start of a text that somebody else wrote.
fn shown(text: &str) -> String {
    text.chars().take(128).collect()
}
