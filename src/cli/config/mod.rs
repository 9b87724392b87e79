//! `onrecord.toml`: what a project would otherwise repeat on every command line. Flags win.

mod hosts;
mod limits;
mod redact;
mod units;

use std::path::{Path, PathBuf};

use onrecord::redact::Rules;
use serde::Deserialize;

use self::redact::RedactKeys;
use super::failure::Failure;

pub(super) use hosts::Host;
pub(super) use limits::{LimitKeys, Limiting};

/// The name that is looked for, from the working directory upwards.
const NAME: &str = "onrecord.toml";

/// Where the configuration is.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Place {
    /// The configuration; without it, the onrecord.toml of this folder or of one above it
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What a configuration says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    /// Names of built-in contracts, or files.
    pub(super) contracts: Vec<String>,
    /// Files with what the contracts' models leave out.
    pub(super) overlays: Vec<PathBuf>,
    /// Hosts that a forward proxy lets pass besides those of the contracts.
    pub(super) allow_hosts: Vec<Host>,
    /// Whether a forward proxy lets all others pass untouched.
    pub(super) passthrough: bool,
    /// Where connections go instead.
    pub(super) connect_to: Vec<String>,
    /// How long and how much is waited for and kept.
    pub(super) limits: LimitKeys,
    redact: RedactKeys,
    /// What `redact` comes to.
    #[serde(skip)]
    pub(super) rules: Rules,
}

impl Place {
    /// Reads the configuration; that nothing says anything is one too.
    pub(super) fn read(&self) -> Result<Config, Failure> {
        let path = match &self.file {
            Some(path) => path.clone(),
            None => match found() {
                Some(path) => path,
                None => return Ok(Config::default()),
            },
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::Input(format!(
                "cannot read {}: {error}; name a configuration that can be read",
                path.display()
            ))
        })?;
        Config::parse(&path, &text)
    }
}

fn found() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

impl Config {
    fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or(String::new(), |span| place(text, span.start));
            // What has several lines is a list of what was expected.
            let why = error.message().lines().collect::<Vec<_>>().join("; ");
            Failure::Input(format!("{}{place}: {why}", path.display()))
        })?;
        config.rules = config.redact.rules().map_err(|(at, error)| {
            Failure::Input(format!("{}{}: {error}", path.display(), place(text, at)))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.overlays.iter_mut().for_each(|file| *file = folder.join(&*file));
        for name in &mut config.contracts {
            // A built-in name is no path, unless a file has it.
            let file = folder.join(&*name);
            if file.is_file() {
                *name = file.display().to_string();
            }
        }
        Ok(config)
    }
}

/// `:line:column` of a byte.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("project/onrecord.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place_and_what_would_be() {
        for (text, told) in [
            (
                "contract = [\"msk\"]",
                "project/onrecord.toml:1:1: unknown field `contract`, expected one of `contracts`, `overlays`",
            ),
            (
                "\ncontracts = \"msk\"",
                "project/onrecord.toml:2:13: invalid type: string \"msk\", expected a sequence",
            ),
            (
                "[limits]\nmax_body = 5.5",
                "project/onrecord.toml:2:12: invalid type: floating point `5.5`, expected a size such as \"128MiB\"",
            ),
            (
                "[limits]\nmax_body = \"lots\"",
                "project/onrecord.toml:2:12: `lots` is no size; write a number with B, KiB, MiB, GiB, KB, MB or GB",
            ),
            (
                "[limits]\nidle_timeout = \"1 day\"",
                "project/onrecord.toml:2:16: `1 day` is no time; write a number with ms, s, m or h",
            ),
            (
                "allow_hosts = [\"a b\"]",
                "project/onrecord.toml:1:16: `a b` is no host; write a name such as api.example.com, or *.example.com",
            ),
            (
                "[redact]\nheaders = [\"x-ok\"]\npatterns = [\"a\", \"(\"]",
                "project/onrecord.toml:3:18: pattern `(`: ",
            ),
            ("contracts = [", "project/onrecord.toml:1:14: "),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.starts_with(told), "{text}: {error}");
        }
    }

    #[test]
    fn files_are_looked_for_beside_the_configuration() {
        let config = parsed("contracts = [\"msk\"]\noverlays = [\"a.yaml\"]").unwrap();
        assert_eq!(config.contracts, ["msk"]);
        assert_eq!(config.overlays, [Path::new("project/a.yaml")]);
    }
}
