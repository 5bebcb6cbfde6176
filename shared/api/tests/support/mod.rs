//! The use cases on the embedded `DynamoDB`, with doubles of the queue, the clock and the platforms. Also used by the tests
//! of `receive-webhook` and `report-sales`.

pub mod orders;
pub mod platforms;
mod unlimited;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{App, Clock, DomainEvent, Events, Job, PortError, Queue};
use async_trait::async_trait;
use domain::{AccountId, ConnectionId, Platform};
use fakes::dynamo::Dynamo;
use jiff::Timestamp;
use storage::{Connection, ConnectionState, Created, Role};

use platforms::Platforms;

/// What every clock of these tests shows at first.
pub const NOW: &str = "2026-11-20T14:00:00Z";

/// The use cases and what stands behind them.
pub struct World {
    pub app: App,
    pub dynamo: Dynamo,
    pub queue: Arc<RecordingQueue>,
    pub platforms: Arc<Platforms>,
    pub clock: Arc<HandClock>,
}

impl World {
    pub fn new() -> Self {
        Self::on(Dynamo::new())
    }

    /// One whose callers see every failure of the tables.
    pub fn without_retries() -> Self {
        Self::on(Dynamo::new().without_retries())
    }

    fn on(dynamo: Dynamo) -> Self {
        let queue = Arc::new(RecordingQueue::default());
        let platforms = Arc::new(Platforms::new());
        let clock = Arc::new(HandClock::default());
        let app = App::new(dynamo.storage(), queue.clone(), Arc::new(NoBus), clock.clone(), platforms.clone());
        Self { app, dynamo, queue, platforms, clock }
    }

    /// Keeps a connection as connecting it would have.
    pub async fn connected(&self, id: &str, platform: &str, role: Role) -> ConnectionId {
        let connection = Connection {
            id: ConnectionId::new(id).unwrap(),
            role,
            platform: Platform::new(platform).unwrap(),
            name: format!("My {id}"),
            account: AccountId::new(format!("account-of-{id}")).unwrap(),
            settings: [("region".to_owned(), "GB".to_owned())].into(),
            probed: std::collections::BTreeMap::new(),
            currency: (role == Role::MainStore).then(|| "GBP".parse().unwrap()),
            state: ConnectionState::Active,
            created_at: NOW.parse().unwrap(),
            version: 0,
            webhooks: None,
        };
        self.platforms.keep(&connection.id, &[("key", "right"), ("account", connection.account.as_str())]);
        assert_eq!(self.app.storage.settings.create_connection(&connection, None).await.unwrap(), Created::Yes);
        connection.id
    }
}

/// Keeps every job; fails when told to.
#[derive(Default)]
pub struct RecordingQueue {
    jobs: Mutex<Vec<Job>>,
    pub fails: AtomicBool,
}

impl RecordingQueue {
    /// The jobs since the last look.
    pub fn take(&self) -> Vec<Job> {
        std::mem::take(&mut self.jobs.lock().unwrap())
    }
}

#[async_trait]
impl Queue for RecordingQueue {
    async fn send(&self, jobs: &[Job], _delay: Duration) -> Result<(), PortError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(PortError { operation: "queue.send", context: "told to fail".to_owned(), source: None });
        }
        self.jobs.lock().unwrap().extend_from_slice(jobs);
        Ok(())
    }
}

struct NoBus;

#[async_trait]
impl Events for NoBus {
    async fn publish(&self, _event: DomainEvent) -> Result<(), PortError> {
        Ok(())
    }
}

/// Stands still until it is moved.
#[derive(Default)]
pub struct HandClock {
    given: AtomicU64,
    moved_millis: AtomicU64,
}

impl HandClock {
    pub fn move_on(&self, by: Duration) {
        self.moved_millis.fetch_add(by.as_millis().try_into().unwrap(), Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = NOW.parse().unwrap();
        start + Duration::from_millis(self.moved_millis.load(Ordering::Relaxed))
    }

    fn nonce(&self) -> String {
        format!("N{}", self.given.fetch_add(1, Ordering::Relaxed))
    }
}
