//! `/connections/{platform}/authorize` and `/oauth/callback`: an account connected through the platform's consent page.

use std::collections::BTreeMap;

use app::{App, ConnectionsError, ConsentInput};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};
use domain::{ConnectionId, Platform};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::connections::{NewConnection, Texts, secrets};
use crate::gateway::{Caller, Place};
use crate::input::{Body, Captured, NoQuery, Query};
use crate::problem::Problem;

/// Longer answers are no platform's.
const MAX_QUERY: usize = 16_384;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorize {
    role: storage::Role,
    name: String,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    settings: Texts,
    /// Those of the merchant's own application.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>)]
    credentials: connect::Credentials,
    /// The connection that shall work again; without it a new one is made.
    #[serde(default)]
    reconnects: Option<ConnectionId>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConsentPage)]
struct Page {
    /// To be opened in a browser.
    url: String,
    until: Timestamp,
}

/// Begins to connect an account through the platform's consent page.
///
/// Open the answer's `url` in a browser within ten minutes. The credentials are those of the merchant's own application at the platform.
#[utoipa::path(
    post,
    path = "/connections/{id}/authorize",
    tag = "Connections",
    params(
        ("id" = Platform, Path, description = "The platform's name: here no connection"),
    ),
    request_body = Authorize,
    responses(
        (status = 201, description = "The page where the owner of the account agrees", body = Page),
        (status = 404, description = "There is no connection to reconnect."),
        (status = 409, description = "`account-connected` or `main-store-connected`; `connection_id` names it."),
        (status = 422, description = "A field cannot be so, or the platform has no consent page."),
    )
)]
pub(crate) async fn authorize(
    State(app): State<App>,
    Captured(platform): Captured<Platform>,
    place: Place,
    Caller(asked_by): Caller,
    _: NoQuery,
    Body(asked): Body<Authorize>,
) -> Result<impl IntoResponse, Problem> {
    let Authorize { role, name, settings, credentials, reconnects } = asked;
    let redirect_uri = place.join("oauth/callback").ok_or_else(Problem::nothing_here)?;
    let connection = NewConnection { platform, role, name, settings, credentials }.checked(&place)?;
    let page = app.ask_consent(ConsentInput { connection, reconnects, redirect_uri, asked_by }).await?;
    // The address holds the state, which is good once and kept nowhere.
    let no_store = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, no_store, Json(Page { url: page.url.into(), until: page.until })))
}

/// Where the platform sends the browser after its consent page.
///
/// There is no token: the state is known to this one round trip only. A person reads the answer, so it is a page.
#[utoipa::path(
    get,
    path = "/oauth/callback",
    tag = "Connections",
    params(
        ("state" = Option<String>, Query, description = "Names the consent; good for one answer"),
        ("code" = Option<String>, Query, description = "What the consent is worth; some platforms call it otherwise"),
    ),
    security(()),
    responses(
        (status = 200, description = "Connected", body = String, content_type = "text/html"),
        (status = 400, description = "The answer is too long", body = String, content_type = "text/html"),
        (status = 403, description = "Access was not granted", body = String, content_type = "text/html"),
        (status = 404, description = "There is no connection to reconnect", body = String, content_type = "text/html"),
        (status = 409, description = "The account, or a main store, is connected already", body = String, content_type = "text/html"),
        (status = 410, description = "It was answered before, or too late", body = String, content_type = "text/html"),
        (status = 422, description = "The platform does not accept the account", body = String, content_type = "text/html"),
        (status = 500, description = "A failure of ours", body = String, content_type = "text/html"),
        (status = 502, description = "The platform gave an answer that cannot be used", body = String, content_type = "text/html"),
        (status = 503, description = "Not just now", body = String, content_type = "text/html"),
        (status = 504, description = "The platform gave no answer in time", body = String, content_type = "text/html"),
    )
)]
pub(crate) async fn consented(State(app): State<App>, query: Query) -> Response {
    let answer: BTreeMap<String, String> = query.into_pairs().collect();
    if answer.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_QUERY {
        return page(StatusCode::BAD_REQUEST, "This answer is too long.");
    }
    match app.answer_consent(&answer).await {
        Ok(_) => page(StatusCode::OK, "Connected. You can close this window."),
        Err(error) => {
            let says = match &error {
                ConnectionsError::Test(refused) => refused.public_message.clone(),
                ConnectionsError::App(_) => "Something went wrong on our side. Please begin again.".to_owned(),
                error => error.to_string(),
            };
            page(Problem::from(error).status(), &says)
        }
    }
}

/// A person reads it; what it says comes from our own sentences only.
fn page(status: StatusCode, says: &str) -> Response {
    let says = says.replace('&', "&amp;").replace('<', "&lt;");
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tributary</title>\
         <meta name=\"referrer\" content=\"no-referrer\"><p>{says}</p></html>"
    );
    (status, Html(html)).into_response()
}
