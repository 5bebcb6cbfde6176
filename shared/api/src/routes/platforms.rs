//! `/platforms`: what can be connected, in which roles, and what cannot be synced and why.

use app::{App, PlatformView};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::input::NoQuery;

#[derive(Serialize, ToSchema)]
struct Platforms {
    platforms: Vec<PlatformView>,
}

/// What can be connected, in which roles and with which capabilities.
///
/// Those that cannot be synced come last, with the reason.
#[utoipa::path(
    get,
    path = "/platforms",
    tag = "Connections",
    responses(
        (status = 200, description = "Every platform", body = Platforms),
    )
)]
pub(crate) async fn list_platforms(State(app): State<App>, _: NoQuery) -> impl IntoResponse {
    Json(Platforms { platforms: app.platforms() })
}
