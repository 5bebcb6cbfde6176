//! `/orders/undo` and `/orders/{id}/reimport`: imports taken back, after a preview, and made again.

use std::collections::BTreeMap;

use app::{App, ReimportAnswer, UndoAnswer, UndoEntry};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{BackfillId, ConnectionId, OrderId, ProductId};
use serde::{Deserialize, Serialize};

use super::orders::no_order;
use super::people::{BUSY, checked};
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    ids: Option<Vec<OrderId>>,
    /// Or all that a backfill took in.
    backfill: Option<OfBackfill>,
    /// Only say what would be done.
    dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfBackfill {
    connection: ConnectionId,
    id: BackfillId,
    /// `next` of the answer before.
    after: Option<OrderId>,
}

#[derive(Serialize)]
struct Entry {
    id: OrderId,
    answer: &'static str,
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
            UndoAnswer::CancelInStore { number } => ("cancel_in_store", Some(number), None),
            UndoAnswer::LeaveOut => ("leave_out", None, None),
            UndoAnswer::AlreadyUndone => ("already_undone", None, None),
            UndoAnswer::Refused { why } => ("refused", None, Some(why)),
            UndoAnswer::Busy => ("busy", None, Some(BUSY.to_owned())),
            UndoAnswer::NotFound => ("not_found", None, Some("There is no such order.".to_owned())),
        };
        Self { id: entry.id, answer, store_order_number, why, back: entry.back }
    }
}

#[derive(Serialize)]
struct Undone {
    dry_run: bool,
    /// How many are (or would be) undone.
    acts_on: usize,
    results: Vec<Entry>,
    /// Of a backfill: there may be more after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<OrderId>,
}

pub(crate) async fn undo(
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

#[derive(Serialize)]
struct Queued {
    id: OrderId,
    queued: bool,
}

pub(crate) async fn reimport(
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
