use super::Reply;
use crate::exchange::Request;

/// Has a word on a request before it is sent on. Its body is read whole first.
pub trait Checkpoint: Send + Sync + 'static {
    /// What is to become of the request, which is as the client sent it. `authority` is what its
    /// `Host` will say, whatever it says now. It must not wait for anything, or see to it itself
    /// that nobody else does meanwhile.
    fn pass(&self, request: Request, authority: &str) -> Passage;
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
