//! The nightly comparisons: each run with its parts, kept for a month.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::reconcile::{Found, Run};
use jiff::Timestamp;

use super::Settings;
use crate::client::{Query, Written};
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, document, expiry, packed, s, time};

const RUNS: &str = "RECONCILE";
const DOCUMENT: &str = "d";
const FINISHED: &str = "f";
const EXPIRY: &str = "ttl";
const KEPT: Duration = Duration::from_hours(24 * 31);

fn run_key(run: &str) -> Key {
    Key::new(RUNS, run)
}

fn part_key(run: &str, step: u32) -> Key {
    Key::new(format!("{RUNS}#{run}"), format!("{step:05}"))
}

fn read_run(operation: &'static str, item: &Item) -> Result<Run, StorageError> {
    let read = Reader::new(operation, item);
    let run: Run = read.document(DOCUMENT)?;
    Ok(Run { finished_at: read.time(FINISHED)?, ..run })
}

fn kept_until(operation: &'static str, started_at: Timestamp) -> Result<Timestamp, StorageError> {
    started_at
        .checked_add(KEPT)
        .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "out of range").because(error))
}

impl Settings {
    /// Stores a run unless there is one of this id; that one stays as it is.
    pub async fn begin_reconcile(&self, run: &Run) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.begin_reconcile";
        let mut item = run_key(&run.id).to_item();
        item.insert(DOCUMENT.to_owned(), document(OPERATION, run)?);
        item.insert(EXPIRY.to_owned(), expiry(kept_until(OPERATION, run.started_at)?));
        self.table.put(OPERATION, item, Expression::absent()).await.map(|_| ())
    }

    pub async fn reconcile(&self, run: &str) -> Result<Option<Run>, StorageError> {
        const OPERATION: &str = "settings.reconcile";
        let item = self.table.get(OPERATION, &run_key(run)).await?;
        item.as_ref().map(|item| read_run(OPERATION, item)).transpose()
    }

    pub async fn newest_reconcile(&self) -> Result<Option<Run>, StorageError> {
        const OPERATION: &str = "settings.newest_reconcile";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(RUNS));
        let query = Query { backwards: true, limit: Some(1), ..Query::partition(expression) };
        let (items, _) = self.table.query(OPERATION, query).await?;
        items.first().map(|item| read_run(OPERATION, item)).transpose()
    }

    /// Keeps what a part found; the first finding stays, and is what is answered.
    pub async fn keep_found(&self, run: &Run, step: u32, found: &Found) -> Result<Found, StorageError> {
        const OPERATION: &str = "settings.keep_found";
        let mut item = part_key(&run.id, step).to_item();
        item.insert(DOCUMENT.to_owned(), packed(OPERATION, found)?);
        item.insert(EXPIRY.to_owned(), expiry(kept_until(OPERATION, run.started_at)?));
        match self.table.put(OPERATION, item, Expression::absent()).await? {
            Written::Yes(_) => Ok(found.clone()),
            Written::No(Some(item)) => Reader::new(OPERATION, &item).packed(DOCUMENT),
            Written::No(None) => Err(StorageError::corrupt(OPERATION, format!("{}: was there and is not", run.id))),
        }
    }

    pub async fn found(&self, run: &str, step: u32) -> Result<Option<Found>, StorageError> {
        const OPERATION: &str = "settings.found";
        let item = self.table.get(OPERATION, &part_key(run, step)).await?;
        item.map(|item| Reader::new(OPERATION, &item).packed(DOCUMENT)).transpose()
    }

    /// What all parts found so far, in their order.
    pub async fn all_found(&self, run: &str) -> Result<Vec<(u32, Found)>, StorageError> {
        const OPERATION: &str = "settings.all_found";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(format!("{RUNS}#{run}")));
        let items = self.table.query_all(OPERATION, expression, true).await?;
        let read = items.iter().map(|item| {
            let read = Reader::new(OPERATION, item);
            Ok((read.parsed("sk")?, read.packed(DOCUMENT)?))
        });
        read.collect()
    }

    pub async fn finish_reconcile(&self, run: &str, now: Timestamp) -> Result<(), StorageError> {
        let expression = Expression::new().set(FINISHED, time(now)).only_if("attribute_exists(#pk)");
        self.table.update("settings.finish_reconcile", &run_key(run), expression, ReturnValue::None).await.map(|_| ())
    }
}
