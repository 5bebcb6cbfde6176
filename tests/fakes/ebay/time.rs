//! Points in time as eBay gives them: UTC, three decimals.

use jiff::{SignedDuration, Timestamp};

/// eBay keeps milliseconds.
pub(super) fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// `[YYYY]-[MM]-[DD]T[hh]:[mm]:[ss].[sss]Z`
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn days_after(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}
