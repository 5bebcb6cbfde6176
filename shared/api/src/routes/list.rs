//! `/orders`: the list with its tabs, filters and search, and the counts of the tabs.

use std::collections::{BTreeMap, BTreeSet};

use app::{App, ListQuery, Range};
use axum::Json;
use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use domain::search::Search;
use domain::tab::Tab;
use domain::{ConnectionId, OrderId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use storage::{PageToken, Role};
use utoipa::ToSchema;

use crate::cursor::List;
use crate::input::Query;
use crate::problem::Problem;
use crate::row::Row;

/// Days of one list: ten years.
const MAX_DAYS: i32 = 3_660;
const FILTERS: [&str; 4] = ["channel", "from", "to", "time_zone"];

/// The owner's time zone, where a request names none.
#[derive(Debug, Clone)]
pub(crate) struct OwnerZone(pub TimeZone);

#[derive(Serialize, ToSchema)]
#[schema(as = Orders)]
struct Rows {
    orders: Vec<Row>,
    /// `cursor` of the next page.
    #[schema(required)]
    next: Option<String>,
    /// Which orders stand here was known up to then; what each row shows is newer.
    as_of: Timestamp,
    /// Where reading stopped before the page was full: there may be more, further back.
    #[schema(required)]
    looked_back_to: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TabCounts)]
struct Counts {
    as_of: Timestamp,
    tabs: BTreeMap<&'static str, u64>,
}

/// The orders, newest first by order date.
///
/// Each row is what the order is now. Which orders stand in a list with a filter is as of `as_of`.
#[utoipa::path(
    get,
    path = "/orders",
    tag = "Orders",
    params(
        ("tab" = Option<Tab>, Query, description = "Only this tab's"),
        ("channel" = Option<String>, Query, description = "Ids of channels with commas between them"),
        ("from" = Option<jiff::civil::Date>, Query, description = "The first day; `to` with it"),
        ("to" = Option<jiff::civil::Date>, Query, description = "The last day, included; at most ten years"),
        ("time_zone" = Option<String>, Query, description = "An IANA name; the deployment's own if left out", example = "Europe/London"),
        ("search" = Option<String>, Query, description = "At most ten words, each of which begins a word of the order: a number, an SKU, a title, a name", min_length = 2, max_length = 100),
        ("limit" = Option<u16>, Query, description = "How many entries a page has at most; 50 if left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before, with the same filters"),
    ),
    responses(
        (status = 200, description = "A page of the list", body = Rows),
    )
)]
pub(crate) async fn list_orders(
    State(app): State<App>,
    Extension(zone): Extension<OwnerZone>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    query.only(&[&FILTERS[..], &["tab", "search", "cursor", "limit"]].concat())?;
    let tab = query.text("tab").map_or(Ok(Tab::All), |text| text.parse().map_err(|_| no_tab(text)))?;
    let search = query.text("search").map(Search::new).transpose();
    let search = search.map_err(|error| Problem::parameter("search", format!("`search`: {error}.")))?;
    let channels = channels(&app, &query).await?;
    let range = range(&query, &zone.0)?;
    // A cursor is of this very list: with other filters it would skip some orders.
    let given = |name: &str| query.text(name).unwrap_or_default().to_owned();
    let about = FILTERS.iter().copied().chain(["tab", "search"]).map(given).collect::<Vec<_>>().join("\n");
    let list = List("orders", &about);
    let before = list.place(&query)?.map(|token| token.as_str().parse::<OrderId>());
    let before =
        before.transpose().map_err(|_| Problem::parameter("cursor", "`cursor` is not one that this list gave."))?;
    let page = app.list(&ListQuery { tab, channels, range, search, before, limit: query.limit()? }).await?;
    let next = page.next.map(|next| list.cursor(&PageToken::from_text(next.to_string())));
    let orders = page.orders.iter().map(Row::new).collect();
    Ok(Json(Rows { orders, next, as_of: page.as_of, looked_back_to: page.back_to }))
}

/// How many orders each tab holds.
#[utoipa::path(
    get,
    path = "/orders/counts",
    tag = "Orders",
    params(
        ("channel" = Option<String>, Query, description = "Ids of channels with commas between them"),
        ("from" = Option<jiff::civil::Date>, Query, description = "The first day; `to` with it"),
        ("to" = Option<jiff::civil::Date>, Query, description = "The last day, included; at most ten years"),
        ("time_zone" = Option<String>, Query, description = "An IANA name; the deployment's own if left out", example = "Europe/London"),
    ),
    responses(
        (status = 200, description = "The counts", body = Counts),
    )
)]
pub(crate) async fn count_orders(
    State(app): State<App>,
    Extension(zone): Extension<OwnerZone>,
    query: Query,
) -> Result<impl IntoResponse, Problem> {
    query.only(&FILTERS)?;
    let channels = channels(&app, &query).await?;
    let totals = app.tab_counts(&channels, range(&query, &zone.0)?).await?;
    let tabs = Tab::EVERY.into_iter().map(Tab::name).zip(totals.counts).collect();
    Ok(Json(Counts { as_of: totals.as_of, tabs }))
}

fn no_tab(text: &str) -> Problem {
    let tabs = Tab::EVERY.map(Tab::name).join(", ");
    Problem::parameter("tab", format!("There is no tab `{}`; the tabs are {tabs}.", cut(text)))
}

/// What a person typed, no longer than it is worth repeating.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// `channel`: ids with commas between them. A channel that was disconnected still has its orders.
async fn channels(app: &App, query: &Query) -> Result<BTreeSet<ConnectionId>, Problem> {
    let Some(text) = query.text("channel") else { return Ok(BTreeSet::new()) };
    let connections = app.storage.settings.connections().await?;
    let known = |id: &ConnectionId| connections.iter().any(|known| known.id == *id && known.role == Role::Channel);
    let parse = |text: &str| {
        let id = ConnectionId::new(text).ok().filter(known);
        id.ok_or_else(|| Problem::parameter("channel", format!("There is no channel `{}`.", cut(text))))
    };
    text.split(',').map(parse).collect()
}

/// `from` and `to`, both included, in the owner's zone or in `time_zone`.
fn range(query: &Query, owner: &TimeZone) -> Result<Option<Range>, Problem> {
    let zone = match query.text("time_zone") {
        None => owner.clone(),
        Some(name) => TimeZone::get(name).map_err(|_| {
            let detail = format!("There is no time zone `{}`; give a name such as Europe/Berlin.", cut(name));
            Problem::parameter("time_zone", detail)
        })?,
    };
    match (date(query, "from")?, date(query, "to")?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Problem::parameter("to", "`from` needs `to`.")),
        (None, Some(_)) => Err(Problem::parameter("from", "`to` needs `from`.")),
        (Some(from), Some(to)) => {
            let range = Range::of_days(from, to, &zone, MAX_DAYS);
            range.map(Some).map_err(|error| Problem::parameter(error.field, error.message))
        }
    }
}

fn date(query: &Query, name: &'static str) -> Result<Option<Date>, Problem> {
    let Some(text) = query.text(name) else { return Ok(None) };
    // jiff reads more than a plain date; a time of day here would be left out in silence.
    let parsed = (text.len() == 10).then(|| text.parse().ok()).flatten();
    parsed.map(Some).ok_or_else(|| Problem::parameter(name, format!("`{name}` must be a date such as 2026-11-20.")))
}
