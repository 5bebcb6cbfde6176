//! Sale reports on demand (R18): read the range's orders, add them up.

use std::collections::BTreeSet;

use domain::ConnectionId;
use domain::report::{self, Row, RowKey};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::PageRequest;

use crate::App;
use crate::error::AppError;

/// Days of one report.
pub const MAX_DAYS: i32 = 366;
const PAGE: u16 = 500;

/// Which sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    pub first: Date,
    pub last: Date,
    pub zone: TimeZone,
    /// Only these channels; empty: all.
    pub channels: BTreeSet<ConnectionId>,
}

/// Rows by day, channel and currency, in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesReport {
    pub rows: Vec<(RowKey, Row)>,
}

/// Why a range cannot be reported.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("`from` must not be after `to`")]
    Reversed,
    #[error("a report covers at most {MAX_DAYS} days")]
    TooLong,
    #[error("the dates are out of range")]
    OutOfRange(#[from] jiff::Error),
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    pub async fn sales(&self, query: &ReportQuery) -> Result<SalesReport, ReportError> {
        if query.first > query.last {
            return Err(ReportError::Reversed);
        }
        if (query.last - query.first).get_days() >= MAX_DAYS {
            return Err(ReportError::TooLong);
        }
        let (from, to) = report::bounds(query.first, query.last, &query.zone)?;
        let mut rows: std::collections::BTreeMap<RowKey, Row> = std::collections::BTreeMap::new();
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.range(from, to, &page).await.map_err(AppError::from)?;
            let wanted =
                answer.items.iter().filter(|o| query.channels.is_empty() || query.channels.contains(&o.connection));
            for (key, row) in report::rows(wanted, &query.zone).map_err(AppError::from)? {
                match rows.get_mut(&key) {
                    Some(sum) => sum.add(&row).map_err(AppError::from)?,
                    None => {
                        rows.insert(key, row);
                    }
                }
            }
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => return Ok(SalesReport { rows: rows.into_iter().collect() }),
            }
        }
    }
}
