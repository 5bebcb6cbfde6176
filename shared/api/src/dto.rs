//! Shapes that several answers share.

use app::Range;
use domain::Money;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// Money: text with exactly the currency's own number of decimals (`"4248"` for JPY), never a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money, examples(json!({ "amount": "19.99", "currency": "GBP" })))]
pub(crate) struct Amount {
    #[schema(pattern = r"^-?\d+(\.\d+)?$")]
    amount: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: &'static str,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount().to_string(), currency: money.currency().code() }
    }
}

/// A range of days as a body gives it: both ends included, in a zone (UTC if left out), at most so many.
pub(crate) fn days(from: &str, to: &str, time_zone: Option<&str>, most: i32) -> Result<Range, Problem> {
    let zone = time_zone.unwrap_or("UTC");
    let no_zone =
        |_| Problem::field("time_zone", format!("There is no time zone `{zone}`; give one such as Europe/Berlin."));
    let zone = TimeZone::get(zone).map_err(no_zone)?;
    let (from, to) = (date("from", from)?, date("to", to)?);
    Range::of_days(from, to, &zone, most).map_err(|error| Problem::field(error.field, error.message))
}

fn date(field: &'static str, text: &str) -> Result<Date, Problem> {
    // jiff reads more than a plain date; a time of day here would be left out in silence.
    let parsed = (text.len() == 10).then(|| text.parse().ok()).flatten();
    parsed.ok_or_else(|| Problem::field(field, format!("`{field}` must be a date such as 2026-11-20.")))
}
