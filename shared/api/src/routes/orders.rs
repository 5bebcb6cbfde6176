//! `/orders/{id}`: one order with its story, packages entered by hand, and what could not be read.

use std::collections::HashSet;

use app::{App, ShipByHandError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::link::Links;
use domain::shipment::{ShippedLine, Tracking};
use domain::{ConnectionId, Line, LineId, ListingKey, OrderId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::known_channel;
use crate::cursor::List;
use crate::input::{Body, Captured, NoQuery, Query};
use crate::order::Detail;
use crate::problem::{FieldError, Problem};

const MAX_CARRIER: usize = 100;

pub(super) fn no_order(id: OrderId) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("There is no order `{id}`."))
}

/// One order with both sides' data and its story.
///
/// What a person has to know first stands in `error`.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    responses(
        (status = 200, description = "The order", body = Detail),
        (status = 404, description = "There is no such order."),
    )
)]
pub(crate) async fn get_order(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
) -> Result<Response, Problem> {
    let view = app.order(id).await?.ok_or_else(|| no_order(id))?;
    let mut keys: Vec<ListingKey> = view.order.source.lines.iter().flat_map(Line::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    let links: Links = app.storage.links.get_many(&view.order.connection, &keys).await?.into_iter().collect();
    let unlinked = app.unlinked(&view.order, &links).await?;
    Ok(Json(Detail::new(&view, &links, &unlinked)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShipment {
    tracking: Option<NewTracking>,
    /// By channel line; empty: all that is in no other package.
    lines: Vec<NewLine>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTracking {
    number: String,
    carrier: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLine {
    line: LineId,
    quantity: u32,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Queued {
    pub id: OrderId,
    pub queued: bool,
}

/// A package entered by hand; it goes to both sides.
///
/// The same package twice is one.
#[utoipa::path(
    post,
    path = "/orders/{id}/shipments",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    request_body = NewShipment,
    responses(
        (status = 202, description = "It is queued", body = Queued),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`not-imported`: the order is not in the main store. `busy`: somebody works on it; try again."),
    )
)]
pub(crate) async fn add_shipment(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
    Body(shipment): Body<NewShipment>,
) -> Result<impl IntoResponse, Problem> {
    let mut errors = Vec::new();
    let carrier = shipment.tracking.as_ref().and_then(|tracking| tracking.carrier.as_ref());
    if carrier.is_some_and(|name| name.trim().is_empty() || name.chars().count() > MAX_CARRIER) {
        errors.push(FieldError {
            field: "tracking.carrier".to_owned(),
            detail: "A carrier's name has 1 to 100 characters; leave it out if there is none.".to_owned(),
        });
    }
    let mut named = HashSet::new();
    for (i, line) in shipment.lines.iter().enumerate() {
        if !named.insert(&line.line) {
            let detail = format!("Line {} stands in the package twice.", line.line);
            errors.push(FieldError { field: format!("lines[{i}].line"), detail });
        }
    }
    Problem::unless_empty(errors)?;
    let tracking = shipment.tracking.map(|tracking| Tracking {
        number: tracking.number.trim().to_owned(),
        carrier: tracking.carrier.map(|carrier| carrier.trim().to_owned()),
    });
    let lines = shipment.lines.into_iter().map(|line| ShippedLine { line: line.line, quantity: line.quantity });
    app.ship_by_hand(id, tracking, lines.collect()).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { id, queued: true })))
}

impl From<ShipByHandError> for Problem {
    fn from(error: ShipByHandError) -> Self {
        let says = error.to_string();
        match error {
            ShipByHandError::NotFound => Self::new(StatusCode::NOT_FOUND, says),
            ShipByHandError::NotImported => Self::conflict("not-imported", says),
            ShipByHandError::Busy => Self::conflict("busy", says),
            ShipByHandError::NoLine(_) | ShipByHandError::TooMany { .. } => Self::field("lines", says),
            ShipByHandError::Tracking => Self::field("tracking.number", says),
            ShipByHandError::App(error) => error.into(),
        }
    }
}

/// An order that could not be read. Its raw bytes may hold buyer data and stay in the table.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadableOrder)]
struct Unreadable {
    #[schema(required)]
    channel_order_id: Option<String>,
    why: String,
    bytes: usize,
    seen_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UnreadableOrders)]
struct AllUnreadable {
    orders: Vec<Unreadable>,
    #[schema(required)]
    next: Option<String>,
}

/// Orders of a channel that could not be read and are kept as they came.
#[utoipa::path(
    get,
    path = "/connections/{id}/unreadable-orders",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
        ("limit" = Option<u16>, Query, description = "How many entries a page has at most; 50 if left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of them", body = AllUnreadable),
        (status = 404, description = "There is no such channel."),
    )
)]
pub(crate) async fn list_unreadable_orders(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    let list = List("unreadable-orders", id.as_str());
    let request = list.page(&query)?;
    known_channel(&app, &id).await?;
    let answer = app.storage.orders.unreadable(&id, &request).await?;
    let orders = answer.items.into_iter().map(|order| Unreadable {
        channel_order_id: order.remote_id,
        why: order.why,
        bytes: order.raw.len(),
        seen_at: order.seen_at,
    });
    Ok(Json(AllUnreadable { orders: orders.collect(), next: answer.next.map(|next| list.cursor(&next)) }))
}
