use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore};

use super::accepting::Made;
use crate::net::NetError;
use crate::net::error::chain;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Of an authority for one run. Its key is nowhere but in memory; a day would be enough for most
/// runs, but not for a proxy that somebody leaves on.
const RUN: Duration = DAY.saturating_mul(7);

/// Of an authority that a user keeps.
const LASTING: Duration = DAY.saturating_mul(3650);

/// Of a certificate for a host. Some clients refuse more than 398 days.
const LEAF: Duration = DAY.saturating_mul(2);

/// For clocks that are behind ours.
const SKEW: Duration = HOUR;

/// A certificate authority of our own. It makes certificates for hosts that clients want to speak
/// to. Its debug output shows no key.
pub struct Issuer {
    issuer: rcgen::Issuer<'static, KeyPair>,
    certificate: String,
    /// The end of the authority's own certificate, where we know it.
    ends: Option<SystemTime>,
    /// The key of all certificates for hosts.
    leaf: KeyPair,
    provider: Arc<CryptoProvider>,
    pub(super) made: Made,
}

impl Issuer {
    /// One for a single run.
    pub fn new() -> Result<Self, NetError> {
        Self::valid_for(RUN)
    }

    /// One that its user keeps and makes clients trust: valid for ten years.
    pub fn lasting() -> Result<Self, NetError> {
        Self::valid_for(LASTING)
    }

    /// One that [`Issuer::lasting`] made, from its certificate and its key in PEM.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, NetError> {
        let key = KeyPair::from_pem(key)
            .map_err(|_| unusable("its key cannot be read: it must be a private key in PEM"))?;
        let read = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|_| unusable("its certificate cannot be read: it must be one certificate in PEM"))?;
        let issuer = Self::assembled(params(&key), key, certificate.to_owned(), None)?;
        issuer.check(read)?;
        Ok(issuer)
    }

    fn valid_for(time: Duration) -> Result<Self, NetError> {
        let key = KeyPair::generate().map_err(unusable)?;
        let mut params = params(&key);
        let now = SystemTime::now();
        let ends = now + time;
        params.not_before = (now - SKEW).into();
        params.not_after = ends.into();
        let certificate = params.self_signed(&key).map_err(unusable)?.pem();
        Self::assembled(params, key, certificate, Some(ends))
    }

    fn assembled(
        params: CertificateParams,
        key: KeyPair,
        certificate: String,
        ends: Option<SystemTime>,
    ) -> Result<Self, NetError> {
        Ok(Self {
            issuer: rcgen::Issuer::new(params, key),
            certificate,
            ends,
            leaf: KeyPair::generate().map_err(unusable)?,
            provider: Arc::new(ring::default_provider()),
            made: Made::default(),
        })
    }

    /// The authority's certificate, which clients are made to trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// The authority's private key. Whoever has it can pretend to be any host to those who trust
    /// the certificate.
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        self.provider.clone()
    }

    /// A certificate for a host: a name, or an IP address without brackets.
    pub(super) fn certify(&self, host: &str) -> Result<CertifiedKey, NetError> {
        let key = PrivatePkcs8KeyDer::from(self.leaf.serialized_der().to_vec());
        let key = self.provider.key_provider.load_private_key(key.into()).map_err(unusable)?;
        Ok(CertifiedKey::new(vec![self.sign(host)?], key))
    }

    fn sign(&self, host: &str) -> Result<CertificateDer<'static>, NetError> {
        let name = match host.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => {
                let name = host.strip_suffix('.').unwrap_or(host).to_owned();
                SanType::DnsName(name.try_into().map_err(unusable)?)
            }
        };
        let now = SystemTime::now();
        let mut params = CertificateParams::default();
        params.distinguished_name = named("onrecord");
        params.subject_alt_names = vec![name];
        params.not_before = (now - SKEW).into();
        params.not_after = self.ends.map_or(now + LEAF, |ends| ends.min(now + LEAF)).into();
        params.serial_number = Some(self.serial()?);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&self.leaf, &self.issuer).map_err(unusable)?;
        Ok(certificate.der().clone())
    }

    /// Clients may refuse two certificates with one number; it stays positive with 20 bytes.
    fn serial(&self) -> Result<SerialNumber, NetError> {
        let mut number = [0; 16];
        self.provider
            .secure_random
            .fill(&mut number)
            .map_err(|_| unusable("the system gave no randomness"))?;
        number[0] = number[0] & 0x7f | 0x40;
        Ok(SerialNumber::from_slice(&number))
    }

    /// Whether a client that trusts the certificate would take one that is made with this key,
    /// now and as long as that lasts.
    fn check(&self, authority: CertificateDer<'static>) -> Result<(), NetError> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone()).map_err(unusable)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider())
            .build()
            .map_err(unusable)?;
        let host = ServerName::try_from("onrecord.invalid").map_err(unusable)?;
        let leaf = self.sign(&host.to_str())?;
        let verify = |certificate, at| verifier.verify_server_cert(certificate, &[], &host, &[], at);
        verify(&leaf, UnixTime::now()).map_err(|_| unusable(FOREIGN))?;
        let end = Duration::from_secs(UnixTime::now().as_secs()) + LEAF;
        // Nobody looks at the dates of what is trusted, except where it is shown by a server. It is
        // refused there in any case, and for its dates first.
        match verify(&authority, UnixTime::since_unix_epoch(end)) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            )) => Err(unusable(EXPIRED)),
            _ => Ok(()),
        }
    }
}

const FOREIGN: &str = "`onrecord ca` did not make its certificate with its key; \
    make both anew with `onrecord ca --renew`";
const EXPIRED: &str = "it has expired, or will in two days; make a new one with `onrecord ca --renew`";

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").finish_non_exhaustive()
    }
}

/// All of an authority's certificate but its dates. It follows from the key, so that a
/// certificate need not be read to make others in its name.
fn params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    // Two authorities of one name would confuse clients that trust both.
    let id: String = params.key_identifier(key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = named(&format!("onrecord authority {id}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut full = DistinguishedName::new();
    full.push(DnType::OrganizationName, "onrecord");
    full.push(DnType::CommonName, name);
    full
}

fn unusable(why: impl Into<Box<dyn std::error::Error>>) -> NetError {
    NetError::Trust { what: "the certificate authority", why: chain(&*why.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_signs_as_before_and_nothing_else_is_taken_for_it() {
        let (one, other) = (Issuer::lasting().unwrap(), Issuer::lasting().unwrap());
        let kept = Issuer::from_pem(one.certificate_pem(), &one.key_pem()).unwrap();
        assert_eq!(kept.certificate_pem(), one.certificate_pem());
        let wrong =
            |certificate: &str, key: &str| Issuer::from_pem(certificate, key).unwrap_err().to_string();
        assert!(wrong(one.certificate_pem(), &other.key_pem()).contains("onrecord ca --renew"));
        assert!(wrong(one.certificate_pem(), "").contains("its key cannot be read"));
        assert!(wrong("", &one.key_pem()).contains("its certificate cannot be read"));
        let short = Issuer::valid_for(DAY).unwrap();
        assert!(wrong(short.certificate_pem(), &short.key_pem()).contains("expired"));
    }

    #[test]
    fn no_key_is_shown() {
        let issuer = Issuer::new().unwrap();
        let key = issuer.key_pem();
        let secret = key.lines().nth(1).unwrap();
        assert!(!format!("{issuer:?}").contains(secret));
        let error = Issuer::from_pem("", &key.replace("PRIVATE", "PUBLIC")).unwrap_err();
        assert!(!format!("{error:?} {error}").contains(secret));
    }

    #[test]
    fn no_two_certificates_have_one_number() {
        let issuer = Issuer::new().unwrap();
        assert_ne!(issuer.sign("a.example").unwrap(), issuer.sign("a.example").unwrap());
        assert_ne!(issuer.serial().unwrap(), issuer.serial().unwrap());
        assert!(issuer.sign("[::1]").is_ok(), "the resolver asks for names as clients give them");
        assert!(issuer.sign("naïve.example").is_err());
    }
}
