//! `/costs`: what the orders cost in the cloud, from what was measured, and what that leaves out.

use app::{App, Costs, MAX_COST_DAYS};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::cost::{Part, REGION, SINCE};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::input::Query;
use crate::problem::Problem;

const DEFAULT_DAYS: u16 = 30;
const LEAVES_OUT: [&str; 10] = [
    "Lambda's own reading and emptying of the queues (SQS): requests around the clock, with and without orders",
    "secrets: $0.40 a month for each connection",
    "storage and point-in-time recovery of the tables",
    "logs, alarms and the schedules",
    "mails, and what leaves AWS for the internet",
    "what passes before a process's own code begins, and invocations that their time limit cut off",
    "calls that AWS's own library made again because the first one failed",
    "requests that API Gateway refused by itself, and messages that platforms and the event bus sent to queues",
    "AWS's free tier, its prices for great amounts, taxes, and other regions' prices",
    "what a process has not noted yet: less than 100 write units, 1,000 read units, 100 GB-seconds and 1,000 requests each; over many processes it evens out",
];

/// What was consumed in these days, and what that costs.
#[derive(Serialize, ToSchema)]
#[schema(as = Costs)]
struct View {
    from: Date,
    to: Date,
    as_of: Timestamp,
    orders: u64,
    parts: Vec<OnePart>,
    usd: Usd,
    prices: PriceList,
    #[schema(value_type = Vec<String>)]
    leaves_out: [&'static str; LEAVES_OUT.len()],
}

/// One line of the bill, also where it is nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = CostPart)]
struct OnePart {
    part: Part,
    /// What is billed; begun ones are counted whole.
    unit: &'static str,
    quantity: u64,
    /// As text, to the millionth of a dollar.
    usd: String,
    /// The list price of a million units.
    usd_per_million: String,
    /// The page of that price.
    source: &'static str,
}

/// US dollars as text, to the millionth.
#[derive(Serialize, ToSchema)]
struct Usd {
    /// The sum of the parts, which are rounded after it.
    total: String,
    /// `null` without orders.
    #[schema(required)]
    per_1000_orders: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PriceList {
    region: &'static str,
    /// The newest change on the list that is known here.
    since: Date,
}

impl From<Costs> for View {
    fn from(costs: Costs) -> Self {
        let Costs { from, to, as_of, orders, consumed } = costs;
        let part = |part: Part| {
            let (price, counted) = (part.price(), consumed.of(part));
            OnePart {
                part,
                unit: price.unit,
                quantity: price.units(counted),
                usd: price.of(counted).to_string(),
                usd_per_million: price.usd.times(1_000_000).to_string(),
                source: price.source,
            }
        };
        let total = consumed.usd();
        Self {
            from,
            to,
            as_of,
            orders,
            parts: Part::EVERY.map(part).into(),
            usd: Usd {
                total: total.to_string(),
                per_1000_orders: total.per_thousand(orders).map(|usd| usd.to_string()),
            },
            prices: PriceList { region: REGION, since: SINCE },
            leaves_out: LEAVES_OUT,
        }
    }
}

/// What the orders cost in the cloud, from what was measured, and what that leaves out.
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
