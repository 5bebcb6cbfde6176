//! Dates without a zone, and what the list filters make of the dates they are given (captures 75*, 75z).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;

/// `"2026-11-21T20:54:15"`, in the zone given.
pub(super) fn show(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

pub(super) fn show_optional(at: Option<Timestamp>, zone: &TimeZone) -> Value {
    at.map_or(Value::Null, |at| Value::String(show(at, zone)))
}

/// `"Sat, 21 Nov 2026 20:54:14 GMT"`, as in the `Date` header.
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The moment that a filter compares with, or `None` where the vendor answers "Invalid date.".
///
/// WordPress turns the text into the site's local time, and compares that with the local column, or, with
/// `dates_are_gmt`, with the GMT column. So a date with a zone and the flag together is wrong by the site's offset.
pub(super) fn filter_bound(text: &str, dates_are_gmt: bool, site: &TimeZone) -> Option<Timestamp> {
    let (civil, offset) = split(text)?;
    let local = match offset {
        Some(offset) => site.to_datetime(offset.to_timestamp(civil).ok()?),
        None => civil,
    };
    let column = if dates_are_gmt { &TimeZone::UTC } else { site };
    column.to_timestamp(local).ok()
}

/// `rest_parse_date`: a date, a time with seconds, and perhaps a zone. A date alone is refused (capture 76).
fn split(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let day = text.get(..10)?;
    let time = text.get(11..19)?;
    if !matches!(text.as_bytes().get(10)?, b'T' | b't' | b' ') {
        return None;
    }
    let civil: DateTime = format!("{day}T{time}").parse().ok()?;
    let rest = text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    match zone {
        "" => Some((civil, None)),
        "Z" | "z" => Some((civil, Some(Offset::UTC))),
        zone => {
            let sign = match zone.as_bytes().first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let digits = zone.get(1..)?;
            let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "00"));
            let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
            Some((civil, Some(Offset::from_seconds(sign * seconds).ok()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An order changed at 12:00 GMT: 13:00 in Berlin, 04:00 in Los Angeles (as capture 75z tells it).
    #[test]
    fn a_zone_and_the_gmt_flag_together_are_wrong() {
        let changed: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let cases = [
            ("Europe/Berlin", "2026-03-01T11:59:59Z", false, true),
            ("Europe/Berlin", "2026-03-01T11:59:59", true, true),
            ("Europe/Berlin", "2026-03-01T11:59:59Z", true, false),
            ("Europe/Berlin", "2026-03-01T12:59:59", false, true),
            ("Europe/Berlin", "2026-03-01T13:00:00", false, false),
            ("America/Los_Angeles", "2026-03-01T11:59:59Z", false, true),
            ("America/Los_Angeles", "2026-03-01T11:59:59", true, true),
            ("America/Los_Angeles", "2026-03-01T19:00:00Z", true, true),
            ("America/Los_Angeles", "2026-03-01T11:59:59", false, false),
            ("America/Los_Angeles", "2026-03-01T03:59:59", false, true),
        ];
        for (zone, text, gmt, shown) in cases {
            let bound = filter_bound(text, gmt, &TimeZone::get(zone).unwrap()).unwrap();
            assert_eq!(changed > bound, shown, "{zone} {text} {gmt}");
        }
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        for text in ["yesterday", "2026-11-21", "2026-11-21T20:59:02 02:00", "2026-11-21T25:00:00", ""] {
            assert_eq!(filter_bound(text, false, &TimeZone::UTC), None, "{text}");
        }
        let utc: Timestamp = "2026-11-21T18:59:02Z".parse().unwrap();
        assert_eq!(filter_bound("2026-11-21T20:59:02+02:00", false, &TimeZone::UTC), Some(utc));
    }
}
