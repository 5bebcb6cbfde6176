//! Connecting accounts: tested before they are kept, each account once, one main store.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{ConnectError, Credentials, NOTIFICATION_QUEUE};
use domain::head::Attention;
use domain::settings::{CurrencySettings, SettingError, covered_from};
use domain::{AccountId, ChannelSettings, ConnectionId, Order, Platform};
use storage::{Connection, ConnectionState, Created, PageRequest, Role, Saved, Webhooks};
use url::Url;

use crate::App;
use crate::error::AppError;
use crate::ports::{Job, Offer};

/// The credential with which a webhook is checked, where the platform lets us choose it.
const WEBHOOK_SECRET: &str = "webhook_secret";
/// What a channel changed while it was not connected has been read by then.
const READ_BY_THEN: Duration = Duration::from_mins(5);
/// Of webhooks whose address is stored, and which nobody has registered yet.
const NOT_YET: &str = "They are being registered; what is missing is made good at night.";

/// What a person gives to connect an account.
#[derive(Debug)]
pub struct ConnectionInput {
    pub platform: Platform,
    pub role: Role,
    /// What the merchant calls it.
    pub name: String,
    pub settings: BTreeMap<String, String>,
    pub credentials: Credentials,
    /// Where our webhooks are, the connection's id still to follow; `None`: the platform is not asked to call.
    pub webhooks_at: Option<Url>,
}

/// Why a connection or its settings cannot be as asked.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionsError {
    #[error("There is no such connection.")]
    NotFound,
    #[error("There is no such platform.")]
    UnknownPlatform,
    #[error("This platform cannot be used in this role.")]
    RoleNotOffered,
    #[error("This account is connected already, as {0}.")]
    AccountConnected(ConnectionId),
    #[error("A main store is connected already, as {0}.")]
    MainStoreConnected(ConnectionId),
    /// The platform was asked and did not accept the credentials or settings.
    #[error("The platform could not be connected.")]
    Test(#[source] ConnectError),
    #[error("No main store is connected.")]
    NoMainStore,
    #[error("These settings are not valid.")]
    Invalid(Vec<SettingError>),
    #[error("The settings were changed meanwhile.")]
    Stale { settings: Box<ChannelSettings>, version: u64 },
    #[error("This platform has no consent page: give its keys instead.")]
    NoConsent,
    #[error("This consent was used already, or its ten minutes are over. Please begin again.")]
    ConsentOver,
    #[error("Access was not granted.")]
    ConsentRefused,
    #[error("That connection is of another platform, or has another role.")]
    OtherPlatform,
    #[error(transparent)]
    App(#[from] AppError),
}

impl ConnectionsError {
    pub(crate) fn other_account() -> Self {
        Self::Invalid(vec![SettingError {
            field: "credentials".to_owned(),
            message: "These belong to another account; connect it as a new channel.".to_owned(),
        }])
    }
}

impl App {
    /// Tests the account and keeps it. Nothing is kept of one that does not work.
    pub async fn connect(&self, input: ConnectionInput) -> Result<Connection, ConnectionsError> {
        let mut credentials = input.credentials.clone();
        let mut connection = self.begun(input, &mut credentials)?;
        let id = connection.id.clone();
        self.keep_credentials(&id, &credentials).await?;
        let kept = match self.test(&mut connection).await {
            Ok(()) => self.keep(&mut connection).await,
            Err(error) => Err(ConnectionsError::Test(error)),
        };
        // An account that was connected before has its credentials under the name of then.
        if connection.id != id || kept.is_err() {
            self.connectors.forget_credentials(&id).await.map_err(AppError::from)?;
        }
        kept?;
        self.call_us(connection).await
    }

    /// The connection as it begins, still to be tested, and a secret for its webhooks where it brings none.
    pub(crate) fn begun(
        &self,
        input: ConnectionInput,
        credentials: &mut Credentials,
    ) -> Result<Connection, ConnectionsError> {
        let offer = self.offer(&input.platform, &BTreeMap::new())?;
        if input.role == Role::Channel && offer.channel.is_none()
            || input.role == Role::MainStore && offer.store.is_none()
        {
            return Err(ConnectionsError::RoleNotOffered);
        }
        let id = format!("{}-{}", input.platform, self.clock.nonce().to_lowercase());
        let id = ConnectionId::new(id).map_err(|_| ConnectionsError::UnknownPlatform)?;
        let unnamed = AccountId::new("unknown").map_err(|_| ConnectionsError::UnknownPlatform)?;
        let calls_us = match input.role {
            Role::Channel => offer.channel.is_some_and(|channel| channel.webhooks),
            Role::MainStore => offer.store.is_some_and(|store| store.webhooks),
        };
        // A platform that has no webhooks may tell a queue of the owner's.
        let tells_us = calls_us || input.settings.contains_key(NOTIFICATION_QUEUE);
        let url = input.webhooks_at.filter(|_| tells_us).and_then(|base| base.join(id.as_str()).ok());
        if calls_us && !credentials.0.contains_key(WEBHOOK_SECRET) {
            let secret = format!("{}{}", self.clock.nonce(), self.clock.nonce());
            credentials.0.insert(WEBHOOK_SECRET.to_owned(), secret.into());
        }
        Ok(Connection {
            id,
            role: input.role,
            platform: input.platform,
            name: input.name,
            account: unnamed,
            settings: input.settings,
            probed: BTreeMap::new(),
            currency: None,
            state: ConnectionState::Active,
            created_at: self.clock.now(),
            version: 0,
            webhooks: url.map(|url| Webhooks { url, why_not: Some(NOT_YET.to_owned()) }),
        })
    }

    /// Keeps a connection that was tested. An account that was connected before in this role becomes the connection that it was: its
    /// orders that wait go on, and its links hold.
    pub(crate) async fn keep(&self, connection: &mut Connection) -> Result<(), ConnectionsError> {
        let former =
            self.storage.settings.former_connection(&connection.platform, &connection.account, connection.role).await;
        let Some(former) = former.map_err(AppError::from)? else { return self.keep_new(connection).await };
        self.storage.settings.note_credentials(&former, self.clock.now()).await.map_err(AppError::from)?;
        self.connectors.adopt_credentials(&connection.id, &former).await.map_err(AppError::from)?;
        if let Some(webhooks) = &mut connection.webhooks {
            webhooks.url = webhooks.url.join(former.as_str()).map_err(|_| ConnectionsError::UnknownPlatform)?;
        }
        connection.id = former;
        self.keep_new(connection).await?;
        self.ring_waiting(&connection.id).await?;
        Ok(())
    }

    async fn keep_new(&self, connection: &Connection) -> Result<(), ConnectionsError> {
        let settings = match connection.role {
            Role::Channel => Some(ChannelSettings {
                inventory_sync_since: Some(covered_from(self.clock.now())),
                currency: CurrencySettings::for_store(self.known_store().await?.map(|store| store.can)),
                ..ChannelSettings::default()
            }),
            Role::MainStore => None,
        };
        let created = self.storage.settings.create_connection(connection, settings.as_ref()).await;
        match created.map_err(AppError::from)? {
            Created::Yes => {}
            Created::AccountConnected(id) => return Err(ConnectionsError::AccountConnected(id)),
            Created::MainStoreConnected(id) => return Err(ConnectionsError::MainStoreConnected(id)),
        }
        self.replay_parked().await?;
        Ok(())
    }

    /// Asks the platform who the account is, and what this very account can do.
    pub async fn test(&self, connection: &mut Connection) -> Result<(), ConnectError> {
        match connection.role {
            Role::Channel => {
                let account = self.connectors.channel(connection).await?.account().await?;
                connection.account = account.id;
            }
            Role::MainStore => {
                let profile = self.connectors.store(connection).await?.profile().await?;
                connection.account = profile.account.id;
                connection.probed = profile.probed;
                connection.currency = Some(profile.currency);
            }
        }
        Ok(())
    }

    /// New credentials for an account that was withdrawn; what waited for it is looked at again.
    pub async fn reconnect(
        &self,
        id: &ConnectionId,
        credentials: &Credentials,
    ) -> Result<Connection, ConnectionsError> {
        let mut connection = self.known(id).await?;
        let account = connection.account.clone();
        if credentials.0.is_empty() {
            self.test(&mut connection).await.map_err(ConnectionsError::Test)?;
        } else {
            self.try_credentials(&mut connection, credentials).await?;
        }
        if connection.account != account {
            return Err(ConnectionsError::other_account());
        }
        self.works_again(connection).await
    }

    /// The access of a connection was given back: what waited for it is looked at again.
    pub(crate) async fn works_again(&self, mut connection: Connection) -> Result<Connection, ConnectionsError> {
        let id = &connection.id.clone();
        connection.state = ConnectionState::Active;
        if !matches!(self.storage.settings.update_connection(&connection).await.map_err(AppError::from)?, Saved::Yes(_))
        {
            return Err(ConnectionsError::NotFound);
        }
        self.storage.settings.record_success(id, self.clock.now()).await.map_err(AppError::from)?;
        self.queue.send(&[Job::poll(id.clone())], Duration::ZERO).await.map_err(AppError::from)?;
        self.replay_parked().await?;
        match connection.role {
            Role::Channel => self.ring_linked(id, false).await.map(drop)?,
            Role::MainStore => self.ring_all_linked().await?,
        }
        Ok(connection)
    }

    /// Tests credentials under a name of their own, so that a typo never replaces a key that works. They are kept if they belong
    /// to the same account, together with what the platform gave for them: a refresh token may be good for one use only.
    async fn try_credentials(
        &self,
        connection: &mut Connection,
        credentials: &Credentials,
    ) -> Result<(), ConnectionsError> {
        let trial = format!("{}-{}", connection.platform, self.clock.nonce().to_lowercase());
        let trial = ConnectionId::new(trial).map_err(|_| ConnectionsError::UnknownPlatform)?;
        self.keep_credentials(&trial, credentials).await?;
        let mut tried = Connection { id: trial.clone(), ..connection.clone() };
        let works = self.test(&mut tried).await;
        if works.is_ok() && tried.account == connection.account {
            self.connectors.adopt_credentials(&trial, &connection.id).await.map_err(AppError::from)?;
        }
        self.connectors.forget_credentials(&trial).await.map_err(AppError::from)?;
        works.map_err(ConnectionsError::Test)?;
        connection.account = tried.account;
        connection.probed = tried.probed;
        connection.currency = tried.currency;
        Ok(())
    }

    /// No more calls; the credentials are forgotten, the orders stay.
    pub async fn disconnect(&self, id: &ConnectionId) -> Result<(), ConnectionsError> {
        let connection = self.known(id).await?;
        self.call_us_no_more(&connection).await;
        self.storage.settings.note_credentials(id, self.clock.now()).await.map_err(AppError::from)?;
        // First: once the connection is gone, its account may be connected again under this very name.
        self.connectors.forget_credentials(id).await.map_err(AppError::from)?;
        self.storage.settings.delete_connection(&connection).await.map_err(AppError::from)?;
        Ok(())
    }

    pub(crate) async fn known(&self, id: &ConnectionId) -> Result<Connection, ConnectionsError> {
        let found = self.storage.settings.connection(id).await.map_err(AppError::from)?;
        found.filter(|connection| connection.state != ConnectionState::Disconnected).ok_or(ConnectionsError::NotFound)
    }

    pub(crate) fn offer(
        &self,
        platform: &Platform,
        probed: &BTreeMap<String, String>,
    ) -> Result<Offer, ConnectionsError> {
        self.connectors.offer(platform, probed).ok_or(ConnectionsError::UnknownPlatform)
    }

    /// Rings for every order that waits for the main store to work.
    pub(crate) async fn replay_parked(&self) -> Result<(), AppError> {
        self.ring_all(Attention::Parked, Duration::ZERO, |_| true).await
    }

    /// Rings for every order of this channel that waits for anything, once what happened to it meanwhile has been read.
    async fn ring_waiting(&self, id: &ConnectionId) -> Result<(), AppError> {
        self.queue.send(&[Job::poll(id.clone())], Duration::ZERO).await?;
        for kind in [Attention::Unlinked, Attention::Parked, Attention::Error, Attention::Unknown] {
            self.ring_all(kind, READ_BY_THEN, |order| order.connection == *id).await?;
        }
        Ok(())
    }

    async fn ring_all(
        &self,
        kind: Attention,
        delay: Duration,
        wanted: impl Fn(&Order) -> bool,
    ) -> Result<(), AppError> {
        let mut page = PageRequest::first(200);
        loop {
            let found = self.storage.orders.attention(kind, None, &page).await?;
            let wanted = found.items.iter().filter(|order| wanted(order));
            let jobs: Vec<Job> = wanted.map(|order| Job::import(order.id)).collect();
            if !jobs.is_empty() {
                self.queue.send(&jobs, delay).await?;
            }
            match found.next {
                Some(next) => page = PageRequest::after(next, 200),
                None => return Ok(()),
            }
        }
    }
}
