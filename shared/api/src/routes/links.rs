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
use utoipa::ToSchema;

use super::known_channel;
use crate::cursor::List;
use crate::input::{Body, Captured, NoQuery, Query};
use crate::problem::Problem;

/// A link as the API writes and reads it; the connection stands in the path.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Link)]
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

#[derive(Serialize, ToSchema)]
struct Links {
    links: Vec<LinkDocument>,
    #[schema(required)]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Linked {
    link: LinkDocument,
    /// Orders that waited for it and are looked at again now.
    orders_rung: usize,
}

/// A channel's links.
///
/// A page may hold fewer than asked for; only `next` says whether there are more.
#[utoipa::path(
    get,
    path = "/connections/{id}/links",
    tag = "Links",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
        ("limit" = Option<u16>, Query, description = "How many entries a page has at most; 50 if left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of links", body = Links),
        (status = 404, description = "There is no such channel."),
    )
)]
pub(crate) async fn list_links(
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

/// Links a listing to products of the main store.
///
/// An earlier link of the listing is replaced. Orders that waited for it are looked at again.
#[utoipa::path(
    post,
    path = "/connections/{id}/links",
    tag = "Links",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    request_body = LinkDocument,
    responses(
        (status = 201, description = "It is linked", body = Linked),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`no-main-store` or `connection-needs-attention`."),
        (status = 422, description = "A field cannot be so, or the main store has no such product."),
    )
)]
pub(crate) async fn link(
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

/// Takes a listing's link away.
///
/// Also if there was none.
#[utoipa::path(
    delete,
    path = "/connections/{id}/links/{listing}",
    tag = "Links",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
        ("listing" = ListingKey, Path, description = "The listing, percent-encoded"),
    ),
    responses(
        (status = 204, description = "There is no link"),
        (status = 404, description = "There is no such channel, or this cannot be a listing."),
    )
)]
pub(crate) async fn unlink(
    State(app): State<App>,
    Captured((id, listing)): Captured<(ConnectionId, ListingKey)>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    app.unlink(&id, &listing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Links every listing of the channel whose SKU exactly one product of the main store has.
///
/// Inactive listings as well. The answer says what stayed open.
#[utoipa::path(
    post,
    path = "/connections/{id}/links/by-sku",
    tag = "Links",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    responses(
        (status = 200, description = "What was linked, and what was not", body = app::BulkLinkReport),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`no-main-store` or `connection-needs-attention`."),
    )
)]
pub(crate) async fn link_by_sku(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    Ok(Json(app.link_in_bulk(&id, MatchBy::Sku).await?))
}

/// The same by barcode (EAN, UPC, ISBN), compared digit by digit.
#[utoipa::path(
    post,
    path = "/connections/{id}/links/by-barcode",
    tag = "Links",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    responses(
        (status = 200, description = "What was linked, and what was not", body = app::BulkLinkReport),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`no-main-store` or `connection-needs-attention`."),
    )
)]
pub(crate) async fn link_by_barcode(
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
