use rustls::crypto::ring::default_provider;

use super::NetError;

/// Bytes that nobody can guess.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], NetError> {
    let mut bytes = [0; LENGTH];
    let why = || NetError::Trust { what: "the system", why: "it gave no randomness".to_owned() };
    default_provider().secure_random.fill(&mut bytes).map_err(|_| why())?;
    Ok(bytes)
}
