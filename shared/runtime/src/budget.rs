//! The budget port: each connection's calls, leased in blocks from buckets that all functions share.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use app::Clock;
use async_trait::async_trait;
use connect::{Allowance, Budget, Told};
use domain::ConnectionId;
use storage::{Bucket, BucketTold, Storage, Taken};
use tokio::sync::Mutex;

/// One write to the table buys at most this many units, and never more than this part of what may be had at once.
const LARGEST_BLOCK: u32 = 25;
const BLOCKS_OF_A_BURST: u32 = 40;

/// The budget as every function takes it; a benchmark counts with it what a function would do.
pub struct LeasedBudget {
    storage: Storage,
    clock: Arc<dyn Clock>,
    own: Mutex<HashMap<(ConnectionId, &'static str), Own>>,
}

/// What this process has of one allowance.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    /// Units that were taken from the bucket and not used yet.
    left: u32,
    /// Burst and rate as the platform last stated them.
    stated: (Option<u32>, Option<u32>),
}

impl LeasedBudget {
    pub fn new(storage: Storage, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock, own: Mutex::default() }
    }
}

impl std::fmt::Debug for LeasedBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeasedBudget").finish_non_exhaustive()
    }
}

const fn bucket(allowance: &Allowance) -> Bucket {
    Bucket { name: allowance.name, capacity: allowance.burst, per_hour: allowance.per_hour }
}

#[async_trait]
impl Budget for LeasedBudget {
    async fn take(&self, connection: &ConnectionId, allowance: &Allowance, units: u32) -> Result<(), Duration> {
        let mut own = self.own.lock().await;
        let own = own.entry((connection.clone(), allowance.name)).or_default();
        if own.left < units {
            let wanted = (units - own.left).max((allowance.burst / BLOCKS_OF_A_BURST).clamp(1, LARGEST_BLOCK));
            match self.storage.settings.take_calls(connection, wanted, bucket(allowance), self.clock.now()).await {
                Ok(Taken::Yes) => own.left += wanted,
                Ok(Taken::Wait(wait)) => return Err(wait),
                Err(error) => {
                    // The budget protects the platform's patience, not correctness: without it, calls go on.
                    tracing::warn!(connection = %connection, error = %error, "The budget of `{connection}` cannot be read");
                    own.left = units;
                }
            }
        }
        own.left -= units;
        Ok(())
    }

    /// What a call did not need is for the next ones of this process: giving it back would cost a write each time. Stored is
    /// only what changes what others would do: another burst or rate, or less left than this process alone holds.
    async fn told(&self, connection: &ConnectionId, allowance: &Allowance, told: Told) {
        let mut own = self.own.lock().await;
        let own = own.entry((connection.clone(), allowance.name)).or_default();
        own.left = own.left.saturating_add(told.unused);
        let stated = (told.burst.or(own.stated.0), told.per_hour.or(own.stated.1));
        let short = told.left.is_some_and(|left| left < own.left);
        let restated = stated != own.stated && stated != (Some(allowance.burst), Some(allowance.per_hour));
        if !short && !restated {
            return;
        }
        own.stated = stated;
        if let Some(left) = told.left.filter(|_| short) {
            own.left = left;
        }
        let news = BucketTold { at_most: short.then_some(0), capacity: told.burst, per_hour: told.per_hour };
        let stored = self.storage.settings.tell_calls(connection, bucket(allowance), news, self.clock.now()).await;
        if let Err(error) = stored {
            tracing::warn!(connection = %connection, error = %error, "The budget of `{connection}` cannot be stored");
        }
    }

    async fn pause(&self, connection: &ConnectionId, wait: Duration) {
        let until = self.clock.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
        if let Err(error) = self.storage.settings.pause(connection, until).await {
            tracing::warn!(connection = %connection, error = %error, "The pause of `{connection}` cannot be stored");
        }
    }
}
