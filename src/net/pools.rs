use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Body;

use super::Reach;
use super::body::BodyError;
use super::pool::Pool;
use super::reach::Origin;

/// To how many origins connections are kept.
const ORIGINS: usize = 256;

/// The connections to all origins.
pub(super) struct Pools<B> {
    reach: Reach,
    connect: Duration,
    pools: Mutex<HashMap<Origin, Arc<Pool<B>>>>,
}

impl<B> Pools<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    pub(super) fn new(reach: Reach, connect: Duration) -> Self {
        Self { reach, connect, pools: Mutex::default() }
    }

    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The connections to an origin.
    pub(super) fn to(&self, origin: Origin) -> Arc<Pool<B>> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&origin) {
            return pool.clone();
        }
        if pools.len() >= ORIGINS {
            // Those in use live on with their exchanges; the others can be opened again.
            pools.retain(|_, pool| Arc::strong_count(pool) > 1);
        }
        let pool = Arc::new(Pool::new(origin.clone(), self.reach.clone(), self.connect));
        if pools.len() < ORIGINS {
            pools.insert(origin, pool.clone());
        }
        pool
    }
}
