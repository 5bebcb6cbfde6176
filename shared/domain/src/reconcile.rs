//! E10: the nightly comparison of channel, Tributary and main store: every gap is named, the safe ones are closed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::head::{ImportState, Order};
use crate::ids::{ChannelOrderId, ConnectionId, ProductId};
use crate::money::Money;
use crate::order_id::OrderId;
use crate::quantity::StoreStock;
use crate::readback::{StoreOrder, StoreOrderState};
use crate::retention::LOOKED_THROUGH_DAYS;
use crate::shipment::{Package, Push};
use crate::stock::StockState;

/// What is compared.
pub const DAYS: i64 = 7;
/// Days of orders that one part looks through for buyers' data that is no longer needed.
const SLICE: i64 = 30;

/// One thing on which the sides do not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gap {
    /// The channel has it, we did not. Closed: it is read and taken in.
    MissingHere { channel_order: ChannelOrderId },
    /// The channel has a newer version than we had. Closed: it is read again.
    OutdatedHere { order: OrderId, channel_order: ChannelOrderId },
    /// It should be in the main store, or changed there, and nobody works on it. Closed: it is worked on again.
    NotCarriedOut { order: OrderId },
    /// The main store has it although its import counts as not done. Closed: it is looked up and adopted.
    UnnoticedInStore { order: OrderId, store_orders: Vec<String> },
    /// It was imported, and the main store no longer has it. A person decides: it is not created again.
    GoneFromStore { order: OrderId, store_number: String },
    /// An order of the main store carries our reference, and we do not know it.
    UnknownHere { order: OrderId, store_number: String },
    /// Several orders of the main store carry one reference.
    TwiceInStore { order: OrderId, store_orders: Vec<String> },
    /// The store's order has another total than ours.
    TotalDiffers {
        order: OrderId,
        store_number: String,
        /// As text: `42.48 GBP`.
        #[schema(value_type = String)]
        meant: Money,
        #[schema(value_type = String)]
        found: Money,
    },
    /// The store deducted another number of units than we believe (R3).
    StockDiffers { order: OrderId, store_number: String, product: ProductId, believed: u32, found: u32 },
    /// The main store's stock of a product is another than when its listings were told, and nobody heard of it. Closed: they
    /// are told.
    LevelChanged { product: ProductId, told: StoreStock, found: StoreStock },
}

impl Gap {
    /// Whether Tributary closes it by itself.
    pub const fn is_healed(&self) -> bool {
        matches!(
            self,
            Self::MissingHere { .. }
                | Self::OutdatedHere { .. }
                | Self::NotCarriedOut { .. }
                | Self::UnnoticedInStore { .. }
                | Self::LevelChanged { .. }
        )
    }

    /// What is the case and what to do, for the merchant.
    pub fn sentence(&self) -> String {
        match self {
            Self::MissingHere { channel_order } => {
                format!("The channel's order {channel_order} was missing here and is taken in.")
            }
            Self::OutdatedHere { channel_order, .. } => {
                format!("A change of the channel's order {channel_order} was missing here and is taken over.")
            }
            Self::NotCarriedOut { .. } => "The order waited for nobody; it is worked on again.".to_owned(),
            Self::UnnoticedInStore { store_orders, .. } => format!(
                "The main store has it as {} although its import had failed; it is looked up there and taken as imported.",
                store_orders.join(", ")
            ),
            Self::GoneFromStore { store_number, .. } => format!(
                "Order {store_number} is no longer in the main store. It is not created again by itself; if it was deleted by mistake, restore it there."
            ),
            Self::UnknownHere { store_number, .. } => format!(
                "Order {store_number} of the main store carries a reference of Tributary's that is not known here. Compare it with the channel and cancel it in the store if it is not wanted."
            ),
            Self::TwiceInStore { store_orders, .. } => format!(
                "The main store has this order more than once: {}. Cancel the one that nobody works on.",
                store_orders.join(", ")
            ),
            Self::TotalDiffers { store_number, meant, found, .. } => {
                format!(
                    "Order {store_number} of the main store is {found}, and {meant} here. Correct the one that is wrong."
                )
            }
            Self::LevelChanged { product, told, found } => format!(
                "The main store's stock of product {product} was {} when its listings were told, and is {} now; they are told again.",
                level(*told),
                level(*found)
            ),
            Self::StockDiffers { store_number, product, believed, found, .. } => format!(
                "For order {store_number} the main store deducted {found} of product {product}, and {believed} were to be. Correct the product's stock there."
            ),
        }
    }
}

fn level(stock: StoreStock) -> String {
    match stock {
        StoreStock::Managed(units) => units.to_string(),
        StoreStock::Unmanaged => "not counted".to_owned(),
        StoreStock::Gone => "gone".to_owned(),
    }
}

/// What one job looks at: a day of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Orders that the channel changed on that day: do we have them?
    Channel { connection: ConnectionId, from: Timestamp, to: Timestamp },
    /// Our orders of that day: does the main store have them, once and as they are here?
    Ours { from: Timestamp, to: Timestamp },
    /// Orders that the main store changed on that day: do we know ours among them?
    Store { from: Timestamp, to: Timestamp },
    /// The main store's stock: do the channels' listings follow it?
    Stock,
    /// Orders placed between the two whose buyers' data is no longer needed: nothing is compared, it is removed (R19).
    Erase { from: Timestamp, to: Timestamp },
}

/// One night's comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The day on which it began (UTC): one a day.
    pub id: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub parts: Vec<Part>,
}

/// What a part found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// Orders that were compared.
    pub compared: u32,
    pub gaps: Vec<Gap>,
    /// Gaps beyond those named.
    pub more: u32,
    /// Why this part was not looked at, in words for the merchant.
    pub skipped: Option<String>,
}

/// Gaps that one part names; more than these have one cause.
const NAMED: usize = 200;

impl Found {
    pub fn add(&mut self, gap: Gap) {
        if self.gaps.len() < NAMED {
            self.gaps.push(gap);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// The parts of the week before `now`: each channel's days, then ours and the main store's.
pub fn parts(channels: &[ConnectionId], has_store: bool, now: Timestamp) -> Vec<Part> {
    let day = |back: i64| now.saturating_sub(SignedDuration::from_hours(24 * back)).unwrap_or(Timestamp::MIN);
    let days: Vec<(Timestamp, Timestamp)> = (1..=DAYS).rev().map(|back| (day(back), day(back - 1))).collect();
    let of_channels = channels.iter().flat_map(|connection| {
        days.iter().map(|&(from, to)| Part::Channel { connection: connection.clone(), from, to })
    });
    let mut parts: Vec<Part> = of_channels.collect();
    if has_store {
        parts.extend(days.iter().map(|&(from, to)| Part::Ours { from, to }));
        parts.extend(days.iter().map(|&(from, to)| Part::Store { from, to }));
        parts.push(Part::Stock);
    }
    let slices = LOOKED_THROUGH_DAYS / SLICE;
    parts.extend((0..slices).map(|slice| Part::Erase { from: day((slice + 1) * SLICE), to: day(slice * SLICE) }));
    parts
}

/// Whether the order should be looked at by somebody and is not, an hour after it should have been.
pub fn is_forgotten(order: &Order, now: Timestamp) -> bool {
    let hour_ago = now.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
    // One that is being sent says so for good: its success writes nothing.
    let is_unsent =
        |package: &Package| package.push == Push::Wanted && package.shipment.shipped_at.is_none_or(|at| at <= hour_ago);
    match &order.import {
        ImportState::Imported { at, .. } if *at <= hour_ago => order.packages.iter().any(is_unsent),
        ImportState::Received => order.id.created_at() <= hour_ago,
        ImportState::Reserved { send_by, .. } => *send_by <= hour_ago,
        ImportState::Unknown { look_after, .. } => *look_after <= hour_ago,
        _ => false,
    }
}

/// Compares one of our orders with what the main store has under its reference. `totals` are the totals that it may have.
pub fn compare(order: &Order, stored: &[StoreOrder], totals: &[Money]) -> Vec<Gap> {
    let numbers = || stored.iter().map(|found| found.number.clone()).collect();
    let ImportState::Imported { store_order, .. } = &order.import else {
        let unnoticed = Gap::UnnoticedInStore { order: order.id, store_orders: numbers() };
        return if stored.is_empty() { Vec::new() } else { vec![unnoticed] };
    };
    let mut gaps = Vec::new();
    if stored.len() > 1 {
        gaps.push(Gap::TwiceInStore { order: order.id, store_orders: numbers() });
    }
    let Some(own) = stored.iter().find(|found| found.id == *store_order) else { return gaps };
    if own.state == StoreOrderState::Trashed && !order.store.canceled {
        gaps.push(Gap::GoneFromStore { order: order.id, store_number: own.number.clone() });
    }
    if let Some(meant) = totals.first().filter(|_| !totals.contains(&own.total)) {
        let store_number = own.number.clone();
        gaps.push(Gap::TotalDiffers { order: order.id, store_number, meant: *meant, found: own.total });
    }
    gaps.extend(stock_gaps(order, own));
    gaps
}

/// R3: per product what the store says that it deducted for the order, where both sides know it and nothing came back yet.
fn stock_gaps(order: &Order, own: &StoreOrder) -> Vec<Gap> {
    let settled = matches!(own.state, StoreOrderState::Open | StoreOrderState::Completed) && !order.store.canceled;
    if !settled || !order.source.refunds.is_empty() || order.stock.iter().any(|line| line.restored > 0) {
        return Vec::new();
    }
    let mut found: BTreeMap<&ProductId, Option<u32>> = BTreeMap::new();
    for line in &own.lines {
        let Some(product) = &line.product else { continue };
        let sum = found.entry(product).or_insert(Some(0));
        *sum = sum.zip(line.deducted).map(|(sum, units)| sum.saturating_add(units));
    }
    let mut believed: BTreeMap<&ProductId, Option<u32>> = BTreeMap::new();
    for line in &order.stock {
        let sum = believed.entry(&line.product).or_insert(Some(0));
        *sum = match line.state {
            StockState::Held | StockState::Taken => sum.map(|sum| sum.saturating_add(line.units)),
            StockState::Unmanaged | StockState::Restored => *sum,
            // What is being moved, or is in doubt already, is no new gap.
            StockState::Intended | StockState::Unknown => None,
        };
    }
    let differs = believed.into_iter().filter_map(|(product, believed)| {
        let (believed, found) = (believed?, (*found.get(product)?)?);
        let store_number = own.number.clone();
        let product = product.clone();
        (believed != found).then_some(Gap::StockDiffers { order: order.id, store_number, product, believed, found })
    });
    differs.collect()
}
