//! Keeps the day pages that lists, counts, search and reports read.

use app::{App, AppError, Folded};
use domain::OrderId;
use serde::Deserialize;

/// A batch of the orders table's stream, or what the schedule sends each night: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Message {
    #[serde(default, rename = "Records")]
    records: Vec<Record>,
    /// By hand: make every page anew.
    #[serde(default)]
    rebuild: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Record {
    dynamodb: Change,
}

/// Only the key counts: what the order is now is read from the table, so that an old record does no harm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Change {
    #[serde(rename = "Keys")]
    keys: Keys,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    s: String,
}

impl Message {
    /// The orders whose heads changed. The pages themselves stand in the same table.
    fn orders(&self) -> Vec<OrderId> {
        let heads = self.records.iter().map(|record| &record.dynamodb.keys).filter(|keys| keys.pk.s.starts_with("O#"));
        heads.filter_map(|keys| keys.sk.s.parse().ok()).collect()
    }
}

/// Adds the rows of changed orders to the log; when the log has become long, and each night that follows no such fold, folds the log into the day pages.
///
/// - **Trigger**: the stream of the orders table, gathered for up to five minutes; EventBridge Scheduler, every night.
/// - **Idempotency**: a record only names an order, whose head is read anew; a row that stands in the log twice counts once,
///   and a page is only replaced by one that holds as much or more.
/// - **Failure**: the batch is delivered again, and after three times put on the dead-letter queue, which raises an alarm; the
///   pages are then behind until the order changes again or they are made anew (`{"rebuild": true}`), and so are the notes of
///   orders that were over late. Nothing else depends on it.
pub async fn handle(app: &App, message: &Message) -> Result<(), AppError> {
    if message.records.is_empty() {
        let folded = if message.rebuild { app.rebuild_pages().await? } else { app.fold_nightly().await? };
        tell(folded);
        return Ok(());
    }
    let orders = message.orders();
    app.log_changes(&orders).await?;
    if !orders.is_empty() && app.is_fold_due().await? {
        tell(app.fold().await?);
    }
    Ok(())
}

fn tell(folded: Folded) {
    match folded {
        Folded::Rows(orders) => tracing::info!(orders, "Folded the log into the day pages"),
        Folded::Rebuilt(orders) => tracing::info!(orders, "Made every day page anew"),
        Folded::Busy => tracing::info!("Another worker folds"),
        Folded::Lately => tracing::info!("The log was folded within the day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_events_are_understood_and_only_heads_count() {
        let batch: Message = serde_json::from_str(include_str!("../../../events/fold-orders/one-batch.json")).unwrap();
        assert_eq!(batch.records.len(), 2);
        assert_eq!(batch.orders(), ["01KABRAGT0ZBG8W2QJ4P1C7V5N".parse().unwrap()]);
        let night: Message =
            serde_json::from_str(include_str!("../../../events/fold-orders/every-night.json")).unwrap();
        assert_eq!(night, Message::default());
        let anew: Message = serde_json::from_str(include_str!("../../../events/fold-orders/rebuild.json")).unwrap();
        assert!(anew.rebuild);
        // The schedule's own envelope, too.
        let scheduled: Message =
            serde_json::from_str(include_str!("../../../events/schedule-polls/every-minute.json")).unwrap();
        assert_eq!(scheduled, Message::default());
    }
}
