//! `/connections/{id}/stock` and `/stock/exposure`: what a channel's listings would be set to, starting it, and what is held.

use app::{App, Exposure, StockError, StockPreview};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::ConnectionId;
use domain::quantity::Telling;
use serde::Serialize;
use utoipa::ToSchema;

use super::known_channel;
use crate::cursor::List;
use crate::input::{Captured, NoQuery, Query};
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
#[schema(as = StockStarted)]
struct Started {
    #[serde(flatten)]
    telling: Telling,
    says: String,
    /// Products whose listings are looked at now.
    products_rung: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StockExposure)]
struct Held {
    units: u32,
    products: Vec<Exposure>,
}

/// What the channel's linked listings show, and what they would be set to.
///
/// A page is one of the channel's own list of listings, without those that are not linked.
#[utoipa::path(
    get,
    path = "/connections/{id}/stock",
    tag = "Stock",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of listings", body = StockPreview),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`not-offered`, `inventory-sync-is-off` or `connection-needs-attention`."),
    )
)]
pub(crate) async fn preview_stock(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    let list = List("stock", id.as_str());
    let after = list.after(&query)?.map(|token| connect::PageToken(token.as_str().to_owned()));
    known_channel(&app, &id).await?;
    let preview = app.preview_stock(&id, after.as_ref()).await?;
    let next = preview.next.map(|next| list.cursor(&storage::PageToken::from_text(&next)));
    Ok(Json(StockPreview { next, ..preview }))
}

/// From now on the channel's linked listings follow the main store's stock.
///
/// Also after it was paused; every linked listing is set anew.
#[utoipa::path(
    post,
    path = "/connections/{id}/stock/start",
    tag = "Stock",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    responses(
        (status = 202, description = "It is started", body = Started),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`not-offered`, `inventory-sync-is-off` or `connection-needs-attention`."),
    )
)]
pub(crate) async fn start_stock(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    let (telling, products_rung) = app.start_stock(&id).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { telling, says: telling.sentence(), products_rung })))
}

/// Units held by orders that are not imported yet, by product.
#[utoipa::path(
    get,
    path = "/stock/exposure",
    tag = "Stock",
    responses(
        (status = 200, description = "What is held", body = Held),
    )
)]
pub(crate) async fn get_exposure(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let products = app.stock_exposure().await?;
    let units = products.iter().map(|product| product.units).fold(0, u32::saturating_add);
    Ok(Json(Held { units, products }))
}

impl From<StockError> for Problem {
    fn from(error: StockError) -> Self {
        let says = error.to_string();
        match error {
            StockError::NoChannel => Self::new(StatusCode::NOT_FOUND, says),
            StockError::NotOffered => Self::conflict("not-offered", says),
            StockError::SyncIsOff => Self::conflict("inventory-sync-is-off", says),
            StockError::NotActive => Self::conflict("connection-needs-attention", says),
            StockError::App(error) => error.into(),
        }
    }
}
