//! `/connections`: connect, look, test, reconnect, disconnect.

use std::collections::BTreeMap;

use app::{App, ConnectionInput, ConnectionsError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use connect::config::ConfigError;
use connect::{ConnectError, Credentials, ErrorKind};
use domain::{ConnectionId, Platform};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use storage::{Connection, ConnectionState, Health, Role};

use super::known;
use crate::gateway::Place;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::{FieldError, Problem};

const MAX_NAME: usize = 100;
const MAX_ENTRIES: usize = 50;
/// Secrets Manager takes 65,536 bytes a secret: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
const MAX_BYTES: usize = 50_000;

/// Names and texts, for settings and credentials alike.
pub(crate) type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    pub(super) platform: Platform,
    pub(super) role: Role,
    pub(super) name: String,
    #[serde(default)]
    pub(super) settings: Texts,
    #[serde(deserialize_with = "secrets")]
    pub(super) credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reconnect {
    /// Without it the kept credentials are tried again.
    #[serde(default, deserialize_with = "secrets")]
    credentials: Credentials,
}

impl NewConnection {
    /// Within bounds; whether it works, the platform says.
    pub(crate) fn checked(self, place: &Place) -> Result<ConnectionInput, Problem> {
        let name = self.name.trim().to_owned();
        let mut errors = Vec::new();
        let mut fault = |field: &str, detail: &str| {
            errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
        };
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            fault("name", "A name has 1 to 100 printable characters.");
        }
        if self.settings.len() > MAX_ENTRIES || size(&self.settings) > MAX_BYTES {
            fault("settings", "There are at most 50 settings, and 50,000 bytes of them.");
        }
        if self.credentials.0.len() > MAX_ENTRIES {
            fault("credentials", "There are at most 50 credentials.");
        }
        Problem::unless_empty(errors)?;
        Ok(ConnectionInput {
            platform: self.platform,
            role: self.role,
            name,
            settings: self.settings,
            credentials: self.credentials,
            webhooks_at: place.join("webhooks/"),
        })
    }
}

pub(crate) fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credentials, D::Error> {
    let texts = Texts::deserialize(deserializer)?;
    Ok(Credentials(texts.into_iter().map(|(name, secret)| (name, secret.into())).collect()))
}

/// A connection without its credentials.
#[derive(Serialize)]
pub(crate) struct View {
    id: ConnectionId,
    platform: Platform,
    role: Role,
    name: String,
    account: String,
    settings: Texts,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<Told>,
    health: HealthView,
    /// Where the platform may send its webhooks.
    webhook_path: String,
    /// Whether it was asked to; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhooks: Option<WebhooksView>,
    connected_at: Timestamp,
}

#[derive(Serialize)]
struct WebhooksView {
    registered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
}

#[derive(Serialize)]
struct HealthView {
    last_success: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    last_failure: Option<Told>,
    paused_until: Option<Timestamp>,
    /// It answers, and yet nothing is taken in: why.
    waits: Option<String>,
}

/// One sentence, and when it became true.
#[derive(Serialize)]
struct Told {
    at: Timestamp,
    why: String,
}

impl View {
    fn new(connection: Connection, health: Health) -> Self {
        let (state, attention) = match connection.state {
            ConnectionState::Active => ("active", None),
            ConnectionState::NeedsAttention { why, since } => ("needs_attention", Some(Told { at: since, why })),
            ConnectionState::Disconnected => ("disconnected", None),
        };
        Self {
            webhook_path: format!("/webhooks/{}", connection.id),
            webhooks: connection
                .webhooks
                .map(|webhooks| WebhooksView { registered: webhooks.why_not.is_none(), why_not: webhooks.why_not }),
            id: connection.id,
            platform: connection.platform,
            role: connection.role,
            name: connection.name,
            account: connection.account.to_string(),
            settings: connection.settings,
            state,
            attention,
            health: HealthView {
                last_success: health.last_success,
                failing_since: health.failing_since,
                last_failure: health.last_failure.map(|(at, why)| Told { at, why }),
                paused_until: health.paused_until,
                waits: health.waits,
            },
            connected_at: connection.created_at,
        }
    }
}

pub(crate) async fn view(app: &App, connection: Connection) -> Result<View, Problem> {
    let health = app.storage.settings.health(&connection.id).await?;
    Ok(View::new(connection, health))
}

#[derive(Serialize)]
struct All {
    connections: Vec<View>,
}

pub(crate) async fn list(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let mut connections = Vec::new();
    for connection in app.storage.settings.connections().await? {
        if connection.state != ConnectionState::Disconnected {
            connections.push(view(&app, connection).await?);
        }
    }
    Ok(Json(All { connections }))
}

pub(crate) async fn one(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    let connection = known(&app, &id).await?;
    Ok(Json(view(&app, connection).await?))
}

pub(crate) async fn create(
    State(app): State<App>,
    place: Place,
    _: NoQuery,
    Body(new): Body<NewConnection>,
) -> Result<impl IntoResponse, Problem> {
    let connection = app.connect(new.checked(&place)?).await?;
    let location = format!("connections/{}", connection.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(view(&app, connection).await?)))
}

fn size(texts: &Texts) -> usize {
    texts.iter().map(|(name, text)| name.len() + text.len()).sum()
}

pub(crate) async fn disconnect(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    app.disconnect(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Tested {
    works: bool,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Asks the platform with the kept credentials; changes nothing, here or there.
pub(crate) async fn test(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    let mut connection = known(&app, &id).await?;
    let account = connection.account.clone();
    let why = match app.test(&mut connection).await {
        Ok(()) if connection.account == account => None,
        Ok(()) => Some(format!("The credentials belong to another account: {}.", connection.account)),
        Err(error) => {
            tracing::info!(connection = %id, error = %error, "Connection `{id}` does not work");
            Some(error.public_message)
        }
    };
    Ok(Json(Tested { works: why.is_none(), account: account.to_string(), why }))
}

pub(crate) async fn reconnect(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
    Body(given): Body<Reconnect>,
) -> Result<impl IntoResponse, Problem> {
    let connection = app.reconnect(&id, &given.credentials).await?;
    Ok(Json(view(&app, connection).await?))
}

impl From<ConnectionsError> for Problem {
    fn from(error: ConnectionsError) -> Self {
        let says = error.to_string();
        match error {
            ConnectionsError::NotFound => Self::new(StatusCode::NOT_FOUND, says),
            ConnectionsError::UnknownPlatform => Self::field("platform", says),
            ConnectionsError::NoConsent => Self::field("platform", says),
            ConnectionsError::OtherPlatform => Self::field("reconnects", says),
            ConnectionsError::ConsentOver => Self::named(StatusCode::GONE, "consent-over", says),
            ConnectionsError::ConsentRefused => Self::named(StatusCode::FORBIDDEN, "consent-refused", says),
            ConnectionsError::NoMainStore => Self::conflict("no-main-store", says),
            ConnectionsError::RoleNotOffered => Self::field("role", says),
            ConnectionsError::AccountConnected(id) => {
                Self::conflict("account-connected", says).with("connection_id", id.to_string())
            }
            ConnectionsError::MainStoreConnected(id) => {
                Self::conflict("main-store-connected", says).with("connection_id", id.to_string())
            }
            ConnectionsError::Test(error) => not_working(&error),
            ConnectionsError::Invalid(errors) => {
                let errors = errors.into_iter().map(FieldError::from).collect();
                Self::unless_empty(errors).err().unwrap_or_else(|| Self::new(StatusCode::UNPROCESSABLE_ENTITY, says))
            }
            ConnectionsError::Stale { .. } => Self::conflict("stale-settings", says),
            ConnectionsError::App(error) => error.into(),
        }
    }
}

/// What was given does not work (422), unless the platform could not be asked at all just now.
fn not_working(error: &ConnectError) -> Problem {
    match error.kind {
        ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Unexpected => Problem::of_platform(error),
        _ => {
            tracing::info!(error = %error, "A connection does not work");
            let says = error.public_message.clone();
            let problem = Problem::named(StatusCode::UNPROCESSABLE_ENTITY, "connection-does-not-work", says);
            match error.source.as_deref().and_then(|source| source.downcast_ref::<ConfigError>()) {
                Some(fault) => problem.with("field", fault.field),
                None => problem,
            }
        }
    }
}
