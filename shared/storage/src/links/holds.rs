//! Units of a product that orders not yet imported keep from the other channels.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{OrderId, ProductId};

use super::{Links, SKU, beginning_with, product_partition};
use crate::client::Query;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, n, s};

/// Units of a product that an order not yet imported keeps from the other channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub product: ProductId,
    pub order: OrderId,
    pub units: u32,
    /// The units have left the store's stock already.
    pub applied: bool,
}

const UNITS: &str = "u";
const APPLIED: &str = "a";
/// Where the holds of all products stand together in the index `sku`: no SKU holds a control character.
const ALL_HOLDS: &str = "\u{1}HOLDS";

fn hold_key(product: &ProductId, order: OrderId) -> Key {
    Key::new(product_partition(product), format!("H#{order}"))
}

impl Links {
    /// Stores the hold in place of an earlier one of the same order on the same product.
    pub async fn hold(&self, hold: &Hold) -> Result<(), StorageError> {
        let mut item = hold_key(&hold.product, hold.order).to_item();
        item.insert(SKU.to_owned(), s(ALL_HOLDS));
        item.insert(UNITS.to_owned(), n(hold.units));
        item.insert(APPLIED.to_owned(), AttributeValue::Bool(hold.applied));
        self.table.put("links.hold", item, Expression::new()).await.map(|_| ())
    }

    /// Strongly consistent, in the order of the orders.
    pub async fn holds(&self, product: &ProductId) -> Result<Vec<Hold>, StorageError> {
        const OPERATION: &str = "links.holds";
        let items = self.table.query_all(OPERATION, beginning_with(product_partition(product), "H#"), true).await?;
        items.iter().map(|item| read_hold(OPERATION, item)).collect()
    }

    /// Every hold there is, in the order of the products. What was held moments ago may be missing.
    pub async fn all_holds(&self) -> Result<Vec<Hold>, StorageError> {
        const OPERATION: &str = "links.all_holds";
        let expression = Expression::new().only_if("#sku = :sku").with(":sku", s(ALL_HOLDS));
        let mut keys = Vec::new();
        let mut query = Query { index: Some("sku"), ..Query::partition(expression) };
        loop {
            let (entries, last) = self.table.query(OPERATION, query.clone()).await?;
            keys.extend(entries.iter().map(Key::of));
            if last.is_none() {
                break;
            }
            query.after = last;
        }
        let items = self.table.get_many(OPERATION, &keys).await?;
        let mut holds = items.iter().map(|item| read_hold(OPERATION, item)).collect::<Result<Vec<_>, _>>()?;
        holds.sort_unstable_by(|a, b| (&a.product, a.order).cmp(&(&b.product, b.order)));
        Ok(holds)
    }

    /// Repeating it changes nothing.
    pub async fn release(&self, product: &ProductId, order: OrderId) -> Result<(), StorageError> {
        self.table.delete("links.release", &hold_key(product, order), Expression::new()).await.map(|_| ())
    }
}

fn read_hold(operation: &'static str, item: &Item) -> Result<Hold, StorageError> {
    let read = Reader::new(operation, item);
    let key = Key::of(item);
    let product = key.pk.strip_prefix("P#").and_then(|product| ProductId::new(product).ok());
    let order = key.sk.strip_prefix("H#").and_then(|id| id.parse().ok());
    Ok(Hold {
        product: product.ok_or_else(|| read.corrupt("pk", "is not a product"))?,
        order: order.ok_or_else(|| read.corrupt("sk", "is not an order id"))?,
        units: read.number(UNITS)?,
        applied: read.flag(APPLIED)?,
    })
}
