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

use super::known_channel;
use crate::dto::days;
use crate::gateway::Caller;
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBackfill {
    from: String,
    to: String,
    time_zone: Option<String>,
    /// Only say what would be done.
    dry_run: bool,
}

#[derive(Serialize)]
struct View {
    id: BackfillId,
    from: Timestamp,
    to: Timestamp,
    dry_run: bool,
    asked_by: String,
    asked_at: Timestamp,
    state: &'static str,
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
        let (state, why) = match backfill.state {
            BackfillState::Running => ("running", None),
            BackfillState::Done => ("done", None),
            BackfillState::Stopped { why } => ("stopped", Some(why)),
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

pub(crate) async fn start(
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

pub(crate) async fn latest(
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
