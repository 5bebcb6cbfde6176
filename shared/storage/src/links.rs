//! The links table: links by listing and by product, orders that wait for a link, holds on products.

mod holds;
mod waiting;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::link::Target;
use domain::{ConnectionId, Link, ListingKey, ProductId, Sku};

use crate::client::{Query, Table};
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, document, s};
use crate::page::{Page, PageRequest, PageToken};

pub use holds::Hold;

/// The links table.
///
/// | key | item |
/// | --- | --- |
/// | `L#` connection / `L#` listing | a link |
/// | `L#` connection / `W#` listing `#` order id | an order that waits for a link of the listing |
/// | `P#` product / `L#` connection `#` listing | the product is a target of that link |
/// | `P#` product / `H#` order id | a hold |
///
/// The index `sku` names the first and the third by SKU, and all holds together.
///
/// An order that finds no link calls [`Links::wait`] first and reads the links again after it; who links calls [`Links::put`]
/// first and [`Links::waiting`] after it. Both reads are strongly consistent, so that one of the two sees the other.
#[derive(Debug, Clone)]
pub struct Links {
    table: Table,
}

/// How often a link is stored again after somebody else changed it in between.
const MAX_TRIES: usize = 5;

const LINK: &str = "l";
const SKU: &str = "sku";

fn partition_of(connection: &ConnectionId) -> String {
    format!("L#{connection}")
}

fn link_key(connection: &ConnectionId, listing: &ListingKey) -> Key {
    Key::new(partition_of(connection), format!("L#{listing}"))
}

fn product_partition(product: &ProductId) -> String {
    format!("P#{product}")
}

fn target_key(connection: &ConnectionId, listing: &ListingKey, target: &Target) -> Key {
    Key::new(product_partition(&target.product), format!("L#{}#{listing}", escaped(connection)))
}

impl Links {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Strongly consistent; absent ones left out.
    pub async fn get_many(&self, connection: &ConnectionId, keys: &[ListingKey]) -> Result<Vec<Link>, StorageError> {
        let keys = keys.iter().map(|listing| link_key(connection, listing)).collect();
        self.read_links("links.get_many", keys).await
    }

    /// Stores the link in place of an earlier one of its listing. It must be valid (see [`Link::validate`]).
    pub async fn put(&self, link: &Link) -> Result<(), StorageError> {
        self.replace("links.put", &link.connection, &link.listing, Some(link)).await
    }

    /// Repeating it changes nothing.
    pub async fn delete(&self, connection: &ConnectionId, listing: &ListingKey) -> Result<(), StorageError> {
        self.replace("links.delete", connection, listing, None).await
    }

    pub async fn list(&self, connection: &ConnectionId, page: &PageRequest) -> Result<Page<Link>, StorageError> {
        const OPERATION: &str = "links.list";
        let partition = partition_of(connection);
        let after = page.after.as_ref().map(|token| Key::new(partition.as_str(), token.as_str()).to_item());
        let expression = beginning_with(partition, "L#");
        let query = Query { after, limit: Some(page.limit), consistent: true, ..Query::partition(expression) };
        let (items, last) = self.table.query(OPERATION, query).await?;
        let links = items.iter().map(|item| Reader::new(OPERATION, item).document(LINK)).collect::<Result<_, _>>()?;
        Ok(Page { items: links, next: last.map(|last| PageToken(Key::of(&last).sk)) })
    }

    /// Every link that has the product among its targets.
    pub async fn of_product(&self, product: &ProductId) -> Result<Vec<Link>, StorageError> {
        const OPERATION: &str = "links.of_product";
        let entries = self.table.query_all(OPERATION, beginning_with(product_partition(product), "L#"), true).await?;
        self.read_links(OPERATION, link_keys(OPERATION, &entries)?).await
    }

    /// Every link whose listing is keyed by the SKU or that has a target with it. What was linked moments ago may be missing.
    pub async fn of_sku(&self, sku: &Sku) -> Result<Vec<Link>, StorageError> {
        const OPERATION: &str = "links.of_sku";
        let expression = Expression::new().only_if("#sku = :sku").with(":sku", s(sku.as_str()));
        let mut entries = Vec::new();
        let mut query = Query { index: Some("sku"), ..Query::partition(expression) };
        loop {
            let (items, last) = self.table.query(OPERATION, query.clone()).await?;
            entries.extend(items);
            if last.is_none() {
                break;
            }
            query.after = last;
        }
        let mut links = self.read_links(OPERATION, link_keys(OPERATION, &entries)?).await?;
        // The index may lag behind.
        links.retain(|link| {
            link.listing == ListingKey::Sku(sku.clone())
                || link.targets.iter().any(|target| target.sku.as_ref() == Some(sku))
        });
        Ok(links)
    }

    async fn read_links(&self, operation: &'static str, mut keys: Vec<Key>) -> Result<Vec<Link>, StorageError> {
        keys.sort_unstable_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let items = self.table.get_many(operation, &keys).await?;
        let mut links =
            items.iter().map(|item| Reader::new(operation, item).document(LINK)).collect::<Result<Vec<Link>, _>>()?;
        links.sort_unstable_by(|a, b| (&a.connection, &a.listing).cmp(&(&b.connection, &b.listing)));
        Ok(links)
    }

    /// Writes the link and the entries of its products together, and removes those that it no longer has.
    async fn replace(
        &self,
        operation: &'static str,
        connection: &ConnectionId,
        listing: &ListingKey,
        link: Option<&Link>,
    ) -> Result<(), StorageError> {
        let key = link_key(connection, listing);
        for _ in 0..MAX_TRIES {
            let stored = self.table.get(operation, &key).await?;
            let before: Option<Link> =
                stored.as_ref().map(|item| Reader::new(operation, item).document(LINK)).transpose()?;
            if before.as_ref() == link {
                return Ok(());
            }
            let writes = self.writes(operation, &key, stored.as_ref(), before.as_ref(), link)?;
            match self.table.write_together(operation, writes).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(_changed)) => {}
                Err(error) if error.kind == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(StorageError::new(ErrorKind::Conflict, operation, format!("{key}: others keep changing it")))
    }

    fn writes(
        &self,
        operation: &'static str,
        key: &Key,
        stored: Option<&Item>,
        before: Option<&Link>,
        link: Option<&Link>,
    ) -> Result<Vec<TransactWriteItem>, StorageError> {
        let condition = match stored.and_then(|item| item.get(LINK)) {
            Some(text) => Expression::new().only_if("#l = :before").with(":before", text.clone()),
            None => Expression::absent(),
        };
        let targets = |link: Option<&Link>| -> Vec<Key> {
            let of =
                |link: &Link| link.targets.iter().map(|t| target_key(&link.connection, &link.listing, t)).collect();
            link.map(of).unwrap_or_default()
        };
        let kept = targets(link);
        let mut writes = vec![match link {
            Some(link) => {
                let mut item = key.to_item();
                item.insert(LINK.to_owned(), document(operation, link)?);
                if let ListingKey::Sku(sku) = &link.listing {
                    item.insert(SKU.to_owned(), s(sku.as_str()));
                }
                self.table.put_part(operation, item, condition)?
            }
            None => self.table.delete_part(operation, key, condition)?,
        }];
        for (key, target) in kept.iter().zip(link.into_iter().flat_map(|link| &link.targets)) {
            let mut item = key.to_item();
            if let Some(sku) = &target.sku {
                item.insert(SKU.to_owned(), s(sku.as_str()));
            }
            writes.push(self.table.put_part(operation, item, Expression::new())?);
        }
        for dropped in targets(before).iter().filter(|key| !kept.contains(key)) {
            writes.push(self.table.delete_part(operation, dropped, Expression::new())?);
        }
        Ok(writes)
    }
}

fn beginning_with(partition: String, prefix: &str) -> Expression {
    Expression::new()
        .only_if("#pk = :pk AND begins_with(#sk, :prefix)")
        .with(":pk", s(partition))
        .with(":prefix", s(prefix))
}

/// The keys of the links that entries stand for: their own, or those of the products' entries.
fn link_keys(operation: &'static str, entries: &[Item]) -> Result<Vec<Key>, StorageError> {
    let key_of = |entry: &Item| {
        let key = Key::of(entry);
        if key.pk.starts_with("L#") {
            return Ok(key);
        }
        let parts = key.sk.strip_prefix("L#").and_then(|rest| rest.split_once('#'));
        let (connection, listing) =
            parts.ok_or_else(|| Reader::new(operation, entry).corrupt("sk", "names no link"))?;
        Ok(Key::new(format!("L#{}", unescaped(connection)), format!("L#{listing}")))
    };
    entries.iter().map(key_of).collect()
}

/// Without `#`, so that a key of several parts has one reading.
fn escaped(connection: &ConnectionId) -> String {
    connection.as_str().replace('%', "%25").replace('#', "%23")
}

fn unescaped(connection: &str) -> String {
    connection.replace("%23", "#").replace("%25", "%")
}
