//! Orders that could not be read: kept as they came, shown as errors, while the others go on.

use std::fmt;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ConnectionId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Orders;
use crate::client::Query;
use crate::codec;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, bytes, s, time};
use crate::page::{Page, PageRequest, PageToken};

/// The raw bytes are cut here, so that any of them fit into an item (400 KB).
const MAX_RAW: usize = 256 * 1024;

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
pub struct UnreadableKey(String);

/// Whether [`Orders::put_unreadable`] met something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    New,
    /// The same bytes were kept before; nothing was written.
    Known,
}

impl UnreadableOrder {
    pub fn key(&self) -> UnreadableKey {
        match &self.remote_id {
            Some(id) => UnreadableKey::of_remote_id(id),
            None => UnreadableKey(format!("sha256:{}", hash_of(&self.raw))),
        }
    }
}

fn hash_of(raw: &[u8]) -> String {
    Sha256::digest(raw).iter().fold(String::with_capacity(64), |hash, byte| hash + &format!("{byte:02x}"))
}

fn key_of(connection: &ConnectionId, key: &UnreadableKey) -> Key {
    Key::new(format!("X#{connection}"), key.0.as_str())
}

impl Orders {
    /// Keeps an order that could not be read, under its remote id or the SHA-256 of its bytes.
    pub async fn put_unreadable(&self, order: &UnreadableOrder) -> Result<Kept, StorageError> {
        const OPERATION: &str = "orders.put_unreadable";
        let key = key_of(&order.connection, &order.key());
        let hash = hash_of(&order.raw);
        // Read first: a read of a large item costs an eighth of what a refused write of it would.
        if let Some(known) = self.table.get(OPERATION, &key).await?
            && Reader::new(OPERATION, &known).text("sha")? == hash
        {
            return Ok(Kept::Known);
        }
        let raw = &order.raw[..order.raw.len().min(MAX_RAW)];
        let cut = order.cut || raw.len() < order.raw.len();
        let packed =
            codec::deflate(raw).map_err(|error| StorageError::corrupt(OPERATION, key.to_string()).because(error))?;
        let mut item = key.to_item();
        let mut put = |name: &str, value| item.insert(name.to_owned(), value);
        put("sha", s(hash));
        put("raw", bytes(packed));
        put("cut", aws_sdk_dynamodb::types::AttributeValue::Bool(cut));
        put("why", s(order.why.as_str()));
        put("context", s(order.context.as_str()));
        put("seen", time(order.seen_at));
        if let Some(id) = &order.remote_id {
            put("id", s(id.as_str()));
        }
        self.table.put(OPERATION, item, Expression::new()).await?;
        Ok(Kept::New)
    }

    pub async fn unreadable(
        &self,
        connection: &ConnectionId,
        page: &PageRequest,
    ) -> Result<Page<UnreadableOrder>, StorageError> {
        const OPERATION: &str = "orders.unreadable";
        let of_connection = key_of(connection, &UnreadableKey(String::new()));
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(of_connection.pk.as_str()));
        let after = page.after.as_ref().map(|token| Key::new(of_connection.pk.as_str(), token.as_str()).to_item());
        let query = Query { after, limit: Some(page.limit), consistent: true, ..Query::partition(expression) };
        let (items, last) = self.table.query(OPERATION, query).await?;
        let mut orders = Vec::with_capacity(items.len());
        for item in &items {
            let read = Reader::new(OPERATION, item);
            let seen_at = read.time("seen")?.ok_or_else(|| read.corrupt("seen", "is missing"))?;
            orders.push(UnreadableOrder {
                connection: connection.clone(),
                remote_id: if read.has("id") { Some(read.text("id")?.to_owned()) } else { None },
                raw: codec::inflate(read.bytes("raw")?)
                    .map_err(|error| read.corrupt("raw", "does not inflate").because(error))?,
                cut: read.flag("cut")?,
                why: read.text("why")?.to_owned(),
                context: read.text("context")?.to_owned(),
                seen_at,
            });
        }
        Ok(Page { items: orders, next: last.map(|last| PageToken(Key::of(&last).sk)) })
    }

    /// Removes what the channel sent, which may name a person; that it could not be read stays to be seen.
    pub async fn empty_unreadable(&self, order: &UnreadableOrder) -> Result<(), StorageError> {
        const OPERATION: &str = "orders.empty_unreadable";
        let key = key_of(&order.connection, &order.key());
        let empty =
            codec::deflate(&[]).map_err(|error| StorageError::corrupt(OPERATION, key.to_string()).because(error))?;
        let expression = Expression::new().set("raw", bytes(empty)).only_if("attribute_exists(#pk)");
        self.table.update(OPERATION, &key, expression, ReturnValue::None).await.map(|_| ())
    }

    /// Forgets it, because it could be read after all. Repeating it changes nothing.
    pub async fn remove_unreadable(&self, connection: &ConnectionId, key: &UnreadableKey) -> Result<(), StorageError> {
        self.table.delete("orders.remove_unreadable", &key_of(connection, key), Expression::new()).await.map(|_| ())
    }
}

impl fmt::Debug for UnreadableOrder {
    /// Leaves the raw bytes out: they may hold buyer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
