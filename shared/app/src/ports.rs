//! What the use cases need from outside: queues, a clock, and the connectors of connections.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    ChannelCapabilities, ConnectError, Credentials, MainStore, Notice, PrivacyRequest, SalesChannel, StoreCapabilities,
};
use domain::{BackfillId, ChannelOrderId, ConnectionId, OrderId, Platform, ProductId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Connection;
use url::Url;

use crate::consent::Asking;
use crate::events::EventDetail;

/// "Look at this." Twice, late or out of order changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Job {
    Poll(PollJob),
    Import(ImportJob),
    Fulfil(FulfilJob),
    /// A trouble to tell the owner of, held back for a while.
    Alert(EventDetail),
    Stock(StockJob),
    Reconcile(ReconcileJob),
}

/// Read what changed at one connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollJob {
    pub connection_id: ConnectionId,
    /// Read on in this backfill instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<BackfillId>,
    /// Read this one order instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ChannelOrderId>,
}

/// Bring the main store's order to where it should be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportJob {
    pub order_id: OrderId,
}

/// Carry packages and completion between the two sides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FulfilJob {
    pub order_id: OrderId,
}

/// Tell the linked listings of one product what they shall show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockJob {
    pub product_id: ProductId,
    /// The order that moved its stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The channel whose merchant has seen what would be set, and started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_for: Option<ConnectionId>,
}

/// Do one step of the nightly comparison; without a run: begin one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReconcileJob {
    pub run: Option<String>,
    pub step: u32,
    /// Do what a platform asks for its buyers instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<PrivacyJob>,
}

/// Do what a platform asks for its buyers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyJob {
    pub connection_id: ConnectionId,
    pub request: PrivacyRequest,
    /// Orders placed before were looked at already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
}

impl Job {
    pub const fn stock(product_id: ProductId, order_id: Option<OrderId>) -> Self {
        Self::Stock(StockJob { product_id, order_id, approved_for: None })
    }

    pub const fn import(order_id: OrderId) -> Self {
        Self::Import(ImportJob { order_id })
    }

    pub const fn fulfil(order_id: OrderId) -> Self {
        Self::Fulfil(FulfilJob { order_id })
    }

    pub const fn poll(connection_id: ConnectionId) -> Self {
        Self::Poll(PollJob { connection_id, backfill: None, order: None })
    }

    pub const fn backfill(connection_id: ConnectionId, backfill: BackfillId) -> Self {
        Self::Poll(PollJob { connection_id, backfill: Some(backfill), order: None })
    }

    pub const fn poll_order(connection_id: ConnectionId, order: ChannelOrderId) -> Self {
        Self::Poll(PollJob { connection_id, backfill: None, order: Some(order) })
    }
}

/// A queue or bus did not take what was given to it.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {context}")]
pub struct PortError {
    pub operation: &'static str,
    pub context: String,
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[async_trait]
pub trait Queue: Send + Sync {
    /// Queues every job, each visible after `delay` (at most 15 minutes), or fails.
    async fn send(&self, jobs: &[Job], delay: Duration) -> Result<(), PortError>;
}

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// A name that nobody else has, for the holder of a lease.
    fn nonce(&self) -> String;
}

/// What a platform offers in each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub channel: Option<&'static ChannelCapabilities>,
    pub store: Option<&'static StoreCapabilities>,
}

/// Makes the connector of a connection, and keeps its credentials where only it can read them.
#[async_trait]
pub trait Connectors: Send + Sync {
    /// The names of every platform that has a connector.
    fn platforms(&self) -> Vec<&'static str>;

    /// What an account with these probed facts can do; `None`: no such platform.
    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer>;

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError>;

    /// Reads what a platform sent to the queue of notifications; `None`: it is none that says anything.
    fn read_notice(&self, _message: &[u8]) -> Option<Notice> {
        None
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError>;

    /// Keeps (or replaces) the credentials of a connection.
    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError>;

    /// Gives one connection what is kept of another: credentials, and the tokens that the platform gave for them.
    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError>;

    /// The consent page for a connection whose application's credentials are kept; `None`: the platform has none.
    async fn consent_page(&self, _connection: &Connection, _asking: &Asking) -> Result<Option<Url>, ConnectError> {
        Ok(None)
    }

    /// Exchanges the answer of the consent page, keeps the credentials that it is worth, and gives the settings.
    async fn redeem(
        &self,
        connection: &Connection,
        _asking: &Asking,
        _answer: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ConnectError> {
        Err(ConnectError::unsupported("connect.redeem", connection.platform.as_str()))
    }

    /// Forgets them. Repeating it changes nothing.
    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError>;
}

impl From<PollJob> for Job {
    fn from(job: PollJob) -> Self {
        Self::Poll(job)
    }
}

impl From<ImportJob> for Job {
    fn from(job: ImportJob) -> Self {
        Self::Import(job)
    }
}

impl From<StockJob> for Job {
    fn from(job: StockJob) -> Self {
        Self::Stock(job)
    }
}

impl From<FulfilJob> for Job {
    fn from(job: FulfilJob) -> Self {
        Self::Fulfil(job)
    }
}

impl From<EventDetail> for Job {
    fn from(event: EventDetail) -> Self {
        Self::Alert(event)
    }
}

impl From<PrivacyJob> for Job {
    fn from(job: PrivacyJob) -> Self {
        Self::Reconcile(ReconcileJob { privacy: Some(job), ..ReconcileJob::default() })
    }
}

impl From<ReconcileJob> for Job {
    fn from(job: ReconcileJob) -> Self {
        Self::Reconcile(job)
    }
}
