//! `onrecord.toml`: what a project would otherwise repeat on every command line. Flags win.

mod hosts;
mod limits;
mod members;
mod near;
mod redact;
mod units;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::contract::{BUILT_IN, Contract};
use onrecord::net::ConnectTo;
use onrecord::redact::Rules;
use serde::Deserialize;
use toml::Spanned;

use self::members::Spot;
use self::redact::RedactKeys;
use super::failure::Failure;

pub(super) use hosts::Host;
pub(super) use limits::{LimitKeys, Limiting};
pub(super) use near::nearest;
pub(super) use units::Period;

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
    #[serde(rename = "contracts")]
    named: Vec<Spanned<String>>,
    /// Names of built-in contracts, or files.
    #[serde(skip)]
    pub(super) contracts: Vec<String>,
    /// Files with what the contracts' models leave out.
    pub(super) overlays: Vec<PathBuf>,
    /// Hosts that a forward proxy lets pass besides those of the contracts.
    pub(super) allow_hosts: Vec<Host>,
    /// Whether a forward proxy lets all others pass untouched.
    pub(super) passthrough: bool,
    /// Where connections go instead.
    pub(super) connect_to: Vec<Led>,
    /// How long and how much is waited for and kept.
    pub(super) limits: LimitKeys,
    redact: RedactKeys,
    /// What `redact` comes to.
    #[serde(skip)]
    pub(super) rules: Rules,
    /// Those of them that only some contract can make sense of.
    #[serde(skip)]
    spots: Vec<Spot>,
}

/// `HOST:PORT:HOST2:PORT2`
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Led(pub(super) ConnectTo);

impl TryFrom<String> for Led {
    type Error = onrecord::net::NetError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
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
            let why = ["expected u32", "expected usize"]
                .iter()
                .fold(why, |why, rust| why.replace(rust, "expected a whole number"));
            Failure::Input(format!("{}{place}: {why}", path.display()))
        })?;
        let at = |at| format!("{}{}", path.display(), place(text, at));
        config.rules = config
            .redact
            .rules()
            .map_err(|(start, error)| Failure::Input(format!("{}: {error}", at(start))))?;
        let spots = config.redact.of_operations();
        config.spots = spots.map(|(rule, start)| Spot { rule: rule.to_owned(), place: at(start) }).collect();
        let folder = path.parent().unwrap_or(Path::new(""));
        config.overlays.iter_mut().for_each(|file| *file = folder.join(&*file));
        for name in &config.named {
            // A built-in name is no path, unless a file has it.
            let file = folder.join(name.get_ref());
            config.contracts.push(match name.get_ref() {
                _ if file.is_file() => file.display().to_string(),
                name if BUILT_IN.iter().any(|(own, _)| own == name) => name.clone(),
                other => {
                    let own: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                    let near = nearest(other, own.iter().copied());
                    let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                    let (at, all) = (at(name.span().start), own.join(", "));
                    return Err(Failure::Input(format!(
                        "{at}: contract `{other}` is no file, and none of {all}{near}"
                    )));
                }
            });
        }
        Ok(config)
    }

    /// An error for a rule that names what no contract has: it would protect nothing.
    pub(super) fn vet_members(&self, loaded: &[Arc<Contract>]) -> Result<(), Failure> {
        members::vet(&self.spots, loaded, &self.contracts)
    }
}

/// `:line:column` of a byte.
pub(super) fn place(text: &str, at: usize) -> String {
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
                "project/onrecord.toml:1:15: `a b` is no host; write a name such as api.example.com, or *.example.com",
            ),
            (
                "contracts = [\"msk\", \"mks2\"]",
                "project/onrecord.toml:1:21: contract `mks2` is no file, and none of ",
            ),
            (
                "connect_to = [\"a:1:b:2\", \"x\"]",
                "project/onrecord.toml:1:14: `x` does not lead anywhere: it does not say where to connect instead",
            ),
            (
                "redact = true",
                "project/onrecord.toml:1:10: invalid type: boolean `true`, expected a table of rules, as in [redact]",
            ),
            (
                "[limits]\nmax_streams = -1",
                "project/onrecord.toml:2:15: invalid value: integer `-1`, expected a whole number",
            ),
            (
                "[redact]\nids = [\"abcd\", \"abc\"]",
                "project/onrecord.toml:2:16: id `abc`: it has less than 4 letters and digits",
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
