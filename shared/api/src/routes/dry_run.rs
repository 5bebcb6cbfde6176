//! `/orders/{id}/dry-run` and `/orders/dry-run`: what would be done, nothing written.

use app::{App, MAX_PAST_DAYS, PastRange, Would};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::draft::DraftMails;
use domain::{ChannelSettings, ConnectionId, OrderId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::known_channel;
use super::orders::no_order;
use super::settings::whole_settings;
use crate::dto::{Amount, days};
use crate::input::{Body, Captured, NoQuery};
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
#[schema(as = DryRun)]
struct Foreseen {
    id: OrderId,
    would: Would,
    #[schema(required)]
    why: Option<String>,
    /// What the store would be sent to create the order.
    #[schema(required)]
    #[schema(value_type = Option<Object>)]
    request: Option<Box<RawValue>>,
    #[schema(required)]
    total: Option<Amount>,
    #[schema(required)]
    mails: Option<DraftMails>,
    stock: Vec<app::ForeseenMove>,
}

/// What import would do with the order now.
///
/// Nothing is written, neither here nor at a platform; the main store's stock is read.
#[utoipa::path(
    get,
    path = "/orders/{id}/dry-run",
    tag = "Orders",
    params(
        ("id" = OrderId, Path, description = "The order"),
    ),
    responses(
        (status = 200, description = "What would be done", body = Foreseen),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`connection-needs-attention`: the platform does not accept our access."),
    )
)]
pub(crate) async fn dry_run_order(
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PastDryRun)]
pub(crate) struct Past {
    connection: ConnectionId,
    from: String,
    to: String,
    time_zone: Option<String>,
    /// The whole document, as it would be put.
    #[schema(value_type = ChannelSettings)]
    settings: Value,
    after: Option<OrderId>,
}

/// What these settings would have done with a channel's past orders.
///
/// Each taken as if it had just come in, with today's links; at most 92 days, 200 orders an answer. Nothing is written.
#[utoipa::path(
    post,
    path = "/orders/dry-run",
    tag = "Orders",
    request_body = Past,
    responses(
        (status = 200, description = "What would have been done", body = app::PastRun),
        (status = 404, description = "There is no such channel."),
        (status = 409, description = "`connection-needs-attention`: the platform does not accept our access."),
    )
)]
pub(crate) async fn dry_run_past_orders(
    State(app): State<App>,
    _: NoQuery,
    Body(past): Body<Past>,
) -> Result<impl IntoResponse, Problem> {
    let channel = known_channel(&app, &past.connection).await?;
    let range = days(&past.from, &past.to, past.time_zone.as_deref(), MAX_PAST_DAYS)?;
    let settings = whole_settings(past.settings)?;
    Ok(Json(app.past_run(&channel.id, PastRange { range, after: past.after }, &settings).await?))
}
