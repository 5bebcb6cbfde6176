//! Where each channel's polling is, lent to one poller at a time.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{ConnectionId, OrderId, Revision, StoreOrderId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{HOLDER, IS_FREE, IS_HELD, LEASED_UNTIL, Settings, key_of};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, bytes, s, time};

/// One version of one order, as far as a poller has to recognise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen([u8; SEEN_BYTES]);

/// Where a channel's polling is, lent to one poller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Everything the channel changed before this, in its own time, is stored. `None`: never polled.
    pub position: Option<Timestamp>,
    /// Versions stored already that the next window may show again.
    pub seen: HashSet<Seen>,
    /// A window that was left in the middle.
    pub open: Option<OpenWindow>,
}

/// A window of which some pages are stored, and where its next page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWindow {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Up to when the platform is certain to have shown everything.
    pub certain: Timestamp,
    /// In the connector's own terms.
    pub page: String,
}

/// Each seen version takes this much of the cursor's item. Two of a thousand are confused once in 10^13 polls.
const SEEN_BYTES: usize = 8;

const POSITION: &str = "p";
const SEEN: &str = "s";
const OPEN_FROM: &str = "of";
const OPEN_TO: &str = "ot";
const OPEN_CERTAIN: &str = "oc";
const OPEN_PAGE: &str = "op";

impl Seen {
    pub fn of(order: OrderId, revision: Revision) -> Self {
        Self::digest(&order.to_string(), &revision.0.to_be_bytes())
    }

    /// One version of an order of the main store.
    pub fn of_store_order(id: &StoreOrderId, modified: Timestamp) -> Self {
        Self::digest(id.as_str(), &modified.as_nanosecond().to_be_bytes())
    }

    fn digest(name: &str, version: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(name).chain_update(version).finalize();
        let mut seen = [0; SEEN_BYTES];
        seen.copy_from_slice(&digest[..SEEN_BYTES]);
        Self(seen)
    }
}

fn read_cursor(operation: &'static str, item: &Item) -> Result<Cursor, StorageError> {
    let read = Reader::new(operation, item);
    let mut seen = HashSet::new();
    if read.has(SEEN) {
        for chunk in read.bytes(SEEN)?.chunks(SEEN_BYTES) {
            let chunk = chunk.try_into().map_err(|_| read.corrupt(SEEN, "has a wrong length"))?;
            seen.insert(Seen(chunk));
        }
    }
    let window = read.time(OPEN_FROM)?.zip(read.time(OPEN_TO)?).zip(read.time(OPEN_CERTAIN)?);
    let open = match window {
        Some(((from, to), certain)) => Some(OpenWindow { from, to, certain, page: read.text(OPEN_PAGE)?.to_owned() }),
        None => None,
    };
    Ok(Cursor { position: read.time(POSITION)?, seen, open })
}

pub(super) fn cursor_key(id: &ConnectionId) -> Key {
    key_of(id, "CURSOR")
}

impl Settings {
    /// Up to when the connection was read completely, without taking the cursor.
    pub async fn polled_until(&self, id: &ConnectionId) -> Result<Option<Timestamp>, StorageError> {
        const OPERATION: &str = "settings.polled_until";
        let item = self.table.get(OPERATION, &cursor_key(id)).await?;
        Ok(item.as_ref().map(|item| read_cursor(OPERATION, item)).transpose()?.and_then(|cursor| cursor.position))
    }

    /// Lends the cursor to `holder` until `until`; `None` while another poller has it.
    pub async fn take_cursor(
        &self,
        id: &ConnectionId,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Cursor>, StorageError> {
        const OPERATION: &str = "settings.take_cursor";
        let expression = Expression::new()
            .set(HOLDER, s(holder))
            .set(LEASED_UNTIL, time(until))
            .only_if(IS_FREE)
            .with(":now", time(now));
        match self.table.update(OPERATION, &cursor_key(id), expression, ReturnValue::AllNew).await? {
            Written::Yes(item) => item.as_ref().map(|item| read_cursor(OPERATION, item)).transpose(),
            Written::No(_) => Ok(None),
        }
    }

    /// The cursor as it is, without taking it.
    pub async fn cursor(&self, id: &ConnectionId) -> Result<Cursor, StorageError> {
        const OPERATION: &str = "settings.cursor";
        match self.table.get(OPERATION, &cursor_key(id)).await? {
            Some(item) => read_cursor(OPERATION, &item),
            None => Ok(Cursor::default()),
        }
    }

    /// Stores where polling is and gives the cursor back. `false`: another poller has it by now, nothing was stored.
    pub async fn advance_cursor(&self, id: &ConnectionId, holder: &str, cursor: &Cursor) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.advance_cursor";
        let mut seen: Vec<Seen> = cursor.seen.iter().copied().collect();
        seen.sort_unstable();
        let seen: Vec<u8> = seen.into_iter().flat_map(|seen| seen.0).collect();
        let expression = Expression::new()
            .set_or_remove(POSITION, cursor.position.map(time))
            .set_or_remove(SEEN, (!seen.is_empty()).then(|| bytes(seen)))
            .set_or_remove(OPEN_FROM, cursor.open.as_ref().map(|open| time(open.from)))
            .set_or_remove(OPEN_TO, cursor.open.as_ref().map(|open| time(open.to)))
            .set_or_remove(OPEN_CERTAIN, cursor.open.as_ref().map(|open| time(open.certain)))
            .set_or_remove(OPEN_PAGE, cursor.open.as_ref().map(|open| s(open.page.clone())))
            .remove(HOLDER)
            .remove(LEASED_UNTIL)
            .only_if(IS_HELD)
            .with(":holder", s(holder));
        match self.table.update(OPERATION, &cursor_key(id), expression, ReturnValue::None).await? {
            Written::Yes(_) => Ok(true),
            // Given back and just as we wanted it: our own write, its answer lost.
            Written::No(Some(item)) => Ok(!item.contains_key(HOLDER) && read_cursor(OPERATION, &item)? == *cursor),
            Written::No(None) => Ok(false),
        }
    }

    /// Gives the cursor back unchanged. Nothing happens if another has it.
    pub async fn release_cursor(&self, id: &ConnectionId, holder: &str) -> Result<(), StorageError> {
        let expression =
            Expression::new().remove(HOLDER).remove(LEASED_UNTIL).only_if(IS_HELD).with(":holder", s(holder));
        let key = cursor_key(id);
        self.table.update("settings.release_cursor", &key, expression, ReturnValue::None).await.map(|_| ())
    }
}
