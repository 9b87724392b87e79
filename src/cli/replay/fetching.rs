//! Cassettes in object stores: fetched before anything is served, for what serves them cannot connect.

use std::path::{Path, PathBuf};

use onrecord::cassette::{Cache, FetchError};
use onrecord::net::{Bucket, Credentials, Limits, Reach, StoreError, Trust};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::record::outward::profile;

/// A cassette and its bodies may be as big as this, each.
const BIGGEST: usize = 1 << 30;
/// With one of these the store's own client knows where credentials are.
const OTHER_CREDENTIALS: [&str; 4] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
];

/// Cassettes from elsewhere.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Fetching {
    /// Where cassettes from s3:// are kept; without it, onrecord in the user's cache folder
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

impl Fetching {
    /// Where these cassettes lie on this machine; those of a store are fetched there.
    pub(super) fn local(&self, cassettes: &[PathBuf], context: &Context) -> Result<Vec<PathBuf>, Failure> {
        let local = |path: &PathBuf| match path.to_str().and_then(|text| text.strip_prefix("s3://")) {
            Some(place) => self.fetch(place, context),
            None => Ok(path.clone()),
        };
        cassettes.iter().map(local).collect()
    }

    fn fetch(&self, place: &str, context: &Context) -> Result<PathBuf, Failure> {
        let Some((bucket, key)) =
            place.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
        else {
            return Err(Failure::Input(format!("s3://{place}: write it as s3://BUCKET/KEY")));
        };
        let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
        let endpoint = endpoint.iter().find_map(|name| context.variable(name)).unwrap_or_default();
        let address = format!("{endpoint} {} s3://{place}", context.region);
        let bucket = open(bucket, context)?;
        self.cache(context)?.fetch(&bucket, &address, key).map_err(|error| match error {
            FetchError::Remote(error) => failure(&error),
            error => Failure::Input(format!("s3://{place}: {error}")),
        })
    }

    fn cache(&self, context: &Context) -> Result<Cache, Failure> {
        let users = || {
            let named = context.variable("XDG_CACHE_HOME").map(PathBuf::from);
            named.or_else(|| Some(Path::new(context.variable("HOME")?).join(".cache")))
        };
        let folder = self.cache.clone().or_else(|| Some(users()?.join("onrecord")));
        let none = || {
            Failure::Input(
                "there is no HOME to keep fetched cassettes in; name a folder with --cache".to_owned(),
            )
        };
        folder.map(Cache::new).ok_or_else(none)
    }
}

fn open(bucket: &str, context: &Context) -> Result<Bucket, Failure> {
    let settings = context.variables().filter_map(|name| Some((name, context.variable(name)?)));
    let reach = reach(context)?;
    let limits = Limits { body: BIGGEST, ..Limits::default() };
    let credentials = credentials(context)?;
    Bucket::open(bucket, settings, credentials.as_ref(), reach, limits).map_err(|error| failure(&error))
}

/// Those of a profile, where the environment neither holds any nor says where others are.
fn credentials(context: &Context) -> Result<Option<Credentials>, Failure> {
    let given = context.variable("AWS_ACCESS_KEY_ID").is_some();
    if given || OTHER_CREDENTIALS.iter().any(|name| context.variable(name).is_some()) {
        return Ok(None);
    }
    let found = profile(None, context)?.credentials();
    found.map(Some).map_err(|error| Failure::Input(error.to_string()))
}

/// The system's authorities, and those that the AWS CLI would trust.
fn reach(context: &Context) -> Result<Reach, Failure> {
    let Some(file) = context.variable("AWS_CA_BUNDLE") else { return Ok(Reach::default()) };
    let wrong = |error: std::io::Error| Failure::Input(format!("AWS_CA_BUNDLE {file}: {error}"));
    let authorities = std::fs::read_to_string(file).map_err(wrong)?;
    Ok(Reach::new(Trust::system()?.and_authorities(&authorities)?, Vec::new()))
}

fn failure(error: &StoreError) -> Failure {
    let text = error.to_string();
    match error {
        StoreError::Unreachable { .. } | StoreError::Net(_) => Failure::Environment(text),
        _ => Failure::Input(text),
    }
}
