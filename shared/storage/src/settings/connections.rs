//! Connections: each account once, one main store.

use std::collections::BTreeMap;
use std::mem::discriminant;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AccountId, ChannelSettings, ConnectionId, Currency, Platform};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::channel::settings_item;
use super::cursor::cursor_key;
use super::{Saved, Settings};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, document, n, s};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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
    NeedsAttention {
        why: String,
        since: Timestamp,
    },
    Disconnected,
}

/// Where the platform was asked to call us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    pub url: Url,
    /// Why it does not call, in one sentence for the merchant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
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
    /// A main store's own currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    pub state: ConnectionState,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Webhooks>,
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

const CONNECTIONS: &str = "CONNECTIONS";
/// The connection as a document, all but its state and version.
const DOCUMENT: &str = "d";
const STATE: &str = "state";
const VERSION: &str = "v";
/// In a marker: the connection that it belongs to.
const OWNER: &str = "c";

fn record_key(id: &ConnectionId) -> Key {
    Key::new(CONNECTIONS, id.as_str())
}

/// The items that keep an account from being connected twice, and the main store from being two.
fn marker_keys(connection: &Connection) -> Vec<Key> {
    let account = Key::new(format!("A#{}#{}", connection.platform, connection.account), "A");
    match connection.role {
        Role::Channel => vec![account],
        Role::MainStore => vec![account, Key::new("STORE", "STORE")],
    }
}

/// Which connection an account was in a role, kept when it is disconnected: its orders and links still bear that name.
fn former_key(platform: &Platform, account: &AccountId, role: Role) -> Key {
    let role = match role {
        Role::Channel => "FORMER#CHANNEL",
        Role::MainStore => "FORMER#STORE",
    };
    Key::new(format!("A#{platform}#{account}"), role)
}

fn read_connection(operation: &'static str, item: &Item) -> Result<Connection, StorageError> {
    let read = Reader::new(operation, item);
    let connection: Connection = read.document(DOCUMENT)?;
    Ok(Connection { state: read.document(STATE)?, version: read.number(VERSION)?, ..connection })
}

impl Settings {
    /// Stores it together with a channel's first settings. Refuses an account that is connected already and a second main store.
    /// A disconnected connection keeps its account.
    pub async fn create_connection(
        &self,
        connection: &Connection,
        settings: Option<&ChannelSettings>,
    ) -> Result<Created, StorageError> {
        const OPERATION: &str = "settings.create_connection";
        let markers = marker_keys(connection);
        let mut writes = Vec::new();
        for marker in &markers {
            let mut item = marker.to_item();
            item.insert(OWNER.to_owned(), s(connection.id.as_str()));
            writes.push(self.table.put_part(OPERATION, item, Expression::absent())?);
        }
        let mut record = record_key(&connection.id).to_item();
        record.insert(DOCUMENT.to_owned(), document(OPERATION, connection)?);
        record.insert(STATE.to_owned(), document(OPERATION, &connection.state)?);
        record.insert(VERSION.to_owned(), n(1));
        writes.push(self.table.put_part(OPERATION, record, Expression::absent())?);
        if let Some(settings) = settings {
            let item = settings_item(OPERATION, &connection.id, settings, 1)?;
            writes.push(self.table.put_part(OPERATION, item, Expression::absent())?);
        }
        let Err(in_the_way) = self.table.write_together(OPERATION, writes).await? else { return Ok(Created::Yes) };
        for (index, item) in in_the_way.iter().enumerate() {
            let Some(item) = item else { continue };
            if index == markers.len() {
                break;
            }
            let owner: ConnectionId = Reader::new(OPERATION, item).parsed(OWNER)?;
            if owner == connection.id {
                // This very connection: an earlier call, its answer lost.
                return Ok(Created::Yes);
            }
            return Ok(if index == 0 { Created::AccountConnected(owner) } else { Created::MainStoreConnected(owner) });
        }
        Err(StorageError::corrupt(OPERATION, format!("{}: the connection id is in use", connection.id)))
    }

    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StorageError> {
        const OPERATION: &str = "settings.connection";
        let item = self.table.get(OPERATION, &record_key(id)).await?;
        item.as_ref().map(|item| read_connection(OPERATION, item)).transpose()
    }

    /// Every connection, disconnected ones too.
    pub async fn connections(&self) -> Result<Vec<Connection>, StorageError> {
        const OPERATION: &str = "settings.connections";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(CONNECTIONS));
        let items = self.table.query_all(OPERATION, expression, true).await?;
        items.iter().map(|item| read_connection(OPERATION, item)).collect()
    }

    /// Stores name, settings, probed facts and state, if the stored version is the one in `connection`.
    pub async fn update_connection(&self, connection: &Connection) -> Result<Saved<Connection>, StorageError> {
        const OPERATION: &str = "settings.update_connection";
        let next = connection.version + 1;
        let expression = Expression::new()
            .set(DOCUMENT, document(OPERATION, connection)?)
            .set(STATE, document(OPERATION, &connection.state)?)
            .set(VERSION, n(next))
            .only_if("#v = :read")
            .with(":read", n(connection.version));
        match self.table.update(OPERATION, &record_key(&connection.id), expression, ReturnValue::None).await? {
            Written::Yes(_) => Ok(Saved::Yes(next)),
            Written::No(None) => Ok(Saved::Gone),
            Written::No(Some(item)) => {
                let stored = read_connection(OPERATION, &item)?;
                if stored == (Connection { version: next, ..connection.clone() }) {
                    // Our own write, its answer lost.
                    return Ok(Saved::Yes(next));
                }
                let version = stored.version;
                Ok(Saved::Stale(Box::new(stored), version))
            }
        }
    }

    /// Sets the state alone, whatever the version. `true`: it was another kind of state before, so this is news.
    pub async fn set_connection_state(&self, id: &ConnectionId, state: &ConnectionState) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.set_connection_state";
        let expression =
            Expression::new().set(STATE, document(OPERATION, state)?).add(VERSION, 1).only_if("attribute_exists(#pk)");
        match self.table.update(OPERATION, &record_key(id), expression, ReturnValue::AllOld).await? {
            Written::Yes(Some(before)) => {
                let before: ConnectionState = Reader::new(OPERATION, &before).document(STATE)?;
                // The very same state with its time is our own write, its answer lost: still news.
                let own = before == *state && matches!(before, ConnectionState::NeedsAttention { .. });
                Ok(own || discriminant(&before) != discriminant(state))
            }
            Written::Yes(None) | Written::No(_) => Ok(false),
        }
    }

    /// The connection that this account was in this role before it was disconnected, if it is not connected now.
    pub async fn former_connection(
        &self,
        platform: &Platform,
        account: &AccountId,
        role: Role,
    ) -> Result<Option<ConnectionId>, StorageError> {
        const OPERATION: &str = "settings.former_connection";
        let Some(item) = self.table.get(OPERATION, &former_key(platform, account, role)).await? else {
            return Ok(None);
        };
        let former: ConnectionId = Reader::new(OPERATION, &item).parsed(OWNER)?;
        Ok(self.connection(&former).await?.is_none().then_some(former))
    }

    /// Forgets the connection and frees its account and the role of main store. Kept are its name, for
    /// [`Settings::former_connection`], and up to when it was read. Repeating it changes nothing.
    pub async fn delete_connection(&self, connection: &Connection) -> Result<(), StorageError> {
        const OPERATION: &str = "settings.delete_connection";
        let partition = Expression::new().only_if("#pk = :pk").with(":pk", s(format!("C#{}", connection.id)));
        let cursor = cursor_key(&connection.id);
        let items = self.table.query_all(OPERATION, partition, true).await?;
        for key in items.iter().map(Key::of).filter(|key| *key != cursor) {
            self.table.delete(OPERATION, &key, Expression::new()).await?;
        }
        let mut former = former_key(&connection.platform, &connection.account, connection.role).to_item();
        former.insert(OWNER.to_owned(), s(connection.id.as_str()));
        // Together: whoever connects the account again finds it connected, or finds which connection it was.
        let mut writes = vec![
            self.table.put_part(OPERATION, former, Expression::new())?,
            self.table.delete_part(OPERATION, &record_key(&connection.id), Expression::new())?,
        ];
        for marker in marker_keys(connection) {
            let own = Expression::new()
                .only_if("attribute_not_exists(#pk) OR #c = :owner")
                .with(":owner", s(connection.id.as_str()));
            writes.push(self.table.delete_part(OPERATION, &marker, own)?);
        }
        if self.table.write_together(OPERATION, writes).await?.is_ok() {
            return Ok(());
        }
        // A marker belongs to another connection by now.
        self.table.delete(OPERATION, &record_key(&connection.id), Expression::new()).await.map(|_| ())
    }
}
