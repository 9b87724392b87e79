//! Sockets: the server, the client, the streaming relay, signatures and wrapped commands.
//!
//! The only room that knows hyper, tokio and the signing crates. Everything it hands to other
//! rooms is an [`Exchange`](crate::exchange::Exchange) or a part of one; whoever needs an async
//! runtime takes a [`Runtime`], and whoever would rather not takes a [`Running`].

mod body;
mod caller;
mod checkpoint;
mod claim;
mod client;
mod command;
mod convert;
mod credentials;
mod descriptors;
mod entrance;
mod error;
mod front;
mod limits;
mod listen;
mod outbound;
mod outgoing;
mod pool;
mod pools;
mod ports;
mod random;
mod reach;
mod relay;
mod resign;
mod runtime;
mod same;
mod server;
mod sign;
mod stop;
mod store;
mod tls;
mod trust;
mod upstream;
mod verify;

pub use caller::Caller;
pub use checkpoint::{Checkpoint, Passage, Towards};
pub use client::Client;
pub use command::{Command, Signals, run};
pub use credentials::{CredentialSource, SharedFiles};
pub use descriptors::raise_descriptor_limit;
pub use entrance::{Admission, Admit, Entrance, Hear, Interception, Notice, Scheme};
pub use error::NetError;
pub use limits::Limits;
pub use listen::Listener;
pub use outbound::Outbound;
pub use ports::{Port, Ports};
pub use random::random;
pub use reach::{ConnectTo, Reach};
pub use relay::{Lost, Pace, Part, Tap, TapError, relay};
pub use resign::{Bearer, ProgramsOnly, Resigner};
pub use runtime::{Running, Runtime};
pub use same::is_same_secret;
pub use server::{Answer, Reply, serve};
pub use sign::{Credentials, sign};
pub use stop::Stop;
pub use store::{Bucket, StoreError};
pub use tls::Issuer;
pub use trust::Trust;
pub use upstream::{HostField, Upstream};
pub use verify::{Keyring, Unverified, Verdict, Wrong, verify};
