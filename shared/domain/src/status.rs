//! R10 and R11: the order's status and its sync dot, derived, never stored.

use serde::Serialize;
use utoipa::ToSchema;

use crate::channel_order::{Fulfilment, Line};
use crate::head::{ImportState, Order};
use crate::money::Money;
use crate::shipment::Origin;
use crate::stock::{LineStock, StockState};
use crate::totals::totals;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    AwaitingPayment,
    ReadyToShip,
    Shipping,
    Completed,
    Canceled,
}

impl OrderStatus {
    pub const EVERY: [Self; 5] =
        [Self::AwaitingPayment, Self::ReadyToShip, Self::Shipping, Self::Completed, Self::Canceled];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::ReadyToShip => "ready_to_ship",
            Self::Shipping => "shipping",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    None,
    Partial,
    Full,
}

/// B4: how far the order is on its way into the main store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushStatus {
    Sent,
    NotSent,
    Error,
}

/// A rule that says "not now" is no error; a cause that a person or the store has to mend is one.
pub fn push_status(order: &Order) -> PushStatus {
    match &order.import {
        ImportState::Imported { .. } => PushStatus::Sent,
        ImportState::Failed { .. } => PushStatus::Error,
        _ if order.attention().is_some() => PushStatus::Error,
        _ => PushStatus::NotSent,
    }
}

/// The sync dot with its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Dot {
    pub color: DotColor,
    pub units_held: u32,
    pub units: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DotColor {
    Green,
    Orange,
    Red,
    /// Imported, but a linked line has not moved its stock.
    Partial,
}

/// Refunds beside the status: none, some of the order's money, all of it.
pub fn refund_status(order: &Order) -> RefundStatus {
    let Ok(refunded) = Money::sum(order.source.currency, order.source.refunds.iter().map(|r| r.amount)) else {
        return RefundStatus::Partial;
    };
    // All that the seller received is all: the marketplace returns the tax it collected by itself.
    let received = totals(&order.source).map_or(order.source.buyer_total, |totals| totals.store_total);
    if refunded.minor() <= 0 {
        RefundStatus::None
    } else if refunded.minor() >= received.minor().min(order.source.buyer_total.minor()) {
        RefundStatus::Full
    } else {
        RefundStatus::Partial
    }
}

/// R11: the furthest side wins.
pub fn status(order: &Order, channel_reports_delivery: bool) -> OrderStatus {
    let source = &order.source;
    if order.is_void() || order.store.canceled || refund_status(order) == RefundStatus::Full {
        return OrderStatus::Canceled;
    }
    if source.fulfilment == Fulfilment::Delivered {
        return OrderStatus::Completed;
    }
    if is_all_sent(order) {
        return if channel_reports_delivery { OrderStatus::Shipping } else { OrderStatus::Completed };
    }
    if source.fulfilment == Fulfilment::Partial || !order.packages.is_empty() {
        return OrderStatus::Shipping;
    }
    if source.payment.is_paid() { OrderStatus::ReadyToShip } else { OrderStatus::AwaitingPayment }
}

/// Whether nothing is left to be sent, by whichever side says so first.
pub fn is_all_sent(order: &Order) -> bool {
    order.source.fulfilment >= Fulfilment::Shipped || order.store.completed || packages_hold_everything(order)
}

/// Whether the known packages cover every open unit; a package without lines covers all that is left.
pub fn packages_hold_everything(order: &Order) -> bool {
    if order.packages.iter().any(|package| package.shipment.lines.is_empty()) {
        return true;
    }
    let sent = |line: &Line| -> u32 {
        // The same units may be told by both sides; within one side they add up.
        let by = |origin: Origin| {
            let of_side = order.packages.iter().filter(|package| package.origin == origin);
            of_side.flat_map(|p| &p.shipment.lines).filter(|l| l.line == line.id).map(|l| l.quantity).sum::<u32>()
        };
        by(Origin::Channel).max(by(Origin::Store) + by(Origin::Person))
    };
    let mut open = order.source.real_lines().filter(|line| line.open_quantity() > 0).peekable();
    open.peek().is_some() && open.all(|line| sent(line) >= line.open_quantity())
}

/// R10. Canceled units count neither as wanted nor as held.
pub fn dot(order: &Order) -> Dot {
    let lines: Vec<_> = order.source.real_lines().filter(|line| line.open_quantity() > 0).collect();
    let units = lines.iter().map(|line| line.open_quantity()).sum();
    let line_moved = |line: &Line| {
        let mut parts = order.stock.iter().filter(|stock| stock.line == line.id).peekable();
        parts.peek().is_some() && parts.all(|stock| stock.moved() || stock.state == StockState::Unmanaged)
    };
    let units_held = lines.iter().filter(|line| line_moved(line)).map(|line| line.open_quantity()).sum();
    let color = match order.import {
        ImportState::Imported { .. } if order.stock.iter().all(LineStock::settled) => DotColor::Green,
        ImportState::Imported { .. } => DotColor::Partial,
        _ if !lines.is_empty() && lines.iter().all(|line| line_moved(line)) => DotColor::Orange,
        _ => DotColor::Red,
    };
    Dot { color, units_held, units }
}
