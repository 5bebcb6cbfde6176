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
use utoipa::ToSchema;

use super::known;
use crate::gateway::Place;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::{FieldError, Problem};
use crate::words::ConnectionWord;

const MAX_NAME: usize = 100;
const MAX_ENTRIES: usize = 50;
/// Secrets Manager takes 65,536 bytes a secret: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
const MAX_BYTES: usize = 50_000;

/// Names and texts, for settings and credentials alike.
pub(crate) type Texts = BTreeMap<String, String>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    pub(super) platform: Platform,
    pub(super) role: Role,
    pub(super) name: String,
    /// Not secret: which ones, the platform's page in the documentation says.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) settings: Texts,
    /// Never shown again.
    #[serde(deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) credentials: Credentials,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reconnect {
    /// Without it the kept credentials are tried again.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>)]
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
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct View {
    id: ConnectionId,
    platform: Platform,
    role: Role,
    name: String,
    account: String,
    #[schema(value_type = BTreeMap<String, String>)]
    settings: Texts,
    state: ConnectionWord,
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

#[derive(Serialize, ToSchema)]
#[schema(as = Webhooks)]
struct WebhooksView {
    registered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthView {
    #[schema(required)]
    last_success: Option<Timestamp>,
    #[schema(required)]
    failing_since: Option<Timestamp>,
    #[schema(required)]
    last_failure: Option<Told>,
    #[schema(required)]
    paused_until: Option<Timestamp>,
    /// It answers, and yet nothing is taken in: why.
    #[schema(required)]
    waits: Option<String>,
}

/// One sentence, and when it became true.
#[derive(Serialize, ToSchema)]
#[schema(as = Told)]
struct Told {
    at: Timestamp,
    why: String,
}

impl View {
    fn new(connection: Connection, health: Health) -> Self {
        let (state, attention) = match connection.state {
            ConnectionState::Active => (ConnectionWord::Active, None),
            ConnectionState::NeedsAttention { why, since } => {
                (ConnectionWord::NeedsAttention, Some(Told { at: since, why }))
            }
            ConnectionState::Disconnected => (ConnectionWord::Disconnected, None),
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

#[derive(Serialize, ToSchema)]
#[schema(as = Connections)]
struct All {
    connections: Vec<View>,
}

/// Every connection and how it fares.
#[utoipa::path(
    get,
    path = "/connections",
    tag = "Connections",
    responses(
        (status = 200, description = "The connections", body = All),
    )
)]
pub(crate) async fn list_connections(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let mut connections = Vec::new();
    for connection in app.storage.settings.connections().await? {
        if connection.state != ConnectionState::Disconnected {
            connections.push(view(&app, connection).await?);
        }
    }
    Ok(Json(All { connections }))
}

/// One connection.
#[utoipa::path(
    get,
    path = "/connections/{id}",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The connection"),
    ),
    responses(
        (status = 200, description = "The connection", body = View),
        (status = 404, description = "There is no such connection."),
    )
)]
pub(crate) async fn get_connection(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    let connection = known(&app, &id).await?;
    Ok(Json(view(&app, connection).await?))
}

/// Connects an account.
///
/// The account is tested first, and nothing is kept of one that does not work. Where the platform can be asked to call, it is asked.
#[utoipa::path(
    post,
    path = "/connections",
    tag = "Connections",
    request_body = NewConnection,
    responses(
        (status = 201, description = "It is connected", body = View, headers(("location" = String, description = "Where the connection is, from the address of the API"))),
        (status = 409, description = "`account-connected` or `main-store-connected`; `connection_id` names it."),
        (status = 422, description = "A field cannot be so, or the platform does not accept the account (`connection-does-not-work`)."),
    )
)]
pub(crate) async fn connect(
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

/// Forgets an account.
///
/// The webhooks that were registered are taken back, no more calls are made, and the credentials are forgotten; the orders stay.
#[utoipa::path(
    delete,
    path = "/connections/{id}",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The connection"),
    ),
    responses(
        (status = 204, description = "It is disconnected"),
        (status = 404, description = "There is no such connection."),
    )
)]
pub(crate) async fn disconnect(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    app.disconnect(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
struct Tested {
    works: bool,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Asks the platform with the kept credentials.
///
/// Changes nothing, here or there.
#[utoipa::path(
    post,
    path = "/connections/{id}/test",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The connection"),
    ),
    responses(
        (status = 200, description = "Whether it works, and why not", body = Tested),
        (status = 404, description = "There is no such connection."),
    )
)]
pub(crate) async fn test_connection(
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

/// Gives a connection new credentials of the same account.
///
/// All of them; an empty body `{}` tries the kept ones again. What waited for it is looked at again.
#[utoipa::path(
    post,
    path = "/connections/{id}/reconnect",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The connection"),
    ),
    request_body = Reconnect,
    responses(
        (status = 200, description = "It works again", body = View),
        (status = 404, description = "There is no such connection."),
        (status = 422, description = "The credentials are of another account, or the platform does not accept them (`connection-does-not-work`)."),
    )
)]
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
            ConnectionsError::UnknownPlatform | ConnectionsError::NoConsent => Self::field("platform", says),
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
