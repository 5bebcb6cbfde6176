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
use utoipa::ToSchema;

use crate::cursor::List;
use crate::dto::Amount;
use crate::input::{Captured, NoQuery, Query};
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
#[schema(as = AttentionKind)]
struct OfKind {
    kind: Attention,
    count: usize,
    /// There are more than were counted.
    more: bool,
    worth: Vec<Amount>,
    #[schema(required)]
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

#[derive(Serialize, ToSchema)]
#[schema(as = AttentionKinds)]
struct Kinds {
    kinds: Vec<OfKind>,
}

/// Orders that need a person: how many, worth how much, since when.
#[utoipa::path(
    get,
    path = "/attention",
    tag = "Attention",
    responses(
        (status = 200, description = "Every kind, also one without orders", body = Kinds),
    )
)]
pub(crate) async fn get_attention(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let kinds = app.attention().await?.into_iter().map(OfKind::from).collect();
    Ok(Json(Kinds { kinds }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = AttentionOrder)]
struct Needing {
    id: OrderId,
    number: u64,
    connection_id: ConnectionId,
    order_date: Timestamp,
    worth: Amount,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AttentionOrders)]
struct AllNeeding {
    orders: Vec<Needing>,
    #[schema(required)]
    next: Option<String>,
}

/// The orders of one kind, page by page.
#[utoipa::path(
    get,
    path = "/attention/{kind}",
    tag = "Attention",
    params(
        ("kind" = Attention, Path, description = "The kind"),
        ("limit" = Option<u16>, Query, description = "How many entries a page has at most; 50 if left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of them", body = AllNeeding),
        (status = 404, description = "There is no such kind."),
    )
)]
pub(crate) async fn list_attention(
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

#[derive(Serialize, ToSchema)]
#[schema(as = NamedGap)]
struct Named {
    #[serde(flatten)]
    gap: Gap,
    healed: bool,
    text: String,
}

/// A day of one side: exactly one of these is there.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Part)]
struct PartView {
    /// Does Tributary have what the channel changed?
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<OfChannel>,
    /// Does the main store have our orders, once and as they are here?
    #[serde(skip_serializing_if = "Option::is_none")]
    ours: Option<Span>,
    /// Does Tributary know the main store's orders that carry its reference?
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Span>,
    /// Is the main store's stock what the listings were told?
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<Whole>,
    /// Buyers' data that is no longer needed is removed; nothing is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    erase: Option<Span>,
}

#[derive(Serialize, ToSchema)]
struct OfChannel {
    connection: ConnectionId,
    from: Timestamp,
    to: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

/// All there is.
#[derive(Serialize, ToSchema)]
struct Whole {}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        match part {
            Part::Channel { connection, from, to } => {
                Self { channel: Some(OfChannel { connection, from, to }), ..Self::default() }
            }
            Part::Ours { from, to } => Self { ours: Some(Span { from, to }), ..Self::default() },
            Part::Store { from, to } => Self { store: Some(Span { from, to }), ..Self::default() },
            Part::Stock => Self { stock: Some(Whole {}), ..Self::default() },
            Part::Erase { from, to } => Self { erase: Some(Span { from, to }), ..Self::default() },
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ComparedPart)]
struct Looked {
    #[serde(flatten)]
    part: PartView,
    compared: u32,
    gaps: Vec<Named>,
    /// Gaps beyond those named.
    more: u32,
    /// Why it was not looked at.
    #[schema(required)]
    skipped: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReconcileReport)]
struct Report {
    run: String,
    started_at: Timestamp,
    /// `null` while it runs.
    #[schema(required)]
    finished_at: Option<Timestamp>,
    parts: Vec<Looked>,
    parts_left: usize,
}

/// The newest nightly comparison of channels, Tributary and main store, as far as it is.
#[utoipa::path(
    get,
    path = "/reconcile",
    tag = "Attention",
    responses(
        (status = 200, description = "What was compared and found", body = Report),
        (status = 404, description = "No night has been compared yet."),
    )
)]
pub(crate) async fn get_reconcile_report(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "No night has been compared yet; the first is at 3:00.");
    let report = app.reconcile_report().await?.ok_or_else(none)?;
    let named = |gap: Gap| Named { healed: gap.is_healed(), text: gap.sentence(), gap };
    let parts_left = report.run.parts.len().saturating_sub(report.found.len());
    let parts = report.found.into_iter().map(|(part, found)| Looked {
        part: part.into(),
        compared: found.compared,
        gaps: found.gaps.into_iter().map(named).collect(),
        more: found.more,
        skipped: found.skipped,
    });
    let (run, started_at, finished_at) = (report.run.id, report.run.started_at, report.run.finished_at);
    Ok(Json(Report { run, started_at, finished_at, parts: parts.collect(), parts_left }))
}
