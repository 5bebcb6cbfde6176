//! After the import: the store's order is marked as paid or canceled, as the channel's is (R6, R8).

use connect::{ConnectError, Effect};
use domain::Order;
use domain::head::StoreSide;
use domain::plan;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::stock::{LineStock, read_back, restored};
use domain::trace::Event;
use storage::Change;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::AppError;
use crate::import::Next;

/// What the store's people did to our order.
pub(crate) struct SeenInStore {
    pub side: StoreSide,
    pub stock: Vec<LineStock>,
    pub event: Event,
}

impl App {
    /// Unpaid -> paid. Repeating it changes nothing, so an unanswered call is simply made again.
    pub(crate) async fn mark_paid(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
    ) -> Result<Next, AppError> {
        let Some(store_order) = order.import.store_order() else { return Ok(Next::Look) };
        // In the store's own terms: without the tax that the marketplace keeps, and in its currency.
        let sent = plan::as_sent(&context.facts(order, store));
        let paid = sent.map_or(order.source.buyer_total, |(draft, _)| draft.total);
        let Some(order) = self.write(order, self.taking(order)).await? else { return Ok(Next::Look) };
        let answer = store.store.mark_paid(store_order, paid).await;
        let side = StoreSide { paid: true, ..order.store };
        self.finish_after(&order, store, answer, |_| (side, order.stock.clone()), Event::StoreMarkedPaid).await
    }

    /// Canceled on the channel -> canceled in the store, its stock put back once.
    pub(crate) async fn cancel_in_store(&self, order: &Order, store: &ReadyStore) -> Result<Next, AppError> {
        let Some(store_order) = order.import.store_order() else { return Ok(Next::Look) };
        let Some(order) = self.write(order, self.taking(order)).await? else { return Ok(Next::Look) };
        let answer = store.store.cancel(store_order).await;
        let side = StoreSide { canceled: true, ..order.store };
        let restocks = store.store.capabilities().restocks_on_cancel;
        let after = |answer: &StoreOrder| {
            let stock = if restocks { restored(&order.stock) } else { read_back(&order.stock, answer) };
            (side, stock)
        };
        self.finish_after(&order, store, answer, after, Event::StoreCanceled).await
    }

    async fn finish_after(
        &self,
        order: &Order,
        store: &ReadyStore,
        answer: Result<StoreOrder, ConnectError>,
        after: impl FnOnce(&StoreOrder) -> (StoreSide, Vec<LineStock>),
        event: Event,
    ) -> Result<Next, AppError> {
        let error = match answer {
            Ok(answer) => {
                let (side, stock) = after(&answer);
                if stock != order.stock {
                    self.ring_stock(stock.iter().map(|stock| stock.product.clone()), None).await?;
                }
                let change = Change {
                    lease: Some(Self::released(order)),
                    store: Some(side),
                    stock: (stock != order.stock).then_some(stock),
                    trace: Some(self.traced(order, event)),
                    ..Change::default()
                };
                self.write(order, change).await?;
                return Ok(Next::Look);
            }
            Err(error) => error,
        };
        let refused = error.effect == Effect::None && !error.kind.is_temporary() && !error.kind.needs_reconnect();
        let mut change = Change { lease: Some(Self::released(order)), ..Change::default() };
        if refused {
            change.trace = Some(self.traced(order, Event::Refused { why: error.public_message.clone() }));
        }
        self.write(order, change).await?;
        self.trouble(&store.connection, error).await.map(Next::End)
    }

    /// The store's people ended or completed our order, which is not known here yet.
    pub(crate) fn is_news(order: &Order, seen: &StoreOrder) -> bool {
        is_newly_gone(order, seen) || is_newly_completed(order, seen)
    }

    /// What the store's people did to our order of the channel with this name, read from the store itself. `None`: nothing new.
    pub(crate) fn seen_in_store(
        order: &Order,
        seen: &StoreOrder,
        restocks: bool,
        channel_name: &str,
    ) -> Option<SeenInStore> {
        if is_newly_gone(order, seen) {
            let side = StoreSide { canceled: true, ..order.store };
            let what =
                format!("canceled in the main store; cancel it on {channel_name} yourself, nothing was sent there");
            let stock = if restocks { restored(&order.stock) } else { read_back(&order.stock, seen) };
            return Some(SeenInStore { side, stock, event: Event::Flag { what } });
        }
        if is_newly_completed(order, seen) {
            let side = StoreSide { completed: true, paid: seen.paid || order.store.paid, ..order.store };
            return Some(SeenInStore { side, stock: order.stock.clone(), event: Event::StoreCompleted });
        }
        None
    }
}

fn is_newly_gone(order: &Order, seen: &StoreOrder) -> bool {
    matches!(seen.state, StoreOrderState::Canceled | StoreOrderState::Trashed) && !order.store.canceled
}

fn is_newly_completed(order: &Order, seen: &StoreOrder) -> bool {
    seen.state == StoreOrderState::Completed && !order.store.completed
}
