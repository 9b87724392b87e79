//! The command line.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};

const USAGE: &str =
    "usage: load --to ADDR [--proxy] [--host NAME] [--ca FILE] [--connections N] [--mix PATH*WEIGHT,...]
            (--seconds S | --requests N) [--every S] [--distinct N] [--signed] [--slow]";

pub struct Options {
    /// Where to connect.
    pub to: String,
    /// Whether that is a forward proxy, which is asked to CONNECT to the host first.
    pub proxy: bool,
    /// The `Host` of every request, and the name in the certificate.
    pub host: String,
    /// TLS, trusting this authority.
    pub tls: Option<Arc<ClientConfig>>,
    pub connections: u64,
    /// Paths and how often each is asked for.
    pub mix: Vec<(String, u64)>,
    pub duration: Duration,
    pub requests: Option<u64>,
    pub every: Option<Duration>,
    /// How many numbers stand in turn for the `########` of a path.
    pub distinct: u64,
    /// Whether requests look signed as AWS clients sign them, each with a signature of its own.
    pub signed: bool,
    pub slow: bool,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            to: String::new(),
            proxy: false,
            host: String::new(),
            tls: None,
            connections: 32,
            mix: vec![("/".to_owned(), 1)],
            duration: Duration::from_secs(86_400),
            requests: None,
            every: None,
            distinct: 1,
            signed: false,
            slow: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(USAGE);
            match word.as_str() {
                "--to" => options.to = value()?,
                "--proxy" => options.proxy = true,
                "--host" => options.host = value()?,
                "--ca" => options.tls = Some(trusting(&value()?)?),
                "--connections" => options.connections = value()?.parse()?,
                "--mix" => options.mix = mix(&value()?)?,
                "--seconds" => options.duration = Duration::try_from_secs_f64(value()?.parse()?)?,
                "--requests" => options.requests = Some(value()?.parse()?),
                "--every" => options.every = Some(Duration::try_from_secs_f64(value()?.parse()?)?),
                "--distinct" => options.distinct = value()?.parse::<u64>()?.max(1),
                "--signed" => options.signed = true,
                "--slow" => options.slow = true,
                _ => return Err(format!("`{word}` is no option\n{USAGE}").into()),
            }
        }
        if options.to.is_empty() {
            return Err(USAGE.into());
        }
        if options.host.is_empty() {
            options.host = options.to.clone();
        }
        Ok(options)
    }
}

fn mix(text: &str) -> Result<Vec<(String, u64)>, Box<dyn Error>> {
    let part = |part: &str| match part.split_once('*') {
        Some((path, weight)) => Ok((path.to_owned(), weight.parse()?)),
        None => Ok((part.to_owned(), 1)),
    };
    text.split(',').map(part).collect()
}

fn trusting(file: &str) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
