//! `/attention` and `/reconcile`: what needs a person, and what the last night's comparison found.

use app::{App, AttentionSummary};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::head::Attention;
use domain::reconcile::{Gap, Part};
use domain::{ConnectionId, OrderId};
use jiff::Timestamp;
use serde::Serialize;

use crate::cursor::List;
use crate::dto::Amount;
use crate::input::{Captured, NoQuery, Query};
use crate::problem::Problem;

#[derive(Serialize)]
struct OfKind {
    kind: Attention,
    count: usize,
    /// There are more than were counted.
    more: bool,
    worth: Vec<Amount>,
    oldest: Option<Timestamp>,
    orders: Vec<OrderId>,
}

impl From<AttentionSummary> for OfKind {
    fn from(summary: AttentionSummary) -> Self {
        Self {
            kind: summary.kind,
            count: summary.count,
            more: summary.more,
            worth: summary.worth.into_values().map(Amount::from).collect(),
            oldest: summary.oldest,
            orders: summary.orders,
        }
    }
}

#[derive(Serialize)]
struct Kinds {
    kinds: Vec<OfKind>,
}

pub(crate) async fn summary(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let kinds = app.attention().await?.into_iter().map(OfKind::from).collect();
    Ok(Json(Kinds { kinds }))
}

#[derive(Serialize)]
struct Needing {
    id: OrderId,
    number: u64,
    connection_id: ConnectionId,
    order_date: Timestamp,
    worth: Amount,
}

#[derive(Serialize)]
struct AllNeeding {
    orders: Vec<Needing>,
    next: Option<String>,
}

pub(crate) async fn of_kind(
    State(app): State<App>,
    Captured(name): Captured<String>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    let kind = match name.as_str() {
        "error" => Attention::Error,
        "unknown" => Attention::Unknown,
        "unlinked" => Attention::Unlinked,
        "parked" => Attention::Parked,
        _ => {
            let says = format!("There is no kind `{name}`; there are error, unknown, unlinked and parked.");
            return Err(Problem::new(StatusCode::NOT_FOUND, says));
        }
    };
    let list = List("attention", &name);
    let page = app.attention_page(kind, &list.page(&query)?).await?;
    let orders = page.items.into_iter().map(|order| Needing {
        id: order.id,
        number: order.number,
        connection_id: order.connection,
        order_date: order.source.created_at,
        worth: order.source.buyer_total.into(),
    });
    Ok(Json(AllNeeding { orders: orders.collect(), next: page.next.map(|next| list.cursor(&next)) }))
}

#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    gap: Gap,
    healed: bool,
    text: String,
}

#[derive(Serialize)]
struct Looked {
    #[serde(flatten)]
    part: Part,
    compared: u32,
    gaps: Vec<Named>,
    /// Gaps beyond those named.
    more: u32,
    /// Why it was not looked at.
    skipped: Option<String>,
}

#[derive(Serialize)]
struct Report {
    run: String,
    started_at: Timestamp,
    /// `null` while it runs.
    finished_at: Option<Timestamp>,
    parts: Vec<Looked>,
    parts_left: usize,
}

pub(crate) async fn reconcile(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "No night has been compared yet; the first is at 3:00.");
    let report = app.reconcile_report().await?.ok_or_else(none)?;
    let named = |gap: Gap| Named { healed: gap.is_healed(), text: gap.sentence(), gap };
    let parts_left = report.run.parts.len().saturating_sub(report.found.len());
    let parts = report.found.into_iter().map(|(part, found)| Looked {
        part,
        compared: found.compared,
        gaps: found.gaps.into_iter().map(named).collect(),
        more: found.more,
        skipped: found.skipped,
    });
    let (run, started_at, finished_at) = (report.run.id, report.run.started_at, report.run.finished_at);
    Ok(Json(Report { run, started_at, finished_at, parts: parts.collect(), parts_left }))
}
