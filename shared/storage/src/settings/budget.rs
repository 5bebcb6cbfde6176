//! The budget of calls of each connection: a token bucket shared by all functions, taken from in blocks.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ConnectionId;
use jiff::Timestamp;

use super::{Settings, key_of};
use crate::client::Written;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Reader, n};

/// A token bucket: the calls of a connection, shared by all functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The most that it holds.
    pub capacity: u32,
    /// What flows in.
    pub per_minute: u32,
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

const NANOS_PER_MINUTE: i128 = 60_000_000_000;

const CALLS_LEFT: &str = "n";
/// Up to when the inflow is counted into `n`, in nanoseconds.
const COUNTED_UNTIL: &str = "t";

/// What a bucket held at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    calls: u32,
    at: i128,
}

impl Level {
    /// Counts in what has flowed in since; the remainder of a call stays in `at`.
    fn filled(self, bucket: Bucket, now: i128) -> Self {
        let inflow = now.saturating_sub(self.at).max(0) * i128::from(bucket.per_minute) / NANOS_PER_MINUTE;
        let room = i128::from(bucket.capacity.saturating_sub(self.calls));
        if inflow >= room {
            return Self { calls: bucket.capacity, at: now.max(self.at) };
        }
        let counted = self.at + inflow * NANOS_PER_MINUTE / i128::from(bucket.per_minute.max(1));
        Self { calls: self.calls + u32::try_from(inflow).unwrap_or(0), at: counted }
    }

    /// How long until there are `calls`.
    fn wait_for(self, calls: u32, bucket: Bucket, now: i128) -> Duration {
        let missing = i128::from(calls.saturating_sub(self.calls)) * NANOS_PER_MINUTE;
        let full_at = self.at + missing.div_euclid(i128::from(bucket.per_minute.max(1))) + 1;
        Duration::from_nanos(u64::try_from(full_at - now).unwrap_or(0).max(1))
    }
}

impl Settings {
    /// Takes `calls` from the connection's bucket, or says how long to stay away. More than the bucket holds counts as all it holds.
    pub async fn take_calls(
        &self,
        id: &ConnectionId,
        calls: u32,
        bucket: Bucket,
        now: Timestamp,
    ) -> Result<Taken, StorageError> {
        const OPERATION: &str = "settings.take_calls";
        let key = key_of(id, "BUDGET");
        let wanted = calls.min(bucket.capacity);
        let now = now.as_nanosecond();
        let mut found = self.table.get(OPERATION, &key).await?;
        for _ in 0..MAX_TRIES {
            let stored = match &found {
                None => None,
                Some(item) => {
                    let read = Reader::new(OPERATION, item);
                    Some(Level { calls: read.number(CALLS_LEFT)?, at: read.number(COUNTED_UNTIL)? })
                }
            };
            let level = stored.map_or(Level { calls: bucket.capacity, at: now }, |stored| stored.filled(bucket, now));
            let Some(left) = level.calls.checked_sub(wanted) else {
                return Ok(Taken::Wait(level.wait_for(wanted, bucket, now)));
            };
            let expression = Expression::new().set(CALLS_LEFT, n(left)).set(COUNTED_UNTIL, n(level.at));
            let expression = match stored {
                None => expression.only_if("attribute_not_exists(#pk)"),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_at_its_rate_and_never_over_its_brim() {
        let bucket = Bucket { capacity: 10, per_minute: 60 };
        let second = NANOS_PER_MINUTE / 60;
        let empty = Level { calls: 0, at: 0 };
        assert_eq!(empty.filled(bucket, second / 2), empty);
        assert_eq!(empty.filled(bucket, 3 * second + second / 2), Level { calls: 3, at: 3 * second });
        assert_eq!(empty.filled(bucket, 3600 * second), Level { calls: 10, at: 3600 * second });
        assert_eq!(empty.filled(bucket, -second), empty);
    }

    #[test]
    fn the_wait_is_long_enough() {
        let bucket = Bucket { capacity: 10, per_minute: 7 };
        let level = Level { calls: 1, at: 0 };
        let wait = i128::try_from(level.wait_for(4, bucket, 0).as_nanos()).unwrap();
        assert!(level.filled(bucket, wait).calls >= 4);
        assert!(level.filled(bucket, wait - 2).calls < 4);
    }
}
