//! R3: the store's own answer is compared with what was meant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::channel_order::Address;
use crate::draft::{DraftItem, StoreOrderDraft};
use crate::ids::{LineId, ProductId, StoreOrderId};
use crate::money::Money;
use crate::order_id::Reference;
use crate::shipment::Shipment;

/// An order as the main store states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreOrder {
    pub id: StoreOrderId,
    pub number: String,
    pub reference: Option<Reference>,
    pub state: StoreOrderState,
    pub paid: bool,
    pub total: Money,
    pub modified_at: Timestamp,
    pub lines: Vec<StoreLine>,
    /// Where the store says it.
    pub ship_to: Option<Address>,
    pub shipments: Vec<Shipment>,
}

/// An unknown status is `Open` with the connector's warning: never success, never an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreOrderState {
    Open,
    Completed,
    Canceled,
    /// All its money was returned; shown under Canceled, restocking is the refund's matter.
    Refunded,
    Trashed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreLine {
    /// The store's id of the line, needed to mend it.
    pub id: String,
    /// The channel's line that it stands for, where the store's order says so.
    pub line: Option<LineId>,
    pub product: Option<ProductId>,
    pub quantity: u32,
    /// Net of tax, for the whole quantity.
    pub net: Money,
    /// Units that the store has deducted for this line, where it says so.
    pub deducted: Option<u32>,
}

/// One way in which the store's order is not what was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    #[error("its total is {found}, meant was {meant}")]
    Total { meant: Money, found: Money },
    #[error("it has {found} lines, meant were {meant}")]
    LineCount { meant: usize, found: usize },
    #[error("line {line} (`{name}`) has not the product that was meant")]
    Product { line: usize, name: String },
    #[error("line {line} (`{name}`) has quantity {found}, meant was {meant}")]
    Quantity { line: usize, name: String, meant: u32, found: u32 },
    #[error("line {line} (`{name}`) is {found}, meant was {meant}")]
    Net { line: usize, name: String, meant: Money, found: Money },
    #[error("it {} paid", if *meant { "should be" } else { "should not be" })]
    Paid { meant: bool },
}

impl Difference {
    /// Whether a store can be told the right thing by the ids of the order's parts. A payment is told by its own call; a
    /// line's product is not changed under its stock.
    pub const fn is_mendable(&self) -> bool {
        match self {
            Self::Total { .. } | Self::LineCount { .. } | Self::Quantity { .. } | Self::Net { .. } => true,
            Self::Product { .. } | Self::Paid { .. } => false,
        }
    }
}

/// Every difference between what was meant and what the store answered; lines are compared in their order.
pub fn differences(draft: &StoreOrderDraft, order: &StoreOrder) -> Vec<Difference> {
    let mut found = Vec::new();
    if draft.total != order.total {
        found.push(Difference::Total { meant: draft.total, found: order.total });
    }
    if draft.paid != order.paid {
        found.push(Difference::Paid { meant: draft.paid });
    }
    if draft.lines.len() != order.lines.len() {
        found.push(Difference::LineCount { meant: draft.lines.len(), found: order.lines.len() });
        return found;
    }
    for (index, (meant, line)) in draft.lines.iter().zip(&order.lines).enumerate() {
        let product = match &meant.item {
            DraftItem::Product { id, .. } => Some(id),
            DraftItem::Text { .. } => None,
        };
        if product != line.product.as_ref() {
            found.push(Difference::Product { line: index + 1, name: meant.name.clone() });
        }
        if meant.quantity != line.quantity {
            found.push(Difference::Quantity {
                line: index + 1,
                name: meant.name.clone(),
                meant: meant.quantity,
                found: line.quantity,
            });
        }
        // A store that takes its own tax out of a price leaves the total as it was.
        if meant.net != line.net {
            found.push(Difference::Net {
                line: index + 1,
                name: meant.name.clone(),
                meant: meant.net,
                found: line.net,
            });
        }
    }
    found
}
