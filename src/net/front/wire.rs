//! HTTP on a connection, in both its versions, until its end or until told to stop.

use std::sync::Arc;

use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;

use super::gate::Gate;
use super::{Serving, Tasks};
use crate::net::Limits;

/// As much as hyper takes by itself before it looks for the end of a head.
const BUFFER: usize = 400 << 10;

/// As many fields as hyper takes by itself, without asking for memory to hold them for each request.
const FIELDS: usize = 100;

// How a client's connection ends is the client's affair; what it means for an exchange is settled
// where the exchange is.

/// Speaks HTTP/1.1. When it is over, the connection may have become a tunnel.
pub(super) async fn http1<S, I>(io: I, gate: Arc<Gate<S>>)
where
    S: Serving,
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(|request| gate.clone().pass(request));
    let connection = first(gate.limits()).serve_connection(io, service).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = gate.stop().asked() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Speaks HTTP/2.
pub(super) async fn http2<S, I>(io: I, gate: Arc<Gate<S>>)
where
    S: Serving,
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(|request| gate.clone().pass(request));
    let http = second(gate.limits(), gate.streams().clone());
    let mut connection = std::pin::pin!(http.serve_connection(io, service));
    let is_idle = tokio::select! {
        _ = connection.as_mut() => return,
        () = gate.stop().asked() => false,
        () = idle(&gate) => true,
    };
    connection.as_mut().graceful_shutdown();
    // A stop has the listener's deadline. An idle client is not waited for, but for a request that
    // was on its way when it heard of the end.
    while tokio::time::timeout(gate.limits().linger, connection.as_mut()).await.is_err() {
        if is_idle && !gate.activity().1 {
            return;
        }
    }
}

/// Waits until a connection was without a request for as long as one may idle. HTTP/1.1 has that
/// from hyper, where the time limit for heads counts the waiting for them.
async fn idle<S: Serving>(gate: &Gate<S>) {
    let mut before = 0;
    loop {
        tokio::time::sleep(gate.limits().header_read).await;
        let (asked, is_used) = gate.activity();
        if asked == before && !is_used {
            return;
        }
        before = asked;
    }
}

fn first(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // More than we allow: up to that the answer is ours and says what is wrong, beyond it hyper's.
    if limits.header_fields >= FIELDS {
        http.max_headers(limits.header_fields.saturating_mul(2));
    }
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_buf_size(limits.head.saturating_mul(2).max(BUFFER))
        .preserve_header_case(true)
        .auto_date_header(false);
    http
}

fn second(limits: &Limits, tasks: Tasks) -> http2::Builder<Tasks> {
    let mut http = http2::Builder::new(tasks);
    let head = u32::try_from(limits.head).unwrap_or(u32::MAX);
    http.timer(TokioTimer::new())
        .keep_alive_interval(limits.idle)
        .keep_alive_timeout(limits.idle)
        .max_header_list_size(head.saturating_mul(2))
        .max_concurrent_streams(limits.streams)
        .auto_date_header(false);
    http
}
