use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Response;

use super::Relay;
use super::download::Download;

/// An exchange that goes on when its client has gone: the provider acts on it all the same.
pub(super) struct Detach<F: Future<Output = Response<Download>> + Send + 'static> {
    relay: Arc<Relay>,
    exchange: Option<Pin<Box<F>>>,
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Detach<F> {
    pub(super) fn new(relay: Arc<Relay>, exchange: F) -> Self {
        Self { relay, exchange: Some(Box::pin(exchange)) }
    }
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Future for Detach<F> {
    type Output = Response<Download>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(exchange) = &mut self.exchange else { return Poll::Pending };
        let response = std::task::ready!(exchange.as_mut().poll(cx));
        self.exchange = None;
        Poll::Ready(response)
    }
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Drop for Detach<F> {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            // Dropping the answer reads it to its end, see `Download`.
            self.relay.detach(async move { drop(exchange.await) });
        }
    }
}
