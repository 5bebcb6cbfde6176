//! A range of days that a person gives, both ends included, with a limit.

use domain::report::bounds;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `from <= created < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Why it is not one: the field, and what is the case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RangeError {
    pub field: &'static str,
    pub message: String,
}

impl Range {
    /// The days `first` to `last` of the zone, at most `most` of them.
    pub fn of_days(first: Date, last: Date, zone: &TimeZone, most: i32) -> Result<Self, RangeError> {
        if last < first {
            return Err(RangeError { field: "to", message: "`to` is before `from`.".to_owned() });
        }
        if (last - first).get_days() >= most {
            return Err(RangeError { field: "from", message: format!("A range has at most {most} days.") });
        }
        let outside = |_| RangeError { field: "from", message: "The dates are out of range.".to_owned() };
        let (from, to) = bounds(first, last, zone).map_err(outside)?;
        Ok(Self { from, to })
    }
}
