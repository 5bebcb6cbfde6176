//! The budget port: each connection's calls, leased in blocks from a bucket that all functions share.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use app::Clock;
use async_trait::async_trait;
use connect::Budget;
use domain::ConnectionId;
use storage::{Bucket, Storage, Taken};
use tokio::sync::Mutex;

/// What a platform takes without complaint; its own `Retry-After` governs beyond that.
const BUCKET: Bucket = Bucket { capacity: 1_000, per_minute: 1_000 };
/// One write to the table buys this many calls.
const BLOCK: u32 = 25;

/// The budget as every function takes it; a benchmark counts with it what a function would do.
pub struct LeasedBudget {
    storage: Storage,
    clock: Arc<dyn Clock>,
    left: Mutex<HashMap<ConnectionId, u32>>,
}

impl LeasedBudget {
    pub fn new(storage: Storage, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock, left: Mutex::default() }
    }
}

impl std::fmt::Debug for LeasedBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeasedBudget").finish_non_exhaustive()
    }
}

#[async_trait]
impl Budget for LeasedBudget {
    async fn take(&self, connection: &ConnectionId, calls: u32) -> Result<(), Duration> {
        let mut left = self.left.lock().await;
        let own = left.entry(connection.clone()).or_default();
        if *own < calls {
            let wanted = calls.max(BLOCK);
            match self.storage.settings.take_calls(connection, wanted, BUCKET, self.clock.now()).await {
                Ok(Taken::Yes) => *own += wanted,
                Ok(Taken::Wait(wait)) => return Err(wait),
                Err(error) => {
                    // The budget protects the platform's patience, not correctness: without it, calls go on.
                    tracing::warn!(connection = %connection, error = %error, "The budget of `{connection}` cannot be read");
                    *own += calls;
                }
            }
        }
        *own -= calls;
        Ok(())
    }

    async fn pause(&self, connection: &ConnectionId, wait: Duration) {
        let until = self.clock.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
        if let Err(error) = self.storage.settings.pause(connection, until).await {
            tracing::warn!(connection = %connection, error = %error, "The pause of `{connection}` cannot be stored");
        }
    }
}
