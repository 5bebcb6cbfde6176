//! What a report is asked for: a range of days in a zone, channels, statuses, and how it is to be written.

use std::collections::BTreeSet;

use app::ReportQuery;
use domain::ConnectionId;
use domain::status::OrderStatus;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use lambda_http::aws_lambda_events::query_map::QueryMap;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::problem::Problem;

/// Days of one report.
pub(crate) const MAX_DAYS: i32 = 366;
const KNOWN: [&str; 8] = ["from", "to", "days", "days_from_today", "channel", "status", "time_zone", "format"];
/// Of the list of products.
const PAGED: [&str; 2] = ["limit", "cursor"];
const MAX_LIMIT: usize = 200;
const DEFAULT_LIMIT: usize = 50;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Format {
    Json,
    Csv,
}

pub(crate) fn format(query: &QueryMap) -> Result<Format, Problem> {
    match once(query, "format")? {
        None | Some("json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some(_) => Err(Problem::parameter("format", "`format` is `json` or `csv`.")),
    }
}

/// `limit`: how many products a page has at most.
pub(crate) fn limit(query: &QueryMap) -> Result<usize, Problem> {
    let Some(text) = once(query, "limit")? else { return Ok(DEFAULT_LIMIT) };
    let parsed = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    parsed.ok_or_else(|| Problem::parameter("limit", format!("`limit` is a number from 1 to {MAX_LIMIT}.")))
}

/// `cursor`: `next` of the page before, of the very same report.
pub(crate) fn cursor(query: &QueryMap, report: &ReportQuery) -> Result<usize, Problem> {
    let Some(text) = once(query, "cursor")? else { return Ok(0) };
    let wrong = || Problem::parameter("cursor", "`cursor` is not one that this list gave.");
    let place = text.split_once('-').and_then(|(place, _)| place.parse().ok()).ok_or_else(wrong)?;
    if next(place, report) == text { Ok(place) } else { Err(wrong()) }
}

/// Where a list goes on, with a mark of what it lists.
pub(crate) fn next(place: usize, report: &ReportQuery) -> String {
    let (zone, channels) = (report.zone.iana_name(), &report.channels);
    let of = format!("{place} {} {} {zone:?} {channels:?} {:?}", report.first, report.last, report.statuses);
    let mark = Sha256::digest(of).iter().take(8).fold(String::new(), |mark, byte| mark + &format!("{byte:02x}"));
    format!("{place}-{mark}")
}

pub(crate) fn read(
    query: &QueryMap,
    default_zone: &TimeZone,
    now: Timestamp,
    is_paged: bool,
) -> Result<ReportQuery, Problem> {
    for (name, _) in query.iter() {
        if !(KNOWN.contains(&name) || is_paged && PAGED.contains(&name)) {
            return Err(Problem::parameter(name, format!("There is no query parameter `{name}` here.")));
        }
    }
    let zone = match once(query, "time_zone")? {
        Some(name) => TimeZone::get(name).map_err(|_| {
            Problem::parameter(
                "time_zone",
                format!("There is no time zone `{name}`; give a name such as Europe/Berlin."),
            )
        })?,
        None => default_zone.clone(),
    };
    let today = now.to_zoned(zone.clone()).date();
    let (first, last) = range(query, today)?;
    let channels = query.all("channel").unwrap_or_default();
    let channels = channels.into_iter().map(|text| {
        ConnectionId::new(text).map_err(|_| Problem::parameter("channel", format!("There is no channel `{text}`.")))
    });
    let statuses = query.all("status").unwrap_or_default();
    let statuses = statuses.into_iter().map(|text| {
        let named = || OrderStatus::EVERY.map(OrderStatus::name).join(", ");
        let found = OrderStatus::EVERY.into_iter().find(|status| status.name() == text);
        found.ok_or_else(|| Problem::parameter("status", format!("A status is one of {}.", named())))
    });
    Ok(ReportQuery {
        first,
        last,
        zone,
        channels: channels.collect::<Result<BTreeSet<_>, _>>()?,
        statuses: statuses.collect::<Result<BTreeSet<_>, _>>()?,
    })
}

/// R18: dates, N days up to today, or N days starting today; today counts in both.
fn range(query: &QueryMap, today: Date) -> Result<(Date, Date), Problem> {
    let given = (date(query, "from")?, date(query, "to")?, days(query, "days")?, days(query, "days_from_today")?);
    let outside = |_| Problem::parameter("days", "The dates are out of range.");
    match given {
        (Some(from), Some(to), None, None) => Ok((from, to)),
        (Some(_), None, None, None) => Err(Problem::parameter("to", "`from` needs `to`.")),
        (None, Some(_), None, None) => Err(Problem::parameter("from", "`to` needs `from`.")),
        (None, None, Some(days), None) => Ok((today.checked_sub(days_after_first(days)).map_err(outside)?, today)),
        (None, None, None, Some(days)) => Ok((today, today.checked_add(days_after_first(days)).map_err(outside)?)),
        (None, None, None, None) => {
            Err(Problem::parameter("from", "Give `from` and `to`, or `days` (up to today), or `days_from_today`."))
        }
        _ => Err(Problem::parameter("from", "Give only one range: `from` and `to`, or `days`, or `days_from_today`.")),
    }
}

fn days_after_first(days: i32) -> Span {
    Span::new().days(days - 1)
}

fn date(query: &QueryMap, name: &'static str) -> Result<Option<Date>, Problem> {
    let Some(text) = once(query, name)? else { return Ok(None) };
    // jiff reads more than a plain date; a time of day here would be left out in silence.
    let parsed = (text.len() == 10).then(|| text.parse().ok()).flatten();
    parsed.map(Some).ok_or_else(|| Problem::parameter(name, format!("`{name}` must be a date such as 2026-11-20.")))
}

fn days(query: &QueryMap, name: &'static str) -> Result<Option<i32>, Problem> {
    let Some(text) = once(query, name)? else { return Ok(None) };
    let parsed = text.parse().ok().filter(|days| (1..=MAX_DAYS).contains(days));
    let wrong = || Problem::parameter(name, format!("`{name}` must be a number of days from 1 to {MAX_DAYS}."));
    parsed.map(Some).ok_or_else(wrong)
}

fn once<'a>(query: &'a QueryMap, name: &'static str) -> Result<Option<&'a str>, Problem> {
    match query.all(name).unwrap_or_default().as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(Problem::parameter(name, format!("`{name}` is given twice."))),
    }
}
