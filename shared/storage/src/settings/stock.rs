//! What the channels were told of the stock: the last known level of each product, who tells now, and whether a channel is told at all.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::quantity::{StoreStock, Telling};
use domain::{ConnectionId, ListingKey, ProductId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HOLDER, IS_FREE, IS_HELD, LEASED_UNTIL, Settings, key_of};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, document, s, time};

/// What is remembered of a product between two looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductStock {
    pub product: ProductId,
    /// As the main store had it when it was last read; `None`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<StoreStock>,
    /// Held units that had left `stock` when it was read.
    #[serde(default)]
    pub applied: u32,
    /// By how many units it is oversold, as far as that was told.
    #[serde(default)]
    pub short: u32,
    /// The listings whose first product this is. What is not here may show anything.
    #[serde(default)]
    pub told: Vec<Told>,
}

/// What one listing was told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub connection: ConnectionId,
    pub listing: ListingKey,
    pub quantity: u32,
    /// Why the channel did not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl ProductStock {
    pub const fn new(product: ProductId) -> Self {
        Self { product, stock: None, applied: 0, short: 0, told: Vec::new() }
    }

    pub fn told(&self, connection: &ConnectionId, listing: &ListingKey) -> Option<&Told> {
        self.told.iter().find(|told| told.connection == *connection && told.listing == *listing)
    }
}

/// Whether the lease on telling stock was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockLease {
    /// Taken. These products were in the hands of somebody who never came back: what their listings show is not known.
    Taken { unfinished: BTreeSet<ProductId> },
    /// Somebody has it, until then.
    Busy { until: Timestamp },
}

const PRODUCTS: &str = "p";
const DOCUMENT: &str = "d";

fn lease_key() -> Key {
    Key::new("STOCK", "LEASE")
}

fn product_key(product: &ProductId) -> Key {
    Key::new(format!("STOCK#{product}"), "STOCK")
}

impl Settings {
    /// Takes the lease on telling stock, and notes the products in the same write: whoever comes after a death finds them.
    pub async fn take_stock_lease(
        &self,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
        products: &BTreeSet<ProductId>,
    ) -> Result<StockLease, StorageError> {
        const OPERATION: &str = "settings.take_stock_lease";
        let names = products.iter().map(ToString::to_string).collect();
        let expression = Expression::new()
            .set(HOLDER, s(holder))
            .set(LEASED_UNTIL, time(until))
            .add_texts(PRODUCTS, names)
            .only_if(IS_FREE)
            .with(":now", time(now));
        match self.table.update(OPERATION, &lease_key(), expression, ReturnValue::AllOld).await? {
            Written::Yes(before) => {
                let unfinished = before.as_ref().map(|item| read_products(OPERATION, item)).transpose()?;
                Ok(StockLease::Taken { unfinished: unfinished.unwrap_or_default() })
            }
            Written::No(found) => {
                let until = found.as_ref().map(|item| Reader::new(OPERATION, item).time(LEASED_UNTIL)).transpose()?;
                Ok(StockLease::Busy { until: until.flatten().unwrap_or(now) })
            }
        }
    }

    /// Gives the lease back. Only what was `finished` is forgotten; else the next holder finds the products.
    pub async fn release_stock_lease(&self, holder: &str, finished: bool) -> Result<(), StorageError> {
        let expression = Expression::new().remove(HOLDER).remove(LEASED_UNTIL);
        let expression = if finished { expression.remove(PRODUCTS) } else { expression };
        let expression = expression.only_if(IS_HELD).with(":holder", s(holder));
        self.table.update("settings.release_stock_lease", &lease_key(), expression, ReturnValue::None).await.map(|_| ())
    }

    /// What is remembered of the products; those never seen are left out.
    pub async fn product_stock(&self, products: &BTreeSet<ProductId>) -> Result<Vec<ProductStock>, StorageError> {
        const OPERATION: &str = "settings.product_stock";
        let keys: Vec<Key> = products.iter().map(product_key).collect();
        let items = self.table.get_many(OPERATION, &keys).await?;
        items.iter().map(|item| Reader::new(OPERATION, item).document(DOCUMENT)).collect()
    }

    /// Replaces what is remembered of a product. Only the holder of the lease on telling stock may.
    pub async fn put_product_stock(&self, stock: &ProductStock) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.put_product_stock";
        let mut item = product_key(&stock.product).to_item();
        item.insert(DOCUMENT.to_owned(), document(OPERATION, stock)?);
        self.table.put(OPERATION, item, Expression::new()).await.map(|_| ())
    }

    /// Whether the channel is told quantities; not before somebody started it.
    pub async fn telling(&self, channel: &ConnectionId) -> Result<Telling, StorageError> {
        const OPERATION: &str = "settings.telling";
        match self.table.get(OPERATION, &key_of(channel, "STOCK")).await? {
            Some(item) => Reader::new(OPERATION, &item).document(DOCUMENT),
            None => Ok(Telling::NotStarted),
        }
    }

    /// Stores it if it still is as `before`. `false`: somebody started or paused it meanwhile, nothing was stored.
    pub async fn put_telling(
        &self,
        channel: &ConnectionId,
        before: Telling,
        after: Telling,
    ) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.put_telling";
        let mut item = key_of(channel, "STOCK").to_item();
        item.insert(DOCUMENT.to_owned(), document(OPERATION, &after)?);
        let condition = match before {
            Telling::NotStarted => Expression::new().only_if("attribute_not_exists(#pk) OR #d = :before"),
            _ => Expression::new().only_if("#d = :before"),
        };
        let condition = condition.with(":before", document(OPERATION, &before)?);
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(true),
            // Our own write, its answer lost.
            Written::No(Some(item)) => Ok(Reader::new(OPERATION, &item).document::<Telling>(DOCUMENT)? == after),
            Written::No(None) => Ok(false),
        }
    }
}

fn read_products(operation: &'static str, item: &Item) -> Result<BTreeSet<ProductId>, StorageError> {
    let read = Reader::new(operation, item);
    let names = if read.has(PRODUCTS) { read.texts(PRODUCTS)? } else { &[] };
    let parse = |name: &String| ProductId::new(name).map_err(|_| read.corrupt(PRODUCTS, "holds no product id"));
    names.iter().map(parse).collect()
}
