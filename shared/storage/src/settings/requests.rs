//! Requests that carry an idempotency key: who carries one out now, and what was answered.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;

use super::once::{ENDS, EXPIRY, IS_OVER, later};
use super::{HOLDER, Settings};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, expiry, s, time};

/// One attempt at a request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Stands for the key and for whose it is.
    pub key: String,
    /// Stands for all that was asked.
    pub request: String,
    /// Tells this attempt from every other.
    pub holder: String,
}

/// What is known of a request that carries an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotency {
    /// This attempt is the one: do it, then [`Settings::finish_request`] or [`Settings::abandon_request`].
    New,
    /// Another attempt is under way.
    Running,
    /// Done before; this was the answer.
    Done(String),
    /// The key was used for something else.
    Other,
}

const REQUEST: &str = "q";
const ANSWER: &str = "a";

/// Still this attempt's, and not answered yet.
const IS_OURS: &str = "#h = :holder AND attribute_not_exists(#a)";

fn key_of(attempt: &Attempt) -> Key {
    Key::new(format!("IDEM#{}", attempt.key), "IDEM")
}

impl Settings {
    /// Begins a request. An attempt that does not end within `patience` has died, and the next one may begin.
    pub async fn begin_request(
        &self,
        attempt: &Attempt,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Idempotency, StorageError> {
        const OPERATION: &str = "settings.begin_request";
        let ends = later(OPERATION, now, patience)?;
        let mut item = key_of(attempt).to_item();
        item.insert(HOLDER.to_owned(), s(&attempt.holder));
        item.insert(REQUEST.to_owned(), s(&attempt.request));
        item.insert(ENDS.to_owned(), time(ends));
        item.insert(EXPIRY.to_owned(), expiry(ends));
        let condition = Expression::new().only_if(IS_OVER).with(":now", time(now));
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(Idempotency::New),
            Written::No(None) => Ok(Idempotency::Running),
            Written::No(Some(item)) => {
                let read = Reader::new(OPERATION, &item);
                if read.text(REQUEST)? != attempt.request {
                    return Ok(Idempotency::Other);
                }
                if read.has(ANSWER) {
                    return Ok(Idempotency::Done(read.text(ANSWER)?.to_owned()));
                }
                // What we wrote ourselves, its answer lost.
                let own = read.text(HOLDER)? == attempt.holder;
                Ok(if own { Idempotency::New } else { Idempotency::Running })
            }
        }
    }

    /// Remembers the answer for `keep`, if the attempt is still the one.
    pub async fn finish_request(
        &self,
        attempt: &Attempt,
        answer: &str,
        now: Timestamp,
        keep: Duration,
    ) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.finish_request";
        let ends = later(OPERATION, now, keep)?;
        let expression = Expression::new()
            .set(ANSWER, s(answer))
            .set(ENDS, time(ends))
            .set(EXPIRY, expiry(ends))
            .only_if(IS_OURS)
            .with(":holder", s(&attempt.holder));
        self.table.update(OPERATION, &key_of(attempt), expression, ReturnValue::None).await.map(|_| ())
    }

    /// Forgets a request that was begun and failed, so that it may be made again.
    pub async fn abandon_request(&self, attempt: &Attempt) -> Result<(), StorageError> {
        let ours = Expression::new().only_if(IS_OURS).with(":holder", s(&attempt.holder));
        self.table.delete("settings.abandon_request", &key_of(attempt), ours).await.map(|_| ())
    }
}
