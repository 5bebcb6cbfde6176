//! The settings table: connections, channel settings, cursors, health, budgets, tokens' leases, counters, things done once.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use domain::{AccountId, ChannelSettings, ConnectionId, OrderId, Platform, Revision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::client::Table;
use crate::error::StorageError;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Channel,
    MainStore,
}

/// Whether a connection works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    Active,
    /// A person has to do something; `why` is one sentence for the merchant.
    NeedsAttention { why: String, since: Timestamp },
    Disconnected,
}

/// One authorised account on a platform. Its credentials are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub role: Role,
    pub platform: Platform,
    /// What the merchant calls it.
    pub name: String,
    pub account: AccountId,
    /// Not secret: site address, marketplace, environment.
    pub settings: BTreeMap<String, String>,
    /// What connecting found out.
    pub probed: BTreeMap<String, String>,
    pub state: ConnectionState,
    pub created_at: Timestamp,
    /// Grows with each stored change; 0 before the first.
    pub version: u64,
}

/// Whether [`Settings::create_connection`] stored it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    Yes,
    /// The account is connected already, by this connection.
    AccountConnected(ConnectionId),
    /// There is a main store already: this one.
    MainStoreConnected(ConnectionId),
}

/// Whether an optimistic write was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved<T> {
    /// Stored; the new version.
    Yes(u64),
    /// Somebody else wrote first; this is what is stored, with its version.
    Stale(Box<T>, u64),
    /// There is none (any more).
    Gone,
}

/// One version of one order, as far as a poller has to recognise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen(pub(crate) [u8; 8]);

/// Where a channel's polling is, lent to one poller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Everything the channel changed before this, in its own time, is stored. `None`: never polled.
    pub position: Option<Timestamp>,
    /// Versions stored already that the next window may show again.
    pub seen: HashSet<Seen>,
}

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
}

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

/// A token bucket: the calls of a connection, shared by all functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The most that it holds.
    pub capacity: u32,
    /// What flows in.
    pub per_minute: u32,
}

/// Whether calls could be taken from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Not enough left; ask again after this long.
    Wait(Duration),
}

/// What is known of a connection's access token. The token itself is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenState {
    /// Grows with each refresh; 0 before the first.
    pub version: u64,
    pub expires_at: Option<Timestamp>,
}

/// The settings table. No clock inside: `now` is the caller's.
#[derive(Debug, Clone)]
pub struct Settings {
    table: Table,
}

impl Seen {
    pub fn of(order: OrderId, revision: Revision) -> Self {
        todo!()
    }
}

impl Settings {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Refuses an account that is connected already and a second main store. A disconnected connection keeps its account.
    pub async fn create_connection(&self, connection: &Connection) -> Result<Created, StorageError> {
        todo!()
    }

    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StorageError> {
        todo!()
    }

    pub async fn connections(&self) -> Result<Vec<Connection>, StorageError> {
        todo!()
    }

    /// Stores name, settings, probed facts and state, if the stored version is the one in `connection`.
    pub async fn update_connection(&self, connection: &Connection) -> Result<Saved<Connection>, StorageError> {
        todo!()
    }

    /// Sets the state alone, whatever the version. `true`: it was another kind of state before, so this is news.
    pub async fn set_connection_state(&self, id: &ConnectionId, state: &ConnectionState) -> Result<bool, StorageError> {
        todo!()
    }

    /// Forgets the connection and frees its account and the role of main store. Repeating it changes nothing.
    pub async fn delete_connection(&self, connection: &Connection) -> Result<(), StorageError> {
        todo!()
    }

    /// The settings of a channel with their version; the defaults with version 0 if none were stored.
    pub async fn channel_settings(&self, id: &ConnectionId) -> Result<(ChannelSettings, u64), StorageError> {
        todo!()
    }

    pub async fn put_channel_settings(
        &self,
        id: &ConnectionId,
        settings: &ChannelSettings,
        expected_version: u64,
    ) -> Result<Saved<ChannelSettings>, StorageError> {
        todo!()
    }

    /// Lends the cursor to `holder` until `until`; `None` while another poller has it.
    pub async fn take_cursor(
        &self,
        id: &ConnectionId,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Cursor>, StorageError> {
        todo!()
    }

    /// The cursor as it is, without taking it.
    pub async fn cursor(&self, id: &ConnectionId) -> Result<Cursor, StorageError> {
        todo!()
    }

    /// Stores where polling is and gives the cursor back. `false`: another poller has it by now, nothing was stored.
    pub async fn advance_cursor(&self, id: &ConnectionId, holder: &str, cursor: &Cursor) -> Result<bool, StorageError> {
        todo!()
    }

    /// Gives the cursor back unchanged. Nothing happens if another has it.
    pub async fn release_cursor(&self, id: &ConnectionId, holder: &str) -> Result<(), StorageError> {
        todo!()
    }

    /// Takes a block of order numbers that nobody else gets. Numbers begin at 1; gaps are normal.
    pub async fn take_numbers(&self, block: u32) -> Result<Range<u64>, StorageError> {
        todo!()
    }

    pub async fn health(&self, id: &ConnectionId) -> Result<Health, StorageError> {
        todo!()
    }

    /// The connection answered. Also ends a failing spell and a pause.
    pub async fn record_success(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StorageError> {
        todo!()
    }

    /// The connection failed; the answer tells since when it has been failing.
    pub async fn record_failure(&self, id: &ConnectionId, now: Timestamp, why: &str) -> Result<Health, StorageError> {
        todo!()
    }

    /// Opens the breaker until then; never shortens a longer pause.
    pub async fn pause(&self, id: &ConnectionId, until: Timestamp) -> Result<(), StorageError> {
        todo!()
    }

    /// `true` for the first call with this key, and for the first one after `quiet` has passed since the last `true`.
    pub async fn debounce(&self, key: &str, now: Timestamp, quiet: Duration) -> Result<bool, StorageError> {
        todo!()
    }

    /// Begins a request that carries an idempotency key; it is remembered for `keep`.
    pub async fn begin_request(&self, key: &str, now: Timestamp, keep: Duration) -> Result<Idempotency, StorageError> {
        todo!()
    }

    /// Remembers the answer of a request that was begun.
    pub async fn finish_request(&self, key: &str, answer: &str) -> Result<(), StorageError> {
        todo!()
    }

    /// Forgets a request that was begun and failed, so that it may be made again.
    pub async fn abandon_request(&self, key: &str) -> Result<(), StorageError> {
        todo!()
    }

    /// Keeps the state of an OAuth round trip until it comes back.
    pub async fn put_oauth_state(
        &self,
        state: &str,
        data: &str,
        now: Timestamp,
        keep: Duration,
    ) -> Result<(), StorageError> {
        todo!()
    }

    /// Gives the state's data once; `None` if it was never kept, was used, or is too old.
    pub async fn take_oauth_state(&self, state: &str, now: Timestamp) -> Result<Option<String>, StorageError> {
        todo!()
    }

    /// What is known of the connection's access token.
    pub async fn token(&self, id: &ConnectionId) -> Result<TokenState, StorageError> {
        todo!()
    }

    /// Lets `holder` alone refresh the token until `until`; `None` while another does.
    pub async fn take_token_lease(
        &self,
        id: &ConnectionId,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<TokenState>, StorageError> {
        todo!()
    }

    /// The refreshed token is saved: stores its end, raises the version, gives the lease back. `false`: the lease was lost.
    pub async fn finish_token(
        &self,
        id: &ConnectionId,
        holder: &str,
        expires_at: Timestamp,
    ) -> Result<bool, StorageError> {
        todo!()
    }

    /// Gives the lease back without a new token. Nothing happens if another has it.
    pub async fn release_token(&self, id: &ConnectionId, holder: &str) -> Result<(), StorageError> {
        todo!()
    }

    /// Takes `calls` from the connection's bucket, or says how long to stay away.
    pub async fn take_calls(
        &self,
        id: &ConnectionId,
        calls: u32,
        bucket: Bucket,
        now: Timestamp,
    ) -> Result<Taken, StorageError> {
        todo!()
    }
}
