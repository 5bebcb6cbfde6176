//! The orders table: heads with their payload, long payloads, unreadable orders, identities.

mod head;
mod late;
mod read;
mod unreadable;
mod write;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use domain::exchange::Conversion;
use domain::head::{ImportState, Lease, Review, StoreSide};
use domain::refund::Recording;
use domain::shipment::Package;
use domain::stock::LineStock;
use domain::trace::TraceEntry;
use domain::{Asked, Order, OrderId, Revision};

use crate::client::Table;

pub use unreadable::{Kept, UnreadableKey, UnreadableOrder};

/// Whether [`Orders::insert`] stored the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// It was there already and is unchanged: this is it.
    Exists(Box<Order>),
}

/// Whether [`Orders::replace_source`] stored the channel's newer version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// This version is stored, by this call or an earlier one; the whole order as it is now.
    Yes(Box<Order>),
    /// A newer version is stored.
    NotNewer,
    /// There is no such order.
    Gone,
}

/// How [`Orders::update`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Updated {
    /// Stored, by this call or by an earlier one whose answer was lost; the whole order as it is now.
    Done(Box<Order>),
    /// Another worker took the lease, or the channel's version is not the expected one; the whole order as it is now.
    Conflict(Box<Order>),
    Gone,
}

/// What becomes of a wish that people may have for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Asked(Asked),
    /// Carried out, or taken back.
    Over,
}

impl Wish {
    const fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Asked(asked) => Some(asked),
            Self::Over => None,
        }
    }
}

/// What one [`Orders::update`] writes: only what is `Some`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Take, keep or give back the lease. Taking it means a fence one higher than the one read.
    pub lease: Option<Lease>,
    pub import: Option<ImportState>,
    pub store: Option<StoreSide>,
    pub stock: Option<Vec<LineStock>>,
    pub packages: Option<Vec<Package>>,
    pub generation: Option<u32>,
    pub send: Option<Wish>,
    /// The whole list.
    pub recorded: Option<Vec<Recording>>,
    pub superseded_by: Option<OrderId>,
    pub review: Option<Review>,
    pub undo: Option<Wish>,
    pub conversion: Option<Conversion>,
    /// The whole trace.
    pub trace: Option<Vec<TraceEntry>>,
    /// Only if the channel's version is still this one.
    pub expect_revision: Option<Revision>,
}

/// The orders table.
///
/// | key | item |
/// | --- | --- |
/// | `O#yyyymm` / order id | the head: states, numbers, and the payload while it is short |
/// | `B#yyyymm` / order id `#` revision | a longer payload; written before the head that names it, never changed |
/// | `M` / yyyymm | a month that has orders; written before its first order |
/// | `K#` hash / `K` | the order id of an identity |
/// | `X#` connection / key | an order that could not be read |
/// | `N` / order id | it was over late and may still name its buyer |
#[derive(Debug, Clone)]
pub struct Orders {
    table: Table,
    /// Months known to have their item, so that an insert need not look.
    months: Arc<Mutex<HashSet<String>>>,
}

impl Orders {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, months: Arc::default() }
    }
}
