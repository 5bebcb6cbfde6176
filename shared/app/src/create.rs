//! Reserve, create, commit: the store's order is created once, as far as the store allows (DESIGN settled 2).

use std::time::Duration;

use connect::{ConnectError, Effect, ErrorKind};
use domain::head::{Review, StoreSide};
use domain::readback::{self, StoreOrder};
use domain::stock::{LineStock, StockState};
use domain::trace::{Event, NotImported};
use domain::{ImportState, Order, StoreOrderDraft};
use storage::Change;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;
use crate::import::Next;
use crate::mend::Mended;
use crate::ports::Job;

/// A create leaves within this time of its reservation and has been answered or given up by its end, or it never leaves.
pub(crate) const SEND_WITHIN: Duration = Duration::from_secs(30);
/// What a create may take at most; the HTTP client's deadline is not longer.
const REQUEST_DEADLINE: Duration = Duration::from_secs(20);

impl App {
    /// Reserves the order, creates it in the store and commits what came of it.
    pub(crate) async fn create(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        attempt: u8,
        draft: &StoreOrderDraft,
        stock: Vec<LineStock>,
    ) -> Result<Next, AppError> {
        let send_by = self.clock.now().saturating_add(SEND_WITHIN).unwrap_or(jiff::Timestamp::MAX);
        let reserve = Change {
            lease: Some(self.lease(order, send_by)),
            import: Some(ImportState::Reserved { attempt, send_by }),
            conversion: (draft.conversion != order.after.conversion).then(|| draft.conversion.clone()),
            expect_revision: Some(order.source.revision),
            ..Change::default()
        };
        let Some(order) = self.write(order, reserve).await? else { return Ok(Next::Look) };
        // A worker that was held up between the two must not send late: another may have begun.
        let too_late = self.clock.now().saturating_add(REQUEST_DEADLINE).map_or(true, |end| end > send_by);
        if too_late {
            return Ok(Next::End(Outcome::Again(self.until(send_by))));
        }
        match store.store.create_order(draft).await {
            Ok(created) => self.commit(&order, store, draft, stock, &created, None).await,
            Err(error) => self.create_failed(&order, context, store, (attempt, send_by), error).await,
        }
    }

    /// Stores that the order is in the store. `adopted` says by which event, where its creation was not answered.
    pub(crate) async fn commit(
        &self,
        order: &Order,
        store: &ReadyStore,
        draft: &StoreOrderDraft,
        stock: Vec<LineStock>,
        created: &StoreOrder,
        adopted: Option<Event>,
    ) -> Result<Next, AppError> {
        let mended = match self.mend(order, store, draft, created).await? {
            Mended::Busy => return Ok(Next::Look),
            Mended::No => None,
            Mended::Tried { order, held, what } => Some((order, held, what)),
        };
        let (order, created) = mended.as_ref().map_or((order, created), |(order, held, _)| (&**order, held));
        let differences = readback::differences(draft, created);
        let mut trace = order.trace.clone();
        let told = adopted
            .into_iter()
            .chain(draft.remarks.iter().cloned())
            .chain(mended.iter().filter_map(|(_, _, what)| Some(Event::Mended { what: what.clone()? })))
            .chain(differences.iter().map(|d| Event::Differs { what: d.to_string() }));
        for event in told {
            domain::trace::append(&mut trace, self.clock.now(), event);
        }
        let lease = match order.import {
            ImportState::Reserved { .. } if order.lease.until.is_some() => Self::released(order),
            _ => domain::head::Lease { until: None, ..self.lease(order, self.clock.now()) },
        };
        let change = Change {
            lease: Some(lease),
            import: Some(ImportState::Imported {
                store_order: created.id.clone(),
                number: created.number.clone(),
                at: self.clock.now(),
            }),
            store: Some(StoreSide {
                paid: created.paid,
                completed: false,
                canceled: matches!(
                    created.state,
                    readback::StoreOrderState::Canceled | readback::StoreOrderState::Trashed
                ),
            }),
            stock: Some(read_back_stock(stock, draft, created)),
            review: (!differences.is_empty()).then(|| Review {
                revision: Some(order.source.revision),
                differences: differences.iter().map(|d| Event::Differs { what: d.to_string() }.sentence()).collect(),
            }),
            trace: (trace != order.trace).then_some(trace),
            ..Change::default()
        };
        // Before it is stored as done: who dies in between finds the order in the store, and rings again.
        self.ring_stock(change.stock.iter().flatten().map(|stock| stock.product.clone()), Some(order.id)).await?;
        let Some(committed) = self.write(order, change).await? else { return Ok(Next::Look) };
        tracing::info!(order.id = %order.id, store.order = %created.id, "Imported order `{}`", order.id);
        // One that never waited has nothing stored there, and costs no write here.
        if !order.trace.is_empty() {
            let products: Vec<_> = committed.stock.iter().map(|stock| stock.product.clone()).collect();
            self.stop_waiting(&committed, &products).await?;
            // What was held until now is free, now that the store has taken it.
            self.ring_stock(products, Some(order.id)).await?;
        }
        if committed.source.fulfilment != domain::Fulfilment::NotStarted || !committed.packages.is_empty() {
            self.queue.send(&[Job::fulfil(order.id)], Duration::ZERO).await?;
        }
        self.tell_imported(&committed, created, &differences).await?;
        // What changed on the channel meanwhile is looked at now.
        if committed.source.revision == order.source.revision { Ok(Next::End(Outcome::Done)) } else { Ok(Next::Look) }
    }

    async fn tell_imported(
        &self,
        order: &Order,
        created: &StoreOrder,
        differences: &[readback::Difference],
    ) -> Result<(), AppError> {
        let (order_id, connection_id) = (order.id, order.connection.clone());
        let (store_order, store_number) = (created.id.clone(), created.number.clone());
        let imported =
            DomainEvent::OrderImported { order_id, connection_id: connection_id.clone(), store_order, store_number };
        self.events.publish(imported).await?;
        if !differences.is_empty() {
            let differences = differences.iter().map(ToString::to_string).collect();
            self.events.publish(DomainEvent::OrderDiffers { order_id, connection_id, differences }).await?;
        }
        Ok(())
    }

    async fn create_failed(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        (attempt, send_by): (u8, jiff::Timestamp),
        error: ConnectError,
    ) -> Result<Next, AppError> {
        let why = error.public_message.clone();
        let lease = Some(Self::released(order));
        if error.effect == Effect::Possible || error.kind == ErrorKind::AlreadyExists {
            tracing::warn!(order.id = %order.id, error = %error, "Import of order `{}` is in doubt", order.id);
            let look_after = crate::doubt::look_after(send_by, store.store.capabilities());
            let change = Change {
                lease,
                import: Some(ImportState::Unknown { attempt, look_after }),
                trace: Some(self.traced(order, Event::Ambiguous { attempt, why })),
                ..Change::default()
            };
            self.write(order, change).await?;
            if error.kind.is_temporary() {
                self.pause(&store.connection, &error).await?;
            }
            return Ok(Next::End(Outcome::Again(self.until(look_after))));
        }
        let waits = error.kind.is_temporary() || error.kind.needs_reconnect();
        if waits {
            self.hold_unapplied(order, context).await?;
        }
        let (import, event) = if waits {
            let reason = NotImported::StoreUnavailable { why };
            (ImportState::Waiting(reason.clone()), Event::NotImported(reason))
        } else {
            (ImportState::Failed { why: why.clone(), refused: true }, Event::Refused { why })
        };
        let change =
            Change { lease, import: Some(import), trace: Some(self.traced(order, event)), ..Change::default() };
        if self.write(order, change).await?.is_none() {
            return Ok(Next::Look);
        }
        if error.kind.needs_reconnect() {
            // Parked: reconnecting rings for it.
            self.needs_attention(&store.connection, &error).await?;
            return Ok(Next::End(Outcome::Done));
        }
        if waits {
            return self.trouble(&store.connection, error).await.map(Next::End);
        }
        tracing::warn!(order.id = %order.id, error = %error, "The main store refused order `{}`", order.id);
        let event = DomainEvent::OrderImportFailed {
            order_id: order.id,
            connection_id: order.connection.clone(),
            why: error.public_message,
        };
        self.events.publish(event).await?;
        Ok(Next::End(Outcome::Done))
    }
}

/// The store says per line what it deducted; a line of which it deducted nothing is not stock-managed.
fn read_back_stock(stock: Vec<LineStock>, draft: &StoreOrderDraft, created: &StoreOrder) -> Vec<LineStock> {
    let deducted = |known: &LineStock| {
        let mut pairs = draft.lines.iter().zip(&created.lines);
        pairs
            .find(|(meant, line)| meant.line == known.line && line.product.as_ref() == Some(&known.product))?
            .1
            .deducted
    };
    let read_back = |known: LineStock| match deducted(&known) {
        Some(0) if known.state == StockState::Taken => LineStock { state: StockState::Unmanaged, ..known },
        _ => known,
    };
    stock.into_iter().map(read_back).collect()
}
