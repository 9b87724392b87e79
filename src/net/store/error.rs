use std::error::Error;

use crate::net::NetError;

/// Why an object of a store could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such object, or no such bucket.
    #[error("{object} is not there; look at its bucket, its key and AWS_ENDPOINT_URL")]
    Missing {
        /// Its address.
        object: String,
    },
    /// Whoever asked may not read it.
    #[error(
        "{object} may not be read with these credentials ({why}); look at AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_REGION"
    )]
    Refused {
        /// Its address.
        object: String,
        /// What the store said.
        why: String,
    },
    /// No object can have this name.
    #[error("{object} is no object's address: {why}")]
    Key {
        /// As given.
        object: String,
        /// What is wrong with it.
        why: String,
    },
    /// What the variables say cannot be.
    #[error("s3://{bucket}: {why}; look at the AWS_ variables")]
    Settings {
        /// Whose.
        bucket: String,
        /// What is wrong.
        why: String,
    },
    /// There was no answer, or one that helps nobody.
    #[error("cannot read {object}: {why}")]
    Unreachable {
        /// Its address.
        object: String,
        /// What happened.
        why: String,
    },
    /// The system gave no threads.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// Of what a store says so much is told.
const TOLD: usize = 300;

impl StoreError {
    pub(super) fn of(object: String, error: &object_store::Error) -> Self {
        use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
        match error {
            NotFound { .. } => Self::Missing { object },
            PermissionDenied { .. } | Unauthenticated { .. } => Self::Refused { object, why: cause(error) },
            _ => Self::Unreachable { object, why: cause(error) },
        }
    }

    pub(super) fn key(object: String, error: &object_store::path::Error) -> Self {
        Self::Key { object, why: cause(error) }
    }

    pub(super) fn settings(bucket: &str, error: &object_store::Error) -> Self {
        Self::Settings { bucket: bucket.to_owned(), why: cause(error) }
    }
}

/// What is behind it all: what stands before that tells of retries.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut first = error;
    while let Some(cause) = first.source() {
        first = cause;
    }
    let text = first.to_string();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches([':', ' ', '.']).chars().take(TOLD).collect()
}
