//! How requests leave: where to, whom we trust, and who we are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::encoding::shell_word;
use onrecord::net::{
    Bearer, Checkpoint, ConnectTo, CredentialSource, Credentials, Outbound, ProgramsOnly, Reach, Resigner,
    SharedFiles, Trust, Upstream,
};
use onrecord::redact::Redactor;

use crate::cli::config::{Config, Led};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::origin::Whereabouts;

/// How the provider is reached.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The way to the provider")]
pub(super) struct Outward {
    /// Connect to HOST2:PORT2 where HOST:PORT is meant, as curl has it; certificates and Host stay
    #[arg(long, value_name = "HOST:PORT:HOST2:PORT2")]
    connect_to: Vec<String>,
    /// Certificate authorities to trust besides the system's, PEM
    #[arg(long, value_name = "FILE")]
    upstream_ca: Option<PathBuf>,
    /// A certificate to show to the provider, PEM
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// The key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
    /// Sign requests again, for the provider's own host and with your AWS credentials
    #[arg(long, conflicts_with = "auth_env", requires = "upstream")]
    resign: bool,
    /// Whose credentials --resign takes; otherwise those of the environment, or AWS_PROFILE's
    #[arg(long, value_name = "NAME", requires = "resign")]
    profile: Option<String>,
    /// Send the token in this variable to --upstream, as `Authorization: Bearer`
    #[arg(long, value_name = "NAME", requires = "upstream")]
    auth_env: Option<String>,
}

impl Outward {
    /// What was given of it, to be given again.
    pub(super) fn flags(&self) -> impl Iterator<Item = String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let named = [
            ("--upstream-ca", path(&self.upstream_ca)),
            ("--client-cert", path(&self.client_cert)),
            ("--client-key", path(&self.client_key)),
            ("--profile", self.profile.clone()),
            ("--auth-env", self.auth_env.clone()),
        ];
        let connections = self.connect_to.iter().map(|to| ("--connect-to", to.clone()));
        let named = named.into_iter().filter_map(|(flag, value)| Some((flag, value?)));
        let resign = self.resign.then(|| "--resign".to_owned());
        let given = connections.collect::<Vec<_>>().into_iter().chain(named);
        resign.into_iter().chain(given.map(|(flag, value)| format!("{flag} {}", shell_word(&value))))
    }

    /// How requests leave, to this upstream if they name no host of their own. What is secret is
    /// told to the redactor.
    pub(super) fn outbound(
        &self,
        upstream: Option<Upstream>,
        config: &Config,
        redactor: &Arc<Redactor>,
        context: &Context,
    ) -> Result<Outbound, Failure> {
        let mut checkpoints: Vec<Arc<dyn Checkpoint>> = Vec::new();
        if self.lends() {
            checkpoints.push(Arc::new(ProgramsOnly));
        }
        if let (true, Some(upstream)) = (self.resign, &upstream) {
            let told = redactor.clone();
            let source = self.source(context)?.telling(move |credentials| tell(&told, credentials));
            // Now, so that what is wrong is told before anything is recorded.
            source.credentials()?;
            checkpoints.push(Arc::new(Resigner::new(source).only_for(upstream)));
        }
        if let (Some(name), Some(upstream)) = (&self.auth_env, &upstream) {
            let token = context.variable(name).ok_or_else(|| {
                Failure::Input(format!(
                    "--auth-env {name}: the variable is not set; export it with the token"
                ))
            })?;
            if token.trim().bytes().any(|byte| byte.is_ascii_control()) {
                let text = format!("--auth-env {name}: the token holds a line break; export it without");
                return Err(Failure::Input(text));
            }
            redactor.secret(token.trim());
            checkpoints.push(Arc::new(Bearer::new(upstream, token)));
        }
        Ok(Outbound { upstream, reach: Reach::new(self.trust()?, self.connect_to(config)?), checkpoints })
    }

    /// Whether whoever comes to us acts with the user's credentials.
    pub(super) fn lends(&self) -> bool {
        self.resign || self.auth_env.is_some() || self.client_cert.is_some()
    }

    /// Where requests are answered that come through a proxy.
    pub(super) fn whereabouts(&self, config: &Config) -> Result<Whereabouts, Failure> {
        let rules = self.connect_to(config)?;
        let is_here = !rules.is_empty() && rules.iter().all(ConnectTo::is_loopback);
        Ok(if is_here { Whereabouts::Here } else { Whereabouts::Elsewhere })
    }

    /// The flags' come first, for the first that applies does.
    fn connect_to(&self, config: &Config) -> Result<Vec<ConnectTo>, Failure> {
        let flags = self.connect_to.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(flags.into_iter().chain(config.connect_to.iter().map(|Led(rule)| rule.clone())).collect())
    }

    fn trust(&self) -> Result<Trust, Failure> {
        let mut trust = Trust::system()?;
        if let Some(path) = &self.upstream_ca {
            let wrong = |error| Failure::Input(format!("--upstream-ca {}: {error}", path.display()));
            trust = trust.and_authorities(&read(path, "--upstream-ca")?).map_err(wrong)?;
        }
        if let (Some(certificate), Some(key)) = (&self.client_cert, &self.client_key) {
            let wrong = |error| Failure::Input(format!("--client-cert {}: {error}", certificate.display()));
            let (shown, key) = (read(certificate, "--client-cert")?, read(key, "--client-key")?);
            trust = trust.with_identity(&shown, &key).map_err(wrong)?;
        }
        Ok(trust)
    }

    /// As the AWS CLI does: a profile that is named, else the environment, else AWS_PROFILE's.
    fn source(&self, context: &Context) -> Result<CredentialSource, Failure> {
        let given = context.variable("AWS_ACCESS_KEY_ID").zip(context.variable("AWS_SECRET_ACCESS_KEY"));
        match (&self.profile, given) {
            (None, Some(_)) => Ok(CredentialSource::given(context.credentials.clone())),
            (named, _) => profile(named.as_deref(), context),
        }
    }
}

/// The credentials of a profile: the one that is named, else AWS_PROFILE's.
pub(in crate::cli) fn profile(named: Option<&str>, context: &Context) -> Result<CredentialSource, Failure> {
    let named = named.or_else(|| context.variable("AWS_PROFILE"));
    Ok(CredentialSource::profile(named.unwrap_or("default"), shared_files(context)?))
}

fn shared_files(context: &Context) -> Result<SharedFiles, Failure> {
    let file = |variable: &str, name: &str| match (context.variable(variable), context.variable("HOME")) {
        (Some(path), _) => Ok(PathBuf::from(path)),
        (None, Some(home)) => Ok(Path::new(home).join(".aws").join(name)),
        (None, None) => {
            Err(Failure::Input(format!("there is no HOME to find ~/.aws/{name} in; set {variable}")))
        }
    };
    Ok(SharedFiles {
        config: file("AWS_CONFIG_FILE", "config")?,
        credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
    })
}

/// Has the redactor know what no recording may hold.
fn tell(redactor: &Redactor, credentials: &Credentials) {
    secrets(credentials).for_each(|secret| redactor.secret(secret));
}

/// What of credentials no recording may hold.
pub(super) fn secrets(credentials: &Credentials) -> impl Iterator<Item = &str> {
    let Credentials { access_key, secret_key, session_token } = credentials;
    let secrets = [Some(access_key), Some(secret_key), session_token.as_ref()];
    secrets.into_iter().flatten().map(String::as_str)
}

fn read(path: &Path, flag: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::Input(format!("{flag} {}: {error}; name a PEM file that can be read", path.display()))
    })
}
