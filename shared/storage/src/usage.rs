//! What all processes consume, noted by the day in steps: one small write for a hundred units, and nothing most of the time.
//!
//! A process counts what it consumes. Whenever its count of something passes a whole step, the next note adds that step to
//! the day's item. It begins to count at a place within a step that is chosen by chance: so a process that ends in the middle
//! of a step has noted, on the average of many, exactly what it consumed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::cost::{Consumed, Part};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::client::failed;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, expiry, s};
use crate::meter::Operation;
use crate::settings::Settings;

/// How a process counts and notes what it consumes.
#[derive(Debug, Clone, Copy)]
pub struct Counting {
    /// By chance, another in each process.
    pub seed: u64,
    pub now: fn() -> Timestamp,
}

/// What a process consumes. Clones count together.
#[derive(Debug, Clone)]
pub struct Usage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sdk: aws_sdk_dynamodb::Client,
    settings_table: String,
    now: fn() -> Timestamp,
    /// Since the last noted step of each.
    counted: Mutex<Consumed>,
}

const PARTITION: &str = "USAGE";
const EXPIRY: &str = "ttl";
/// A year's report, and some days more.
const KEPT: Duration = Duration::from_hours(24 * 400);

/// What is noted at once, and where. Smaller steps show small shops more exactly and cost more writes.
const fn noted(part: Part) -> (u64, &'static str) {
    /// In milliseconds times MiB.
    const HUNDRED_GB_SECONDS: u64 = 100 * 1_000 * 1_024;
    match part {
        Part::TableWrites => (100, "w"),
        Part::TableReads => (2_000, "r"),
        Part::TableRequests => (500, "c"),
        Part::FunctionRequests => (1_000, "f"),
        Part::FunctionTimeArm => (HUNDRED_GB_SECONDS, "m"),
        Part::FunctionTimeX86 => (HUNDRED_GB_SECONDS, "x"),
        Part::ApiRequests => (200, "a"),
        Part::QueueRequests => (500, "q"),
        Part::Events => (100, "e"),
        Part::SecretRequests => (500, "s"),
    }
}

impl Usage {
    pub(crate) fn new(sdk: aws_sdk_dynamodb::Client, settings_table: String, Counting { seed, now }: Counting) -> Self {
        // Each place is as likely as another. That the parts' places go together makes fewer notes, and none wrong.
        let begins = |sum: Consumed, part| sum.with(part, seed % noted(part).0);
        let counted = Part::EVERY.into_iter().fold(Consumed::default(), begins);
        Self(Arc::new(Inner { sdk, settings_table, now, counted: Mutex::new(counted) }))
    }

    /// Counts it. Nothing is written until the next [`Usage::note`].
    pub fn add(&self, consumed: Consumed) {
        let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted = counted.plus(consumed);
    }

    /// What is counted and not noted, from where the process began to count.
    pub fn counted(&self) -> Consumed {
        *self.0.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the steps that are full by now to the day, in one write; none is full most of the time.
    ///
    /// Steps that cannot be written are lost, and the log says so: nobody's order waits for a statistic.
    pub async fn note(&self) {
        let Some(due) = self.take_full() else { return };
        self.add(Consumed::default().with(Part::TableRequests, 1).with(Part::TableWrites, 1));
        if let Err(error) = self.write(due).await {
            let (operation, kind) = (error.operation, error.kind);
            tracing::warn!(operation, kind = ?kind, "What was consumed cannot be noted");
        }
    }

    fn take_full(&self) -> Option<Consumed> {
        let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut full, mut rest) = (Consumed::default(), Consumed::default());
        for part in Part::EVERY {
            let (step, count) = (noted(part).0, counted.of(part));
            full = full.with(part, count - count % step);
            rest = rest.with(part, count % step);
        }
        *counted = rest;
        (full != Consumed::default()).then_some(full)
    }

    async fn write(&self, due: Consumed) -> Result<(), StorageError> {
        const OPERATION: &str = "usage.note";
        let now = (self.0.now)();
        let mut expression = Expression::new();
        for part in Part::EVERY.into_iter().filter(|part| due.of(*part) > 0) {
            expression = expression.add(noted(part).1, due.of(part));
        }
        if let Ok(ends) = now.checked_add(KEPT) {
            expression = expression.set_if_absent(EXPIRY, expiry(ends));
        }
        let parts = expression.into_parts();
        let key = Key::new(PARTITION, day(now).to_string());
        let sent = self
            .0
            .sdk
            .update_item()
            .table_name(&self.0.settings_table)
            .set_key(Some(key.to_item()))
            .set_update_expression(parts.update)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::None)
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| failed(OPERATION, key, error))
    }
}

impl From<Operation> for Consumed {
    fn from(measured: Operation) -> Self {
        Self::default()
            .with(Part::TableWrites, measured.write_units)
            .with(Part::TableReads, measured.half_read_units)
            .with(Part::TableRequests, measured.calls)
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Settings {
    /// What was noted on these days of UTC, both included.
    pub async fn usage(&self, first: Date, last: Date) -> Result<Consumed, StorageError> {
        const OPERATION: &str = "settings.usage";
        let expression = Expression::new()
            .only_if("#pk = :pk AND #sk BETWEEN :first AND :last")
            .with(":pk", s(PARTITION))
            .with(":first", s(first.to_string()))
            .with(":last", s(last.to_string()));
        let mut sum = Consumed::default();
        for item in self.table().query_all(OPERATION, expression, false).await? {
            let read = Reader::new(OPERATION, &item);
            for part in Part::EVERY {
                sum = sum.with(part, read.number_or_zero(noted(part).1)?);
            }
        }
        Ok(sum)
    }
}
