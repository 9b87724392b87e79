use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::NetError;
use super::error::chain;

/// Whose certificates a provider may have, and who we are to it. The default trusts nobody. Its
/// debug output shows no key.
#[derive(Clone)]
pub struct Trust {
    roots: RootCertStore,
    identity: Option<Arc<Identity>>,
    both: OnceLock<Arc<ClientConfig>>,
    http1: OnceLock<Arc<ClientConfig>>,
}

impl Default for Trust {
    fn default() -> Self {
        let (both, http1) = (OnceLock::new(), OnceLock::new());
        Self { roots: RootCertStore::empty(), identity: None, both, http1 }
    }
}

struct Identity {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Which protocols a provider may choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpn {
    Any,
    Http1,
}

impl Trust {
    /// The authorities that the system trusts.
    pub fn system() -> Result<Self, NetError> {
        let loaded = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        // Systems carry odd ones; only all of them together would be missed.
        roots.add_parsable_certificates(loaded.certs);
        match (roots.is_empty(), loaded.errors.first()) {
            (true, Some(error)) => {
                Err(NetError::Trust { what: "the system's certificate authorities", why: chain(error) })
            }
            _ => Ok(Self { roots, ..Self::default() }),
        }
    }

    /// These as well, one or more certificates in PEM.
    pub fn and_authorities(mut self, pem: &str) -> Result<Self, NetError> {
        for certificate in certificates("the certificate authorities", pem)? {
            let added = self.roots.add(certificate);
            added.map_err(|error| wrong("the certificate authorities", chain(&error)))?;
        }
        Ok(self.changed())
    }

    /// Shows a provider that asks for it this certificate, with those that lead to its
    /// authority behind it.
    pub fn with_identity(mut self, certificate_pem: &str, key_pem: &str) -> Result<Self, NetError> {
        let certificates = certificates("the client certificate", certificate_pem)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| wrong("the key of the client certificate", NO_KEY.to_owned()))?;
        self.identity = Some(Arc::new(Identity { certificates, key }));
        let changed = self.changed();
        changed.config(Alpn::Any)?; // Says whether the key is the certificate's.
        Ok(changed)
    }

    fn changed(self) -> Self {
        Self { both: OnceLock::new(), http1: OnceLock::new(), ..self }
    }

    pub(super) fn config(&self, alpn: Alpn) -> Result<Arc<ClientConfig>, NetError> {
        let (place, protocols): (_, &[&[u8]]) = match alpn {
            Alpn::Any => (&self.both, &[b"h2", b"http/1.1"]),
            Alpn::Http1 => (&self.http1, &[b"http/1.1"]),
        };
        if let Some(config) = place.get() {
            return Ok(config.clone());
        }
        let mut config = self.build()?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(place.get_or_init(|| Arc::new(config)).clone())
    }

    fn build(&self) -> Result<ClientConfig, NetError> {
        let unusable = |error: rustls::Error| wrong("the client certificate", chain(&error));
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(self.roots.clone());
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => builder
                .with_client_auth_cert(identity.certificates.clone(), identity.key.clone_key())
                .map_err(unusable),
        }
    }
}

const NO_KEY: &str = "there is no private key in it; it must be PEM and without a password";

fn certificates(what: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(read) if read.is_empty() => {
            Err(wrong(what, "there is no certificate in it; it must be PEM".into()))
        }
        Ok(read) => Ok(read),
        Err(error) => Err(wrong(what, chain(&error))),
    }
}

fn wrong(what: &'static str, why: String) -> NetError {
    NetError::Trust { what, why }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let identity = if self.identity.is_some() { "an identity" } else { "no identity" };
        write!(f, "Trust({} authorities, {identity})", self.roots.len())
    }
}
