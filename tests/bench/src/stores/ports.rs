//! What the use cases stand on here: real connectors and the real budget, with credentials kept in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::{Clock, Connectors, DomainEvent, Events, Offer, PortError};
use async_trait::async_trait;
use connect::config::ConfigError;
use connect::work;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, Credentials, ErrorKind, HttpPool, MainStore, Refresh,
    SalesChannel, TokenStore,
};
use domain::{ConnectionId, Platform};
use jiff::Timestamp;
use registry::Parts;
use secrecy::SecretString;
use storage::{Connection, Role};

tokio::task_local! {
    /// Set while a poll is at work: its calls go by time, not by orders.
    pub static POLLING: bool;
}

#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn nonce(&self) -> String {
        ulid::Ulid::generate().to_string()
    }
}

/// Tells on standard error what the owner would be told: in a measurement, nothing should be worth telling.
#[derive(Debug)]
pub struct Told;

#[async_trait]
impl Events for Told {
    async fn publish(&self, event: DomainEvent) -> Result<(), PortError> {
        // What goes well is counted in the stores.
        if !matches!(event, DomainEvent::OrderImported { .. }) {
            eprintln!("{event:?}");
        }
        Ok(())
    }
}

#[derive(Debug)]
pub struct NoLimit;

#[async_trait]
impl Budget for NoLimit {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: connect::Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

/// Calls that left for the main store.
#[derive(Debug, Default)]
pub struct Calls {
    pub for_orders: AtomicU64,
    pub for_polls: AtomicU64,
}

/// Counts each call of a connection before the budget is asked for it.
pub struct Counted {
    budget: Arc<dyn Budget>,
    calls: Arc<Calls>,
}

#[async_trait]
impl Budget for Counted {
    async fn take(&self, connection: &ConnectionId, allowance: &Allowance, calls: u32) -> Result<(), Duration> {
        let polling = POLLING.try_with(|polling| *polling).unwrap_or(false);
        let counter = if polling { &self.calls.for_polls } else { &self.calls.for_orders };
        counter.fetch_add(calls.into(), Ordering::Relaxed);
        self.budget.take(connection, allowance, calls).await
    }

    async fn told(&self, connection: &ConnectionId, allowance: &Allowance, told: connect::Told) {
        self.budget.told(connection, allowance, told).await;
    }

    async fn pause(&self, connection: &ConnectionId, wait: Duration) {
        self.budget.pause(connection, wait).await;
    }
}

/// The credentials of every connection, shared by all threads.
pub type Keys = Arc<Mutex<BTreeMap<ConnectionId, Credentials>>>;

/// The registry's connectors, as a function makes them.
pub struct RegistryConnectors {
    pub pool: HttpPool,
    pub budget: Arc<dyn Budget>,
    pub keys: Keys,
    pub store_calls: Arc<Calls>,
}

impl RegistryConnectors {
    fn keys(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Credentials>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&self, connection: &Connection) -> Parts {
        let config = ConnectionConfig {
            connection: connection.id.clone(),
            settings: connection.settings.clone(),
            credentials: self.keys().get(&connection.id).cloned().unwrap_or_default(),
            probed: connection.probed.clone(),
        };
        let budget: Arc<dyn Budget> = match connection.role {
            Role::MainStore => {
                Arc::new(Counted { budget: Arc::clone(&self.budget), calls: Arc::clone(&self.store_calls) })
            }
            Role::Channel => Arc::clone(&self.budget),
        };
        Parts { config, http: self.pool.http(connection.id.clone(), budget), tokens: Arc::new(NoTokens) }
    }
}

#[async_trait]
impl Connectors for RegistryConnectors {
    fn platforms(&self) -> Vec<&'static str> {
        registry::platforms().collect()
    }

    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer> {
        registry::capabilities(platform, probed).map(|(channel, store)| Offer { channel, store })
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        made(registry::channel::<{ work::ALL }>(&connection.platform, &self.parts(connection)))
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        made(registry::store::<{ work::ALL }>(&connection.platform, &self.parts(connection)))
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        self.keys().insert(id.clone(), credentials.clone());
        Ok(())
    }

    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        let mut keys = self.keys();
        if let Some(kept) = keys.get(from).cloned() {
            keys.insert(to.clone(), kept);
        }
        Ok(())
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        self.keys().remove(id);
        Ok(())
    }
}

fn made<T: ?Sized>(made: Option<Result<Arc<T>, ConfigError>>) -> Result<Arc<T>, ConnectError> {
    let problem = match made {
        Some(Ok(connector)) => return Ok(connector),
        Some(Err(error)) => error.to_string(),
        None => "this platform is not offered in this role".to_owned(),
    };
    Err(ConnectError::new(ErrorKind::ConfigInvalid, "bench.connector", problem).without_effect())
}

/// WooCommerce's keys need no refreshing.
pub struct NoTokens;

#[async_trait]
impl TokenStore for NoTokens {
    async fn access(
        &self,
        _: &ConnectionId,
        _: Option<&SecretString>,
        _: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        Err(ConnectError::unsupported("bench.tokens", "tokens"))
    }
}
