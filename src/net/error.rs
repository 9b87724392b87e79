use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Why the network did not do what it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {addr}: {cause}; choose another port, or 0 for any free one")]
    Bind {
        /// Where.
        addr: SocketAddr,
        /// The system's word for it.
        cause: io::Error,
    },
    /// The text does not name an upstream.
    #[error(
        "`{url}` is not an upstream: {why}; write it like https://api.example.com or http://127.0.0.1:5000"
    )]
    Upstream {
        /// As written.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No connection.
    #[error("cannot connect to {upstream}: {cause}; is it running?")]
    Connect {
        /// The upstream's authority.
        upstream: String,
        /// The system's word for it.
        cause: io::Error,
    },
    /// No connection in time.
    #[error("cannot connect to {upstream}: no connection within {after:?}")]
    ConnectTimeout {
        /// The upstream's authority.
        upstream: String,
        /// The limit.
        after: Duration,
    },
    /// A connection, but no answer.
    #[error("{upstream} gave no answer: {why}")]
    Broken {
        /// The upstream's authority.
        upstream: String,
        /// What happened instead.
        why: String,
    },
    /// A connection, but no answer in time.
    #[error("{upstream} gave no answer within {after:?}")]
    NoAnswer {
        /// The upstream's authority.
        upstream: String,
        /// The limit.
        after: Duration,
    },
    /// No whole answer in the time that there was for all of it.
    #[error("{upstream} gave no whole answer within {after:?}")]
    Unfinished {
        /// The upstream's authority.
        upstream: String,
        /// The limit.
        after: Duration,
    },
    /// A connection that could not be secured.
    #[error("no secure connection to {upstream}: {why}")]
    Tls {
        /// The upstream's authority.
        upstream: String,
        /// What happened instead.
        why: String,
    },
    /// Certificates or keys that cannot be used.
    #[error("cannot use {what}: {why}")]
    Trust {
        /// Which.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The text does not say where to connect.
    #[error("`{text}` does not lead anywhere: {why}; write it as HOST:PORT:HOST2:PORT2")]
    ConnectTo {
        /// As written.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There are no credentials to sign with.
    #[error("no AWS credentials: {why}")]
    Credentials {
        /// What is wrong, where, and what mends it. Never a key.
        why: String,
    },
    /// An answer that is more than we keep.
    #[error("the answer of {upstream} is bigger than the limit of {limit} bytes")]
    TooBig {
        /// The upstream's authority.
        upstream: String,
        /// The limit.
        limit: usize,
    },
    /// A message that HTTP/1.1 cannot carry.
    #[error("the {what} `{value}` cannot be sent over HTTP")]
    Unsendable {
        /// Which part of it.
        what: &'static str,
        /// As given. Never a header value: it may be a secret.
        value: String,
    },
    /// The request cannot be signed.
    #[error("cannot sign the request: {why}")]
    Sign {
        /// What is wrong.
        why: String,
    },
    /// The wrapped command did not start.
    #[error("cannot run `{program}`: {cause}; name a program that is installed, or write its path")]
    Command {
        /// Its name.
        program: String,
        /// The system's word for it.
        cause: io::Error,
    },
    /// The system gave no threads or no signals.
    #[error("cannot start the network runtime: {cause}")]
    Runtime {
        /// The system's word for it.
        cause: io::Error,
    },
}

impl NetError {
    /// Whether it comes before anything of a request has left us.
    pub fn is_before_sending(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. }
                | Self::ConnectTimeout { .. }
                | Self::Tls { .. }
                | Self::Credentials { .. }
                | Self::Unsendable { .. }
                | Self::Sign { .. }
        )
    }
}

/// An error with all that caused it, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
