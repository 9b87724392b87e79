use std::time::Duration;

/// How long and how much the sockets wait for and keep. Every read has a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a client to send a whole request head; also how long a kept-alive connection may
    /// idle. Default 60 s.
    pub header_read: Duration,
    /// For a client to open a secure connection through a forward proxy. Default 10 s.
    pub handshake: Duration,
    /// For the next piece of a body, in either direction, and for a client to take what it is sent.
    /// Default 60 s.
    pub idle: Duration,
    /// For the head of an answer once the request has stopped moving. Default 120 s: providers
    /// that poll on behalf of their caller take up to a minute.
    pub answer: Duration,
    /// For a connection to the provider. Default 10 s.
    pub connect: Duration,
    /// For the next piece of what a client still sends when it has got its answer. Default 1 s.
    pub linger: Duration,
    /// For exchanges in flight when stopping. Default 5 s.
    pub grace: Duration,
    /// The biggest body that is kept, in bytes. Default 128 MiB.
    pub body: usize,
    /// The bytes that are kept of all bodies in flight together. Default 512 MiB.
    pub bodies: usize,
    /// The biggest head of a request, in bytes: its target and its header fields. More gets a
    /// 431. Default 64 KiB.
    pub head: usize,
    /// The most header fields of a request. More get a 431. Default 96.
    pub header_fields: usize,
    /// Requests in flight at once on one HTTP/2 connection. Default 128.
    pub streams: u32,
    /// Connections served at once, each tunnel through a forward proxy one of them. More get a
    /// 503. Default 16,384; each takes a file descriptor, and a second one towards the provider.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            answer: Duration::from_secs(120),
            connect: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            grace: Duration::from_secs(5),
            body: 128 << 20,
            bodies: 512 << 20,
            head: 64 << 10,
            header_fields: 96,
            streams: 128,
            connections: 16_384,
        }
    }
}
