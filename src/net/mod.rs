//! Sockets: the only room that knows hyper and tokio's network.
