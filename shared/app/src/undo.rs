//! R20: undoing imports. Previewed first; the store's order is canceled only if it is the one that Tributary created, only what
//! Tributary moved comes back, the channel hears nothing, and a later import is another generation.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{ConnectError, ErrorKind};
use domain::head::{Lease, Review, StoreSide};
use domain::readback::{StoreOrder, StoreOrderState};
use domain::shipment::Origin;
use domain::stock::{LineStock, StockState, read_back, restored};
use domain::trace::{self, Event, NotImported};
use domain::{Asked, ImportState, Order, OrderId, ProductId};
use storage::{Change, Wish};

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::AppError;
use crate::import::Next;
use crate::people::MAX_TRIES;
use crate::ports::Job;

/// One order of an undo: what would be done, or what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoEntry {
    pub id: OrderId,
    pub answer: UndoAnswer,
    /// Units that come back to the store's stock.
    pub back: BTreeMap<ProductId, u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoAnswer {
    /// This order of the store is canceled.
    CancelInStore {
        number: String,
    },
    /// It is not in the store: it is left out, and what is held for it comes back.
    LeaveOut,
    AlreadyUndone,
    Refused {
        why: String,
    },
    /// Others keep working on it: to be asked again in a moment.
    Busy,
    NotFound,
}

/// What became of one order that was to be imported again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReimportAnswer {
    Queued,
    /// The store's order stands: nothing was done.
    Stands {
        number: String,
    },
    NotUndone,
    Busy,
    NotFound,
}

impl UndoAnswer {
    /// Something is (or would be) done.
    pub const fn acts(&self) -> bool {
        matches!(self, Self::CancelInStore { .. } | Self::LeaveOut)
    }
}

impl App {
    /// What undoing these orders' imports would do. Writes nothing.
    pub async fn preview_undo(&self, ids: &[OrderId]) -> Result<Vec<UndoEntry>, AppError> {
        let orders = self.storage.orders.get_many(ids).await?;
        let orders: BTreeMap<OrderId, Order> = orders.into_iter().map(|order| (order.id, order)).collect();
        Ok(ids.iter().map(|id| orders.get(id).map_or_else(|| UndoEntry::not_found(*id), UndoEntry::of)).collect())
    }

    /// Keeps the wish with each order and rings for it. Repeating it changes nothing.
    pub async fn undo(&self, ids: &[OrderId], by: &str) -> Result<Vec<UndoEntry>, AppError> {
        let mut entries = Vec::new();
        for id in ids {
            entries.push(self.wish_to_undo(*id, by).await?);
        }
        let jobs: Vec<Job> = entries.iter().filter(|e| e.answer.acts()).map(|entry| Job::import(entry.id)).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        Ok(entries)
    }

    async fn wish_to_undo(&self, id: OrderId, by: &str) -> Result<UndoEntry, AppError> {
        let mut entry = UndoEntry::not_found(id);
        for _ in 0..MAX_TRIES {
            let Some(order) = self.storage.orders.get(id).await? else { return Ok(UndoEntry::not_found(id)) };
            entry = UndoEntry::of(&order);
            if !entry.answer.acts() || order.by_hand.undo.is_some() {
                return Ok(entry);
            }
            let asked = Asked { by: by.to_owned(), at: self.clock.now() };
            let change = Change { undo: Some(Wish::Asked(asked)), ..Change::default() };
            if self.write(&order, change).await?.is_some() {
                return Ok(entry);
            }
        }
        Ok(UndoEntry { answer: UndoAnswer::Busy, ..entry })
    }

    /// Imports an order again whose import was undone, or whose store order somebody canceled in the store: as Send does, under
    /// a reference of its own.
    pub async fn reimport(&self, id: OrderId, by: &str) -> Result<ReimportAnswer, AppError> {
        for _ in 0..MAX_TRIES {
            let Some(order) = self.storage.orders.get(id).await? else { return Ok(ReimportAnswer::NotFound) };
            if order.by_hand.undo.is_some() {
                return Ok(ReimportAnswer::Busy);
            }
            let asked = Asked { by: by.to_owned(), at: self.clock.now() };
            let again = Change {
                import: Some(ImportState::Received),
                send: Some(Wish::Asked(asked)),
                lease: Some(Lease { until: None, ..self.lease(&order, self.clock.now()) }),
                ..Change::default()
            };
            let change = match &order.import {
                ImportState::Left(NotImported::Undone) => again,
                ImportState::Imported { number, .. } => {
                    let is_out = order.stock.iter().any(|stock| stock.outstanding() > 0);
                    if !order.store.canceled || is_out {
                        return Ok(ReimportAnswer::Stands { number: number.clone() });
                    }
                    Change {
                        generation: Some(order.generation + 1),
                        store: Some(StoreSide::default()),
                        stock: Some(in_doubt(&order.stock)),
                        packages: Some(from_elsewhere(&order)),
                        recorded: Some(Vec::new()),
                        review: Some(Review::default()),
                        ..again
                    }
                }
                // Asked for already: the doorbell may have been lost.
                _ if order.generation > 1 && order.by_hand.send.is_some() => {
                    self.queue.send(&[Job::import(id)], Duration::ZERO).await?;
                    return Ok(ReimportAnswer::Queued);
                }
                _ => return Ok(ReimportAnswer::NotUndone),
            };
            if self.write(&order, change).await?.is_some() {
                self.queue.send(&[Job::import(id)], Duration::ZERO).await?;
                return Ok(ReimportAnswer::Queued);
            }
        }
        Ok(ReimportAnswer::Busy)
    }

    /// Cancels the store's order if it bears our reference. Asked of the store first, so that repeating it changes nothing.
    pub(crate) async fn undo_in_store(&self, order: &Order, store: &ReadyStore) -> Result<Next, AppError> {
        let Some(store_order) = order.import.store_order().cloned() else { return Ok(Next::Look) };
        let lease = Change { expect_revision: None, ..self.taking(order) };
        let Some(order) = self.write(order, lease).await? else { return Ok(Next::Look) };
        let seen = match store.store.order(&store_order).await {
            Ok(seen) => seen,
            Err(error) if error.kind == ErrorKind::NotFound => {
                // Deleted there: nothing is to be canceled, and the store put nothing back.
                return self.canceled(&order, order.stock.clone()).await;
            }
            Err(error) => return self.undo_failed(&order, store, error).await,
        };
        if let Some(why) = cannot_be_undone(&order, &seen) {
            return self.refuse_undo(&order, why).await;
        }
        let canceled = match seen.state {
            StoreOrderState::Open | StoreOrderState::Completed => store.store.cancel(&store_order).await,
            _ => Ok(seen),
        };
        let canceled = match canceled {
            Ok(canceled) => canceled,
            Err(error) => return self.undo_failed(&order, store, error).await,
        };
        let restocks = store.store.capabilities().restocks_on_cancel;
        let stock = if restocks { restored(&order.stock) } else { read_back(&order.stock, &canceled) };
        self.canceled(&order, stock).await
    }

    async fn canceled(&self, order: &Order, stock: Vec<LineStock>) -> Result<Next, AppError> {
        if stock != order.stock {
            self.ring_stock(stock.iter().map(|stock| stock.product.clone()), None).await?;
        }
        let change = Change {
            lease: Some(Self::released(order)),
            store: Some(StoreSide { canceled: true, ..order.store }),
            stock: (stock != order.stock).then_some(stock),
            trace: Some(self.traced(order, Event::StoreCanceled)),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    async fn undo_failed(&self, order: &Order, store: &ReadyStore, error: ConnectError) -> Result<Next, AppError> {
        if error.kind.is_temporary() || error.kind.needs_reconnect() {
            let change = Change { lease: Some(Self::released(order)), ..Change::default() };
            self.write(order, change).await?;
            return self.trouble(&store.connection, error).await.map(Next::End);
        }
        tracing::warn!(order.id = %order.id, error = %error, "The import of order `{}` cannot be undone", order.id);
        self.refuse_undo(order, error.public_message).await
    }

    async fn refuse_undo(&self, order: &Order, why: String) -> Result<Next, AppError> {
        let why = why.trim_end_matches('.');
        let mut entries = Self::with_wishes(order);
        trace::append(
            &mut entries,
            self.clock.now(),
            Event::Flag { what: format!("the import was not undone: {why}") },
        );
        let change = Change {
            lease: Some(Self::released(order)),
            undo: Some(Wish::Over),
            trace: Some(entries),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    /// Everything is back: the order is left, its wishes are told, and its next import is another generation.
    pub(crate) async fn finish_undo(&self, order: &Order, context: &Context) -> Result<Next, AppError> {
        let mut products = context.linked_products(order);
        products.extend(order.stock.iter().map(|stock| stock.product.clone()));
        self.stop_waiting(order, &products).await?;
        let number = match &order.import {
            ImportState::Imported { number, .. } => Some(number.clone()),
            _ => None,
        };
        let mut entries = Self::with_wishes(order);
        trace::append(&mut entries, self.clock.now(), Event::Undone { number });
        let change = Change {
            lease: Some(Lease { until: None, ..self.lease(order, self.clock.now()) }),
            import: Some(ImportState::Left(NotImported::Undone)),
            generation: Some(order.generation + 1),
            store: Some(StoreSide::default()),
            stock: Some(in_doubt(&order.stock)),
            packages: Some(from_elsewhere(order)),
            recorded: Some(Vec::new()),
            review: Some(Review::default()),
            send: Some(Wish::Over),
            undo: Some(Wish::Over),
            trace: Some(entries),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    /// The trace with the wishes that end now: who asked must stay told.
    fn with_wishes(order: &Order) -> Vec<trace::TraceEntry> {
        let mut entries = order.trace.clone();
        for (what, asked) in [("Send", &order.by_hand.send), ("Undo", &order.by_hand.undo)] {
            if let Some(Asked { by, at }) = asked.clone() {
                trace::append(&mut entries, at, Event::Asked { by, what: what.to_owned() });
            }
        }
        entries
    }
}

impl UndoEntry {
    fn of(order: &Order) -> Self {
        let answer = match &order.import {
            ImportState::Imported { number, .. } => UndoAnswer::CancelInStore { number: number.clone() },
            ImportState::Received | ImportState::Waiting(_) => UndoAnswer::LeaveOut,
            ImportState::Left(NotImported::Undone) => UndoAnswer::AlreadyUndone,
            ImportState::Left(reason) => UndoAnswer::Refused { why: reason.sentence() },
            ImportState::Reserved { .. } | ImportState::Unknown { .. } => UndoAnswer::Refused {
                why: "Nobody knows yet whether the main store took this order; undo it when that is found out."
                    .to_owned(),
            },
            ImportState::Failed { why, .. } => {
                UndoAnswer::Refused { why: format!("The import failed, so there is nothing to undo: {why}") }
            }
        };
        let mut back: BTreeMap<ProductId, u32> = BTreeMap::new();
        for stock in order.stock.iter().filter(|stock| answer.acts() && stock.outstanding() > 0) {
            *back.entry(stock.product.clone()).or_default() += stock.outstanding();
        }
        Self { id: order.id, answer, back }
    }

    const fn not_found(id: OrderId) -> Self {
        Self { id, answer: UndoAnswer::NotFound, back: BTreeMap::new() }
    }
}

/// Why the store's order must not be canceled.
fn cannot_be_undone(order: &Order, seen: &StoreOrder) -> Option<String> {
    if seen.reference != Some(order.reference()) {
        return Some(format!("order {} of the main store does not bear Tributary's reference", seen.number));
    }
    (seen.state == StoreOrderState::Refunded)
        .then(|| format!("order {} of the main store was refunded there; look at it there", seen.number))
}

/// What nobody knows stays in doubt for a person; everything else begins anew.
fn in_doubt(stock: &[LineStock]) -> Vec<LineStock> {
    stock.iter().filter(|stock| matches!(stock.state, StockState::Unknown | StockState::Intended)).cloned().collect()
}

/// Packages that the channel told of: the store's next order is told of them anew. The others are known there already.
fn from_elsewhere(order: &Order) -> Vec<domain::Package> {
    order.packages.iter().filter(|package| package.origin != Origin::Channel).cloned().collect()
}
