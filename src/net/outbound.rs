use std::sync::Arc;

use super::{Checkpoint, Reach, Upstream};

/// How requests leave.
#[derive(Clone, Default)]
pub struct Outbound {
    /// Where those go that name no host of their own, which is all that did not come through a
    /// forward proxy.
    pub upstream: Option<Upstream>,
    /// How providers are reached.
    pub reach: Reach,
    /// Who has a word on each request before it is sent on, one after the other.
    pub checkpoints: Vec<Arc<dyn Checkpoint>>,
}

impl From<Upstream> for Outbound {
    fn from(upstream: Upstream) -> Self {
        Self { upstream: Some(upstream), ..Self::default() }
    }
}
