//! The embedded DynamoDB for every test that stores something: `let dynamo = Dynamo::new(); let storage = dynamo.storage();`.
//!
//! It runs in the process, without a network, on the tables of `template.yaml`, each `Dynamo` on its own. The real SDK talks
//! to it, so that what DynamoDB refuses is refused. [`Dynamo::faults`] makes single calls fail: paths are
//! `/<table>/<operation>`, so `dynamo.faults.on("*/orders/UpdateItem").drop_response(1)` loses the answer of the next update
//! of an order; status 429 or 400 throttles, 5xx is an internal error. [`Dynamo::without_retries`] shows each fault to the caller,
//! which otherwise the SDK mends by itself. [`Dynamo::meter`] counts consumed capacity, [`Dynamo::calls`] the calls. Around every
//! effect stands an await point, where a driver may drop the caller.
#![allow(clippy::expect_used, reason = "the embedded DynamoDB of tests: what it cannot do is the test's failure")]

mod connector;
mod engine;
mod serve;
mod tables;

use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use serde_json::Value;
use storage::{Counting, Meter, Storage, TableNames, Usage};

use crate::{CallLog, Faults, SimClock};
use connector::Connector;
use engine::Engine;

/// One set of tables, and what may go wrong with them. Clones share everything.
#[derive(Debug, Clone)]
pub struct Dynamo {
    pub faults: Faults,
    pub calls: CallLog,
    /// What every storage made by [`Dynamo::storage`] consumed.
    pub meter: Meter,
    engine: Arc<Engine>,
    clock: SimClock,
    attempts: u32,
}

impl Default for Dynamo {
    fn default() -> Self {
        Self::new()
    }
}

impl Dynamo {
    /// Fresh, empty tables.
    pub fn new() -> Self {
        Self::at(SimClock::real())
    }

    /// Fresh, empty tables whose expiry goes by `clock`.
    pub fn at(clock: SimClock) -> Self {
        Self {
            faults: Faults::default(),
            calls: CallLog::default(),
            meter: Meter::new(),
            engine: Arc::new(Engine::new(clock.clone())),
            clock,
            attempts: 3,
        }
    }

    /// The same tables, reached by an SDK that never retries: a caller sees every fault.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        Self { attempts: 1, ..self.clone() }
    }

    /// A storage of its own on these tables: what one worker process has.
    pub fn storage(&self) -> Storage {
        let names = TableNames { orders: "orders".into(), links: "links".into(), settings: "settings".into() };
        Storage::metered(self.client(), names, self.meter.clone())
    }

    /// As [`Dynamo::storage`], and counts what it consumes, to be noted as the functions do.
    pub fn counting(&self, counting: Counting) -> (Storage, Usage) {
        let names = TableNames { orders: "orders".into(), links: "links".into(), settings: "settings".into() };
        Storage::counting(self.client(), names, counting)
    }

    fn client(&self) -> aws_sdk_dynamodb::Client {
        let connector = Connector {
            engine: Arc::clone(&self.engine),
            faults: self.faults.clone(),
            calls: self.calls.clone(),
            clock: self.clock.clone(),
        };
        let retries = RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(std::time::Duration::from_millis(1));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .allow_no_auth()
            .retry_config(retries)
            .http_client(connector.into_client())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// From now on indexes answer as they stand now, whatever is written, until [`Dynamo::thaw_indexes`].
    pub fn freeze_indexes(&self) {
        self.engine.freeze_indexes();
    }

    pub fn thaw_indexes(&self) {
        self.engine.thaw_indexes();
    }

    /// Deletes what has expired by the clock, as DynamoDB does within days.
    pub fn sweep_expired(&self) {
        self.engine.sweep_expired();
    }

    /// Every item of `orders`, `links` or `settings` in DynamoDB's own JSON.
    pub fn items(&self, table: &str) -> Vec<Value> {
        self.engine.items(table)
    }

    /// The sizes of the table's items in bytes, by DynamoDB's rules, each with its `pk`.
    pub fn item_sizes(&self, table: &str) -> Vec<(String, usize)> {
        self.engine.item_sizes(table)
    }

    /// Puts an item in DynamoDB's own JSON: to damage what is stored.
    pub fn put_raw(&self, table: &str, item: &Value) {
        self.engine.put_raw(table, item);
    }
}
