//! What the environment says, captured once.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::LazyLock;
use std::time::Duration;

use onrecord::net::Credentials;
use onrecord::report::text::Palette;

use super::voice::Voice;

/// What is said on standard error by whoever serves comes from here, one behind the other.
static VOICE: LazyLock<std::io::Result<Voice>> = LazyLock::new(|| Voice::new(std::io::stderr()));

/// So long a command that has served waits for somebody to read what it says, in all.
const PATIENCE: Duration = Duration::from_secs(2);

/// The environment as a value.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// How standard output is coloured.
    pub(super) palette: Palette,
    /// The region that requests are signed for.
    pub(super) region: String,
    /// Whose requests they are.
    pub(super) credentials: Credentials,
    variables: Variables,
}

/// The environment's variables, but for those that are no text.
#[derive(Clone)]
struct Variables(BTreeMap<String, String>);

impl std::fmt::Debug for Variables {
    /// Their number: some are credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Variables({})", self.0.len())
    }
}

impl Context {
    pub(super) fn capture() -> Self {
        let all = std::env::vars_os();
        let texts =
            all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let variables = Variables(texts.filter(|(_, value)| !value.is_empty()).collect());
        let variable = |name: &str| variables.0.get(name).cloned();
        let plain =
            variable("NO_COLOR").is_some() || variable("CI").is_some() || !std::io::stdout().is_terminal();
        Self {
            palette: if plain { Palette::Plain } else { Palette::Colour },
            region: variable("AWS_REGION")
                .or_else(|| variable("AWS_DEFAULT_REGION"))
                .unwrap_or("us-east-1".to_owned()),
            // An emulator takes any credentials; a real account refuses these.
            credentials: Credentials {
                access_key: variable("AWS_ACCESS_KEY_ID").unwrap_or("test".to_owned()),
                secret_key: variable("AWS_SECRET_ACCESS_KEY").unwrap_or("test".to_owned()),
                session_token: variable("AWS_SESSION_TOKEN"),
            },
            variables,
        }
    }

    /// What a variable says, if it says anything.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.0.get(name).map(String::as_str)
    }

    /// The names of the variables that say something.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.0.keys().map(String::as_str)
    }

    /// Prints a result. A reader that has gone away wants no more of it.
    pub(super) fn say(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// From now on somebody is served, who must not wait for whoever reads standard error, and neither
    /// must a signal.
    pub(super) fn serve() {
        let _ = &*VOICE;
    }

    /// Prints progress, behind what was shouted.
    pub(super) fn tell(&self, text: &str) {
        let text = text.trim_end();
        match LazyLock::get(&VOICE) {
            Some(Ok(voice)) => voice.say_all(text, PATIENCE),
            _ => drop(writeln!(std::io::stderr(), "{text}")),
        }
    }

    /// Prints what must be seen soon, from whatever thread: it waits for no reader.
    pub(super) fn shout(text: &str) {
        match &*VOICE {
            Ok(voice) => voice.say(text.trim_end()),
            Err(_) => drop(writeln!(std::io::stderr(), "{}", text.trim_end())),
        }
    }

    /// Waits until what was shouted is printed, if anybody reads it.
    pub(super) fn finish() {
        if let Some(Ok(voice)) = LazyLock::get(&VOICE) {
            voice.finish(PATIENCE);
        }
    }

    /// Prints why a command ends.
    pub(super) fn complain(&self, text: &str) {
        self.tell(&format!("onrecord: {text}"));
    }
}
