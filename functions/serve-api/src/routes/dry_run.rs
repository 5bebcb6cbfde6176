//! `/orders/{id}/dry-run` and `/orders/dry-run`: what would be done, nothing written.

use app::{App, MAX_PAST_DAYS, PastRange, Would};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::draft::DraftMails;
use domain::{ConnectionId, OrderId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::known_channel;
use super::orders::no_order;
use super::settings::whole_settings;
use crate::dto::{Amount, days};
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;

#[derive(Serialize)]
struct Foreseen {
    id: OrderId,
    would: Would,
    why: Option<String>,
    /// What the store would be sent to create the order.
    request: Option<Box<RawValue>>,
    total: Option<Amount>,
    mails: Option<DraftMails>,
    stock: Vec<app::ForeseenMove>,
}

pub(crate) async fn one(
    State(app): State<App>,
    Captured(id): Captured<OrderId>,
    _: NoQuery,
) -> Result<impl IntoResponse, Problem> {
    let run = app.dry_run(id).await?.ok_or_else(|| no_order(id))?;
    let request = run.request.map(RawValue::from_string).transpose().map_err(|_| Problem::internal())?;
    Ok(Json(Foreseen {
        id,
        would: run.would,
        why: run.why,
        request,
        total: run.total.map(Amount::from),
        mails: run.mails,
        stock: run.moves,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Past {
    connection: ConnectionId,
    from: String,
    to: String,
    time_zone: Option<String>,
    /// The whole document, as it would be put.
    settings: Value,
    after: Option<OrderId>,
}

pub(crate) async fn past(
    State(app): State<App>,
    _: NoQuery,
    Body(past): Body<Past>,
) -> Result<impl IntoResponse, Problem> {
    let channel = known_channel(&app, &past.connection).await?;
    let range = days(&past.from, &past.to, past.time_zone.as_deref(), MAX_PAST_DAYS)?;
    let settings = whole_settings(past.settings)?;
    Ok(Json(app.past_run(&channel.id, PastRange { range, after: past.after }, &settings).await?))
}
