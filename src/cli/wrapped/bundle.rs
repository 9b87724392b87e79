//! The certificates that a wrapped command trusts, ours among them, in files that only it is
//! told of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Variables whose file is trusted instead of the system's: boto3, the AWS CLI and the Go and
/// Terraform clients; OpenSSL, Go and rustls; requests; curl; git; pip; cargo.
const REPLACING: &[&str] = &[
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
];

/// Variables whose file is trusted besides the system's: Node, Deno.
const ADDING: &[&str] = &["NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/// Where systems keep what they trust: Debian and its kin, Fedora and its kin, SUSE, Alpine and macOS.
const SYSTEM: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The files, which go away with it.
#[derive(Debug)]
pub(in crate::cli) struct Bundle {
    variables: Vec<(String, String)>,
    _folder: TempDir,
}

impl Bundle {
    /// Writes our certificate beside whatever each variable names now, or the system trusts.
    pub(in crate::cli) fn write(certificate: &str, context: &Context) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("onrecord-")
            .permissions(PermissionsExt::from_mode(0o700))
            .tempdir()
            .map_err(cannot("a folder"))?;
        // Whoever has told OpenSSL of other roots means everybody.
        let general = context.variable("SSL_CERT_FILE").map(read).transpose()?.unwrap_or_else(system_roots);
        let common = write(&folder.path().join("trusted.pem"), &[certificate, &general])?;
        let ours = write(&folder.path().join("ca.pem"), &[certificate])?;
        let mut variables = Vec::new();
        for (name, shared) in
            REPLACING.iter().map(|name| (name, &common)).chain(ADDING.iter().map(|name| (name, &ours)))
        {
            let path = match context.variable(name) {
                Some(own) if *name != "SSL_CERT_FILE" => {
                    write(&folder.path().join(format!("{name}.pem")), &[certificate, &read(own)?])?
                }
                _ => shared.clone(),
            };
            variables.push(((*name).to_owned(), path.display().to_string()));
        }
        Ok(Self { variables, _folder: folder })
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        self.variables.iter().cloned()
    }
}

/// What the system trusts.
pub(in crate::cli) fn system_roots() -> String {
    SYSTEM.iter().find_map(|path| fs::read_to_string(path).ok()).unwrap_or_default()
}

fn read(path: &str) -> Result<String, Failure> {
    // `REQUESTS_CA_BUNDLE` may name a folder of certificates.
    let path = Path::new(path);
    let mut files = match path.is_dir() {
        true => fs::read_dir(path)
            .map_err(cannot_read(path))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file())
            .collect(),
        false => vec![path.to_owned()],
    };
    files.sort();
    let texts = files.iter().map(|file| fs::read(file).map_err(cannot_read(file)));
    let texts = texts.map(|bytes| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    // A folder may hold keys besides, which nobody is to get a copy of.
    let texts = texts.filter(|text| {
        !path.is_dir() || text.as_ref().map_or(true, |text| text.contains("BEGIN CERTIFICATE"))
    });
    texts.collect::<Result<Vec<_>, _>>().map(|texts| texts.join("\n"))
}

fn write(path: &Path, parts: &[&str]) -> Result<PathBuf, Failure> {
    fs::write(path, parts.join("\n")).map_err(cannot(&path.display().to_string()))?;
    Ok(path.to_owned())
}

fn cannot(what: &str) -> impl Fn(std::io::Error) -> Failure {
    let what = what.to_owned();
    move |error| {
        Failure::Environment(format!(
            "cannot write {what} for the certificates of a wrapped command: {error}"
        ))
    }
}

fn cannot_read(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| {
        Failure::Input(format!(
            "cannot read the certificates in {path}: {error}; mend the variable that names them"
        ))
    }
}
