//! Objects of S3-compatible stores, read whole.

mod error;
mod wire;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreExt as _, RetryConfig};
use std::time::Duration;

pub use self::error::StoreError;
use self::wire::Wire;
use super::{Credentials, Limits, NetError, Reach};
use crate::cassette::{Object, Remote};

/// A refused connection is tried again so often: whoever waits for a cassette wants to hear soon.
const RETRIES: usize = 2;
const RETRYING: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// A bucket of an S3-compatible store, to read from. Blocking: not for an async function.
pub struct Bucket {
    runtime: tokio::runtime::Runtime,
    store: AmazonS3,
    name: String,
}

impl Bucket {
    /// A bucket where `settings` lead, which are named as the variables of the AWS CLI are, such as
    /// `AWS_REGION` and `AWS_ENDPOINT_URL`; those that mean nothing here are passed over.
    /// Credentials that are given go before those in the settings.
    pub fn open<'s>(
        name: &str,
        settings: impl IntoIterator<Item = (&'s str, &'s str)>,
        credentials: Option<&Credentials>,
        reach: Reach,
        limits: Limits,
    ) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| NetError::Runtime { cause })?;
        let backoff = BackoffConfig { init_backoff: PAUSE, ..BackoffConfig::default() };
        let builder = AmazonS3Builder::new()
            .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRYING })
            .with_http_connector(Wire::new(reach, limits));
        let known = settings.into_iter().filter_map(|(name, value)| Some((setting(name)?, value)));
        let builder = known.fold(builder, |builder, (key, value)| builder.with_config(key, value));
        let builder = credentials.into_iter().fold(builder, with_credentials);
        let store = builder.with_bucket_name(name).build();
        let store = store.map_err(|error| StoreError::settings(name, &error))?;
        Ok(Self { runtime, store, name: name.to_owned() })
    }

    fn address(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    fn path(&self, key: &str) -> Result<Path, StoreError> {
        Path::parse(key).map_err(|error| StoreError::key(self.address(key), &error))
    }
}

impl Remote for Bucket {
    type Error = StoreError;

    fn tag(&self, key: &str) -> Result<Option<String>, StoreError> {
        let path = self.path(key)?;
        let head = self.runtime.block_on(self.store.head(&path));
        let head = head.map_err(|error| StoreError::of(self.address(key), &error))?;
        Ok(head.e_tag)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        let path = self.path(key)?;
        let got = self.runtime.block_on(async {
            let got = self.store.get_opts(&path, object_store::GetOptions::default()).await?;
            let tag = got.meta.e_tag.clone();
            Ok(Object { bytes: got.bytes().await?, tag })
        });
        got.map_err(|error| StoreError::of(self.address(key), &error))
    }
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bucket").field(&self.name).finish()
    }
}

fn setting(variable: &str) -> Option<AmazonS3ConfigKey> {
    let name = variable.strip_prefix("AWS_").map(|_| variable.to_ascii_lowercase())?;
    name.parse().ok()
}

fn with_credentials(builder: AmazonS3Builder, credentials: &Credentials) -> AmazonS3Builder {
    let builder =
        builder.with_access_key_id(&credentials.access_key).with_secret_access_key(&credentials.secret_key);
    credentials.session_token.iter().fold(builder, |builder, token| builder.with_token(token))
}
