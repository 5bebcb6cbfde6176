//! Insert, replace and update: each one conditional write, and each told apart from its own lost answer.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{ChannelOrder, Order, OrderId, Revision};

use super::head::{self, Head, Payload, Stored, attention, body_key, head_key};
use super::{Change, Inserted, Orders, Replaced, Updated};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, bytes, n, packed, s, time};

impl Orders {
    /// Stores the order if there is none with its id: one write unit for a healthy one of up to seven lines.
    pub async fn insert(&self, order: &Order) -> Result<Inserted, StorageError> {
        const OPERATION: &str = "orders.insert";
        self.open_month(order.id).await?;
        let mut item = head::write(OPERATION, order)?;
        item.insert(head::REVISION.to_owned(), n(order.source.revision.0));
        let (name, value) = self.store_payload(OPERATION, order.id, &order.source).await?;
        item.insert(name.to_owned(), value);
        match self.table.put(OPERATION, item, Expression::absent()).await? {
            Written::Yes(_) => Ok(Inserted::New),
            Written::No(found) => {
                let stored = self.found(OPERATION, order.id, found).await?;
                if let Some((head, _)) = &stored
                    && head.revision >= order.source.revision
                {
                    self.drop_body_unless_used(OPERATION, order.id, name, order.source.revision, head).await?;
                }
                let stored = stored.map(|(_, order)| order);
                let gone = || StorageError::corrupt(OPERATION, format!("{} was there and is not", order.id));
                Ok(Inserted::Exists(Box::new(stored.ok_or_else(gone)?)))
            }
        }
    }

    /// Stores what the channel says now, only if its revision is newer than the stored one. Needs no lease and touches nothing else.
    /// `edited`: its lines, amounts or address are not those of the stored version, which is noted with it.
    pub async fn replace_source(
        &self,
        id: OrderId,
        source: &ChannelOrder,
        edited: bool,
    ) -> Result<Replaced, StorageError> {
        const OPERATION: &str = "orders.replace_source";
        let (name, value) = self.store_payload(OPERATION, id, source).await?;
        let other = if name == head::BODY { head::PAYLOAD } else { head::BODY };
        let expression = Expression::new()
            .set(name, value)
            .remove(other)
            .set(head::REVISION, n(source.revision.0))
            .only_if("attribute_exists(#pk) AND #r < :r");
        let expression = if edited { expression.set(head::EDITED, n(source.revision.0)) } else { expression };
        match self.table.update(OPERATION, &head_key(id), expression, ReturnValue::AllOld).await? {
            Written::Yes(before) => {
                let before = before.ok_or_else(|| StorageError::corrupt(OPERATION, format!("{id}: no answer")))?;
                let before = Head::read(OPERATION, &before)?;
                if let Stored::Body(revision) = before.payload {
                    self.table.delete(OPERATION, &body_key(id, revision), Expression::new()).await?;
                }
                let mut order = before.with(source.clone());
                order.after.edited = if edited { Some(source.revision) } else { order.after.edited };
                Ok(Replaced::Yes(Box::new(order)))
            }
            Written::No(None) => Ok(Replaced::Gone),
            Written::No(found) => {
                let Some((head, order)) = self.found(OPERATION, id, found).await? else { return Ok(Replaced::Gone) };
                self.drop_body_unless_used(OPERATION, id, name, source.revision, &head).await?;
                if head.revision == source.revision {
                    Ok(Replaced::Yes(Box::new(order)))
                } else {
                    Ok(Replaced::NotNewer)
                }
            }
        }
    }

    /// Replaces the payload of the very version that was read, which stays as new as it is. `false`: there is a newer one by now.
    pub async fn erase(&self, read: &Order, source: &ChannelOrder) -> Result<bool, StorageError> {
        const OPERATION: &str = "orders.erase";
        let (name, value) = self.store_payload(OPERATION, read.id, source).await?;
        let other = if name == head::BODY { head::PAYLOAD } else { head::BODY };
        let expression = Expression::new()
            .set(name, value)
            .remove(other)
            .only_if("attribute_exists(#pk) AND #r = :revision")
            .with(":revision", n(read.source.revision.0));
        match self.table.update(OPERATION, &head_key(read.id), expression, ReturnValue::AllOld).await? {
            Written::Yes(before) => {
                let before = before.map(|item| Head::read(OPERATION, &item)).transpose()?;
                if name == head::PAYLOAD
                    && let Some(Head { payload: Stored::Body(revision), .. }) = before
                {
                    self.table.delete(OPERATION, &body_key(read.id, revision), Expression::new()).await?;
                }
                Ok(true)
            }
            Written::No(found) => {
                if let Some(found) = found {
                    let head = Head::read(OPERATION, &found)?;
                    self.drop_body_unless_used(OPERATION, read.id, name, read.source.revision, &head).await?;
                }
                Ok(false)
            }
        }
    }

    /// Writes `change` in one conditional write: only while the stored fence is the one that was read.
    pub async fn update(&self, read: &Order, change: Change) -> Result<Updated, StorageError> {
        const OPERATION: &str = "orders.update";
        let expression = expression_of(OPERATION, read, &change)?;
        match self.table.update(OPERATION, &head_key(read.id), expression, ReturnValue::AllNew).await? {
            Written::Yes(now) => {
                let order = self.completed(OPERATION, read, now).await?;
                Ok(order.map_or(Updated::Gone, |order| Updated::Done(Box::new(order))))
            }
            Written::No(None) => Ok(Updated::Gone),
            Written::No(found) => {
                let own = found.as_ref().map(|item| is_own_write(OPERATION, item, read, &change)).transpose()?;
                let Some(order) = self.completed(OPERATION, read, found).await? else { return Ok(Updated::Gone) };
                let order = Box::new(order);
                Ok(if own == Some(true) { Updated::Done(order) } else { Updated::Conflict(order) })
            }
        }
    }

    /// The id that belongs to an identity (see [`OrderId::identity_hash`]): the stored one, or `id`, which is stored.
    pub async fn claim_identity(&self, hash: &[u8; 32], id: OrderId) -> Result<OrderId, StorageError> {
        const OPERATION: &str = "orders.claim_identity";
        let name = hash.iter().fold(String::from("K#"), |name, byte| name + &format!("{byte:02x}"));
        let key = Key::new(name, "K");
        if let Some(item) = self.table.get(OPERATION, &key).await? {
            return Reader::new(OPERATION, &item).parsed("o");
        }
        let mut item = key.to_item();
        item.insert("o".to_owned(), s(id.to_string()));
        match self.table.put(OPERATION, item, Expression::absent()).await? {
            Written::Yes(_) => Ok(id),
            Written::No(Some(item)) => Reader::new(OPERATION, &item).parsed("o"),
            Written::No(None) => Err(StorageError::corrupt(OPERATION, format!("{key}: was there and is not"))),
        }
    }

    /// Notes that the month has orders, once; it is known from then on.
    async fn open_month(&self, id: OrderId) -> Result<(), StorageError> {
        const OPERATION: &str = "orders.open_month";
        let month = id.month();
        if self.known_months().contains(&month) {
            return Ok(());
        }
        let key = Key::new("M", month.as_str());
        if self.table.get(OPERATION, &key).await?.is_none() {
            // Another may have been faster; either way the month has its item now.
            self.table.put(OPERATION, key.to_item(), Expression::absent()).await?;
        }
        self.known_months().insert(month);
        Ok(())
    }

    fn known_months(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<String>> {
        self.months.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Writes a long payload into its own item; gives the head's attribute that holds or names the payload.
    async fn store_payload(
        &self,
        operation: &'static str,
        id: OrderId,
        source: &ChannelOrder,
    ) -> Result<(&'static str, AttributeValue), StorageError> {
        match Payload::of(operation, source)? {
            Payload::Inline(packed) => Ok((head::PAYLOAD, bytes(packed))),
            Payload::Body(packed) => {
                let mut item = body_key(id, source.revision).to_item();
                item.insert(head::PAYLOAD.to_owned(), bytes(packed));
                self.table.put(operation, item, Expression::new()).await?;
                Ok((head::BODY, n(source.revision.0)))
            }
        }
    }

    /// Removes the body that was just written for a head that did not take it.
    ///
    /// Only to be called while the stored revision is as new or newer: then nobody can store this revision's body any more.
    async fn drop_body_unless_used(
        &self,
        operation: &'static str,
        id: OrderId,
        written: &str,
        revision: Revision,
        head: &Head,
    ) -> Result<(), StorageError> {
        let used = matches!(head.payload, Stored::Body(used) if used == revision);
        if written == head::BODY && !used {
            self.table.delete(operation, &body_key(id, revision), Expression::new()).await?;
        }
        Ok(())
    }

    /// The order whose item stood in a write's way.
    async fn found(
        &self,
        operation: &'static str,
        id: OrderId,
        found: Option<Item>,
    ) -> Result<Option<(Head, Order)>, StorageError> {
        let item = match found {
            Some(item) => Some(item),
            None => self.table.get(operation, &head_key(id)).await?,
        };
        let Some(item) = item else { return Ok(None) };
        let head = Head::read(operation, &item)?;
        Ok(self.complete(operation, head.clone()).await?.map(|order| (head, order)))
    }

    /// The whole order after an update; its payload is the one read before, where that has not changed.
    async fn completed(
        &self,
        operation: &'static str,
        read: &Order,
        item: Option<Item>,
    ) -> Result<Option<Order>, StorageError> {
        let item = item.ok_or_else(|| StorageError::corrupt(operation, format!("{}: no answer", read.id)))?;
        let head = Head::read(operation, &item)?;
        match head.payload {
            Stored::Body(revision) if revision == read.source.revision => Ok(Some(head.with(read.source.clone()))),
            _ => self.complete(operation, head).await,
        }
    }
}

fn expression_of(operation: &'static str, read: &Order, change: &Change) -> Result<Expression, StorageError> {
    let mut expression = Expression::new().only_if("#f = :fence_read").with(":fence_read", n(read.lease.fence));
    if let Some(revision) = change.expect_revision {
        expression = expression.only_if("#r = :revision").with(":revision", n(revision.0));
    }
    if let Some(lease) = &change.lease {
        expression = expression
            .set(head::FENCE, n(lease.fence))
            .set_or_remove(head::HOLDER, head::holder(lease))
            .set_or_remove(head::LEASED_UNTIL, lease.until.map(time));
    }
    if let Some(import) = &change.import {
        expression = expression.set(head::IMPORT, packed(operation, import)?);
    }
    if let Some(recorded) = &change.recorded {
        expression = expression.set_or_remove(head::RECORDED, head::unless_default(operation, recorded)?);
    }
    if let Some(by) = &change.superseded_by {
        expression = expression.set(head::SUPERSEDED_BY, s(by.to_string()));
    }
    if let Some(review) = &change.review {
        expression = expression.set_or_remove(head::REVIEW, head::unless_default(operation, review)?);
    }
    if let Some(conversion) = &change.conversion {
        expression = expression.set_or_remove(head::CONVERSION, head::unless_default(operation, conversion)?);
    }
    if let Some(after) = after(read, change) {
        let needed = attention(&after);
        expression = expression
            .set_or_remove(head::ATTENTION, needed.map(|(kind, _)| s(head::attention_name(kind))))
            .set_or_remove(head::ATTENTION_DUE, needed.map(|(_, due)| s(head::due_text(due))));
    }
    if let Some(store) = &change.store {
        expression = expression.set_or_remove(head::STORE, head::unless_default(operation, store)?);
    }
    if let Some(stock) = &change.stock {
        expression = expression.set_or_remove(head::STOCK, head::unless_default(operation, stock)?);
    }
    if let Some(packages) = &change.packages {
        expression = expression.set_or_remove(head::PACKAGES, head::unless_default(operation, packages)?);
    }
    if let Some(generation) = change.generation {
        expression = expression.set_or_remove(head::GENERATION, head::generation(generation));
    }
    if let Some(wish) = &change.send {
        expression = expression.set_or_remove(head::SEND, head::wish(operation, wish.asked())?);
    }
    if let Some(wish) = &change.undo {
        expression = expression.set_or_remove(head::UNDO, head::wish(operation, wish.asked())?);
    }
    if let Some(trace) = &change.trace {
        expression = expression.set_or_remove(head::TRACE, head::unless_default(operation, trace)?);
    }
    Ok(expression)
}

/// The order as it will be, where its place in the index may change with it.
fn after(read: &Order, change: &Change) -> Option<Order> {
    let touched =
        change.import.is_some() || change.recorded.is_some() || change.review.is_some() || change.store.is_some();
    let mut order = touched.then(|| read.clone())?;
    order.import = change.import.clone().unwrap_or(order.import);
    order.store = change.store.unwrap_or(order.store);
    order.after.recorded = change.recorded.clone().unwrap_or(order.after.recorded);
    order.after.review = change.review.clone().unwrap_or(order.after.review);
    Some(order)
}

/// Whether the write that is refused now was made before by this very holder, its answer lost.
///
/// Only a write that raised the fence can be recognised: the fence it wrote is its mark. A write that kept the fence is not
/// refused when it is repeated, as long as nobody else came between.
fn is_own_write(operation: &'static str, item: &Item, read: &Order, change: &Change) -> Result<bool, StorageError> {
    let Some(lease) = &change.lease else { return Ok(false) };
    let stored = head::read_lease(Reader::new(operation, item))?;
    Ok(lease.fence != read.lease.fence && stored.fence == lease.fence && stored.holder == lease.holder)
}
