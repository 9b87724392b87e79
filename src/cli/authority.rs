//! The certificate authority of a user, for those who want one that lasts.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use onrecord::net::Issuer;

use super::context::Context;
use super::failure::{End, Failure};
use super::wrapped::system_roots;

/// Make a certificate authority that lasts, for clients that cannot be told of a new one each time.
///
/// Without one, each run of `record --proxy` and `replay --proxy` makes its own, in memory, and tells
/// only the wrapped command of its certificate. With one, all runs of this user take it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord ca\n\
    then:    curl --cacert \"$(onrecord ca --path)\" --proxy http://127.0.0.1:8080 https://example.com")]
pub(super) struct Args {
    /// Print where the certificate is, and nothing else
    #[arg(long, conflicts_with = "renew")]
    path: bool,
    /// Make a new one in the place of the one that is there
    #[arg(long)]
    renew: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let files = Files::of(context)?;
    let is_there = files.key.exists();
    if args.path {
        return match is_there {
            true => {
                load(&files)?;
                context.say(&files.certificate.display().to_string());
                Ok(End::Well)
            }
            false => Err(Failure::Input(
                "there is no lasting certificate authority; make one with `onrecord ca`".to_owned(),
            )),
        };
    }
    let issuer = if is_there && !args.renew {
        load(&files)?
    } else {
        let is_replaced = files.certificate.exists();
        let issuer = make(&files)?;
        if is_replaced {
            context.tell(
                "onrecord: the certificate that was there is void; take it from where it is trusted, and have the new one trusted there",
            );
        }
        context.tell("onrecord: made a certificate authority; whoever has its key can pose as any host to those who trust it");
        issuer
    };
    replace(&files.trusted, &format!("{}\n{}", issuer.certificate_pem().trim_end(), system_roots()), 0o644)?;
    context.say(&files.certificate.display().to_string());
    context.tell(&trust(&files));
    Ok(End::Well)
}

/// The user's own, if there is one.
pub(super) fn lasting(context: &Context) -> Result<Option<Issuer>, Failure> {
    match Files::of(context) {
        Ok(files) if files.key.exists() => load(&files).map(Some),
        // Where there is no home there is none.
        _ => Ok(None),
    }
}

struct Files {
    certificate: PathBuf,
    /// The certificate, and what the system trusts: most programs trust one file and nothing else.
    trusted: PathBuf,
    /// Key and certificate in one file, so that the two are replaced together.
    key: PathBuf,
}

impl Files {
    fn of(context: &Context) -> Result<Self, Failure> {
        let home = || context.variable("HOME").map(|home| Path::new(home).join(".local/share"));
        // The XDG Base Directory Specification: a relative path is to be ignored.
        let data = context.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let data = data.or_else(home).ok_or_else(|| {
            Failure::Input(
                "there is no HOME to keep a certificate authority in; set XDG_DATA_HOME".to_owned(),
            )
        })?;
        let folder = data.join("onrecord");
        let [certificate, trusted, key] = ["ca.pem", "trusted.pem", "ca.key"].map(|name| folder.join(name));
        Ok(Self { certificate, trusted, key })
    }
}

fn make(files: &Files) -> Result<Issuer, Failure> {
    let issuer = Issuer::lasting()?;
    let folder = files.key.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(cannot("make", folder))?;
    let both = format!("{}\n{}", issuer.key_pem().trim_end(), issuer.certificate_pem());
    replace(&files.key, &both, 0o600)?;
    replace(&files.certificate, issuer.certificate_pem(), 0o644)?;
    Ok(issuer)
}

/// Readable by those who may from its first instant.
fn replace(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let written = options.write(true).create_new(true).mode(mode).open(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, path)).map_err(|error| {
        let _ = fs::remove_file(&new);
        cannot("write", path)(error)
    })
}

fn load(files: &Files) -> Result<Issuer, Failure> {
    let Files { certificate, key, .. } = files;
    let mode = fs::metadata(key).map_err(cannot("read", key))?.permissions().mode();
    if mode & 0o077 != 0 {
        let key = key.display();
        return Err(Failure::Input(format!(
            "others can read {key}: whoever did can pose as any host; make a new one with `onrecord ca --renew`, and take the old one from where it is trusted"
        )));
    }
    let both = fs::read_to_string(key).map_err(cannot("read", key))?;
    let (secret, public) = both.split_at(both.find("-----BEGIN CERTIFICATE").unwrap_or(both.len()));
    let issuer = Issuer::from_pem(public, secret)
        .map_err(|error| Failure::Input(format!("{}: {error}", key.display())))?;
    if fs::read_to_string(certificate).ok().as_deref() != Some(public) {
        replace(certificate, public, 0o644)?;
    }
    Ok(issuer)
}

fn trust(files: &Files) -> String {
    let (certificate, trusted) = (files.certificate.display(), files.trusted.display());
    format!(
        "onrecord: commands run by `onrecord record --proxy -- CMD` trust it already; others do if they are told:\n\
         \x20 OpenSSL, Go, rustls   SSL_CERT_FILE={trusted}\n\
         \x20 AWS CLI, boto3        AWS_CA_BUNDLE={trusted}\n\
         \x20 curl                  --cacert {trusted}\n\
         \x20 Node                  NODE_EXTRA_CA_CERTS={certificate}\n\
         \x20 Java                  keytool -importcert -cacerts -alias onrecord -file {certificate}\n\
         (trusted.pem holds what this system trusts today besides, for these trust one file and nothing else.)\n\
         Do not have your whole system trust it: its key would then be worth stealing."
    )
}

fn cannot(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| Failure::Environment(format!("cannot {what} {path}: {error}"))
}
