//! `/costs`: what the tables cost, from what was measured, and what that leaves out.

use app::{App, Costs, MAX_COST_DAYS};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::cost::PRICES;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::input::Query;
use crate::problem::Problem;

const DEFAULT_DAYS: u16 = 30;
const LEAVES_OUT: [&str; 7] = [
    "the functions' own time and starts (AWS Lambda)",
    "requests to the API, the queues and the event bus, and the mails",
    "secrets: $0.40 a month for each connection",
    "storage and point-in-time recovery of the tables",
    "logs, alarms and the schedule",
    "AWS's free tier, taxes, and other regions' prices",
    "the last part of a step (100 write units, 1,000 read units, 500 requests) in each process; over many it evens out",
];

/// What the tables consumed in these days, and what that costs.
#[derive(Serialize, ToSchema)]
#[schema(as = Costs)]
struct View {
    from: Date,
    to: Date,
    as_of: Timestamp,
    orders: u64,
    consumed: Measured,
    usd: Usd,
    prices: PriceList,
    #[schema(value_type = Vec<String>)]
    leaves_out: [&'static str; LEAVES_OUT.len()],
}

#[derive(Serialize, ToSchema)]
#[schema(as = Consumed)]
struct Measured {
    write_units: u64,
    read_units: u64,
    requests: u64,
}

/// US dollars as text, without rounding.
#[derive(Serialize, ToSchema)]
struct Usd {
    writes: String,
    reads: String,
    total: String,
    /// `null` without orders.
    #[schema(required)]
    per_1000_orders: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PriceList {
    region: &'static str,
    since: Date,
    source: &'static str,
    million_write_units: String,
    million_read_units: String,
}

impl From<Costs> for View {
    fn from(costs: Costs) -> Self {
        const MILLION: u64 = 1_000_000;
        let Costs { from, to, as_of, orders, consumed } = costs;
        let (writes, reads) = (PRICES.of_writes(consumed), PRICES.of_reads(consumed));
        let total = writes.plus(reads);
        Self {
            from,
            to,
            as_of,
            orders,
            consumed: Measured {
                write_units: consumed.write_units,
                read_units: consumed.half_read_units.div_ceil(2),
                requests: consumed.requests,
            },
            usd: Usd {
                writes: writes.to_string(),
                reads: reads.to_string(),
                total: total.to_string(),
                per_1000_orders: total.per_thousand(orders).map(|usd| usd.to_string()),
            },
            prices: PriceList {
                region: PRICES.region,
                since: PRICES.since,
                source: PRICES.source,
                million_write_units: PRICES.write_unit.times(MILLION).to_string(),
                million_read_units: PRICES.read_unit.times(MILLION).to_string(),
            },
            leaves_out: LEAVES_OUT,
        }
    }
}

/// What the tables cost, from what was measured, and what that leaves out.
#[utoipa::path(
    get,
    path = "/costs",
    tag = "Attention",
    params(
        ("days" = Option<u16>, Query, description = "So many days up to today; 30 if left out", minimum = 1, maximum = 366),
    ),
    responses(
        (status = 200, description = "The costs", body = View),
    )
)]
pub(crate) async fn get_costs(State(app): State<App>, query: Query) -> Result<impl IntoResponse, Problem> {
    query.only(&["days"])?;
    let days = query.text("days").map_or(Some(DEFAULT_DAYS), |text| text.parse().ok());
    let days = days
        .filter(|days| (1..=MAX_COST_DAYS).contains(days))
        .ok_or_else(|| Problem::parameter("days", format!("`days` is a number from 1 to {MAX_COST_DAYS}.")))?;
    Ok(Json(View::from(app.costs(days).await?)))
}
