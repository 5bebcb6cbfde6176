//! `/orders/undo` and `/orders/{id}/reimport`: imports taken back, after a preview, and made again.

use std::collections::BTreeMap;

use app::{App, ReimportAnswer, UndoAnswer, UndoEntry};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{BackfillId, ConnectionId, OrderId, ProductId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::{Queued, no_order};
use super::people::{BUSY, checked};
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;
use crate::words::UndoWord;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    ids: Option<Vec<OrderId>>,
    /// Or all that a backfill took in.
    backfill: Option<OfBackfill>,
    /// Only say what would be done.
    dry_run: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfBackfill {
    connection: ConnectionId,
    id: BackfillId,
    /// `next` of the answer before.
    after: Option<OrderId>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UndoResult)]
struct Entry {
    id: OrderId,
    answer: UndoWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Units that come back, by product.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    back: BTreeMap<ProductId, u32>,
}

impl From<UndoEntry> for Entry {
    fn from(entry: UndoEntry) -> Self {
        let (answer, store_order_number, why) = match entry.answer {
            UndoAnswer::CancelInStore { number } => (UndoWord::CancelInStore, Some(number), None),
            UndoAnswer::LeaveOut => (UndoWord::LeaveOut, None, None),
            UndoAnswer::AlreadyUndone => (UndoWord::AlreadyUndone, None, None),
            UndoAnswer::Refused { why } => (UndoWord::Refused, None, Some(why)),
            UndoAnswer::Busy => (UndoWord::Busy, None, Some(BUSY.to_owned())),
            UndoAnswer::NotFound => (UndoWord::NotFound, None, Some("There is no such order.".to_owned())),
        };
        Self { id: entry.id, answer, store_order_number, why, back: entry.back }
    }
}

#[derive(Serialize, ToSchema)]
struct Undone {
    dry_run: bool,
    /// How many are (or would be) undone.
    acts_on: usize,
    results: Vec<Entry>,
    /// Of a backfill: there may be more after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<OrderId>,
}

/// Takes imports back.
///
/// Cancels in the main store the orders that Tributary created there, puts back the stock that it or the store took for them, and leaves them out. With `dry_run` nothing is written: this is the list to show before.
#[utoipa::path(
    post,
    path = "/orders/undo",
    tag = "Orders",
    request_body = Undo,
    responses(
        (status = 200, description = "What would be done", body = Undone),
        (status = 202, description = "What is done", body = Undone),
        (status = 404, description = "There is no such backfill."),
        (status = 409, description = "`backfill-runs`: it is not done yet."),
    )
)]
pub(crate) async fn undo_imports(
    State(app): State<App>,
    _: NoQuery,
    Caller(by): Caller,
    Body(undo): Body<Undo>,
) -> Result<Response, Problem> {
    let (entries, next) = match (undo.ids, undo.backfill) {
        (Some(ids), None) => {
            let ids = checked(ids)?;
            (if undo.dry_run { app.preview_undo(&ids).await? } else { app.undo(&ids, &by).await? }, None)
        }
        (None, Some(of)) => app.undo_backfill(&of.connection, &of.id, of.after, (undo.dry_run, &by)).await?,
        _ => return Err(Problem::field("ids", "Give either `ids` or `backfill`.")),
    };
    let acts_on = entries.iter().filter(|entry| entry.answer.acts()).count();
    let status = if undo.dry_run { StatusCode::OK } else { StatusCode::ACCEPTED };
    let results = entries.into_iter().map(Entry::from).collect();
    Ok((status, Json(Undone { dry_run: undo.dry_run, acts_on, results, next })).into_response())
}

/// Imports an order again whose import was undone.
///
/// Or whose store order somebody canceled in the store; under a new reference.
#[utoipa::path(
    post,
    path = "/orders/{id}/reimport",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    responses(
        (status = 202, description = "It is queued", body = Queued),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`order-stands`: it stands in the main store. `not-undone`: it was never undone. `busy`: somebody works on it; try again."),
    )
)]
pub(crate) async fn reimport_order(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
    Caller(by): Caller,
) -> Result<impl IntoResponse, Problem> {
    match app.reimport(id, &by).await? {
        ReimportAnswer::Queued => Ok((StatusCode::ACCEPTED, Json(Queued { id, queued: true }))),
        ReimportAnswer::Stands { number } => Err(Problem::conflict(
            "order-stands",
            format!("Order {number} stands in the main store; undo its import first."),
        )),
        ReimportAnswer::NotUndone => {
            Err(Problem::conflict("not-undone", "The order was not imported and undone; press Sync or Send."))
        }
        ReimportAnswer::Busy => Err(Problem::conflict("busy", BUSY)),
        ReimportAnswer::NotFound => Err(no_order(id)),
    }
}
