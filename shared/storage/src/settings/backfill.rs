//! Backfills of a channel: each an item of its own with a version, so that of two workers one gets further.

use domain::ConnectionId;
use domain::backfill::Backfill;
use domain::ids::BackfillId;

use super::{Settings, key_of};
use crate::client::{Query, Written};
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Reader, document, n, s};

const DOCUMENT: &str = "d";
const VERSION: &str = "v";

fn read_backfill(operation: &'static str, item: &Item) -> Result<(Backfill, u64), StorageError> {
    let read = Reader::new(operation, item);
    Ok((read.document(DOCUMENT)?, read.number(VERSION)?))
}

impl Settings {
    /// Stores it if the stored version is still `expected` (0: there is none). `false`: another was faster.
    pub async fn put_backfill(&self, backfill: &Backfill, expected: u64) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.put_backfill";
        let mut item = key_of(&backfill.connection, &format!("BACKFILL#{}", backfill.id)).to_item();
        item.insert(DOCUMENT.to_owned(), document(OPERATION, backfill)?);
        item.insert(VERSION.to_owned(), n(expected + 1));
        let condition = if expected == 0 {
            Expression::absent()
        } else {
            Expression::new().only_if("#v = :read").with(":read", n(expected))
        };
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(true),
            Written::No(None) => Ok(false),
            // Our own write, its answer lost; or the same one by another, which is as good.
            Written::No(Some(item)) => Ok(read_backfill(OPERATION, &item)? == (backfill.clone(), expected + 1)),
        }
    }

    pub async fn backfill(
        &self,
        connection: &ConnectionId,
        id: &BackfillId,
    ) -> Result<Option<(Backfill, u64)>, StorageError> {
        const OPERATION: &str = "settings.backfill";
        let item = self.table.get(OPERATION, &key_of(connection, &format!("BACKFILL#{id}"))).await?;
        item.map(|item| read_backfill(OPERATION, &item)).transpose()
    }

    /// The one that was asked for last.
    pub async fn latest_backfill(&self, connection: &ConnectionId) -> Result<Option<(Backfill, u64)>, StorageError> {
        const OPERATION: &str = "settings.latest_backfill";
        let expression = Expression::new()
            .only_if("#pk = :pk AND begins_with(#sk, :sk)")
            .with(":pk", s(format!("C#{connection}")))
            .with(":sk", s("BACKFILL#"));
        let query = Query { backwards: true, consistent: true, limit: Some(1), ..Query::partition(expression) };
        let (items, _) = self.table.query(OPERATION, query).await?;
        items.first().map(|item| read_backfill(OPERATION, item)).transpose()
    }
}
