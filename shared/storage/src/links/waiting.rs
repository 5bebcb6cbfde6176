//! Orders that wait for a link.

use domain::{ConnectionId, ListingKey, OrderId};

use super::{Links, beginning_with, partition_of};
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::Key;

fn waiting_prefix(listing: &ListingKey) -> String {
    format!("W#{listing}#")
}

fn waiting_key(order: OrderId, connection: &ConnectionId, listing: &ListingKey) -> Key {
    Key::new(partition_of(connection), format!("{}{order}", waiting_prefix(listing)))
}

impl Links {
    /// Notes that the order waits for a link of any of the listings. Repeating it changes nothing.
    pub async fn wait(
        &self,
        order: OrderId,
        connection: &ConnectionId,
        keys: &[ListingKey],
    ) -> Result<(), StorageError> {
        for listing in keys {
            let item = waiting_key(order, connection, listing).to_item();
            self.table.put("links.wait", item, Expression::new()).await?;
        }
        Ok(())
    }

    /// The orders that wait for a link of the listing; strongly consistent.
    pub async fn waiting(&self, connection: &ConnectionId, key: &ListingKey) -> Result<Vec<OrderId>, StorageError> {
        let prefix = waiting_prefix(key);
        let expression = beginning_with(partition_of(connection), &prefix);
        let items = self.table.query_all("links.waiting", expression, true).await?;
        // A listing whose name goes on after `#` shares the prefix; what then follows is no order id.
        Ok(items.iter().filter_map(|item| Key::of(item).sk.strip_prefix(&prefix)?.parse().ok()).collect())
    }

    /// Repeating it changes nothing.
    pub async fn stop_waiting(
        &self,
        order: OrderId,
        connection: &ConnectionId,
        keys: &[ListingKey],
    ) -> Result<(), StorageError> {
        for listing in keys {
            self.table
                .delete("links.stop_waiting", &waiting_key(order, connection, listing), Expression::new())
                .await?;
        }
        Ok(())
    }
}
