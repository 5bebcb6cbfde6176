//! dynoxide behind DynamoDB's JSON protocol, with indexes that can be made to lag.

use std::fmt;
use std::sync::{Arc, Mutex};

use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError, ImportOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::tables;
use crate::{SimClock, locked};

pub(super) struct Engine {
    database: Database,
    clock: SimClock,
    /// What index queries are answered from while they lag.
    frozen: Mutex<Option<Database>>,
}

/// DynamoDB's answer: its status and its JSON.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct EngineClock(SimClock);

impl Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "the engine wants seconds as a float; fractions do not matter here")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.now_unix_secs() as f64
    }
}

impl Engine {
    pub(super) fn new(clock: SimClock) -> Self {
        Self { database: fresh(&clock), clock, frozen: Mutex::new(None) }
    }

    /// Carries out one request, `operation` as DynamoDB names it.
    pub(super) fn answer(&self, operation: &str, body: &str) -> Answer {
        let lagging =
            (operation == "Query" && body.contains("\"IndexName\"")).then(|| locked(&self.frozen).clone()).flatten();
        let database = lagging.as_ref().unwrap_or(&self.database);
        match dispatch(database, operation, body) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => Answer { status: error.status_code(), body: error.to_json() },
        }
    }

    pub(super) fn freeze_indexes(&self) {
        let copy = fresh(&self.clock);
        for (table, _) in tables::requests() {
            let name = table["TableName"].as_str().expect("a table has a name");
            let items =
                self.items(name).into_iter().map(|item| serde_json::from_value(item).expect("an item reads back"));
            copy.import_items(name, items.collect(), ImportOptions::default())
                .expect("a copy takes what its origin held");
        }
        *locked(&self.frozen) = Some(copy);
    }

    pub(super) fn thaw_indexes(&self) {
        *locked(&self.frozen) = None;
    }

    pub(super) fn sweep_expired(&self) {
        self.database.sweep_ttl().expect("the engine sweeps");
    }

    pub(super) fn items(&self, table: &str) -> Vec<Value> {
        let request = json!({ "TableName": table }).to_string();
        // A scan answers with at most 1 MB; tests that look at raw items hold less.
        let answer: Value = dispatch(&self.database, "Scan", &request)
            .map_err(|error| error.to_json())
            .and_then(|body| serde_json::from_str(&body).map_err(|error| error.to_string()))
            .expect("the engine scans");
        assert!(answer.get("LastEvaluatedKey").is_none(), "too many items to look at");
        answer["Items"].as_array().cloned().unwrap_or_default()
    }

    pub(super) fn item_sizes(&self, table: &str) -> Vec<(String, usize)> {
        let items = self.items(table).into_iter();
        items.map(|item| (item["pk"]["S"].as_str().unwrap_or_default().to_owned(), item_size(&item))).collect()
    }

    pub(super) fn put_raw(&self, table: &str, item: &Value) {
        let request = json!({ "TableName": table, "Item": item }).to_string();
        dispatch(&self.database, "PutItem", &request)
            .map_err(|error| error.to_json())
            .expect("the engine takes the item");
    }
}

fn item_size(item: &Value) -> usize {
    let item: dynoxide::Item = serde_json::from_value(item.clone()).expect("an item reads back");
    dynoxide::types::item_size(&item)
}

fn fresh(clock: &SimClock) -> Database {
    let database = Database::memory_with_clock(Arc::new(EngineClock(clock.clone()))).expect("SQLite opens in memory");
    for (create, expiry) in tables::requests() {
        dispatch(&database, "CreateTable", &create.to_string()).map_err(|e| e.to_json()).expect("the template's table");
        if let Some(expiry) = expiry {
            dispatch(&database, "UpdateTimeToLive", &expiry.to_string()).map_err(|e| e.to_json()).expect("its expiry");
        }
    }
    database
}

fn dispatch(database: &Database, operation: &str, body: &str) -> Result<String, DynoxideError> {
    match operation {
        "CreateTable" => encoded(&database.create_table(decoded(body)?)?),
        "UpdateTimeToLive" => encoded(&database.update_time_to_live(decoded(body)?)?),
        "DescribeTable" => encoded(&database.describe_table(decoded(body)?)?),
        "PutItem" => encoded(&database.put_item(decoded(body)?)?),
        "GetItem" => encoded(&database.get_item(decoded(body)?)?),
        "UpdateItem" => encoded(&database.update_item(decoded(body)?)?),
        "DeleteItem" => encoded(&database.delete_item(decoded(body)?)?),
        "BatchGetItem" => encoded(&database.batch_get_item(decoded(body)?)?),
        "BatchWriteItem" => encoded(&database.batch_write_item(decoded(body)?)?),
        "Query" => encoded(&database.query(decoded(body)?)?),
        "Scan" => encoded(&database.scan(decoded(body)?)?),
        "TransactGetItems" => encoded(&database.transact_get_items(decoded(body)?)?),
        "TransactWriteItems" => encoded(&database.transact_write_items(decoded(body)?)?),
        other => Err(DynoxideError::ValidationException(format!("the tests' engine does not offer {other}"))),
    }
}

fn decoded<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::ValidationException(error.to_string()))
}

fn encoded<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
