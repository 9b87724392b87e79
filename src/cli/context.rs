//! What the environment says, captured once.

use std::io::{IsTerminal as _, Write as _};

use onrecord::net::Credentials;
use onrecord::report::text::Palette;

/// The environment as a value.
#[derive(Debug)]
pub(super) struct Context {
    /// How standard output is coloured.
    pub(super) palette: Palette,
    /// The region that requests are signed for.
    pub(super) region: String,
    /// Whose requests they are.
    pub(super) credentials: Credentials,
    /// The names of the variables that give one AWS service an endpoint of its own.
    pub(super) service_endpoints: Vec<String>,
    /// Hosts that no proxy is asked for: what is configured, and this machine.
    pub(super) no_proxy: String,
}

impl Context {
    pub(super) fn capture() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
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
            service_endpoints: std::env::vars_os()
                .filter_map(|(name, _)| name.into_string().ok())
                .filter(|name| name.starts_with("AWS_ENDPOINT_URL_"))
                .collect(),
            no_proxy: variable("NO_PROXY")
                .or_else(|| variable("no_proxy"))
                .into_iter()
                .chain(["127.0.0.1,localhost".to_owned()])
                .collect::<Vec<_>>()
                .join(","),
        }
    }

    /// Prints a result. A reader that has gone away wants no more of it.
    pub(super) fn say(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// Prints progress.
    pub(super) fn tell(&self, text: &str) {
        Self::shout(text);
    }

    /// Prints what must be seen at once, from whatever thread.
    pub(super) fn shout(text: &str) {
        let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    }

    /// Prints why a command ends.
    pub(super) fn complain(&self, text: &str) {
        self.tell(&format!("onrecord: {text}"));
    }
}
