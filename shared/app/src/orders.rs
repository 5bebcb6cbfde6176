//! Orders as a person sees them: a list, one with its story, and packages entered by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::refund::Recorded;
use domain::shipment::{self, Origin, Package, Push, ShippedLine, Tracking};
use domain::status::{self, Dot, OrderStatus, PushStatus, RefundStatus};
use domain::stock::StockState;
use domain::trace::{Event, TraceEntry};
use domain::{Asked, ConnectionId, ImportState, Order, OrderId, Shipment};
use serde::Serialize;
use storage::{Change, Connection};

use crate::App;
use crate::error::AppError;
use crate::ports::Job;

/// What is derived from an order for showing it.
#[derive(Debug, Clone, Serialize)]
pub struct OrderView {
    #[serde(skip)]
    pub order: Order,
    pub channel_name: String,
    pub status: OrderStatus,
    pub refund: RefundStatus,
    pub dot: Dot,
    /// B4: sent, not sent, error; `why` says what stands against it.
    pub push: PushStatus,
    pub push_why: Option<String>,
    /// What a person has to know first, in plain words.
    pub error: Option<String>,
    /// What is not the same in the main store and for a person to mend, in plain words.
    pub differences: Vec<String>,
    pub story: Vec<(jiff::Timestamp, String)>,
}

/// Why a package entered by hand cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ShipByHandError {
    #[error("There is no such order.")]
    NotFound,
    #[error("The order is not in the main store yet.")]
    NotImported,
    #[error("The order has no line {0}.")]
    NoLine(String),
    #[error("Line {line} has only {open} units.")]
    TooMany { line: String, open: u32 },
    #[error("A tracking number consists of 1 to 100 letters and digits.")]
    Tracking,
    #[error("Somebody works on this order just now; try again in a moment.")]
    Busy,
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    pub async fn order(&self, id: OrderId) -> Result<Option<OrderView>, AppError> {
        let Some(order) = self.storage.orders.get(id).await? else { return Ok(None) };
        let channels = self.channels().await?;
        Ok(Some(self.view(order, &channels)))
    }

    pub(crate) async fn channels(&self) -> Result<BTreeMap<ConnectionId, Connection>, AppError> {
        let connections = self.storage.settings.connections().await?;
        Ok(connections.into_iter().map(|connection| (connection.id.clone(), connection)).collect())
    }

    pub(crate) fn view(&self, order: Order, channels: &BTreeMap<ConnectionId, Connection>) -> OrderView {
        let offer = self.connectors.offer(&order.platform, &BTreeMap::new()).and_then(|offer| offer.channel);
        OrderView {
            channel_name: channels
                .get(&order.connection)
                .map_or_else(|| order.platform.to_string(), |c| c.name.clone()),
            status: status::status(&order, offer.is_some_and(|capabilities| capabilities.reports_delivery)),
            refund: status::refund_status(&order),
            dot: status::dot(&order),
            push: status::push_status(&order),
            push_why: push_why(&order),
            error: error_of(&order),
            differences: differences_of(&order),
            story: story(&order),
            order,
        }
    }

    /// A package entered in Tributary; it goes to both sides.
    pub async fn ship_by_hand(
        &self,
        id: OrderId,
        tracking: Option<Tracking>,
        lines: Vec<ShippedLine>,
    ) -> Result<(), ShipByHandError> {
        let order = self.storage.orders.get(id).await.map_err(AppError::from)?.ok_or(ShipByHandError::NotFound)?;
        if order.import.store_order().is_none() {
            return Err(ShipByHandError::NotImported);
        }
        if tracking.as_ref().is_some_and(|t| t.normalised().is_empty() || t.number.len() > 100) {
            return Err(ShipByHandError::Tracking);
        }
        for shipped in &lines {
            let line = order.source.lines.iter().find(|line| line.id == shipped.line);
            let line = line.ok_or_else(|| ShipByHandError::NoLine(shipped.line.to_string()))?;
            if shipped.quantity == 0 || shipped.quantity > line.open_quantity() {
                return Err(ShipByHandError::TooMany { line: line.id.to_string(), open: line.open_quantity() });
            }
        }
        let shipment = Shipment { remote_id: None, tracking, shipped_at: Some(self.clock.now()), lines };
        let fresh: Vec<Package> = shipment::new_packages(&order.packages, &[shipment], Origin::Person);
        if !fresh.is_empty() {
            let packages = order.packages.iter().cloned().chain(fresh).collect();
            let change = Change { packages: Some(packages), ..Change::default() };
            if self.write(&order, change).await?.is_none() {
                return Err(ShipByHandError::Busy);
            }
        }
        self.queue.send(&[Job::fulfil(id)], Duration::ZERO).await.map_err(AppError::from)?;
        Ok(())
    }
}

/// The sentence that stands on top of an order that needs a person or waits.
pub(crate) fn error_of(order: &Order) -> Option<String> {
    if let Some(Push::Refused { reason }) =
        order.packages.iter().map(|package| &package.push).find(|push| matches!(push, Push::Refused { .. }))
    {
        return Some(reason.clone());
    }
    if let Some(stock) = order.stock.iter().find(|stock| stock.state == StockState::Unknown) {
        return Some(format!(
            "Nobody knows whether the stock of {} was deducted; compare it in the store.",
            crate::stock::name_of(order, stock, None)
        ));
    }
    if let Some(difference) = differences_of(order).into_iter().next() {
        return Some(difference);
    }
    import_error(order)
}

fn import_error(order: &Order) -> Option<String> {
    match &order.import {
        ImportState::Failed { why, .. } => Some(why.clone()),
        ImportState::Waiting(reason) => Some(reason.sentence()),
        ImportState::Unknown { .. } => Some(
            "Nobody knows yet whether the main store took this order; it is looked up before anything else.".to_owned(),
        ),
        _ => None,
    }
}

/// What stands against the order being in the main store, if anything.
fn push_why(order: &Order) -> Option<String> {
    match &order.import {
        ImportState::Left(reason) => Some(reason.sentence()),
        ImportState::Imported { .. } | ImportState::Received | ImportState::Reserved { .. } => None,
        ImportState::Waiting(_) | ImportState::Unknown { .. } | ImportState::Failed { .. } => import_error(order),
    }
}

/// What differs between the two sides, and what the store refused to be told.
fn differences_of(order: &Order) -> Vec<String> {
    if order.store.canceled {
        return Vec::new();
    }
    let refused = order.after.recorded.iter().filter_map(|known| match &known.state {
        Recorded::Refused { why } => Some(format!(
            "A refund of {} could not be recorded in the main store; enter it there. It says: {why}",
            known.amount
        )),
        Recorded::Sending { .. } | Recorded::Done => None,
    });
    order.after.review.differences.iter().cloned().chain(refused).collect()
}

/// Its trace in words; what every healthy order goes through is told from its state and costs no byte.
fn story(order: &Order) -> Vec<(jiff::Timestamp, String)> {
    let mut entries: Vec<TraceEntry> = order.trace.clone();
    let wishes = [("Send", &order.by_hand.send), ("Undo", &order.by_hand.undo)];
    entries.extend(wishes.into_iter().filter_map(|(what, asked)| {
        let Asked { by, at } = asked.clone()?;
        Some(TraceEntry { at, event: Event::Asked { by, what: what.to_owned() } })
    }));
    if let ImportState::Imported { number, at, .. } = &order.import
        && !entries.iter().any(|entry| matches!(entry.event, Event::Adopted { .. }))
    {
        entries.push(TraceEntry { at: *at, event: Event::Imported { number: number.clone() } });
    }
    // What the marketplace keeps is known from the order itself.
    if let ImportState::Imported { at, .. } = &order.import
        && let Ok(totals) = domain::totals::totals(&order.source)
        && !totals.marketplace_tax.is_zero()
    {
        let event = Event::TaxCollected { buyer_total: totals.buyer_total, collected: totals.marketplace_tax };
        entries.push(TraceEntry { at: *at, event });
    }
    for package in order.packages.iter().filter(|package| package.push.counts_as_sent()) {
        let at = package.shipment.shipped_at.unwrap_or(order.source.created_at);
        let name = package.shipment.tracking.as_ref().map_or("without tracking", |tracking| tracking.number.as_str());
        entries.push(TraceEntry { at, event: Event::ShipmentSent { package: name.to_owned() } });
    }
    entries.sort_by_key(|entry| entry.at);
    entries.into_iter().map(|entry| (entry.at, entry.event.sentence())).collect()
}
