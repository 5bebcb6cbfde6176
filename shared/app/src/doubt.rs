//! An order that may or may not be in the store: wait until the store must know, look it up, adopt it or create it.

use std::time::Duration;

use connect::StoreCapabilities;
use domain::plan;
use domain::trace::Event;
use domain::{ImportState, Order};
use jiff::Timestamp;
use storage::Change;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;
use crate::import::Next;

/// After this many unanswered creates a person decides.
const MAX_ATTEMPTS: u8 = 3;

/// From when on the store's answer to a look-up is final.
pub(crate) fn look_after(send_by: Timestamp, store: &StoreCapabilities) -> Timestamp {
    let lag = u64::from(store.longest_execution_seconds) + u64::from(store.search_lag_seconds);
    send_by.saturating_add(Duration::from_secs(lag)).unwrap_or(Timestamp::MAX)
}

/// Whether the order is in doubt: said so, or reserved by a worker that never came back.
pub(crate) fn doubt(order: &Order, store: &StoreCapabilities) -> Option<(u8, Timestamp)> {
    match order.import {
        ImportState::Unknown { attempt, look_after } => Some((attempt, look_after)),
        ImportState::Reserved { attempt, send_by } => Some((attempt, look_after(send_by, store))),
        _ => None,
    }
}

impl App {
    pub(crate) async fn resolve(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        attempt: u8,
        look_after: Timestamp,
    ) -> Result<Next, AppError> {
        if self.clock.now() < look_after {
            return Ok(Next::End(Outcome::Again(self.until(look_after))));
        }
        let found = match self.look_up(order, store, attempt, look_after).await {
            Ok(found) => found,
            Err(AppError::Connect(error)) => return self.trouble(&store.connection, error).await.map(Next::End),
            Err(error) => return Err(error),
        };
        let facts = context.facts(order, store);
        let (draft, stock) = match plan::as_sent(&facts) {
            Ok(sent) => sent,
            Err(reason) => return self.give_up(order, reason.sentence()).await,
        };
        let Some((first, others)) = found.split_first() else {
            if attempt >= MAX_ATTEMPTS {
                let why = "Three attempts to create the order got no clear answer, and the store does not show it. Look in the store, then press Sync.";
                return self.give_up(order, why.to_owned()).await;
            }
            return self.create(order, context, store, attempt + 1, &draft, stock).await;
        };
        if !others.is_empty() {
            let numbers = found.iter().map(|duplicate| duplicate.number.clone()).collect();
            self.tell_duplicates(order, numbers).await?;
        }
        self.commit(order, store, &draft, stock, first, Some(Event::Adopted { number: first.number.clone() })).await
    }

    async fn give_up(&self, order: &Order, why: String) -> Result<Next, AppError> {
        let change = Change {
            import: Some(ImportState::Failed { why: why.clone(), refused: false }),
            trace: Some(self.traced(order, Event::Refused { why: why.clone() })),
            ..Change::default()
        };
        if self.write(order, change).await?.is_none() {
            return Ok(Next::Look);
        }
        let event = DomainEvent::OrderImportFailed { order_id: order.id, connection_id: order.connection.clone(), why };
        self.events.publish(event).await?;
        Ok(Next::End(Outcome::Done))
    }

    /// Two store orders carry one reference: named, never healed by itself.
    pub(crate) async fn tell_duplicates(&self, order: &Order, store_orders: Vec<String>) -> Result<(), AppError> {
        let times = store_orders.len();
        tracing::error!(order.id = %order.id, "Order `{}` stands in the main store {times} times", order.id);
        Ok(self.events.publish(DomainEvent::DuplicateInStore { order_id: order.id, store_orders }).await?)
    }
}
