//! What the shared files say of a profile.

use std::io::ErrorKind;
use std::path::Path;

use ini::{Ini, ParseOption};

use super::SharedFiles;
use crate::net::Credentials;

/// How to come by the credentials of a profile.
#[derive(PartialEq, Eq)]
pub(super) enum Found {
    Keys(Credentials),
    /// A command line that prints them.
    Process(String),
    /// What the AWS CLI knows to do and we do not.
    Other,
}

/// What makes a profile one for the AWS CLI, whatever else it holds.
const OTHERS: [&str; 6] = [
    "role_arn",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "sso_start_url",
    "login_session",
];

pub(super) fn find(name: &str, files: &SharedFiles) -> Result<Found, String> {
    let config = Section::read(&files.config, |section| config_name(section) == Some(name))?;
    let credentials = Section::read(&files.credentials, |section| section == name)?;
    if config.is_none() && credentials.is_none() {
        return Err(format!(
            "there is no profile `{name}` in {} or {}; `aws configure --profile {name}` makes one; \
             or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            files.config.display(),
            files.credentials.display()
        ));
    }
    let (config, credentials) = (config.unwrap_or_default(), credentials.unwrap_or_default());
    // The order in which the AWS CLI looks.
    if OTHERS.iter().any(|key| config.get(key).is_some() || credentials.get(key).is_some()) {
        return Ok(Found::Other);
    }
    if let Some(keys) = credentials.keys(name, &files.credentials)? {
        return Ok(Found::Keys(keys));
    }
    if let Some(command) = config.get("credential_process").or(credentials.get("credential_process")) {
        return Ok(Found::Process(command.to_owned()));
    }
    Ok(config.keys(name, &files.config)?.map_or(Found::Other, Found::Keys))
}

/// The profile that a section of the config file is about.
fn config_name(section: &str) -> Option<&str> {
    match section.strip_prefix("profile") {
        Some(name) if name.starts_with([' ', '\t']) => Some(name.trim().trim_matches(['"', '\''])),
        _ => (section == "default").then_some(section),
    }
}

#[derive(Default)]
struct Section(Vec<(String, String)>);

impl Section {
    /// The sections of a file that fit, as one. `None` if there is none, or no file.
    fn read(path: &Path, fits: impl Fn(&str) -> bool) -> Result<Option<Self>, String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        // A backslash and a quote are themselves; what is indented belongs to the line above.
        let options = ParseOption {
            enabled_quote: false,
            enabled_escape: false,
            enabled_indented_mutiline_value: true,
            enabled_preserve_key_leading_whitespace: false,
        };
        // Not the parser's words: they may quote the line.
        let ini = Ini::load_from_str_opt(&text, options).map_err(|error| {
            format!("{}:{}:{}: this is not a line of an ini file", path.display(), error.line, error.col)
        })?;
        let mut lines = Vec::new();
        let mut is_there = false;
        for (section, properties) in &ini {
            if section.is_some_and(|section| fits(section.trim())) {
                is_there = true;
                let own = properties.iter();
                lines.extend(
                    own.map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_owned())),
                );
            }
        }
        Ok(is_there.then_some(Self(lines)))
    }

    /// The last value under a key that is not empty.
    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(name, value)| name == key && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn keys(&self, name: &str, path: &Path) -> Result<Option<Credentials>, String> {
        let (access, secret) = (self.get("aws_access_key_id"), self.get("aws_secret_access_key"));
        let half = |missing| {
            let path = path.display();
            Err(format!(
                "profile `{name}` in {path} has no {missing}; `aws configure --profile {name}` sets it"
            ))
        };
        match (access, secret) {
            (None, None) => Ok(None),
            (None, Some(_)) => half("aws_access_key_id"),
            (Some(_), None) => half("aws_secret_access_key"),
            (Some(access), Some(secret)) => Ok(Some(Credentials {
                access_key: access.to_owned(),
                secret_key: secret.to_owned(),
                session_token: self.get("aws_session_token").map(str::to_owned),
            })),
        }
    }
}
