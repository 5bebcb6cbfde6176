//! Units of a product that orders not yet imported keep from the other channels.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{OrderId, ProductId};

use super::{Links, beginning_with, product_partition};
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, n};

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

fn hold_key(product: &ProductId, order: OrderId) -> Key {
    Key::new(product_partition(product), format!("H#{order}"))
}

impl Links {
    /// Stores the hold in place of an earlier one of the same order on the same product.
    pub async fn hold(&self, hold: &Hold) -> Result<(), StorageError> {
        let mut item = hold_key(&hold.product, hold.order).to_item();
        item.insert(UNITS.to_owned(), n(hold.units));
        item.insert(APPLIED.to_owned(), AttributeValue::Bool(hold.applied));
        self.table.put("links.hold", item, Expression::new()).await.map(|_| ())
    }

    /// Strongly consistent, in the order of the orders.
    pub async fn holds(&self, product: &ProductId) -> Result<Vec<Hold>, StorageError> {
        const OPERATION: &str = "links.holds";
        let items = self.table.query_all(OPERATION, beginning_with(product_partition(product), "H#"), true).await?;
        let holds = items.iter().map(|item| {
            let read = Reader::new(OPERATION, item);
            let order = Key::of(item).sk.strip_prefix("H#").and_then(|id| id.parse().ok());
            Ok(Hold {
                product: product.clone(),
                order: order.ok_or_else(|| read.corrupt("sk", "is not an order id"))?,
                units: read.number(UNITS)?,
                applied: read.flag(APPLIED)?,
            })
        });
        holds.collect()
    }

    /// Repeating it changes nothing.
    pub async fn release(&self, product: &ProductId, order: OrderId) -> Result<(), StorageError> {
        self.table.delete("links.release", &hold_key(product, order), Expression::new()).await.map(|_| ())
    }
}
