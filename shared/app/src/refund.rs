//! R9: what the channel returned, told to the store's order once each, with the units that come back; money never moves.

use std::time::Duration;

use connect::{ConnectError, Effect};
use domain::Order;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::refund::{self, NewRefund, Recorded, Recording};
use domain::stock;
use domain::trace::Event;
use storage::Change;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::doubt;
use crate::error::{AppError, Outcome};
use crate::import::Next;

impl App {
    /// How long the store may still be busy with something that it was told, if nobody knows its answer.
    pub(crate) fn telling(&self, order: &Order, store: &ReadyStore) -> Option<Duration> {
        let sent = order.after.recorded.iter().filter_map(|known| match known.state {
            Recorded::Sending { send_by } => Some(doubt::look_after(send_by, store.store.capabilities())),
            Recorded::Done | Recorded::Refused { .. } => None,
        });
        let until = sent.max()?;
        (self.clock.now() < until).then(|| self.until(until))
    }

    /// Records one refund, or one return of units without money.
    pub(crate) async fn record_refund(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        new: &NewRefund,
    ) -> Result<Next, AppError> {
        let Some(store_order) = order.import.store_order() else { return Ok(Next::Look) };
        // What the store's people put back or canceled meanwhile counts: it is not done again.
        let seen = match store.store.order(store_order).await {
            Ok(seen) => seen,
            Err(error) => return self.trouble(&store.connection, error).await.map(Next::End),
        };
        if let Some(next) = self.saw(order, context, store, &seen).await? {
            return Ok(next);
        }
        if new.amount.is_zero() && new.restock.is_empty() {
            return self.recorded(order, context, new, None).await;
        }
        let taking = self.taking(order);
        let send_by = taking.lease.as_ref().and_then(|lease| lease.until).unwrap_or_else(|| self.clock.now());
        let sending = with(order, new, Recorded::Sending { send_by });
        let meant = Change { recorded: Some(sending), ..taking };
        let Some(order) = self.write(order, meant).await? else { return Ok(Next::Look) };
        match store.store.record_refund(store_order, new).await {
            Ok(after) => self.recorded(&order, context, new, Some(&after)).await,
            Err(error) => self.not_recorded(&order, store, new, error).await,
        }
    }

    /// Stores what the store shows of itself, if it is news: then the order is looked at anew.
    async fn saw(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        seen: &StoreOrder,
    ) -> Result<Option<Next>, AppError> {
        if matches!(seen.state, StoreOrderState::Canceled | StoreOrderState::Trashed) {
            let restocks = store.store.capabilities().restocks_on_cancel;
            let name = &context.connection.name;
            let Some(seen) = Self::seen_in_store(order, seen, restocks, name) else { return Ok(None) };
            let trace = Some(self.traced(order, seen.event));
            let change = Change { store: Some(seen.side), stock: Some(seen.stock), trace, ..Change::default() };
            self.write(order, change).await?;
            return Ok(Some(Next::Look));
        }
        let stock = stock::read_back(&order.stock, seen);
        if stock == order.stock {
            return Ok(None);
        }
        let event = Event::Stock { what: "units were put back in the main store itself".to_owned() };
        let trace = Some(self.traced(order, event));
        self.write(order, Change { stock: Some(stock), trace, ..Change::default() }).await?;
        Ok(Some(Next::Look))
    }

    async fn recorded(
        &self,
        order: &Order,
        context: &Context,
        new: &NewRefund,
        after: Option<&StoreOrder>,
    ) -> Result<Next, AppError> {
        let mut stock = order.stock.clone();
        if after.is_some() {
            for back in &new.restock {
                let known = stock.iter_mut().find(|s| s.line == back.line && s.product == back.product);
                if let Some(known) = known {
                    *known = known.with_restored(known.restored.saturating_add(back.units));
                }
            }
        }
        let mut change = Change {
            lease: Some(Self::released(order)),
            recorded: Some(with(order, new, Recorded::Done)),
            ..Change::default()
        };
        let told = Order { stock: stock.clone(), ..order.clone() };
        let mut trace = order.trace.clone();
        let flag = refund::flag(&told, &context.settings, &new.key).map(|what| Event::Flag { what });
        for event in [Some(Event::Returned { what: sentence(new) }), flag].into_iter().flatten() {
            domain::trace::append(&mut trace, self.clock.now(), event);
        }
        change.trace = Some(trace);
        change.stock = (stock != order.stock).then_some(stock);
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    async fn not_recorded(
        &self,
        order: &Order,
        store: &ReadyStore,
        new: &NewRefund,
        error: ConnectError,
    ) -> Result<Next, AppError> {
        let mut change = Change { lease: Some(Self::released(order)), ..Change::default() };
        if error.effect == Effect::Possible {
            // Stays as being sent: the store is asked before it is told again.
            self.write(order, change).await?;
            if error.kind.is_temporary() {
                self.pause(&store.connection, &error).await?;
            }
            tracing::warn!(order.id = %order.id, error = %error, "Nobody knows whether a refund of order `{}` was recorded", order.id);
            return Ok(Next::End(Outcome::Again(self.telling(order, store).unwrap_or(Duration::from_secs(1)))));
        }
        if error.kind.is_temporary() || error.kind.needs_reconnect() {
            let others = order.after.recorded.iter().filter(|known| known.key != new.key).cloned();
            change.recorded = Some(others.collect());
            self.write(order, change).await?;
            return self.trouble(&store.connection, error).await.map(Next::End);
        }
        let why = error.public_message.clone();
        tracing::warn!(order.id = %order.id, error = %error, "The main store refused a refund of order `{}`", order.id);
        change.recorded = Some(with(order, new, Recorded::Refused { why: why.clone() }));
        let what = format!("{} could not be recorded in the main store ({why}); enter it there", what_of(new));
        change.trace = Some(self.traced(order, Event::Flag { what }));
        self.write(order, change).await?;
        Ok(Next::Look)
    }
}

fn with(order: &Order, new: &NewRefund, state: Recorded) -> Vec<Recording> {
    let others = order.after.recorded.iter().filter(|known| known.key != new.key).cloned();
    others.chain([Recording { key: new.key.clone(), amount: new.amount, state }]).collect()
}

fn what_of(new: &NewRefund) -> String {
    if new.amount.is_zero() { "The return of canceled units".to_owned() } else { format!("A refund of {}", new.amount) }
}

fn sentence(new: &NewRefund) -> String {
    let units: Vec<String> =
        new.restock.iter().map(|back| format!("{} x product {}", back.units, back.product)).collect();
    let back =
        if units.is_empty() { "no stock moved".to_owned() } else { format!("{} back in stock", units.join(", ")) };
    if new.amount.is_zero() {
        format!("Units that came back were entered in the main store: {back}")
    } else {
        format!("A refund of {} was recorded in the main store; no money was moved, {back}", new.amount)
    }
}
