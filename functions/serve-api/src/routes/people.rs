//! `/orders/.../sync` and `/send`: what people press, for one order or many, with an answer for each.

use std::collections::{BTreeMap, HashSet};

use app::{App, MAX_ORDERS, SendAnswer};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::OrderId;
use serde::{Deserialize, Serialize};

use super::orders::no_order;
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

/// One answer per order.
#[derive(Serialize)]
pub(super) struct Results<T> {
    pub results: Vec<T>,
}

#[derive(Serialize)]
struct Synced {
    id: OrderId,
    queued: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

pub(crate) async fn sync(
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

pub(crate) async fn sync_many(
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
    Ok((StatusCode::ACCEPTED, Json(Results { results: results.collect() })))
}

#[derive(Serialize)]
struct Sent {
    id: OrderId,
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Sent {
    fn new(id: OrderId, answer: Option<SendAnswer>) -> Self {
        let (answer, store_order_number, why) = match answer.unwrap_or(SendAnswer::NotFound) {
            SendAnswer::Queued => ("queued", None, None),
            SendAnswer::AlreadyImported { number } => ("already_imported", Some(number), None),
            SendAnswer::Refused(reason) => ("refused", None, Some(reason.sentence())),
            SendAnswer::Busy => ("busy", None, Some(BUSY.to_owned())),
            SendAnswer::NotFound => ("not_found", None, Some("There is no such order.".to_owned())),
        };
        Self { id, answer, store_order_number, why }
    }
}

pub(super) const BUSY: &str = "Somebody works on this order just now; try again in a moment.";

pub(crate) async fn send(
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

pub(crate) async fn send_many(
    State(app): State<App>,
    _: NoQuery,
    Caller(by): Caller,
    Body(many): Body<Many>,
) -> Result<impl IntoResponse, Problem> {
    let ids = checked(many.ids)?;
    let mut answers: BTreeMap<OrderId, SendAnswer> = app.send(&ids, &by).await?;
    let results = ids.into_iter().map(|id| Sent::new(id, answers.remove(&id)));
    Ok((StatusCode::ACCEPTED, Json(Results { results: results.collect() })))
}
