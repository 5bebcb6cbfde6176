//! What a report is asked for: a range of days in a zone, and channels.

use std::collections::BTreeSet;

use app::ReportQuery;
use domain::ConnectionId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use lambda_http::aws_lambda_events::query_map::QueryMap;

use crate::problem::Problem;

/// Days of one report.
pub(crate) const MAX_DAYS: i32 = 366;
const KNOWN: [&str; 6] = ["from", "to", "days", "days_from_today", "channel", "time_zone"];

pub(crate) fn read(query: &QueryMap, default_zone: &TimeZone, now: Timestamp) -> Result<ReportQuery, Problem> {
    for (name, _) in query.iter() {
        if !KNOWN.contains(&name) {
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
    Ok(ReportQuery { first, last, zone, channels: channels.collect::<Result<BTreeSet<_>, _>>()? })
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
