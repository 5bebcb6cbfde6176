//! An order as Tributary keeps it: what the channel says, and how far its import, stock and packages are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::by_hand::ByHand;
use crate::channel_order::{Cancel, ChannelOrder, Fulfilment, Revision};
use crate::exchange::Conversion;
use crate::ids::{ConnectionId, Platform, StoreOrderId};
use crate::order_id::{OrderId, Reference};
use crate::refund::Recording;
use crate::shipment::Package;
use crate::stock::LineStock;
use crate::trace::{NotImported, TraceEntry};

/// One order. Parts are written by different workers, each its own: intake writes `source`, import writes `import`,
/// `stock` and `store`, fulfilment writes `packages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub connection: ConnectionId,
    pub platform: Platform,
    /// The human order number, from a counter; gaps are normal.
    pub number: u64,
    pub source: ChannelOrder,
    pub generation: u32,
    pub import: ImportState,
    pub store: StoreSide,
    pub stock: Vec<LineStock>,
    pub packages: Vec<Package>,
    pub lease: Lease,
    /// What people asked for it.
    pub by_hand: ByHand,
    pub trace: Vec<TraceEntry>,
    pub after: After,
}

/// What happened to an order after it was taken in, beside its ordinary way. Empty for a healthy one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct After {
    /// What the store's order was told of the channel's refunds (R9).
    pub recorded: Vec<Recording>,
    /// The orders whose lines this one took over when the channel merged them (R19). Written when it is taken in.
    pub supersedes: Vec<OrderId>,
    /// The order that took this one's lines over.
    pub superseded_by: Option<OrderId>,
    /// The newest version of the channel in which lines, amounts or the address changed. Intake writes it.
    pub edited: Option<Revision>,
    pub review: Review,
    /// At which rate the store's order was created, or was meant to be (R17).
    pub conversion: Conversion,
}

/// How the store's order compares with the channel's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Review {
    /// The version of the channel that was compared. `None`: to be compared anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// What is not the same and is for a person to mend, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<String>,
}

impl Order {
    pub const fn reference(&self) -> Reference {
        Reference { order: self.id, generation: self.generation }
    }

    /// R19, R20: neither a backfill of closed orders nor what the channel ships from its own warehouse moves the store's stock.
    pub fn moves_stock(&self) -> bool {
        self.by_hand.moves_stock() && !self.source.fulfilled_by_channel
    }

    /// The channel wants nothing of it any more: canceled, or its lines went to another order.
    pub fn is_void(&self) -> bool {
        self.source.cancel == Cancel::Canceled || self.after.superseded_by.is_some()
    }

    /// The channel edited the order, and the store's has not been compared with it since.
    pub fn wants_review(&self) -> bool {
        let compared = self.after.review.revision;
        let edited = self.after.edited.is_some_and(|edited| compared.is_none_or(|compared| compared < edited));
        edited || compared.is_none() && !self.after.review.differences.is_empty()
    }

    /// Something of the order is on its way, as far as either side tells.
    pub fn has_left(&self) -> bool {
        !self.packages.is_empty() || self.store.completed || self.source.fulfilment != Fulfilment::NotStarted
    }
}

/// How far the import into the main store is (DESIGN settled 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Taken in, not yet looked at.
    Received,
    /// A rule says: not now. Looked at again when its cause may be gone.
    Waiting(NotImported),
    /// About to be created; the request leaves before `send_by` or never.
    Reserved {
        attempt: u8,
        send_by: Timestamp,
    },
    /// Sent, but nobody knows whether it arrived. From `look_after` on, the store's answer to a look-up counts.
    Unknown {
        attempt: u8,
        look_after: Timestamp,
    },
    Imported {
        store_order: StoreOrderId,
        number: String,
        at: Timestamp,
    },
    /// The store refused it for good, or a person must decide.
    Failed {
        why: String,
        /// It is certainly not in the store.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
    },
    /// Never to be imported: canceled before it could be, or superseded.
    Left(NotImported),
}

impl ImportState {
    pub const fn store_order(&self) -> Option<&StoreOrderId> {
        match self {
            Self::Imported { store_order, .. } => Some(store_order),
            _ => None,
        }
    }
}

/// What the store's order is, as far as Tributary made or saw it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StoreSide {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub canceled: bool,
}

/// Guards every outward effect on one order. The holder's name tells an own write, whose answer was lost, from another's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lease {
    /// Grows with each taking; a worker whose fence is not the newest may neither send nor commit.
    pub fence: u64,
    pub holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Lease {
    pub fn is_held_at(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

/// Why an order stands in the sparse `attention` index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    Unlinked,
    /// Waits for the main store to work again.
    Parked,
    Error,
    Unknown,
}

impl Order {
    /// What a person or a later run has to look at, if anything.
    pub fn attention(&self) -> Option<Attention> {
        if !self.after.review.differences.is_empty() && !self.store.canceled {
            return Some(Attention::Error);
        }
        match &self.import {
            ImportState::Waiting(NotImported::Unlinked { .. }) => Some(Attention::Unlinked),
            ImportState::Waiting(NotImported::StoreUnavailable { .. } | NotImported::NoMainStore) => {
                Some(Attention::Parked)
            }
            ImportState::Imported { .. } if self.after.recorded.iter().any(Recording::is_refused) => {
                Some(Attention::Error)
            }
            ImportState::Waiting(
                NotImported::DoesNotAddUp { .. }
                | NotImported::NoTextLines { .. }
                | NotImported::ForeignCurrency { .. }
                | NotImported::NumberTooLong { .. }
                | NotImported::NoExchangeRate { .. },
            )
            | ImportState::Failed { .. } => Some(Attention::Error),
            ImportState::Unknown { .. } => Some(Attention::Unknown),
            _ => None,
        }
    }
}
