use std::fmt;

/// Names of fields that are listed, at most.
const LISTED: usize = 12;

/// What is to be said of a request's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one that its key's secret makes.
    Right,
    /// There is none of AWS Signature Version 4.
    Unsigned,
    /// Nobody can tell here.
    Unverified(Unverified),
    /// The provider would not take it.
    Wrong(Wrong),
}

/// Why nobody can tell whether a signature is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// The secret of its key is not known.
    #[error("it is signed with an access key whose secret is not known here")]
    UnknownKey,
    /// It is of another kind, for several Regions at once.
    #[error("it is signed for several Regions at once (AWS4-ECDSA-P256-SHA256), which is not verified")]
    SeveralRegions,
    /// It is of version 2.
    #[error("it has a signature of version 2, which is not verified")]
    Old,
}

/// Why a signature is wrong. No secret and no signature is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Not all of it is there.
    Incomplete {
        /// What is not, by the name that it goes by.
        lacking: Vec<&'static str>,
    },
    /// A part of it is there twice.
    Twice {
        /// Its name.
        name: String,
    },
    /// The scope is none.
    Scope,
    /// The date is none.
    Date,
    /// The scope is for another day than the date.
    Day,
    /// How long a presigned request is good for is no such span.
    Expiry,
    /// `Host` is not covered.
    Host,
    /// The covered header fields are not in their order, or one is named twice.
    Order,
    /// Header fields are covered that did not come.
    Absent {
        /// Their names, as the client wrote them but in lower case.
        fields: Vec<String>,
    },
    /// The body is another one than the digest is of.
    Digest,
    /// It is for S3, and does not say what stands for the body.
    Undigested,
    /// What stands for the body is a word that nobody knows.
    Payload,
    /// The path is covered in the form that S3 wants, and this is another service.
    PathAsSent,
    /// The path is covered in the form that services other than S3 want.
    EscapedPath,
    /// It is another one than the known secret makes of what came.
    Mismatch {
        /// The names of the header fields that it covers.
        covered: Vec<String>,
    },
}

impl fmt::Display for Wrong {
    /// What is wrong, and what to look at.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { lacking } => {
                write!(f, "its signature lacks {}; sign it with an SDK, or see how one does", lacking.join(", "))
            }
            Self::Twice { name } => {
                write!(f, "its signature has {name} twice, and nobody can tell which one counts; send one")
            }
            Self::Scope => f.write_str(
                "its signature does not say day, Region and service, as in \
                 `Credential=ID/20260131/us-east-1/eks/aws4_request`; does the client have a Region?",
            ),
            Self::Date => f.write_str("its X-Amz-Date is no date; write it like 20260131T235959Z"),
            Self::Day => f.write_str(
                "its signature's scope is for another day than its date; take both from one reading of the clock, in UTC",
            ),
            Self::Expiry => f.write_str("its X-Amz-Expires is no number of seconds from 1 to 604800, a week"),
            Self::Order => f.write_str(
                "its SignedHeaders are not in the order of their names, each once; sort them before they are signed",
            ),
            Self::Host => f.write_str("its signature does not cover host; add it to the signed header fields"),
            Self::Absent { fields } => write!(
                f,
                "its signature covers {}, which did not come; send all that is signed, and look for a proxy \
                 that takes it off",
                listed(fields)
            ),
            Self::Digest => f.write_str(
                "its body is not the one that x-amz-content-sha256 tells the digest of; sign after the last change",
            ),
            Self::Undigested => f.write_str(
                "it is signed for S3 without x-amz-content-sha256; send the digest of the body, or UNSIGNED-PAYLOAD",
            ),
            Self::Payload => f.write_str(
                "its x-amz-content-sha256 is a word that nobody knows; send the digest of the body, or UNSIGNED-PAYLOAD",
            ),
            Self::PathAsSent => f.write_str(
                "its path is signed as it is sent; services other than S3 want it escaped once more",
            ),
            Self::EscapedPath => f.write_str("its path is signed escaped once more; S3 wants it as it is sent"),
            Self::Mismatch { covered } => write!(
                f,
                "its signature is not the one that the known secret of its key makes; the client has another \
                 secret, or method, path, query, body or one of {} was changed after it was signed",
                listed(covered)
            ),
        }
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(LISTED).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
