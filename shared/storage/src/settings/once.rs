//! Things that happen once: order numbers, debounced webhooks, OAuth states.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::Settings;
use crate::client::Written;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Key, Reader, document, expiry, n, time};

/// When it ends for us, exactly; `ttl` is when `DynamoDB` may delete it, which can be days later.
pub(super) const ENDS: &str = "u";
pub(super) const EXPIRY: &str = "ttl";
const DATA: &str = "d";

pub(super) const IS_OVER: &str = "attribute_not_exists(#pk) OR #u <= :now";

fn state_key(state: &str) -> Key {
    let hash = Sha256::digest(state).iter().fold(String::with_capacity(64), |hash, byte| hash + &format!("{byte:02x}"));
    Key::new(format!("STATE#{hash}"), "STATE")
}

pub(super) fn later(operation: &'static str, now: Timestamp, by: Duration) -> Result<Timestamp, StorageError> {
    now.checked_add(by)
        .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "out of range").because(error))
}

impl Settings {
    /// Takes a block of order numbers that nobody else gets. Numbers begin at 1; gaps are normal.
    pub async fn take_numbers(&self, block: u32) -> Result<Range<u64>, StorageError> {
        const OPERATION: &str = "settings.take_numbers";
        let key = Key::new("COUNTER", "NUMBERS");
        let expression = Expression::new().add("n", block.into());
        match self.table.update(OPERATION, &key, expression, ReturnValue::UpdatedNew).await? {
            Written::Yes(Some(item)) => {
                let last: u64 = Reader::new(OPERATION, &item).number("n")?;
                Ok(last + 1 - u64::from(block)..last + 1)
            }
            Written::Yes(None) | Written::No(_) => Err(StorageError::corrupt(OPERATION, "no answer")),
        }
    }

    /// `true` for the first call with this key, and for the first one after `quiet` has passed since the last `true`.
    pub async fn debounce(&self, key: &str, now: Timestamp, quiet: Duration) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.debounce";
        let ends = later(OPERATION, now, quiet)?;
        let mut item = Key::new(format!("ONCE#{key}"), "DEBOUNCE").to_item();
        item.insert(ENDS.to_owned(), time(ends));
        item.insert(EXPIRY.to_owned(), expiry(ends));
        let condition = Expression::new().only_if(IS_OVER).with(":now", time(now));
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(true),
            // To the nanosecond what we wrote: our own, its answer lost.
            Written::No(Some(item)) => Ok(Reader::new(OPERATION, &item).time(ENDS)? == Some(ends)),
            Written::No(None) => Ok(false),
        }
    }

    /// Keeps what belongs to the state of an OAuth round trip until it comes back. Of the state itself only a hash is kept.
    pub async fn put_oauth_state(
        &self,
        state: &str,
        data: &impl Serialize,
        now: Timestamp,
        keep: Duration,
    ) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.put_oauth_state";
        let ends = later(OPERATION, now, keep)?;
        let mut item = state_key(state).to_item();
        item.insert(DATA.to_owned(), document(OPERATION, data)?);
        item.insert(ENDS.to_owned(), n(ends.as_nanosecond()));
        item.insert(EXPIRY.to_owned(), expiry(ends));
        self.table.put(OPERATION, item, Expression::new()).await.map(|_| ())
    }

    /// Gives the state's data once; `None` if it was never kept, was used, or is too old.
    pub async fn take_oauth_state<T: DeserializeOwned>(
        &self,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StorageError> {
        const OPERATION: &str = "settings.take_oauth_state";
        let key = state_key(state);
        let fresh = Expression::new().only_if("#u > :now").with(":now", time(now));
        match self.table.delete(OPERATION, &key, fresh).await? {
            Written::Yes(Some(item)) => Reader::new(OPERATION, &item).document(DATA).map(Some),
            Written::Yes(None) | Written::No(_) => Ok(None),
        }
    }
}
