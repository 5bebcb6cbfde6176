//! Connectors made through the registry, and what every trial does with them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::work;
use connect::{
    Allowance, Budget, ChannelCapabilities, ConnectionConfig, Credentials, HttpLimits, HttpPool, Incoming, MainStore,
    Page, PageToken, SalesChannel, StoreCapabilities, Window,
};
use domain::{ChannelOrder, ChannelOrderId, ConnectionId, Platform};
use jiff::{SignedDuration, Timestamp};
use registry::Parts;
use tokio::net::TcpSocket;

use crate::operations::{self, OnChannel, OnStore, Operation};
use crate::ports::{MemoryTokens, NoLimit};
use crate::subject::{ChannelFake, Future, PlatformFake, Setup, StoreFake, Subject};

/// Long enough for the slowest machine; nothing waits for it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// One connection: makes connectors that share its tokens, as the workers of a deployment do.
#[derive(Clone)]
pub struct Connection {
    platform: Platform,
    settings: BTreeMap<String, String>,
    credentials: Credentials,
    tokens: Arc<MemoryTokens>,
    probed: BTreeMap<String, String>,
}

impl Connection {
    fn to(platform: &str, fake: &dyn PlatformFake) -> Self {
        Self {
            platform: Platform::new(platform).unwrap(),
            settings: fake.settings(),
            credentials: fake.credentials(),
            tokens: Arc::new(MemoryTokens::new(fake.clock().clone())),
            probed: BTreeMap::new(),
        }
    }

    pub fn parts(&self, deadline: Duration, budget: Arc<dyn Budget>) -> Parts {
        let limits = HttpLimits { allow_private_hosts: true, deadline, ..HttpLimits::default() };
        let connection: ConnectionId = "behaviour-1".parse().unwrap();
        let config = ConnectionConfig {
            connection: connection.clone(),
            settings: self.settings.clone(),
            credentials: self.credentials.clone(),
            probed: self.probed.clone(),
        };
        let http = HttpPool::new(limits).unwrap().http(connection, budget);
        Parts { config, http, tokens: self.tokens.clone() }
    }

    /// The same connection to a port that is taken and where nobody listens, for as long as the socket lives.
    pub fn to_nobody(&self) -> (Self, TcpSocket) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let nobody = format!("http://{}", socket.local_addr().unwrap());
        let mut connection = self.clone();
        for value in connection.settings.values_mut().filter(|value| value.starts_with("http://127.0.0.1:")) {
            value.clone_from(&nobody);
        }
        (connection, socket)
    }

    fn plain(&self) -> Parts {
        self.parts(PATIENCE, Arc::new(NoLimit))
    }
}

/// A channel under trial.
#[derive(Clone)]
pub struct Channel {
    pub fake: Arc<dyn ChannelFake>,
    pub connection: Connection,
    pub connector: Arc<dyn SalesChannel>,
}

impl Channel {
    pub fn connect(platform: &str, fake: Arc<dyn ChannelFake>) -> Self {
        let connection = Connection::to(platform, &*fake);
        let connector = registry::channel::<{ work::ALL }>(&connection.platform, &connection.plain()).unwrap().unwrap();
        Self { fake, connection, connector }
    }

    pub fn capabilities(&self) -> &'static ChannelCapabilities {
        self.connector.capabilities()
    }

    /// The same connection in another worker.
    pub fn other_worker(&self) -> Arc<dyn SalesChannel> {
        self.within(PATIENCE, Arc::new(NoLimit))
    }

    /// Everything changed before now; what changes later is outside.
    pub fn until_now(&self) -> Window {
        let to = self.fake.clock().now();
        Window { from: to.checked_sub(SignedDuration::from_hours(24)).unwrap(), to }
    }

    pub fn wait(&self, seconds: i64) {
        self.fake.clock().advance(SignedDuration::from_secs(seconds));
    }

    /// One order by its id.
    pub async fn order(&self, id: &ChannelOrderId) -> ChannelOrder {
        readable(self.connector.order(id).await.unwrap())
    }
}

/// A main store under trial, connected with what probing found.
#[derive(Clone)]
pub struct Store {
    pub fake: Arc<dyn StoreFake>,
    pub connection: Connection,
    pub connector: Arc<dyn MainStore>,
}

impl Store {
    pub async fn connect(platform: &str, fake: Arc<dyn StoreFake>) -> Self {
        let mut connection = Connection::to(platform, &*fake);
        let probing = registry::store::<{ work::ALL }>(&connection.platform, &connection.plain()).unwrap().unwrap();
        connection.probed = probing.profile().await.unwrap().probed;
        let connector = registry::store::<{ work::ALL }>(&connection.platform, &connection.plain()).unwrap().unwrap();
        fake.calls().clear();
        Self { fake, connection, connector }
    }

    pub fn capabilities(&self) -> &'static StoreCapabilities {
        self.connector.capabilities()
    }

    pub fn now(&self) -> Timestamp {
        self.fake.clock().now()
    }

    pub fn wait(&self, seconds: i64) {
        self.fake.clock().advance(SignedDuration::from_secs(seconds));
    }
}

/// A role under trial, for what is the same in both.
pub trait Role: Clone + 'static {
    type Connector: ?Sized + 'static;
    type Prepared: 'static;

    /// A fake of its own, connected.
    fn start(subject: &'static Subject, setup: Setup) -> Future<'static, Option<Self>>;
    fn fake(&self) -> &dyn PlatformFake;
    fn connection(&self) -> &Connection;
    /// A connector that dials a port where nobody listens, for as long as the socket lives.
    fn nobody(&self) -> (Arc<Self::Connector>, TcpSocket);
    /// The same connection in another worker, with its own limits.
    fn within(&self, deadline: Duration, budget: Arc<dyn Budget>) -> Arc<Self::Connector>;
    fn prepare(&self) -> Future<'_, Arc<Self::Prepared>>;
    fn operations() -> Vec<Operation<Self>>;
    /// Whether the platform can do what the call asks for.
    fn can(subject: &Subject, operation: &str) -> bool;
}

impl Role for Channel {
    type Connector = dyn SalesChannel;
    type Prepared = OnChannel;

    fn start(subject: &'static Subject, setup: Setup) -> Future<'static, Option<Self>> {
        Box::pin(async move { Some(Self::connect(subject.platform, subject.channel?(setup).await)) })
    }

    fn fake(&self) -> &dyn PlatformFake {
        &*self.fake
    }

    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn nobody(&self) -> (Arc<dyn SalesChannel>, TcpSocket) {
        let (connection, held) = self.connection.to_nobody();
        (registry::channel::<{ work::ALL }>(&connection.platform, &connection.plain()).unwrap().unwrap(), held)
    }

    fn within(&self, deadline: Duration, budget: Arc<dyn Budget>) -> Arc<dyn SalesChannel> {
        let parts = self.connection.parts(deadline, budget);
        registry::channel::<{ work::ALL }>(&self.connection.platform, &parts).unwrap().unwrap()
    }

    fn prepare(&self) -> Future<'_, Arc<OnChannel>> {
        Box::pin(async { Arc::new(OnChannel::prepare(self).await) })
    }

    fn operations() -> Vec<Operation<Self>> {
        operations::of_channel()
    }

    fn can(subject: &Subject, operation: &str) -> bool {
        let can = subject.as_channel();
        match operation {
            "ship" | "shipments" => can.ship,
            "set_quantities" => can.set_quantity,
            "webhooks" => can.webhooks,
            _ => true,
        }
    }
}

impl Role for Store {
    type Connector = dyn MainStore;
    type Prepared = OnStore;

    fn start(subject: &'static Subject, setup: Setup) -> Future<'static, Option<Self>> {
        Box::pin(async move { Some(Self::connect(subject.platform, subject.store?(setup).await).await) })
    }

    fn fake(&self) -> &dyn PlatformFake {
        &*self.fake
    }

    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn nobody(&self) -> (Arc<dyn MainStore>, TcpSocket) {
        let (connection, held) = self.connection.to_nobody();
        (registry::store::<{ work::ALL }>(&connection.platform, &connection.plain()).unwrap().unwrap(), held)
    }

    fn within(&self, deadline: Duration, budget: Arc<dyn Budget>) -> Arc<dyn MainStore> {
        let parts = self.connection.parts(deadline, budget);
        registry::store::<{ work::ALL }>(&self.connection.platform, &parts).unwrap().unwrap()
    }

    fn prepare(&self) -> Future<'_, Arc<OnStore>> {
        Box::pin(async { Arc::new(OnStore::prepare(self).await) })
    }

    fn operations() -> Vec<Operation<Self>> {
        operations::of_store()
    }

    /// Every call of a main store is one that it must have.
    fn can(subject: &Subject, operation: &str) -> bool {
        operation != "webhooks" || subject.as_store().webhooks
    }
}

/// A budget that has nothing left for this long.
#[derive(Debug)]
pub struct UsedUp(pub Duration);

#[async_trait]
impl Budget for UsedUp {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Err(self.0)
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: connect::Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

/// A budget without end that remembers what it was told.
#[derive(Debug, Default)]
pub struct Told(pub Mutex<Vec<Duration>>);

#[async_trait]
impl Budget for Told {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: connect::Told) {}

    async fn pause(&self, _: &ConnectionId, wait: Duration) {
        self.0.lock().unwrap().push(wait);
    }
}

pub fn readable(incoming: Incoming) -> ChannelOrder {
    match incoming {
        Incoming::Order(order) => order,
        Incoming::Unreadable(why) => panic!("unreadable: {} ({})", why.why, why.context),
    }
}

pub fn id_of(incoming: &Incoming) -> String {
    match incoming {
        Incoming::Order(order) => order.id.to_string(),
        Incoming::Unreadable(why) => why.remote_id.clone().unwrap_or_else(|| panic!("no id: {}", why.context)),
    }
}

/// Every entry of a list, page by page, with how many pages there were. `before` is called with each page's number.
pub async fn every<T>(
    mut before: impl FnMut(usize),
    mut read: impl AsyncFnMut(Option<&PageToken>) -> Page<T>,
) -> (Vec<T>, usize) {
    let (mut all, mut token) = (Vec::new(), None);
    for page in 0..1000 {
        before(page);
        let read = read(token.as_ref()).await;
        all.extend(read.items);
        token = read.next;
        if token.is_none() {
            return (all, page + 1);
        }
    }
    panic!("the pages never end");
}

pub async fn orders_in(connector: &dyn SalesChannel, window: Window) -> Vec<Incoming> {
    every(|_| {}, async |page| connector.orders(&window, page).await.unwrap()).await.0
}
