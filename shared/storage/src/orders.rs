//! The orders table: heads with their payload, long payloads, unreadable orders, identities.

use domain::head::{Attention, ImportState, Lease, StoreSide};
use domain::shipment::Package;
use domain::stock::LineStock;
use domain::trace::TraceEntry;
use domain::{ChannelOrder, ConnectionId, Order, OrderId, Revision};
use jiff::Timestamp;

use crate::client::Table;
use crate::error::StorageError;
use crate::page::{Page, PageRequest};

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
    /// The whole order as it is now.
    Yes(Box<Order>),
    /// The stored version is as new, or newer.
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
    /// The whole trace.
    pub trace: Option<Vec<TraceEntry>>,
    /// Only if the channel's version is still this one.
    pub expect_revision: Option<Revision>,
}

/// An order that could not be read, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct UnreadableOrder {
    pub connection: ConnectionId,
    pub remote_id: Option<String>,
    /// What the channel sent, cut at 256 KB.
    pub raw: Vec<u8>,
    /// `raw` is only the beginning.
    pub cut: bool,
    /// One sentence for the merchant.
    pub why: String,
    /// Where and what, for the engineer.
    pub context: String,
    pub seen_at: Timestamp,
}

/// Names an unreadable order within its connection: by its remote id, else by the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableKey(pub(crate) String);

/// Whether [`Orders::put_unreadable`] met something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    New,
    /// The same bytes were kept before; nothing was written.
    Known,
}

/// The orders table.
#[derive(Debug, Clone)]
pub struct Orders {
    table: Table,
}

impl Orders {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Strongly consistent.
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, StorageError> {
        todo!()
    }

    /// Strongly consistent; in the order of `ids`, absent ones left out.
    pub async fn get_many(&self, ids: &[OrderId]) -> Result<Vec<Order>, StorageError> {
        todo!()
    }

    /// Stores the order if there is none with its id: one write unit for a healthy one of up to seven lines.
    pub async fn insert(&self, order: &Order) -> Result<Inserted, StorageError> {
        todo!()
    }

    /// Stores what the channel says now, only if its revision is newer than the stored one. Needs no lease and touches nothing else.
    pub async fn replace_source(&self, id: OrderId, source: &ChannelOrder) -> Result<Replaced, StorageError> {
        todo!()
    }

    /// Writes `change` in one conditional write: only while the stored fence is the one that was read.
    pub async fn update(&self, read: &Order, change: Change) -> Result<Updated, StorageError> {
        todo!()
    }

    /// The newest orders by the channel's creation time, those before `before` if given.
    pub async fn newest(&self, before: Option<OrderId>, limit: u16) -> Result<Vec<Order>, StorageError> {
        todo!()
    }

    /// Orders created on their channel in `from <= t < to` (to the millisecond), oldest first.
    pub async fn range(&self, from: Timestamp, to: Timestamp, page: &PageRequest) -> Result<Page<Order>, StorageError> {
        todo!()
    }

    /// Orders that need attention of this kind, the most urgent first: `Unknown` by the time from which a look-up counts,
    /// others by creation time. `until` leaves out those that are due later. An order that no longer needs it is left out.
    pub async fn attention(
        &self,
        kind: Attention,
        until: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<Order>, StorageError> {
        todo!()
    }

    /// The id that belongs to an identity (see [`OrderId::identity_hash`]): the stored one, or `id`, which is stored.
    pub async fn claim_identity(&self, hash: &[u8; 32], id: OrderId) -> Result<OrderId, StorageError> {
        todo!()
    }

    /// Keeps an order that could not be read, under its remote id or the SHA-256 of its bytes.
    pub async fn put_unreadable(&self, order: &UnreadableOrder) -> Result<Kept, StorageError> {
        todo!()
    }

    pub async fn unreadable(
        &self,
        connection: &ConnectionId,
        page: &PageRequest,
    ) -> Result<Page<UnreadableOrder>, StorageError> {
        todo!()
    }

    /// Forgets it, because it could be read after all. Repeating it changes nothing.
    pub async fn remove_unreadable(&self, connection: &ConnectionId, key: &UnreadableKey) -> Result<(), StorageError> {
        todo!()
    }
}

impl std::fmt::Debug for UnreadableOrder {
    /// Leaves the raw bytes out: they may hold buyer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnreadableOrder")
            .field("connection", &self.connection)
            .field("remote_id", &self.remote_id)
            .field("bytes", &self.raw.len())
            .field("cut", &self.cut)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl UnreadableKey {
    /// The key of an order whose id could be read.
    pub fn of_remote_id(id: &str) -> Self {
        Self(format!("id:{id}"))
    }
}

impl UnreadableOrder {
    pub fn key(&self) -> UnreadableKey {
        todo!()
    }
}
