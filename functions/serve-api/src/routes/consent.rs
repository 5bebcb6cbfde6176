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

use super::connections::{NewConnection, Texts, secrets};
use crate::gateway::{Caller, Place};
use crate::input::{Body, Captured, NoQuery, Query};
use crate::problem::Problem;

/// Longer answers are no platform's.
const MAX_QUERY: usize = 16_384;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorize {
    role: storage::Role,
    name: String,
    #[serde(default)]
    settings: Texts,
    /// Those of the merchant's own application.
    #[serde(default, deserialize_with = "secrets")]
    credentials: connect::Credentials,
    /// The connection that shall work again; without it a new one is made.
    #[serde(default)]
    reconnects: Option<ConnectionId>,
}

#[derive(Serialize)]
struct Page {
    /// To be opened in a browser.
    url: String,
    until: Timestamp,
}

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

/// The platform sends the browser here. There is no token: the state is known to this one round trip only.
pub(crate) async fn callback(State(app): State<App>, query: Query) -> Response {
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
