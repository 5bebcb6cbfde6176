//! Connecting through the platform's own consent page: asked for by a person, answered once, within ten minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::ConnectError;
use domain::ConnectionId;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use storage::{Connection, Role, Saved};
use url::Url;

use crate::App;
use crate::connections::{ConnectionInput, ConnectionsError};
use crate::error::AppError;

/// How long a consent page may be looked at.
const KEEP: Duration = Duration::from_mins(10);
/// The credential that holds the PKCE verifier until the consent is answered.
pub const VERIFIER: &str = "consent_verifier";

/// What a consent page is asked for with, and its answer redeemed with.
#[derive(Debug, Clone)]
pub struct Asking {
    pub state: String,
    /// Where the platform sends the browser with its answer.
    pub redirect_uri: Url,
}

/// A person wants to connect an account, or to connect it again.
#[derive(Debug)]
pub struct ConsentInput {
    /// Its credentials are those of the merchant's own application.
    pub connection: ConnectionInput,
    /// The connection that shall work again with the new grant.
    pub reconnects: Option<ConnectionId>,
    pub redirect_uri: Url,
    /// Who asks, as a log names them.
    pub asked_by: String,
}

/// Where the person goes on.
#[derive(Debug, Clone)]
pub struct ConsentPage {
    pub url: Url,
    pub until: Timestamp,
}

/// What is remembered of a consent that was asked for. Its secrets are kept with those of the connection.
#[derive(Serialize, Deserialize)]
struct Pending {
    connection: Connection,
    reconnects: Option<ConnectionId>,
    redirect_uri: Url,
    asked_by: String,
}

impl App {
    /// The platform's consent page. Nothing is connected before it is answered.
    pub async fn ask_consent(&self, input: ConsentInput) -> Result<ConsentPage, ConnectionsError> {
        let mut credentials = input.connection.credentials.clone();
        let connection = self.begun(input.connection, &mut credentials)?;
        if let Some(id) = &input.reconnects {
            let known = self.known(id).await?;
            if (&known.platform, known.role) != (&connection.platform, connection.role) {
                return Err(ConnectionsError::OtherPlatform);
            }
        }
        // Two names that nobody else has are 160 bits of chance, and long enough for a verifier (RFC 7636, 43 characters).
        let secret = || format!("{}{}", self.clock.nonce(), self.clock.nonce());
        credentials.0.insert(VERIFIER.to_owned(), SecretString::from(secret()));
        let id = connection.id.clone();
        self.keep_credentials(&id, &credentials).await?;
        let asking = Asking { state: secret(), redirect_uri: input.redirect_uri };
        let page = match self.connectors.consent_page(&connection, &asking).await {
            Ok(Some(page)) => Ok(page),
            Ok(None) => Err(ConnectionsError::NoConsent),
            Err(error) => Err(ConnectionsError::Test(error)),
        };
        let url = match page {
            Ok(url) => url,
            Err(error) => {
                self.connectors.forget_credentials(&id).await.map_err(AppError::from)?;
                return Err(error);
            }
        };
        let pending = Pending {
            connection,
            reconnects: input.reconnects,
            redirect_uri: asking.redirect_uri,
            asked_by: input.asked_by,
        };
        let now = self.clock.now();
        let kept = self.storage.settings.put_oauth_state(&asking.state, &pending, now, KEEP).await;
        kept.map_err(AppError::from)?;
        Ok(ConsentPage { url, until: now.saturating_add(KEEP).unwrap_or(Timestamp::MAX) })
    }

    /// The browser came back. A state is good for one answer.
    pub async fn answer_consent(&self, answer: &BTreeMap<String, String>) -> Result<Connection, ConnectionsError> {
        let state = answer.get("state").ok_or(ConnectionsError::ConsentOver)?;
        let taken = self.storage.settings.take_oauth_state::<Pending>(state, self.clock.now()).await;
        let pending = taken.map_err(AppError::from)?.ok_or(ConnectionsError::ConsentOver)?;
        let id = pending.connection.id.clone();
        let asking = Asking { state: state.clone(), redirect_uri: pending.redirect_uri.clone() };
        tracing::info!(connection = %id, by = %pending.asked_by, "The consent for `{id}` was answered");
        let result = self.redeemed(pending, &asking, answer).await;
        if !matches!(&result, Ok(connection) if connection.id == id) {
            self.connectors.forget_credentials(&id).await.map_err(AppError::from)?;
        }
        result
    }

    async fn redeemed(
        &self,
        pending: Pending,
        asking: &Asking,
        answer: &BTreeMap<String, String>,
    ) -> Result<Connection, ConnectionsError> {
        if answer.contains_key("error") {
            return Err(ConnectionsError::ConsentRefused);
        }
        let mut connection = pending.connection;
        let works = async {
            let settings = self.connectors.redeem(&connection, asking, answer).await?;
            connection.settings.extend(settings);
            self.test(&mut connection).await?;
            Ok::<_, ConnectError>(())
        };
        works.await.map_err(ConnectionsError::Test)?;
        match pending.reconnects {
            None => {
                self.keep(&mut connection).await?;
                self.call_us(connection).await
            }
            Some(id) => {
                let mut known = self.known(&id).await?;
                if known.account != connection.account {
                    return Err(ConnectionsError::other_account());
                }
                self.connectors.adopt_credentials(&connection.id, &id).await.map_err(AppError::from)?;
                known.settings = connection.settings;
                known.probed = connection.probed;
                self.works_again(known).await
            }
        }
    }

    /// Registers the platform's webhooks at the address that the stored connection names: whoever dies here leaves none that the
    /// night and a disconnect do not know of. They only make things sooner, so what fails here is tried again at night.
    pub(crate) async fn call_us(&self, connection: Connection) -> Result<Connection, ConnectionsError> {
        let Some(webhooks) = connection.webhooks.clone() else { return Ok(connection) };
        let why_not = self.subscribe(&connection, &webhooks.url).await.err().map(|error| error.public_message);
        // As it is stored: an update goes by its version.
        let mut stored = self.known(&connection.id).await?;
        stored.webhooks = Some(storage::Webhooks { why_not, ..webhooks });
        match self.storage.settings.update_connection(&stored).await.map_err(AppError::from)? {
            Saved::Yes(version) => Ok(Connection { version, ..stored }),
            Saved::Stale(newer, _) => Ok(*newer),
            Saved::Gone => Err(ConnectionsError::NotFound),
        }
    }

    async fn subscribe(&self, connection: &Connection, url: &Url) -> Result<(), ConnectError> {
        let told = match connection.role {
            Role::Channel => self.connectors.channel(connection).await?.subscribe(url).await,
            Role::MainStore => self.connectors.store(connection).await?.subscribe(url).await,
        };
        told.inspect_err(|error| {
            tracing::warn!(connection = %connection.id, error = %error, "`{}` has no webhooks", connection.id);
        })
    }

    /// Takes the webhooks back as far as the platform still listens to us: it may be disconnected for that very reason.
    pub(crate) async fn call_us_no_more(&self, connection: &Connection) {
        let Some(webhooks) = &connection.webhooks else { return };
        let taken_back = async {
            match connection.role {
                Role::Channel => self.connectors.channel(connection).await?.unsubscribe(&webhooks.url).await,
                Role::MainStore => self.connectors.store(connection).await?.unsubscribe(&webhooks.url).await,
            }
        };
        if let Err(error) = taken_back.await {
            tracing::warn!(connection = %connection.id, error = %error, "`{}` keeps its webhooks", connection.id);
        }
    }

    /// Mends what platforms forgot or switched off; once a night.
    pub async fn renew_webhooks(&self) -> Result<(), AppError> {
        for mut connection in self.storage.settings.connections().await? {
            let active = connection.state == storage::ConnectionState::Active;
            let Some(webhooks) = connection.webhooks.clone().filter(|_| active) else { continue };
            let why_not = self.subscribe(&connection, &webhooks.url).await.err().map(|error| error.public_message);
            if why_not != webhooks.why_not {
                connection.webhooks = Some(storage::Webhooks { why_not, ..webhooks });
                self.storage.settings.update_connection(&connection).await?;
            }
        }
        Ok(())
    }
}
