//! R3: what the store made of an order is compared with what was meant, and mended in place, once, by ids.

use domain::readback::{self, Difference, StoreOrder, StoreOrderState};
use domain::{Order, StoreOrderDraft};
use storage::Change;

use crate::App;
use crate::context::ReadyStore;
use crate::create::SEND_WITHIN;
use crate::error::AppError;

/// What became of an order that may differ from what was meant.
#[expect(clippy::large_enum_variant, reason = "one for each import, passed on at once")]
pub(crate) enum Mended {
    /// Nothing to mend, or nothing that this store lets anybody mend.
    No,
    /// One attempt was made: the order as the store holds it now, and what of it was put right.
    Tried { order: Box<Order>, held: StoreOrder, what: Option<String> },
    /// Somebody else works on the order.
    Busy,
}

impl App {
    /// Mends an order that came out other than meant, under its lease. What remains is found by comparing again.
    pub(crate) async fn mend(
        &self,
        order: &Order,
        store: &ReadyStore,
        draft: &StoreOrderDraft,
        found: &StoreOrder,
    ) -> Result<Mended, AppError> {
        let wrong: Vec<Difference> = readback::differences(draft, found);
        let mendable = store.store.capabilities().mends && found.state == StoreOrderState::Open;
        if !mendable || !wrong.iter().any(Difference::is_mendable) {
            return Ok(Mended::No);
        }
        let until = self.clock.now().saturating_add(SEND_WITHIN).unwrap_or(jiff::Timestamp::MAX);
        let lease = Change { lease: Some(self.lease(order, until)), ..Change::default() };
        let Some(order) = self.write(order, lease).await? else { return Ok(Mended::Busy) };
        let before: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        match store.store.mend(&found.id, draft, found).await {
            Ok(held) => {
                let left: Vec<String> = readback::differences(draft, &held).iter().map(ToString::to_string).collect();
                let gone: Vec<String> = before.into_iter().filter(|what| !left.contains(what)).collect();
                tracing::info!(order.id = %order.id, "Mended {} differences of order `{}`", gone.len(), order.id);
                let what = (!gone.is_empty()).then(|| gone.join("; "));
                Ok(Mended::Tried { order, held, what })
            }
            Err(error) => {
                // The order is there, once; that it differs is told, and Sync compares again.
                tracing::warn!(order.id = %order.id, error = %error, "Could not mend order `{}`", order.id);
                Ok(Mended::Tried { order, held: found.clone(), what: None })
            }
        }
    }
}
