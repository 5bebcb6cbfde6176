//! `/connections/{id}/settings`: one document per channel, replaced as a whole by who has seen its newest version.

use app::{App, ConnectionsError, SettingsView};
use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::settings::Offer;
use domain::{ChannelSettings, ConnectionId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::known_channel;
use crate::input::{Body, Captured, NoQuery, typed};
use crate::problem::{FieldError, Problem};

#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct View {
    version: u64,
    settings: ChannelSettings,
    /// The settings that depend on the platforms, and whether these two offer them. Others are always offered.
    offers: Vec<Offer>,
}

/// A channel's settings, and which of them the platforms offer.
#[utoipa::path(
    get,
    path = "/connections/{id}/settings",
    tag = "Settings",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    responses(
        (status = 200, description = "The settings", body = View, headers(("etag" = String, description = "Their version, as `If-Match` takes it"))),
        (status = 404, description = "There is no such channel."),
    )
)]
pub(crate) async fn get_settings(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<Response, Problem> {
    known_channel(&app, &id).await?;
    answer(&app, &id).await
}

/// Replaces a channel's settings as a whole.
///
/// Nothing may be left out but `inventory_sync_since`, which Tributary sets.
#[utoipa::path(
    put,
    path = "/connections/{id}/settings",
    tag = "Settings",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
        ("if-match" = Option<String>, Header, description = "The version that you saw; without it 428", example = "\"3\""),
    ),
    request_body = ChannelSettings,
    responses(
        (status = 200, description = "The new settings", body = View, headers(("etag" = String, description = "Their version, as `If-Match` takes it"))),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`stale-settings`: somebody changed them meanwhile; `settings` and `version` are the newest."),
        (status = 422, description = "Every field that is missing or out of range"),
        (status = 428, description = "`If-Match` is missing."),
    )
)]
pub(crate) async fn replace_settings(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
    headers: HeaderMap,
    Body(document): Body<Value>,
) -> Result<Response, Problem> {
    known_channel(&app, &id).await?;
    let version = seen_version(&headers)?;
    let missing = left_out(&document, &json!(ChannelSettings::default()), "");
    let settings: ChannelSettings = typed(document)?;
    if !missing.is_empty() {
        // Every fault of the document is told at once: what is left out has its default here and adds none.
        let faults = app.setting_faults(&id, &settings).await?;
        Problem::unless_empty(missing.into_iter().chain(faults.into_iter().map(FieldError::from)).collect())?;
    }
    match app.put_settings(&id, settings, version).await {
        Ok(_) => answer(&app, &id).await,
        Err(ConnectionsError::Stale { settings, version }) => {
            let detail = "The settings were changed meanwhile; `settings` and `version` are the newest.";
            let problem = Problem::conflict("stale-settings", detail);
            Err(problem.with("settings", json!(settings)).with("version", version))
        }
        Err(error) => Err(error.into()),
    }
}

/// The settings of a document that may leave nothing out.
pub(super) fn whole_settings(document: Value) -> Result<ChannelSettings, Problem> {
    let missing = left_out(&document, &json!(ChannelSettings::default()), "settings");
    let settings = typed(document)?;
    Problem::unless_empty(missing)?;
    Ok(settings)
}

/// The fields of `whole` that `document` lacks. A document that replaces another may not reset by silence what it leaves out.
fn left_out(document: &Value, whole: &Value, path: &str) -> Vec<FieldError> {
    let (Value::Object(document), Value::Object(whole)) = (document, whole) else { return Vec::new() };
    let mut missing = Vec::new();
    for (name, value) in whole.iter().filter(|(_, value)| !value.is_null()) {
        let field = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match document.get(name) {
            Some(given) => missing.extend(left_out(given, value, &field)),
            None => {
                missing.push(FieldError { detail: format!("`{field}` is missing; send the whole document."), field });
            }
        }
    }
    missing
}

async fn answer(app: &App, id: &ConnectionId) -> Result<Response, Problem> {
    let SettingsView { settings, version, offers } = app.settings(id).await?;
    Ok(([(ETAG, format!("\"{version}\""))], Json(View { version, settings, offers })).into_response())
}

/// The version that the caller has seen, from `If-Match: "3"` (RFC 9110, 13.1.1).
fn seen_version(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(header) = headers.get(IF_MATCH) else {
        let detail = "Send the settings' ETag as If-Match, so that nobody's change is overwritten unseen.";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, detail));
    };
    let tag = header.to_str().ok().map(str::trim);
    let version = tag.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.ok_or_else(|| {
        Problem::parameter("If-Match", "If-Match must be an ETag that these settings had, such as \"3\".")
    })
}
