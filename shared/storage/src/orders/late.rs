//! Orders that were over so long after they were placed that no night's slice meets them: noted until their buyer's data is gone.

use domain::OrderId;

use super::Orders;
use crate::client::Query;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, s};
use crate::page::{Page, PageRequest, PageToken};

const NOTED: &str = "N";

fn key_of(id: &str) -> Key {
    Key::new(NOTED, id)
}

impl Orders {
    /// Notes the order. Repeating it changes nothing.
    pub async fn note_late(&self, id: OrderId) -> Result<(), StorageError> {
        let item = key_of(&id.to_string()).to_item();
        self.table.put("orders.note_late", item, Expression::new()).await.map(|_| ())
    }

    /// Those noted, the oldest order first. Orders noted or dropped meanwhile do not disturb the pages.
    pub async fn noted_late(&self, page: &PageRequest) -> Result<Page<OrderId>, StorageError> {
        const OPERATION: &str = "orders.noted_late";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(NOTED));
        let after = page.after.as_ref().map(|token| key_of(token.as_str()).to_item());
        let query = Query { after, limit: Some(page.limit), consistent: true, ..Query::partition(expression) };
        let (items, last) = self.table.query(OPERATION, query).await?;
        let ids = items.iter().map(|item| Reader::new(OPERATION, item).parsed("sk"));
        Ok(Page { items: ids.collect::<Result<_, _>>()?, next: last.map(|last| PageToken(Key::of(&last).sk)) })
    }

    /// Drops the note. Repeating it changes nothing.
    pub async fn drop_late(&self, id: OrderId) -> Result<(), StorageError> {
        self.table.delete("orders.drop_late", &key_of(&id.to_string()), Expression::new()).await.map(|_| ())
    }
}
