use super::reach::Origin;
use super::{Reply, Upstream};
use crate::exchange::Request;

/// Has a word on a request before it is sent on. Its body is read whole first.
pub trait Checkpoint: Send + Sync + 'static {
    /// What is to become of the request, which is as the client sent it. It must not wait for
    /// anything, or see to it itself that nobody else does meanwhile.
    fn pass(&self, request: Request, towards: Towards<'_>) -> Passage;
}

/// Where a request is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Towards<'a> {
    pub(super) host: &'a str,
    pub(super) origin: &'a Origin,
}

impl<'a> Towards<'a> {
    /// What its `Host` will say, whatever it says now. It is a client's word, and proves nothing of
    /// where it is sent.
    pub fn host(self) -> &'a str {
        self.host
    }

    /// Whether it is sent there: in that scheme, to that host and port.
    pub fn is(self, upstream: &Upstream) -> bool {
        self.origin.is_same(upstream.origin())
    }
}

impl<'a> From<&'a Upstream> for Towards<'a> {
    fn from(upstream: &'a Upstream) -> Self {
        Self { host: upstream.authority(), origin: upstream.origin() }
    }
}

/// What becomes of a request at a [`Checkpoint`].
#[derive(Debug)]
pub enum Passage {
    /// It is sent on, as it now is, its body with a length and without trailers. What is recorded
    /// is what the client sent.
    On(Request),
    /// The client gets this answer. Nothing is sent on, and nothing is recorded.
    Answered(Reply),
    /// The client gets a 400 that says why. Nothing is sent on, and the tap hears that it is
    /// [lost](super::Lost::Refused).
    Refused(String),
}
