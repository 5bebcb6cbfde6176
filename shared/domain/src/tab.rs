//! A28: the tabs of the order list, and which of them an order stands in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::head::{Attention, ImportState, Order};
use crate::row::Figures;
use crate::shipment::Push;
use crate::status::OrderStatus;
use crate::stock::StockState;

/// One tab of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    All,
    ReadyToShip,
    Shipping,
    Completed,
    Canceled,
    /// Has unlinked products.
    Unlinked,
    Error,
}

/// There is no such tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tab is one of all, ready_to_ship, shipping, completed, canceled, unlinked, error")]
pub struct UnknownTab;

impl Tab {
    pub const EVERY: [Self; 7] =
        [Self::All, Self::ReadyToShip, Self::Shipping, Self::Completed, Self::Canceled, Self::Unlinked, Self::Error];

    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ReadyToShip => "ready_to_ship",
            Self::Shipping => "shipping",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Unlinked => "unlinked",
            Self::Error => "error",
        }
    }

    /// Whether an order stands in this tab. One may stand in several.
    pub fn holds(self, order: &Figures) -> bool {
        match self {
            Self::All => true,
            Self::ReadyToShip => order.status == OrderStatus::ReadyToShip,
            Self::Shipping => order.status == OrderStatus::Shipping,
            Self::Completed => order.status == OrderStatus::Completed,
            Self::Canceled => order.status == OrderStatus::Canceled,
            Self::Unlinked => order.unlinked,
            Self::Error => order.error,
        }
    }
}

impl fmt::Display for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tab {
    type Err = UnknownTab;

    fn from_str(text: &str) -> Result<Self, UnknownTab> {
        Self::EVERY.into_iter().find(|tab| tab.name() == text).ok_or(UnknownTab)
    }
}

/// The order waits for a link, or it was imported with a line that stands for no product.
pub fn has_unlinked(order: &Order) -> bool {
    if order.is_void() {
        return false;
    }
    let as_text = || {
        let mut lines = order.source.real_lines().filter(|line| line.open_quantity() > 0);
        // Whatever is linked has its stock noted at the import; where no stock moves at all, nothing is known.
        order.by_hand.moves_stock() && lines.any(|line| order.stock.iter().all(|stock| stock.line != line.id))
    };
    match order.import {
        ImportState::Imported { .. } => as_text(),
        _ => order.attention() == Some(Attention::Unlinked),
    }
}

/// Something about the order went wrong, and a person or the main store has to mend it.
pub fn has_error(order: &Order) -> bool {
    let waits = matches!(order.attention(), Some(Attention::Error | Attention::Parked | Attention::Unknown));
    waits
        || order.packages.iter().any(|package| matches!(package.push, Push::Refused { .. }))
        || order.stock.iter().any(|stock| stock.state == StockState::Unknown)
}
