//! `/platforms`: what can be connected, in which roles, and what cannot be synced and why.

use app::{App, PlatformView};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::input::NoQuery;

#[derive(Serialize)]
struct Platforms {
    platforms: Vec<PlatformView>,
}

pub(crate) async fn list(State(app): State<App>, _: NoQuery) -> impl IntoResponse {
    Json(Platforms { platforms: app.platforms() })
}
