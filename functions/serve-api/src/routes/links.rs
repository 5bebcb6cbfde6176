//! `/connections/{id}/links`: which products a channel's listings stand for.

use app::{App, LinkError, MatchBy};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::link::Target;
use domain::tax::BasisPoints;
use domain::{ConnectionId, Link, ListingKey};
use serde::{Deserialize, Serialize};

use super::known_channel;
use crate::cursor::List;
use crate::input::{Body, Captured, NoQuery, Query};
use crate::problem::Problem;

/// A link as the API writes and reads it; the connection stands in the path.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkDocument {
    listing: ListingKey,
    targets: Vec<Target>,
    /// R2: the product's own tax rate, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tax_rate: Option<BasisPoints>,
}

impl From<Link> for LinkDocument {
    fn from(link: Link) -> Self {
        Self { listing: link.listing, targets: link.targets, tax_rate: link.tax_rate }
    }
}

#[derive(Serialize)]
struct Links {
    links: Vec<LinkDocument>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Linked {
    link: LinkDocument,
    /// Orders that waited for it and are looked at again now.
    orders_rung: usize,
}

pub(crate) async fn list(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    let list = List("links", id.as_str());
    let request = list.page(&query)?;
    known_channel(&app, &id).await?;
    let answer = app.storage.links.list(&id, &request).await?;
    let next = answer.next.map(|next| list.cursor(&next));
    Ok(Json(Links { links: answer.items.into_iter().map(LinkDocument::from).collect(), next }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
    Body(document): Body<LinkDocument>,
) -> Result<impl IntoResponse, Problem> {
    let LinkDocument { listing, targets, tax_rate } = document;
    let link = Link { connection: id, listing, targets, tax_rate };
    let orders_rung = app.link(link.clone()).await?;
    Ok((StatusCode::CREATED, Json(Linked { link: link.into(), orders_rung })))
}

pub(crate) async fn delete(
    State(app): State<App>,
    Captured((id, listing)): Captured<(ConnectionId, ListingKey)>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    app.unlink(&id, &listing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the channel's listings and the main store's products, links what matches exactly, and says what stayed open.
pub(crate) async fn by_sku(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    Ok(Json(app.link_in_bulk(&id, MatchBy::Sku).await?))
}

/// The same by barcode.
pub(crate) async fn by_barcode(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    Ok(Json(app.link_in_bulk(&id, MatchBy::Barcode).await?))
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        let says = error.to_string();
        match error {
            LinkError::NoChannel => Self::new(StatusCode::NOT_FOUND, says),
            LinkError::NoStore => Self::conflict("no-main-store", says),
            LinkError::Invalid(error) => Self::field("targets", format!("{error}.")),
            LinkError::NoProduct(_) => Self::field("targets", says),
            LinkError::App(error) => error.into(),
        }
    }
}
