//! An order as items: which attribute holds what.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::head::{After, Attention, ImportState, Lease, StoreSide};
use domain::shipment::Package;
use domain::stock::LineStock;
use domain::trace::TraceEntry;
use domain::{Asked, ByHand, ChannelOrder, ConnectionId, Order, OrderId, Platform, Revision};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::error::{ErrorKind, StorageError};
use crate::item::{Item, Key, Reader, n, packed, s, time};

/// How long a payload may be to stay in its head: what is left of one write unit (1,024 bytes) once the order is imported and
/// shipped. The rest of a head takes some 320 bytes then, and each line's stock 14.
const fn max_inline(lines: usize) -> usize {
    704_usize.saturating_sub(lines * 14)
}

// The attributes of a head. Their names count as bytes of the item, so they have one letter.
pub(super) const CONNECTION: &str = "c";
pub(super) const PLATFORM: &str = "p";
pub(super) const NUMBER: &str = "n";
pub(super) const GENERATION: &str = "g";
/// The channel's revision of the stored payload.
pub(super) const REVISION: &str = "r";
/// The payload itself (packed), or ...
pub(super) const PAYLOAD: &str = "b";
/// ... the revision under which the payload has its own item.
pub(super) const BODY: &str = "e";
pub(super) const FENCE: &str = "f";
pub(super) const HOLDER: &str = "h";
pub(super) const LEASED_UNTIL: &str = "u";
pub(super) const IMPORT: &str = "i";
pub(super) const STORE: &str = "s";
pub(super) const STOCK: &str = "k";
pub(super) const PACKAGES: &str = "a";
pub(super) const TRACE: &str = "t";
/// Wishes, each in an attribute of its own, so that two people's do not overwrite each other.
pub(super) const SEND: &str = "ws";
/// What the store was told of the channel's refunds.
pub(super) const RECORDED: &str = "x";
pub(super) const SUPERSEDES: &str = "m";
pub(super) const SUPERSEDED_BY: &str = "o";
/// The newest revision in which the channel edited the order.
pub(super) const EDITED: &str = "d";
pub(super) const REVIEW: &str = "v";
pub(super) const UNDO: &str = "wu";
/// By which backfill the order came.
pub(super) const BACKFILL: &str = "wb";
pub(super) const CONVERSION: &str = "q";
/// The sparse index `attention`: its kind and the time by which its orders are sorted.
pub(super) const ATTENTION: &str = "att";
pub(super) const ATTENTION_DUE: &str = "ad";

pub(super) fn head_key(id: OrderId) -> Key {
    Key::new(format!("O#{}", id.month()), id.to_string())
}

pub(super) fn body_key(id: OrderId, revision: Revision) -> Key {
    Key::new(format!("B#{}", id.month()), format!("{id}#{}", revision.0))
}

/// Where a version of the channel's order is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Payload {
    Inline(Vec<u8>),
    Body(Vec<u8>),
}

impl Payload {
    pub(super) fn of(operation: &'static str, source: &ChannelOrder) -> Result<Self, StorageError> {
        let packed = codec::pack(source)
            .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "cannot be written").because(error))?;
        let fits = packed.len() <= max_inline(source.lines.len());
        Ok(if fits { Self::Inline(packed) } else { Self::Body(packed) })
    }
}

/// Where the payload of a head is.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Inline(Box<ChannelOrder>),
    /// In the body item of this revision.
    Body(Revision),
}

/// An order as its head tells it: all but a payload that has its own item.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: OrderId,
    pub(super) revision: Revision,
    pub(super) payload: Stored,
    pub(super) lease: Lease,
    connection: ConnectionId,
    platform: Platform,
    number: u64,
    generation: u32,
    import: ImportState,
    store: StoreSide,
    stock: Vec<LineStock>,
    packages: Vec<Package>,
    by_hand: ByHand,
    trace: Vec<TraceEntry>,
    after: After,
}

impl Head {
    pub(super) fn read(operation: &'static str, item: &Item) -> Result<Self, StorageError> {
        let read = Reader::new(operation, item);
        let payload = if read.has(BODY) {
            Stored::Body(Revision(read.number(BODY)?))
        } else {
            Stored::Inline(Box::new(read.packed(PAYLOAD)?))
        };
        Ok(Self {
            id: read.parsed("sk")?,
            revision: Revision(read.number(REVISION)?),
            payload,
            lease: read_lease(read)?,
            connection: read.parsed(CONNECTION)?,
            platform: read.parsed(PLATFORM)?,
            number: read.number(NUMBER)?,
            generation: read.number_or_zero(GENERATION)?,
            import: read.packed(IMPORT)?,
            store: read.packed_or_default(STORE)?,
            stock: read.packed_or_default(STOCK)?,
            packages: read.packed_or_default(PACKAGES)?,
            by_hand: ByHand {
                send: read_wish(read, SEND)?,
                undo: read_wish(read, UNDO)?,
                backfill: read_wish(read, BACKFILL)?,
            },
            trace: read.packed_or_default(TRACE)?,
            after: read_after(read)?,
        })
    }

    pub(super) fn with(self, source: ChannelOrder) -> Order {
        Order {
            id: self.id,
            connection: self.connection,
            platform: self.platform,
            number: self.number,
            source,
            generation: self.generation,
            import: self.import,
            store: self.store,
            stock: self.stock,
            packages: self.packages,
            lease: self.lease,
            by_hand: self.by_hand,
            trace: self.trace,
            after: self.after,
        }
    }
}

fn read_after(read: Reader<'_>) -> Result<After, StorageError> {
    Ok(After {
        recorded: read.packed_or_default(RECORDED)?,
        supersedes: read.packed_or_default(SUPERSEDES)?,
        superseded_by: if read.has(SUPERSEDED_BY) { Some(read.parsed(SUPERSEDED_BY)?) } else { None },
        edited: if read.has(EDITED) { Some(Revision(read.number(EDITED)?)) } else { None },
        review: read.packed_or_default(REVIEW)?,
        conversion: read.packed_or_default(CONVERSION)?,
    })
}

pub(super) fn read_lease(read: Reader<'_>) -> Result<Lease, StorageError> {
    let holder = if read.has(HOLDER) { read.text(HOLDER)?.to_owned() } else { String::new() };
    Ok(Lease { fence: read.number(FENCE)?, holder, until: read.time(LEASED_UNTIL)? })
}

fn read_wish<T: DeserializeOwned>(read: Reader<'_>, name: &str) -> Result<Option<T>, StorageError> {
    if read.has(name) { read.packed(name).map(Some) } else { Ok(None) }
}

pub(super) fn wish(operation: &'static str, asked: Option<&Asked>) -> Result<Option<AttributeValue>, StorageError> {
    asked.map(|asked| packed(operation, asked)).transpose()
}

/// The item of a new order, without its payload.
pub(super) fn write(operation: &'static str, order: &Order) -> Result<Item, StorageError> {
    let mut item = head_key(order.id).to_item();
    let mut put = |name: &str, value: Option<AttributeValue>| {
        if let Some(value) = value {
            item.insert(name.to_owned(), value);
        }
    };
    put(CONNECTION, Some(s(order.connection.as_str())));
    put(PLATFORM, Some(s(order.platform.as_str())));
    put(NUMBER, Some(n(order.number)));
    put(GENERATION, generation(order.generation));
    put(FENCE, Some(n(order.lease.fence)));
    put(HOLDER, holder(&order.lease));
    put(LEASED_UNTIL, order.lease.until.map(time));
    put(IMPORT, Some(packed(operation, &order.import)?));
    put(STORE, unless_default(operation, &order.store)?);
    put(STOCK, unless_default(operation, &order.stock)?);
    put(PACKAGES, unless_default(operation, &order.packages)?);
    put(TRACE, unless_default(operation, &order.trace)?);
    put(SEND, wish(operation, order.by_hand.send.as_ref())?);
    let After { recorded, supersedes, superseded_by, edited, review, conversion } = &order.after;
    put(RECORDED, unless_default(operation, recorded)?);
    put(SUPERSEDES, unless_default(operation, supersedes)?);
    put(SUPERSEDED_BY, superseded_by.map(|by| s(by.to_string())));
    put(EDITED, edited.map(|edited| n(edited.0)));
    put(REVIEW, unless_default(operation, review)?);
    put(UNDO, wish(operation, order.by_hand.undo.as_ref())?);
    put(BACKFILL, order.by_hand.backfill.as_ref().map(|backfill| packed(operation, backfill)).transpose()?);
    put(CONVERSION, unless_default(operation, conversion)?);
    if let Some((kind, due)) = attention(order) {
        put(ATTENTION, Some(s(attention_name(kind))));
        put(ATTENTION_DUE, Some(s(due_text(due))));
    }
    Ok(item)
}

/// A generation of 0 is not written.
pub(super) fn generation(generation: u32) -> Option<AttributeValue> {
    (generation != 0).then(|| n(generation))
}

/// An empty holder is not written.
pub(super) fn holder(lease: &Lease) -> Option<AttributeValue> {
    (!lease.holder.is_empty()).then(|| s(lease.holder.as_str()))
}

/// Packed; nothing for what is empty or all off.
pub(super) fn unless_default<T>(operation: &'static str, value: &T) -> Result<Option<AttributeValue>, StorageError>
where
    T: Serialize + Default + PartialEq,
{
    if *value == T::default() { Ok(None) } else { packed(operation, value).map(Some) }
}

/// The kind of attention that the order needs, and the time by which the list of that kind is sorted.
pub(super) fn attention(order: &Order) -> Option<(Attention, Timestamp)> {
    let due = match &order.import {
        ImportState::Unknown { look_after, .. } => *look_after,
        _ => order.id.created_at(),
    };
    order.attention().map(|kind| (kind, due))
}

/// The partition of the index `attention`.
pub(super) const fn attention_name(kind: Attention) -> &'static str {
    match kind {
        Attention::Unlinked => "unlinked",
        Attention::Parked => "parked",
        Attention::Error => "error",
        Attention::Unknown => "unknown",
    }
}

/// Epoch milliseconds as text that sorts by time.
pub(super) fn due_text(due: Timestamp) -> String {
    format!("{:015}", due.as_millisecond().max(0))
}
