//! `/connections/{id}/stock` and `/stock/exposure`: what a channel's listings would be set to, starting it, and what is held.

use app::{App, Exposure, StockError, StockPreview};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::ConnectionId;
use domain::quantity::Telling;
use serde::Serialize;

use super::known_channel;
use crate::cursor::List;
use crate::input::{Captured, NoQuery, Query};
use crate::problem::Problem;

#[derive(Serialize)]
struct Started {
    #[serde(flatten)]
    telling: Telling,
    says: String,
    /// Products whose listings are looked at now.
    products_rung: usize,
}

#[derive(Serialize)]
struct Held {
    units: u32,
    products: Vec<Exposure>,
}

/// One page of the channel's own list of listings, with what each linked one would be set to.
pub(crate) async fn preview(
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

pub(crate) async fn start(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    let (telling, products_rung) = app.start_stock(&id).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { telling, says: telling.sentence(), products_rung })))
}

pub(crate) async fn exposure(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
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
