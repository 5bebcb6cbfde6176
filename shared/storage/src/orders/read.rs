//! Reading orders: by id, newest first, by date, by the attention they need.

use std::collections::{HashMap, HashSet};

use domain::head::Attention;
use domain::{ChannelOrder, Order, OrderId, Revision};
use jiff::Timestamp;
use ulid::Ulid;

use super::Orders;
use super::head::{self, Head, Stored, attention_name, body_key, due_text, head_key};
use crate::client::Query;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, s};
use crate::page::{Page, PageRequest, PageToken};

/// A body is gone only if its head changed since; more than this often in a row is damage.
const MAX_READS: usize = 3;

impl Orders {
    /// Strongly consistent.
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, StorageError> {
        self.get_as("orders.get", id).await
    }

    /// Strongly consistent; in the order of `ids`, absent ones left out.
    pub async fn get_many(&self, ids: &[OrderId]) -> Result<Vec<Order>, StorageError> {
        const OPERATION: &str = "orders.get_many";
        // A batch with a key twice is refused.
        let unique: HashSet<OrderId> = ids.iter().copied().collect();
        let keys: Vec<Key> = unique.into_iter().map(head_key).collect();
        let items = self.table.get_many(OPERATION, &keys).await?;
        let orders = self.complete_all(OPERATION, &items).await?;
        let mut by_id: HashMap<OrderId, Order> = orders.into_iter().map(|order| (order.id, order)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The newest orders by the channel's creation time, those before `before` if given.
    pub async fn newest(&self, before: Option<OrderId>, limit: u16) -> Result<Vec<Order>, StorageError> {
        const OPERATION: &str = "orders.newest";
        let mut months = self.months(OPERATION).await?;
        months.retain(|month| before.is_none_or(|before| *month <= before.month()));
        let mut items = Vec::new();
        for month in months.iter().rev() {
            let expression = match before {
                Some(before) => {
                    of_month(month).only_if("#pk = :pk AND #sk < :before").with(":before", s(before.to_string()))
                }
                None => of_month(month).only_if("#pk = :pk"),
            };
            let query = Query { backwards: true, ..Query::partition(expression) };
            self.fill(OPERATION, query, limit, &mut items).await?;
            if items.len() >= usize::from(limit) {
                break;
            }
        }
        self.complete_all(OPERATION, &items).await
    }

    /// Orders created on their channel in `from <= t < to` (to the millisecond), oldest first.
    pub async fn range(&self, from: Timestamp, to: Timestamp, page: &PageRequest) -> Result<Page<Order>, StorageError> {
        const OPERATION: &str = "orders.range";
        let after = page.after.as_ref().map(|token| token.parse_as::<Ulid>(OPERATION)).transpose()?;
        let first = after.map_or_else(|| first_id(from), |after| after.increment().unwrap_or(after));
        let end = first_id(to);
        let mut items = Vec::new();
        for month in self.months(OPERATION).await? {
            if first >= end || month < month_of(first) || month > month_of(end) {
                continue;
            }
            let expression = of_month(&month)
                .only_if("#pk = :pk AND #sk BETWEEN :first AND :end")
                .with(":first", s(first.to_string()))
                .with(":end", s(end.to_string()));
            // One more than asked for tells whether there is a next page.
            let limit = page.limit.saturating_add(1);
            self.fill(OPERATION, Query::partition(expression), limit, &mut items).await?;
            if items.len() >= usize::from(limit) {
                break;
            }
        }
        let more = items.len() > usize::from(page.limit);
        items.truncate(page.limit.into());
        let next = items.last().filter(|_| more).map(|last| PageToken(Key::of(last).sk));
        Ok(Page { items: self.complete_all(OPERATION, &items).await?, next })
    }

    /// Orders that need attention of this kind, the most urgent first: `Unknown` by the time from which a look-up counts,
    /// others by creation time. `until` leaves out those that are due later. An order that no longer needs it is left out.
    pub async fn attention(
        &self,
        kind: Attention,
        until: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<Order>, StorageError> {
        const OPERATION: &str = "orders.attention";
        let expression = Expression::new().with(":att", s(attention_name(kind)));
        let expression = match until {
            Some(until) => expression.only_if("#att = :att AND #ad <= :until").with(":until", s(due_text(until))),
            None => expression.only_if("#att = :att"),
        };
        let after = page.after.as_ref().map(|token| start_of(OPERATION, kind, token)).transpose()?;
        let query = Query { index: Some("attention"), after, limit: Some(page.limit), ..Query::partition(expression) };
        let (entries, last) = self.table.query(OPERATION, query).await?;
        let ids = entries.iter().map(|entry| Reader::new(OPERATION, entry).parsed("sk"));
        let mut orders = self.get_many(&ids.collect::<Result<Vec<OrderId>, _>>()?).await?;
        // The index may lag behind.
        orders.retain(|order| order.attention() == Some(kind));
        let next = last.map(|last| {
            let read = Reader::new(OPERATION, &last);
            Ok::<_, StorageError>(PageToken(format!("{}.{}", read.text(head::ATTENTION_DUE)?, read.text("sk")?)))
        });
        Ok(Page { items: orders, next: next.transpose()? })
    }

    async fn get_as(&self, operation: &'static str, id: OrderId) -> Result<Option<Order>, StorageError> {
        for _ in 0..MAX_READS {
            let Some(item) = self.table.get(operation, &head_key(id)).await? else { return Ok(None) };
            let head = Head::read(operation, &item)?;
            match head.payload.clone() {
                Stored::Inline(source) => return Ok(Some(head.with(*source))),
                Stored::Body(revision) => {
                    if let Some(body) = self.table.get(operation, &body_key(id, revision)).await? {
                        return Ok(Some(head.with(Reader::new(operation, &body).packed(head::PAYLOAD)?)));
                    }
                }
            }
        }
        Err(StorageError::corrupt(operation, format!("{id}: its payload is missing")))
    }

    /// The whole order of a head; read again if its body was replaced in between.
    pub(super) async fn complete(&self, operation: &'static str, head: Head) -> Result<Option<Order>, StorageError> {
        match head.payload.clone() {
            Stored::Inline(source) => Ok(Some(head.with(*source))),
            Stored::Body(revision) => match self.table.get(operation, &body_key(head.id, revision)).await? {
                Some(body) => Ok(Some(head.with(Reader::new(operation, &body).packed(head::PAYLOAD)?))),
                None => self.get_as(operation, head.id).await,
            },
        }
    }

    /// The whole orders of heads, in their order.
    async fn complete_all(&self, operation: &'static str, items: &[Item]) -> Result<Vec<Order>, StorageError> {
        let heads = items.iter().map(|item| Head::read(operation, item)).collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<Key> =
            heads.iter().filter_map(long_payload).map(|(id, revision)| body_key(id, revision)).collect();
        let mut bodies = HashMap::new();
        for body in self.table.get_many(operation, &keys).await? {
            let source: ChannelOrder = Reader::new(operation, &body).packed(head::PAYLOAD)?;
            bodies.insert(Key::of(&body).sk, source);
        }
        let mut orders = Vec::with_capacity(heads.len());
        for head in heads {
            let body = long_payload(&head).and_then(|(id, revision)| bodies.remove(&body_key(id, revision).sk));
            match body {
                Some(source) => orders.push(head.with(source)),
                None => orders.extend(self.complete(operation, head).await?),
            }
        }
        Ok(orders)
    }

    /// The months (`yyyymm`) that have orders, oldest first.
    pub async fn all_months(&self) -> Result<Vec<String>, StorageError> {
        self.months("orders.all_months").await
    }

    /// The months that have orders, oldest first.
    async fn months(&self, operation: &'static str) -> Result<Vec<String>, StorageError> {
        let items =
            self.table.query_all(operation, Expression::new().only_if("#pk = :pk").with(":pk", s("M")), true).await?;
        Ok(items.iter().map(|item| Key::of(item).sk).collect())
    }

    /// Adds the query's items until there are `limit`.
    async fn fill(
        &self,
        operation: &'static str,
        mut query: Query,
        limit: u16,
        items: &mut Vec<Item>,
    ) -> Result<(), StorageError> {
        loop {
            let left = usize::from(limit).saturating_sub(items.len());
            let Some(left) = u16::try_from(left).ok().filter(|left| *left > 0) else { return Ok(()) };
            let (found, last) = self.table.query(operation, Query { limit: Some(left), ..query.clone() }).await?;
            items.extend(found);
            if last.is_none() {
                return Ok(());
            }
            query.after = last;
        }
    }
}

fn long_payload(head: &Head) -> Option<(OrderId, Revision)> {
    match head.payload {
        Stored::Body(revision) => Some((head.id, revision)),
        Stored::Inline(_) => None,
    }
}

fn of_month(month: &str) -> Expression {
    Expression::new().with(":pk", s(format!("O#{month}")))
}

/// The smallest order id that an order created then can have. No order has exactly this one: its hash would be all zeros.
fn first_id(at: Timestamp) -> Ulid {
    Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap_or(0), 0)
}

fn month_of(id: Ulid) -> String {
    let millis = i64::try_from(id.timestamp_ms()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).strftime("%Y%m").to_string()
}

/// The key after which a page of the index begins.
fn start_of(operation: &'static str, kind: Attention, token: &PageToken) -> Result<Item, StorageError> {
    let refused = || StorageError::new(ErrorKind::Unexpected, operation, "the page token is not one of this list");
    let (due, id) = token.as_str().split_once('.').ok_or_else(refused)?;
    let mut start = head_key(id.parse().map_err(|_| refused())?).to_item();
    start.insert(head::ATTENTION.to_owned(), s(attention_name(kind)));
    start.insert(head::ATTENTION_DUE.to_owned(), s(due));
    Ok(start)
}
