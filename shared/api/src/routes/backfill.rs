//! `/connections/{id}/backfill`: past orders by date range, dry run first.

use std::collections::BTreeMap;

use app::{App, BackfillError, MAX_BACKFILL_DAYS};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::backfill::{Backfill, BackfillResult, BackfillState};
use domain::{BackfillId, ConnectionId, ProductId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::known_channel;
use crate::dto::days;
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;
use crate::words::BackfillWord;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBackfill {
    from: String,
    to: String,
    time_zone: Option<String>,
    /// Only say what would be done.
    dry_run: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Backfill)]
struct View {
    id: BackfillId,
    from: Timestamp,
    to: Timestamp,
    dry_run: bool,
    asked_by: String,
    asked_at: Timestamp,
    state: BackfillWord,
    #[schema(required)]
    why: Option<String>,
    /// Everything created before this is read.
    read_until: Timestamp,
    imports: u64,
    waits: u64,
    already_here: u64,
    unreadable: u64,
    skipped: BTreeMap<String, u64>,
    stock: BTreeMap<ProductId, i64>,
    results: Vec<BackfillResult>,
}

impl From<Backfill> for View {
    fn from(backfill: Backfill) -> Self {
        let state = BackfillWord::from(&backfill.state);
        let why = match backfill.state {
            BackfillState::Stopped { why } => Some(why),
            BackfillState::Running | BackfillState::Done => None,
        };
        Self {
            id: backfill.id,
            from: backfill.from,
            to: backfill.to,
            dry_run: backfill.dry_run,
            asked_by: backfill.asked.by,
            asked_at: backfill.asked.at,
            state,
            why,
            read_until: backfill.position,
            imports: backfill.counts.imports,
            waits: backfill.counts.waits,
            already_here: backfill.counts.already_here,
            unreadable: backfill.counts.unreadable,
            skipped: backfill.counts.skipped,
            stock: backfill.moves,
            results: backfill.results,
        }
    }
}

/// Reads a channel's past orders.
///
/// By a job that goes on where it stopped, at most 730 days. With `dry_run` it only says what would be done. Without, orders that are not here yet are taken in; stock moves only for orders that are not shipped yet, nobody is mailed, and no package is sent to the channel.
#[utoipa::path(
    post,
    path = "/connections/{id}/backfill",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    request_body = NewBackfill,
    responses(
        (status = 202, description = "It runs", body = View),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`backfill-runs`, `sync-is-off` or `no-main-store`."),
    )
)]
pub(crate) async fn start_backfill(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
    Caller(by): Caller,
    Body(new): Body<NewBackfill>,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    let range = days(&new.from, &new.to, new.time_zone.as_deref(), MAX_BACKFILL_DAYS)?;
    let backfill = app.start_backfill(&id, range, new.dry_run, &by).await?;
    Ok((StatusCode::ACCEPTED, Json(View::from(backfill))))
}

/// The backfill that was asked for last.
#[utoipa::path(
    get,
    path = "/connections/{id}/backfill",
    tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The channel"),
    ),
    responses(
        (status = 200, description = "How far it is", body = View),
        (status = 404, description = "There is no such channel, or none was asked for."),
    )
)]
pub(crate) async fn get_backfill(
    State(app): State<App>,
    Captured(id): Captured<ConnectionId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    known_channel(&app, &id).await?;
    let none = || Problem::new(StatusCode::NOT_FOUND, "No backfill of this channel was asked for yet.");
    Ok(Json(View::from(app.latest_backfill(&id).await?.ok_or_else(none)?)))
}

impl From<BackfillError> for Problem {
    fn from(error: BackfillError) -> Self {
        let says = error.to_string();
        match error {
            BackfillError::NoChannel | BackfillError::NotFound => Self::new(StatusCode::NOT_FOUND, says),
            BackfillError::SyncIsOff => Self::conflict("sync-is-off", says),
            BackfillError::NoMainStore => Self::conflict("no-main-store", says),
            BackfillError::Running => Self::conflict("backfill-runs", says),
            BackfillError::Range(error) => Self::field(error.field, error.message),
            BackfillError::App(error) => error.into(),
        }
    }
}
