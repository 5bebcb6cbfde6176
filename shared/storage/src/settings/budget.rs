//! The budget of each connection: its platform's allowances as token buckets that all functions share, taken from in blocks.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ConnectionId;
use jiff::Timestamp;

use super::{Settings, key_of};
use crate::client::Written;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, n, s};

/// A token bucket: one allowance of a connection's platform, shared by all functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Names it among the connection's.
    pub name: &'static str,
    /// The most that it holds.
    pub capacity: u32,
    /// What flows in.
    pub per_hour: u32,
}

/// What the platform says of a bucket; it knows better than we.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BucketTold {
    /// What is left now, where that is less than we think.
    pub at_most: Option<u32>,
    pub capacity: Option<u32>,
    pub per_hour: Option<u32>,
}

/// What a bucket holds now. What a process has taken and not used yet counts as used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketLevel {
    pub name: String,
    pub left: u32,
    pub capacity: u32,
    pub per_hour: u32,
}

/// Whether calls could be taken from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Not enough left; ask again after this long.
    Wait(Duration),
}

/// How often a taking is tried again when others took in between.
const MAX_TRIES: usize = 8;

const NANOS_PER_HOUR: i128 = 3_600_000_000_000;

const CALLS_LEFT: &str = "n";
/// Up to when the inflow is counted into `n`, in nanoseconds.
const COUNTED_UNTIL: &str = "t";
/// What the platform said that it holds, and what it said flows in.
const CAPACITY: &str = "b";
const PER_HOUR: &str = "r";
/// The same as who takes from it declared them, for whoever only looks.
const DECLARED_CAPACITY: &str = "db";
const DECLARED_PER_HOUR: &str = "dr";
const PREFIX: &str = "BUDGET#";

/// What a bucket held at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    calls: u32,
    at: i128,
}

impl Level {
    /// Counts in what has flowed in since; the remainder of a call stays in `at`.
    fn filled(self, bucket: Bucket, now: i128) -> Self {
        let inflow = now.saturating_sub(self.at).max(0) * i128::from(bucket.per_hour) / NANOS_PER_HOUR;
        let room = i128::from(bucket.capacity.saturating_sub(self.calls));
        if inflow >= room {
            return Self { calls: bucket.capacity, at: now.max(self.at) };
        }
        let counted = self.at + inflow * NANOS_PER_HOUR / i128::from(bucket.per_hour.max(1));
        Self { calls: self.calls + u32::try_from(inflow).unwrap_or(0), at: counted }
    }

    /// How long until there are `calls`.
    fn wait_for(self, calls: u32, bucket: Bucket, now: i128) -> Duration {
        let missing = i128::from(calls.saturating_sub(self.calls)) * NANOS_PER_HOUR;
        let full_at = self.at + missing.div_euclid(i128::from(bucket.per_hour.max(1))) + 1;
        Duration::from_nanos(u64::try_from(full_at - now).unwrap_or(0).max(1))
    }
}

impl Settings {
    /// Takes `calls` from the connection's bucket, or says how long to stay away. More than the bucket holds counts as all it
    /// holds. What the platform said of the bucket goes before what is given here.
    pub async fn take_calls(
        &self,
        id: &ConnectionId,
        calls: u32,
        bucket: Bucket,
        now: Timestamp,
    ) -> Result<Taken, StorageError> {
        const OPERATION: &str = "settings.take_calls";
        let key = bucket_key(id, bucket);
        let declared = bucket;
        let now = now.as_nanosecond();
        let mut found = self.table.get(OPERATION, &key).await?;
        for _ in 0..MAX_TRIES {
            let stored = found.as_ref().map(|item| read_level(OPERATION, item)).transpose()?.flatten();
            let bucket = as_told(OPERATION, found.as_ref(), bucket)?;
            let wanted = calls.min(bucket.capacity);
            let level = stored.map_or(Level { calls: bucket.capacity, at: now }, |stored| stored.filled(bucket, now));
            let Some(left) = level.calls.checked_sub(wanted) else {
                return Ok(Taken::Wait(level.wait_for(wanted, bucket, now)));
            };
            let expression = Expression::new()
                .set(CALLS_LEFT, n(left))
                .set(COUNTED_UNTIL, n(level.at))
                .set(DECLARED_CAPACITY, n(declared.capacity))
                .set(DECLARED_PER_HOUR, n(declared.per_hour));
            let expression = match stored {
                None => expression.only_if("attribute_not_exists(#n)"),
                Some(stored) => expression
                    .only_if("#n = :calls_read AND #t = :at_read")
                    .with(":calls_read", n(stored.calls))
                    .with(":at_read", n(stored.at)),
            };
            match self.table.update(OPERATION, &key, expression, ReturnValue::None).await? {
                Written::Yes(_) => return Ok(Taken::Yes),
                // Others took in between; an own write whose answer was lost is paid twice, which only makes us slower.
                Written::No(item) => found = item,
            }
        }
        Err(StorageError::new(ErrorKind::Conflict, OPERATION, format!("{id}: others keep taking")))
    }

    /// The connection's buckets that were taken from, by name.
    pub async fn buckets(&self, id: &ConnectionId, now: Timestamp) -> Result<Vec<BucketLevel>, StorageError> {
        const OPERATION: &str = "settings.buckets";
        let key = key_of(id, PREFIX);
        let expression = Expression::new()
            .only_if("#pk = :pk AND begins_with(#sk, :prefix)")
            .with(":pk", s(key.pk))
            .with(":prefix", s(key.sk));
        let items = self.table.query_all(OPERATION, expression, false).await?;
        let levels = items.iter().map(|item| read_bucket(OPERATION, item, now.as_nanosecond()));
        levels.filter_map(Result::transpose).collect()
    }

    /// Notes what the platform said of a bucket. Who takes at the same moment may be counted once less: the next answer of the
    /// platform makes it good.
    pub async fn tell_calls(
        &self,
        id: &ConnectionId,
        bucket: Bucket,
        told: BucketTold,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.tell_calls";
        let mut expression = Expression::new();
        if let Some(left) = told.at_most {
            expression = expression.set(CALLS_LEFT, n(left)).set(COUNTED_UNTIL, n(now.as_nanosecond()));
        }
        if let Some(capacity) = told.capacity {
            expression = expression.set(CAPACITY, n(capacity));
        }
        if let Some(per_hour) = told.per_hour {
            expression = expression.set(PER_HOUR, n(per_hour));
        }
        if told == BucketTold::default() {
            return Ok(());
        }
        self.table.update(OPERATION, &bucket_key(id, bucket), expression, ReturnValue::None).await.map(|_| ())
    }
}

fn bucket_key(id: &ConnectionId, bucket: Bucket) -> Key {
    key_of(id, &format!("{PREFIX}{}", bucket.name))
}

/// `None`: nobody has taken from it yet.
fn read_bucket(operation: &'static str, item: &Item, now: i128) -> Result<Option<BucketLevel>, StorageError> {
    let read = Reader::new(operation, item);
    let Some(level) = read_level(operation, item)?.filter(|_| read.has(DECLARED_CAPACITY)) else { return Ok(None) };
    let declared =
        Bucket { name: "", capacity: read.number(DECLARED_CAPACITY)?, per_hour: read.number(DECLARED_PER_HOUR)? };
    let bucket = as_told(operation, Some(item), declared)?;
    let name = read.text("sk")?.strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let left = level.filled(bucket, now).calls;
    Ok(Some(BucketLevel { name, left, capacity: bucket.capacity, per_hour: bucket.per_hour }))
}

/// `None`: the platform has told of the bucket, and nobody has taken from it yet.
fn read_level(operation: &'static str, item: &Item) -> Result<Option<Level>, StorageError> {
    let read = Reader::new(operation, item);
    if !read.has(CALLS_LEFT) {
        return Ok(None);
    }
    Ok(Some(Level { calls: read.number(CALLS_LEFT)?, at: read.number(COUNTED_UNTIL)? }))
}

fn as_told(operation: &'static str, item: Option<&Item>, bucket: Bucket) -> Result<Bucket, StorageError> {
    let Some(item) = item else { return Ok(bucket) };
    let read = Reader::new(operation, item);
    let capacity = if read.has(CAPACITY) { read.number(CAPACITY)? } else { bucket.capacity };
    let per_hour = if read.has(PER_HOUR) { read.number(PER_HOUR)? } else { bucket.per_hour };
    Ok(Bucket { capacity, per_hour, ..bucket })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_at_its_rate_and_never_over_its_brim() {
        let bucket = Bucket { name: "calls", capacity: 10, per_hour: 3600 };
        let second = NANOS_PER_HOUR / 3600;
        let empty = Level { calls: 0, at: 0 };
        assert_eq!(empty.filled(bucket, second / 2), empty);
        assert_eq!(empty.filled(bucket, 3 * second + second / 2), Level { calls: 3, at: 3 * second });
        assert_eq!(empty.filled(bucket, 3600 * second), Level { calls: 10, at: 3600 * second });
        assert_eq!(empty.filled(bucket, -second), empty);
    }

    #[test]
    fn the_wait_is_long_enough() {
        let bucket = Bucket { name: "calls", capacity: 10, per_hour: 420 };
        let level = Level { calls: 1, at: 0 };
        let wait = i128::try_from(level.wait_for(4, bucket, 0).as_nanos()).unwrap();
        assert!(level.filled(bucket, wait).calls >= 4);
        assert!(level.filled(bucket, wait - 2).calls < 4);
    }
}
