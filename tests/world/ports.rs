//! The ports of the use cases in memory: queues with delays on the simulated clock, recorded events, real connectors.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{Asking, Clock, Connectors, Job, Offer, PortError, Queue, VERIFIER};
use async_trait::async_trait;
use connect::work;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, ConsentAsk, Credentials, ErrorKind, HttpPool, MainStore, Notice,
    Refresh, SalesChannel, TokenStore, Told,
};
use domain::{ConnectionId, Platform};
use fakes::SimClock;
use jiff::Timestamp;
use registry::Parts;
use secrecy::{ExposeSecret, SecretString};
use storage::Connection;
use url::Url;

/// The queues of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueName {
    Polls,
    Orders,
    Fulfilments,
    Alerts,
    Stock,
    Reconciles,
}

/// A message, and how often it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: u64,
    pub queue: QueueName,
    pub due: Timestamp,
    pub body: String,
    pub received: u32,
}

/// All queues as one list, each message visible when it is due.
#[derive(Debug)]
pub struct MemoryQueue {
    clock: SimClock,
    next_id: AtomicU64,
    messages: Mutex<Vec<Message>>,
    /// The body of every message that was ever sent.
    sent: Mutex<Vec<String>>,
    pub dead_letters: Mutex<Vec<Message>>,
    /// While set, sending fails: the process dies between storing and queueing.
    pub refuses: std::sync::atomic::AtomicBool,
}

impl MemoryQueue {
    pub fn new(clock: SimClock) -> Self {
        Self {
            clock,
            next_id: AtomicU64::new(1),
            messages: Mutex::default(),
            sent: Mutex::default(),
            dead_letters: Mutex::default(),
            refuses: false.into(),
        }
    }

    /// The messages that are due now, taken out.
    pub fn take_due(&self) -> Vec<Message> {
        let now = self.clock.now();
        let mut messages = self.messages.lock().unwrap();
        let (due, later) = std::mem::take(&mut *messages).into_iter().partition(|message| message.due <= now);
        *messages = later;
        due
    }

    /// Puts a message back, visible again at `due`; after five receptions it is a dead letter.
    pub fn give_back(&self, mut message: Message, due: Timestamp) {
        message.received += 1;
        message.due = due;
        if message.received >= 5 {
            self.dead_letters.lock().unwrap().push(message);
        } else {
            self.messages.lock().unwrap().push(message);
        }
    }

    pub fn push_raw(&self, queue: QueueName, body: &str) {
        self.push(queue, self.clock.now(), body.to_owned());
    }

    fn push(&self, queue: QueueName, due: Timestamp, body: String) {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.sent.lock().unwrap().push(body.clone());
        self.messages.lock().unwrap().push(Message { id, queue, due, body, received: 0 });
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.messages.lock().unwrap().iter().map(|message| message.due).min()
    }

    pub fn len(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    /// The body of every message that was ever sent, whatever became of it.
    pub fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    pub fn bodies(&self) -> Vec<String> {
        self.messages.lock().unwrap().iter().map(|message| message.body.clone()).collect()
    }

    pub fn clear(&self) {
        self.messages.lock().unwrap().clear();
    }

    pub fn dead(&self) -> usize {
        self.dead_letters.lock().unwrap().len()
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, jobs: &[Job], delay: Duration) -> Result<(), PortError> {
        tokio::task::yield_now().await;
        if self.refuses.load(Ordering::Relaxed) {
            return Err(PortError { operation: "queue.send", context: "refused by the test".to_owned(), source: None });
        }
        assert!(delay <= Duration::from_mins(15), "SQS delays by at most 15 minutes");
        let due = self.clock.now().checked_add(delay).unwrap();
        for job in jobs {
            let queue = match job {
                Job::Poll(_) => QueueName::Polls,
                Job::Import(_) => QueueName::Orders,
                Job::Fulfil(_) => QueueName::Fulfilments,
                Job::Alert(_) => QueueName::Alerts,
                Job::Stock(_) => QueueName::Stock,
                Job::Reconcile(_) => QueueName::Reconciles,
            };
            self.push(queue, due, serde_json::to_string(job).unwrap());
        }
        Ok(())
    }
}

/// The simulated clock; names of lease holders are counted, so that a run can be repeated.
#[derive(Debug)]
pub struct TickingClock {
    clock: SimClock,
    process: u64,
    count: AtomicU64,
}

static PROCESSES: AtomicU64 = AtomicU64::new(1);

impl TickingClock {
    pub fn new(clock: SimClock) -> Self {
        Self { clock, process: PROCESSES.fetch_add(1, Ordering::Relaxed), count: AtomicU64::new(0) }
    }
}

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn nonce(&self) -> String {
        // As long as the real ones are: it is stored with each order, and orders are weighed.
        format!("{:013}{:013}", self.process, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// The registry's connectors with credentials kept in memory.
pub struct SimConnectors {
    pool: HttpPool,
    credentials: Mutex<BTreeMap<ConnectionId, Credentials>>,
    tokens: Arc<MemoryTokens>,
    budget: Mutex<Arc<dyn Budget>>,
    paper: Mutex<BTreeMap<Platform, Paper>>,
}

/// A platform without a connector, in the roles that a test gave it.
#[derive(Clone, Default)]
struct Paper {
    channel: Option<Arc<dyn SalesChannel>>,
    store: Option<Arc<dyn MainStore>>,
}

impl SimConnectors {
    pub fn new(pool: HttpPool, clock: SimClock) -> Self {
        Self {
            pool,
            credentials: Mutex::default(),
            tokens: Arc::new(MemoryTokens::new(clock)),
            budget: Mutex::new(Arc::new(NoLimit)),
            paper: Mutex::default(),
        }
    }

    /// From now on there is a platform of this name, with these roles.
    pub fn on_paper(
        &self,
        platform: &Platform,
        channel: Option<Arc<dyn SalesChannel>>,
        store: Option<Arc<dyn MainStore>>,
    ) {
        let mut paper = self.paper.lock().unwrap();
        let known = paper.entry(platform.clone()).or_default();
        known.channel = channel.or(known.channel.take());
        known.store = store.or(known.store.take());
    }

    /// From now on calls are taken from this budget.
    pub fn paid_from(&self, budget: Arc<dyn Budget>) {
        *self.budget.lock().unwrap() = budget;
    }

    /// Whose credentials are kept.
    pub fn kept(&self) -> Vec<ConnectionId> {
        self.credentials.lock().unwrap().keys().cloned().collect()
    }

    fn paper(&self, platform: &Platform) -> Option<Paper> {
        self.paper.lock().unwrap().get(platform).cloned()
    }

    fn parts(&self, connection: &Connection) -> Parts {
        let credentials = self.credentials.lock().unwrap().get(&connection.id).cloned().unwrap_or_default();
        let config = ConnectionConfig {
            connection: connection.id.clone(),
            settings: connection.settings.clone(),
            credentials,
            probed: connection.probed.clone(),
        };
        let http = self.pool.http(connection.id.clone(), self.budget.lock().unwrap().clone());
        Parts { config, http, tokens: self.tokens.clone() }
    }
}

#[async_trait]
impl Connectors for SimConnectors {
    fn platforms(&self) -> Vec<&'static str> {
        registry::platforms().collect()
    }

    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer> {
        if let Some(paper) = self.paper(platform) {
            let channel = paper.channel.map(|channel| channel.capabilities());
            return Some(Offer { channel, store: paper.store.map(|store| store.capabilities()) });
        }
        registry::capabilities(platform, probed).map(|(channel, store)| Offer { channel, store })
    }

    fn read_notice(&self, message: &[u8]) -> Option<Notice> {
        registry::notice(message)
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        if let Some(channel) = self.paper(&connection.platform).and_then(|paper| paper.channel) {
            return Ok(channel);
        }
        let made = registry::channel::<{ work::ALL }>(&connection.platform, &self.parts(connection)).unwrap();
        made.map_err(|error| {
            ConnectError::new(ErrorKind::ConfigInvalid, "connect.config", error.to_string()).without_effect()
        })
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        if let Some(store) = self.paper(&connection.platform).and_then(|paper| paper.store) {
            return Ok(store);
        }
        let made = registry::store::<{ work::ALL }>(&connection.platform, &self.parts(connection)).unwrap();
        made.map_err(|error| {
            ConnectError::new(ErrorKind::ConfigInvalid, "connect.config", error.to_string()).without_effect()
        })
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        tokio::task::yield_now().await;
        self.credentials.lock().unwrap().insert(id.clone(), credentials.clone());
        self.tokens.forget(id);
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        tokio::task::yield_now().await;
        let mut credentials = self.credentials.lock().unwrap();
        let kept = credentials[from].clone();
        credentials.insert(to.clone(), kept);
        self.tokens.forget(to);
        Ok(())
    }

    async fn consent_page(&self, connection: &Connection, asking: &Asking) -> Result<Option<Url>, ConnectError> {
        let Some(consent) = registry::consent(&connection.platform) else { return Ok(None) };
        let parts = self.parts(connection);
        let verifier = parts.config.credential(VERIFIER).unwrap().expose_secret().to_owned();
        Ok(Some((consent.page)(&asked(&parts, asking, &verifier)).unwrap()))
    }

    async fn redeem(
        &self,
        connection: &Connection,
        asking: &Asking,
        answer: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ConnectError> {
        let consent = registry::consent(&connection.platform).unwrap();
        let parts = self.parts(connection);
        let verifier = parts.config.credential(VERIFIER).unwrap().expose_secret().to_owned();
        let granted = (consent.redeem)(&parts.http, &asked(&parts, asking, &verifier), answer).await?;
        let mut credentials = self.credentials.lock().unwrap();
        let kept = credentials.get_mut(&connection.id).unwrap();
        kept.0.extend(granted.credentials.0);
        kept.0.remove(VERIFIER);
        Ok(granted.settings)
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        tokio::task::yield_now().await;
        self.credentials.lock().unwrap().remove(id);
        tokio::task::yield_now().await;
        Ok(())
    }
}

fn asked<'a>(parts: &'a Parts, asking: &'a Asking, verifier: &'a str) -> ConsentAsk<'a> {
    ConsentAsk { config: &parts.config, state: &asking.state, redirect_uri: &asking.redirect_uri, verifier }
}

/// One refresh at a time, as the real token store does across processes.
pub struct MemoryTokens {
    clock: SimClock,
    kept: tokio::sync::Mutex<HashMap<ConnectionId, (SecretString, Timestamp)>>,
    /// The newest refresh token of a platform that rotates it.
    rotated: Mutex<HashMap<ConnectionId, SecretString>>,
    forgotten: Mutex<Vec<ConnectionId>>,
}

impl MemoryTokens {
    pub fn new(clock: SimClock) -> Self {
        Self { clock, kept: tokio::sync::Mutex::default(), rotated: Mutex::default(), forgotten: Mutex::default() }
    }

    fn forget(&self, id: &ConnectionId) {
        self.forgotten.lock().unwrap().push(id.clone());
    }
}

#[async_trait]
impl TokenStore for MemoryTokens {
    async fn access(
        &self,
        connection: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        let mut kept = self.kept.lock().await;
        for id in self.forgotten.lock().unwrap().drain(..) {
            kept.remove(&id);
            self.rotated.lock().unwrap().remove(&id);
        }
        if let Some((token, until)) = kept.get(connection)
            && *until > self.clock.now()
            && rejected.is_none_or(|rejected| rejected.expose_secret() != token.expose_secret())
        {
            return Ok(token.clone());
        }
        let current = self.rotated.lock().unwrap().get(connection).cloned();
        let access = refresh.refresh(current.as_ref()).await?;
        if let Some(rotated) = access.rotated_refresh_token {
            self.rotated.lock().unwrap().insert(connection.clone(), rotated);
        }
        kept.insert(connection.clone(), (access.token.clone(), access.expires_at));
        Ok(access.token)
    }
}

pub struct NoLimit;

#[async_trait]
impl Budget for NoLimit {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}
