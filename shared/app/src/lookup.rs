//! One look-up in the main store for all orders in doubt (DESIGN settled 2).

use std::collections::BTreeSet;
use std::time::Duration;

use connect::StoreCapabilities;
use domain::head::Attention;
use domain::readback::StoreOrder;
use domain::{ConnectionId, Order, Reference};
use jiff::{SignedDuration, Timestamp};
use storage::PageRequest;
use tokio::sync::Mutex;

use crate::App;
use crate::context::ReadyStore;
use crate::create::SEND_WITHIN;
use crate::doubt::doubt;
use crate::error::AppError;

/// Orders in doubt that one look-up asks for.
const TOGETHER: u16 = 100;
/// What was found is taken for what stands there now this long.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
/// The store's clock and ours may differ by this much.
const CLOCK_SLACK: Duration = Duration::from_mins(10);
/// A store that is later than this is asked again.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// The last look-up of this process; whoever comes while it runs waits for its answer.
#[derive(Default)]
pub(crate) struct Lookups(Mutex<Option<Found>>);

struct Found {
    store: ConnectionId,
    asked_at: Timestamp,
    references: BTreeSet<Reference>,
    orders: Vec<StoreOrder>,
}

impl Found {
    fn answers(&self, store: &ConnectionId, reference: Reference, look_after: Timestamp, now: Timestamp) -> bool {
        self.store == *store
            && self.references.contains(&reference)
            && self.asked_at >= look_after
            && now.duration_since(self.asked_at) <= FRESH
    }

    fn of(&self, reference: Reference) -> Vec<StoreOrder> {
        self.orders.iter().filter(|order| order.reference == Some(reference)).cloned().collect()
    }
}

/// Before the first of its attempts could have reached the store, by our clock.
fn since(order: &Order, attempt: u8, look_after: Timestamp, store: &StoreCapabilities) -> Timestamp {
    if attempt == 0 {
        // Begun anew by a person: nobody knows how long ago it was tried.
        return order.source.created_at.saturating_sub(CLOCK_SLACK).unwrap_or(Timestamp::MIN);
    }
    let lag = store.longest_execution_seconds + store.search_lag_seconds;
    let back = (SEND_WITHIN + Duration::from_secs(lag.into())) * u32::from(attempt) * 2 + CLOCK_SLACK;
    look_after.saturating_sub(back).unwrap_or(Timestamp::MIN)
}

impl App {
    /// What stands in the store under the order's reference, asked from `look_after` on; the others in doubt are asked for along with it.
    pub(crate) async fn look_up(
        &self,
        order: &Order,
        store: &ReadyStore,
        attempt: u8,
        look_after: Timestamp,
    ) -> Result<Vec<StoreOrder>, AppError> {
        let (reference, now) = (order.reference(), self.clock.now());
        let mut last = self.lookups.0.lock().await;
        if let Some(found) = last.as_ref().filter(|l| l.answers(&store.connection.id, reference, look_after, now)) {
            return Ok(found.of(reference));
        }
        let capabilities = store.store.capabilities();
        let mut references = BTreeSet::from([reference]);
        let mut from = since(order, attempt, look_after, capabilities);
        let others =
            self.storage.orders.attention(Attention::Unknown, Some(now), &PageRequest::first(TOGETHER)).await?;
        for other in &others.items {
            if let Some((attempt, look_after)) = doubt(other, capabilities).filter(|(_, due)| *due <= now) {
                references.insert(other.reference());
                from = from.min(since(other, attempt, look_after, capabilities));
            }
        }
        let asked_at = self.clock.now();
        let orders = self.find(store, &references, from).await?;
        let found = Found { store: store.connection.id.clone(), asked_at, references, orders };
        let ours = found.of(reference);
        *last = Some(found);
        Ok(ours)
    }

    /// `from` is by our clock. A store whose own clock is behind dates its orders earlier: it is asked again by its own `Date`.
    async fn find(
        &self,
        store: &ReadyStore,
        references: &BTreeSet<Reference>,
        from: Timestamp,
    ) -> Result<Vec<StoreOrder>, AppError> {
        let references: Vec<Reference> = references.iter().copied().collect();
        let found = store.store.find_by_reference(&references, from).await?;
        let behind = found.server_time.map(|theirs| self.clock.now().duration_since(theirs));
        let Some(behind) = behind.filter(|behind| *behind > LATE) else { return Ok(found.orders) };
        let from = from.saturating_sub(behind).unwrap_or(Timestamp::MIN);
        Ok(store.store.find_by_reference(&references, from).await?.orders)
    }
}
