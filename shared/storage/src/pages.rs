//! Day pages and the log of changed rows: what lists, counts, search and reports read instead of the orders.

mod cache;
mod day;
mod log;
mod month;
mod pack;
mod part;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::OrderId;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::client::Table;
use cache::Cache;

pub use day::{DayFigures, DayRows, WordsAre};
pub use log::{FoldLease, FoldState, LOG_KEPT, LogEntry, LogRead, Rebuild};
pub use month::{DayEntry, Month, TabCounts};

/// What is derived from the orders, in the orders table.
///
/// | key | item |
/// | --- | --- |
/// | `L` / 0000000000 | how far the log is folded into the pages, and who is folding |
/// | `L` / sequence | rows of orders that changed, as their heads were then; expires three days after it was written |
/// | `P#yyyymm` / `R#dd#part` | a day's figures: status and money of each order |
/// | `P#yyyymm` / `S#dd#part` | a day's words: what each order is found by, in the order of the figures |
/// | `P#yyyymm` / `T#dd#part` | a day's totals by quarter of an hour |
/// | `D` / yyyymm | which pages a month has, of which version, and the counts of each tab |
///
/// A page's version is the sequence up to which the log is in it. A reader takes the log first, then `D`, then pages that
/// are at least as new as `D` says; a row of the log counts where its sequence is above the page's version. So a reader
/// never sees half of a fold, and a page of a known version need not be read again. Days are those of the order's id, in UTC.
#[derive(Debug, Clone)]
pub struct Pages {
    table: Table,
    cache: Arc<Mutex<Cache>>,
}

impl Pages {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, cache: Arc::default() }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The day page in which an order stands.
pub fn page_day(id: OrderId) -> Date {
    id.created_at().to_zoned(TimeZone::UTC).date()
}

/// `yyyymm`.
fn month_of(day: Date) -> String {
    format!("{:04}{:02}", day.year(), day.month())
}

fn day_number(day: Date) -> u8 {
    day.day().unsigned_abs()
}
