//! What all processes consume, noted by the day in steps: one small write for a hundred units, and nothing on most calls.
//!
//! A process counts what `DynamoDB` says each call consumed. Whenever its count passes a whole step, it adds that step to the
//! day's item. It begins to count at a place within a step that is chosen by chance: so a process that ends in the middle of
//! a step has noted, on the average of many, exactly what it consumed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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

#[derive(Debug, Clone)]
pub(crate) struct Usage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings_table: String,
    now: fn() -> Timestamp,
    /// Since the last step of each.
    counted: Mutex<Operation>,
}

/// What is noted at once. Smaller steps show small shops more exactly and cost more writes.
const STEP: Operation = Operation { calls: 500, write_units: 100, half_read_units: 2_000 };
/// What a note itself consumes.
const NOTE: Operation = Operation { write_units: 1, ..Operation::ONE_CALL };

const PARTITION: &str = "USAGE";
const CALLS: &str = "c";
const WRITES: &str = "w";
const HALF_READS: &str = "r";
const EXPIRY: &str = "ttl";
/// A year's report, and some days more.
const KEPT: Duration = Duration::from_hours(24 * 400);

impl Usage {
    pub(crate) fn new(settings_table: String, Counting { seed, now }: Counting) -> Self {
        let counted = Operation {
            calls: seed % STEP.calls,
            write_units: seed / STEP.calls % STEP.write_units,
            half_read_units: seed / (STEP.calls * STEP.write_units) % STEP.half_read_units,
        };
        Self(Arc::new(Inner { settings_table, now, counted: Mutex::new(counted) }))
    }

    /// Counts it; gives the steps that are full by now.
    pub(crate) fn count(&self, consumed: Operation) -> Option<Operation> {
        let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = counted.plus(consumed);
        let full = |sum: u64, step: u64| sum / step * step;
        let due = Operation {
            calls: full(sum.calls, STEP.calls),
            write_units: full(sum.write_units, STEP.write_units),
            half_read_units: full(sum.half_read_units, STEP.half_read_units),
        };
        *counted = Operation {
            calls: sum.calls - due.calls,
            write_units: sum.write_units - due.write_units,
            half_read_units: sum.half_read_units - due.half_read_units,
        };
        if due == Operation::default() {
            return None;
        }
        // Not looked at for full steps again: a note never leads to a note.
        *counted = counted.plus(NOTE);
        Some(due)
    }

    /// Adds full steps to the day. One that cannot be written is lost: nobody's order waits for a statistic.
    pub(crate) async fn note(&self, sdk: &aws_sdk_dynamodb::Client, due: Operation) {
        let now = (self.0.now)();
        let mut expression =
            Expression::new().add(CALLS, due.calls).add(WRITES, due.write_units).add(HALF_READS, due.half_read_units);
        if let Ok(ends) = now.checked_add(KEPT) {
            expression = expression.set_if_absent(EXPIRY, expiry(ends));
        }
        let parts = expression.into_parts();
        let sent = sdk
            .update_item()
            .table_name(&self.0.settings_table)
            .set_key(Some(Key::new(PARTITION, day(now).to_string()).to_item()))
            .set_update_expression(parts.update)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::None)
            .send()
            .await;
        match sent {
            Ok(_) | Err(_) => {}
        }
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Settings {
    /// What was noted on these days of UTC, both included.
    pub async fn usage(&self, first: Date, last: Date) -> Result<Operation, StorageError> {
        const OPERATION: &str = "settings.usage";
        let expression = Expression::new()
            .only_if("#pk = :pk AND #sk BETWEEN :first AND :last")
            .with(":pk", s(PARTITION))
            .with(":first", s(first.to_string()))
            .with(":last", s(last.to_string()));
        let mut sum = Operation::default();
        for item in self.table().query_all(OPERATION, expression, false).await? {
            let read = Reader::new(OPERATION, &item);
            sum = sum.plus(Operation {
                calls: read.number_or_zero(CALLS)?,
                write_units: read.number_or_zero(WRITES)?,
                half_read_units: read.number_or_zero(HALF_READS)?,
            });
        }
        Ok(sum)
    }
}
