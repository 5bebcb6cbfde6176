//! Which order an unpaid line belongs to, on channels that may merge unpaid orders into a new one (R19).

use domain::{ConnectionId, LineId, OrderId};
use jiff::Timestamp;

use super::{Settings, key_of};
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, expiry, s};

const ORDER: &str = "o";
const EXPIRY: &str = "ttl";

fn line_key(connection: &ConnectionId, line: &LineId) -> Key {
    key_of(connection, &format!("LINE#{line}"))
}

impl Settings {
    /// Notes that the unpaid lines belong to the order, until it is over for sure. Repeating it changes nothing.
    pub async fn note_unpaid_lines(
        &self,
        connection: &ConnectionId,
        lines: &[LineId],
        order: OrderId,
        until: Timestamp,
    ) -> Result<(), StorageError> {
        for line in lines {
            let mut item = line_key(connection, line).to_item();
            item.insert(ORDER.to_owned(), s(order.to_string()));
            item.insert(EXPIRY.to_owned(), expiry(until));
            self.table.put("settings.note_unpaid_lines", item, Expression::new()).await?;
        }
        Ok(())
    }

    /// The orders that the lines belonged to while they were unpaid, each once; strongly consistent.
    pub async fn unpaid_orders_of(
        &self,
        connection: &ConnectionId,
        lines: &[LineId],
    ) -> Result<Vec<OrderId>, StorageError> {
        const OPERATION: &str = "settings.unpaid_orders_of";
        let mut keys: Vec<Key> = lines.iter().map(|line| line_key(connection, line)).collect();
        keys.sort_unstable_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let items = self.table.get_many(OPERATION, &keys).await?;
        let orders = items.iter().map(|item| Reader::new(OPERATION, item).parsed(ORDER));
        let mut orders = orders.collect::<Result<Vec<OrderId>, _>>()?;
        orders.sort_unstable();
        orders.dedup();
        Ok(orders)
    }
}
