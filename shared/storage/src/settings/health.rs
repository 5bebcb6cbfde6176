//! How each connection fares: since when it has not answered, and its breaker.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ConnectionId;
use jiff::Timestamp;

use super::{Settings, key_of};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Reader, s, time};

/// How a connection fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    pub last_success: Option<Timestamp>,
    /// Since when every call has failed; `None` while it works.
    pub failing_since: Option<Timestamp>,
    /// When it failed last, and one sentence for the merchant.
    pub last_failure: Option<(Timestamp, String)>,
    /// The breaker: nothing is to be called before this.
    pub paused_until: Option<Timestamp>,
    /// The owner was told then that it is in trouble, and not yet that it is over.
    pub told_at: Option<Timestamp>,
    /// It answers, and yet nothing is taken in: why, in one sentence for the merchant.
    pub waits: Option<String>,
}

const SUCCESS: &str = "ok";
const FAILING_SINCE: &str = "fs";
const FAILURE: &str = "fa";
const WHY: &str = "why";
const PAUSED_UNTIL: &str = "pu";
const TOLD: &str = "td";
const WAITS: &str = "wa";

fn read_health(operation: &'static str, item: &Item) -> Result<Health, StorageError> {
    let read = Reader::new(operation, item);
    let last_failure = match read.time(FAILURE)? {
        Some(at) => Some((at, read.text(WHY)?.to_owned())),
        None => None,
    };
    Ok(Health {
        last_success: read.time(SUCCESS)?,
        failing_since: read.time(FAILING_SINCE)?,
        last_failure,
        paused_until: read.time(PAUSED_UNTIL)?,
        told_at: read.time(TOLD)?,
        waits: if read.has(WAITS) { Some(read.text(WAITS)?.to_owned()) } else { None },
    })
}

impl Settings {
    pub async fn health(&self, id: &ConnectionId) -> Result<Health, StorageError> {
        const OPERATION: &str = "settings.health";
        match self.table.get(OPERATION, &key_of(id, "HEALTH")).await? {
            Some(item) => read_health(OPERATION, &item),
            None => Ok(Health::default()),
        }
    }

    /// The connection answered: ends a failing spell. A pause stays until its time, for it may be what the platform asked for.
    pub async fn record_success(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StorageError> {
        let expression = Expression::new().set(SUCCESS, time(now)).remove(FAILING_SINCE).remove(WAITS);
        let key = key_of(id, "HEALTH");
        self.table.update("settings.record_success", &key, expression, ReturnValue::None).await.map(|_| ())
    }

    /// The connection answered, and nothing is taken in: `why` is one sentence for the merchant. Ends a failing spell.
    pub async fn record_waiting(&self, id: &ConnectionId, now: Timestamp, why: &str) -> Result<(), StorageError> {
        let expression = Expression::new().set(SUCCESS, time(now)).set(WAITS, s(why)).remove(FAILING_SINCE);
        let key = key_of(id, "HEALTH");
        self.table.update("settings.record_waiting", &key, expression, ReturnValue::None).await.map(|_| ())
    }

    /// The connection failed; the answer tells since when it has been failing. `why` is one sentence for the merchant.
    pub async fn record_failure(&self, id: &ConnectionId, now: Timestamp, why: &str) -> Result<Health, StorageError> {
        const OPERATION: &str = "settings.record_failure";
        let expression =
            Expression::new().set(FAILURE, time(now)).set(WHY, s(why)).set_if_absent(FAILING_SINCE, time(now));
        match self.table.update(OPERATION, &key_of(id, "HEALTH"), expression, ReturnValue::AllNew).await? {
            Written::Yes(Some(item)) => read_health(OPERATION, &item),
            Written::Yes(None) | Written::No(_) => Err(StorageError::corrupt(OPERATION, format!("{id}: no answer"))),
        }
    }

    /// Opens the breaker until then; never shortens a longer pause.
    pub async fn pause(&self, id: &ConnectionId, until: Timestamp) -> Result<(), StorageError> {
        let expression =
            Expression::new().set(PAUSED_UNTIL, time(until)).only_if("attribute_not_exists(#pu) OR #pu < :pu");
        self.table.update("settings.pause", &key_of(id, "HEALTH"), expression, ReturnValue::None).await.map(|_| ())
    }

    /// Notes that the owner was told of the connection's trouble (`Some`), or that it is over (`None`).
    pub async fn note_told(&self, id: &ConnectionId, told_at: Option<Timestamp>) -> Result<(), StorageError> {
        let expression = Expression::new().set_or_remove(TOLD, told_at.map(time));
        self.table.update("settings.note_told", &key_of(id, "HEALTH"), expression, ReturnValue::None).await.map(|_| ())
    }
}
