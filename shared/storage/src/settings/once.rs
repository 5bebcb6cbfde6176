//! Things that happen once: order numbers, debounced webhooks, requests with an idempotency key, OAuth states.

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
use crate::item::{Key, Reader, document, expiry, n, s, time};

/// What is known of a request that carries an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotency {
    /// The first: do it, then [`Settings::finish_request`].
    New,
    /// Another does it now, or died while doing it.
    Running,
    /// Done before; this was the answer.
    Done(String),
}

/// When it ends for us, exactly; `ttl` is when `DynamoDB` may delete it, which can be days later.
const ENDS: &str = "u";
const EXPIRY: &str = "ttl";
/// When it was begun: tells a lost answer of our own from another's.
const BEGUN: &str = "b";
const ANSWER: &str = "a";
const DATA: &str = "d";

const IS_OVER: &str = "attribute_not_exists(#pk) OR #u <= :now";

fn request_key(key: &str) -> Key {
    Key::new(format!("IDEM#{key}"), "IDEM")
}

fn state_key(state: &str) -> Key {
    let hash = Sha256::digest(state).iter().fold(String::with_capacity(64), |hash, byte| hash + &format!("{byte:02x}"));
    Key::new(format!("STATE#{hash}"), "STATE")
}

fn later(operation: &'static str, now: Timestamp, by: Duration) -> Result<Timestamp, StorageError> {
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

    /// Begins a request that carries an idempotency key; it is remembered for `keep`.
    pub async fn begin_request(&self, key: &str, now: Timestamp, keep: Duration) -> Result<Idempotency, StorageError> {
        const OPERATION: &str = "settings.begin_request";
        let ends = later(OPERATION, now, keep)?;
        let mut item = request_key(key).to_item();
        item.insert(BEGUN.to_owned(), time(now));
        item.insert(ENDS.to_owned(), time(ends));
        item.insert(EXPIRY.to_owned(), expiry(ends));
        let condition = Expression::new().only_if(IS_OVER).with(":now", time(now));
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(Idempotency::New),
            Written::No(None) => Ok(Idempotency::Running),
            Written::No(Some(item)) => {
                let read = Reader::new(OPERATION, &item);
                if read.has(ANSWER) {
                    return Ok(Idempotency::Done(read.text(ANSWER)?.to_owned()));
                }
                let own = read.time(BEGUN)? == Some(now);
                Ok(if own { Idempotency::New } else { Idempotency::Running })
            }
        }
    }

    /// Remembers the answer of a request that was begun.
    pub async fn finish_request(&self, key: &str, answer: &str) -> Result<(), StorageError> {
        let expression = Expression::new().set(ANSWER, s(answer)).only_if("attribute_exists(#pk)");
        let key = request_key(key);
        self.table.update("settings.finish_request", &key, expression, ReturnValue::None).await.map(|_| ())
    }

    /// Forgets a request that was begun and failed, so that it may be made again.
    pub async fn abandon_request(&self, key: &str) -> Result<(), StorageError> {
        let unanswered = Expression::new().only_if("attribute_not_exists(#a)");
        self.table.delete("settings.abandon_request", &request_key(key), unanswered).await.map(|_| ())
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
