use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::server::{Acceptor, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{AlertDescription, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::Issuer;
use crate::net::NetError;
use crate::net::error::chain;

/// How many hosts are kept; then all are forgotten, for making them anew takes little.
const HOSTS: usize = 1024;

/// Half of the time that a certificate is good for.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// What a client spoke, and why it would not go on.
#[derive(Debug)]
pub(in crate::net) enum Rejected {
    /// It says that it does not trust our certificate.
    Distrusted(&'static str),
    /// Anything else.
    Broken,
}

/// Makes a connection secure: `host` chooses whom to pose as, told what name the client asks for.
pub(in crate::net) async fn accept<IO>(
    io: IO,
    issuer: &Issuer,
    host: impl FnOnce(Option<&str>) -> String,
) -> Result<TlsStream<IO>, Rejected>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let hello = LazyConfigAcceptor::new(Acceptor::default(), io).await.map_err(rejected)?;
    let host = host(hello.client_hello().server_name());
    let config = issuer.config(&host).map_err(|_| Rejected::Broken)?;
    hello.into_stream(config).await.map_err(rejected)
}

fn rejected(error: io::Error) -> Rejected {
    use AlertDescription::{
        BadCertificate, CertificateExpired, CertificateUnknown, UnknownCA, UnsupportedCertificate,
    };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let Some(rustls::Error::AlertReceived(alert)) = cause else { return Rejected::Broken };
    match alert {
        UnknownCA => Rejected::Distrusted("it does not know the authority"),
        BadCertificate => Rejected::Distrusted("it calls the certificate bad"),
        CertificateUnknown => Rejected::Distrusted("it does not accept the certificate"),
        CertificateExpired => Rejected::Distrusted("it calls the certificate expired"),
        UnsupportedCertificate => Rejected::Distrusted("it does not support the certificate"),
        _ => Rejected::Broken,
    }
}

/// What has been made for hosts.
#[derive(Default)]
pub(super) struct Made(Mutex<HashMap<String, (Instant, Arc<ServerConfig>)>>);

impl Issuer {
    fn config(&self, host: &str) -> Result<Arc<ServerConfig>, NetError> {
        let hosts = || self.made.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, config)) = hosts().get(host)
            && since.elapsed() < FRESH
        {
            return Ok(config.clone());
        }
        let config = Arc::new(self.configure(self.certify(host)?)?);
        let mut hosts = hosts();
        if hosts.len() >= HOSTS {
            hosts.clear();
        }
        hosts.insert(host.to_owned(), (Instant::now(), config.clone()));
        Ok(config)
    }

    fn configure(&self, certified: CertifiedKey) -> Result<ServerConfig, NetError> {
        let certificate: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(certified));
        let mut config = ServerConfig::builder_with_provider(self.provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| NetError::Trust { what: "TLS towards clients", why: chain(&error) })?
            .with_no_client_auth()
            .with_cert_resolver(certificate);
        config.alpn_protocols = [&b"h2"[..], b"http/1.1", b"http/1.0"].map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_keeps_its_certificate_and_hosts_do_not_pile_up() {
        let issuer = Issuer::new().unwrap();
        let first = issuer.config("a.example").unwrap();
        assert!(Arc::ptr_eq(&first, &issuer.config("a.example").unwrap()));
        for host in 0..HOSTS {
            issuer.config(&format!("{host}.example")).unwrap();
        }
        assert!(issuer.made.0.lock().unwrap().len() <= HOSTS);
        assert!(!Arc::ptr_eq(&first, &issuer.config("a.example").unwrap()));
    }
}
