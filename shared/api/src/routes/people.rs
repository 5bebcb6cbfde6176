//! `/orders/.../sync` and `/send`: what people press, for one order or many, with an answer for each.

use std::collections::{BTreeMap, HashSet};

use app::{App, MAX_ORDERS, SendAnswer};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::OrderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::no_order;
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;
use crate::words::SendWord;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderIds)]
pub(crate) struct Many {
    ids: Vec<OrderId>,
}

/// 1 to 200 orders, each once.
pub(super) fn checked(ids: Vec<OrderId>) -> Result<Vec<OrderId>, Problem> {
    if ids.is_empty() || ids.len() > MAX_ORDERS {
        return Err(Problem::field("ids", format!("Give 1 to {MAX_ORDERS} orders.")));
    }
    let mut named = HashSet::new();
    Ok(ids.into_iter().filter(|id| named.insert(*id)).collect())
}

/// One result per order.
#[derive(Serialize, ToSchema)]
struct SyncResults {
    results: Vec<Synced>,
}

/// One answer per order.
#[derive(Serialize, ToSchema)]
struct SendResults {
    results: Vec<Sent>,
}

#[derive(Serialize, ToSchema)]
struct Synced {
    id: OrderId,
    queued: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Applies the rules again.
///
/// An order that was given up begins anew; nothing is doubled.
#[utoipa::path(
    post,
    path = "/orders/{id}/sync",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    responses(
        (status = 202, description = "It is queued", body = Synced),
        (status = 404, description = "There is no such order."),
    )
)]
pub(crate) async fn sync_order(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
    Caller(by): Caller,
) -> Result<impl IntoResponse, Problem> {
    if app.sync(&[id], &by).await?.get(&id) != Some(&true) {
        return Err(no_order(id));
    }
    Ok((StatusCode::ACCEPTED, Json(Synced { id, queued: true, why: None })))
}

/// Applies the rules again to 1 to 200 orders.
#[utoipa::path(
    post,
    path = "/orders/sync",
    tag = "Orders",
    request_body = Many,
    responses(
        (status = 202, description = "One result per order", body = SyncResults),
    )
)]
pub(crate) async fn sync_orders(
    State(app): State<App>,
    _: NoQuery,
    Caller(by): Caller,
    Body(many): Body<Many>,
) -> Result<impl IntoResponse, Problem> {
    let ids = checked(many.ids)?;
    let rung = app.sync(&ids, &by).await?;
    let results = ids.into_iter().map(|id| {
        let queued = rung.get(&id) == Some(&true);
        Synced { id, queued, why: (!queued).then(|| "There is no such order.".to_owned()) }
    });
    Ok((StatusCode::ACCEPTED, Json(SyncResults { results: results.collect() })))
}

#[derive(Serialize, ToSchema)]
struct Sent {
    id: OrderId,
    answer: SendWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Sent {
    fn new(id: OrderId, answer: Option<SendAnswer>) -> Self {
        let (answer, store_order_number, why) = match answer.unwrap_or(SendAnswer::NotFound) {
            SendAnswer::Queued => (SendWord::Queued, None, None),
            SendAnswer::AlreadyImported { number } => (SendWord::AlreadyImported, Some(number), None),
            SendAnswer::Refused(reason) => (SendWord::Refused, None, Some(reason.sentence())),
            SendAnswer::Busy => (SendWord::Busy, None, Some(BUSY.to_owned())),
            SendAnswer::NotFound => (SendWord::NotFound, None, Some("There is no such order.".to_owned())),
        };
        Self { id, answer, store_order_number, why }
    }
}

pub(super) const BUSY: &str = "Somebody works on this order just now; try again in a moment.";

/// Imports the order whatever `auto_import` and `send_when` say.
///
/// Items without a link go as text lines.
#[utoipa::path(
    post,
    path = "/orders/{id}/send",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    responses(
        (status = 200, description = "It stands in the main store already", body = Sent),
        (status = 202, description = "It is queued", body = Sent),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`cannot-be-sent`: no wish can help, for this reason. `busy`: somebody works on it; try again."),
    )
)]
pub(crate) async fn send_order(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
    Caller(by): Caller,
) -> Result<impl IntoResponse, Problem> {
    match app.send(&[id], &by).await?.remove(&id) {
        None | Some(SendAnswer::NotFound) => Err(no_order(id)),
        Some(SendAnswer::Refused(reason)) => Err(Problem::conflict("cannot-be-sent", reason.sentence())),
        Some(SendAnswer::Busy) => Err(Problem::conflict("busy", BUSY)),
        Some(answer @ SendAnswer::AlreadyImported { .. }) => Ok((StatusCode::OK, Json(Sent::new(id, Some(answer))))),
        Some(SendAnswer::Queued) => Ok((StatusCode::ACCEPTED, Json(Sent::new(id, Some(SendAnswer::Queued))))),
    }
}

/// Imports 1 to 200 orders whatever `auto_import` and `send_when` say.
#[utoipa::path(
    post,
    path = "/orders/send",
    tag = "Orders",
    request_body = Many,
    responses(
        (status = 202, description = "One result per order", body = SendResults),
    )
)]
pub(crate) async fn send_orders(
    State(app): State<App>,
    _: NoQuery,
    Caller(by): Caller,
    Body(many): Body<Many>,
) -> Result<impl IntoResponse, Problem> {
    let ids = checked(many.ids)?;
    let mut answers: BTreeMap<OrderId, SendAnswer> = app.send(&ids, &by).await?;
    let results = ids.into_iter().map(|id| Sent::new(id, answers.remove(&id)));
    Ok((StatusCode::ACCEPTED, Json(SendResults { results: results.collect() })))
}
