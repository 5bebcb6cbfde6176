//! E17: what the orders of the last days cost in the cloud, from what was measured.

use std::collections::BTreeSet;

use domain::cost::Consumed;
use domain::report::bounds;
use domain::tab::Tab;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::App;
use crate::error::AppError;
use crate::range::Range;

/// The longest time that is looked back over.
pub const MAX_COST_DAYS: u16 = 366;

/// Orders and consumption of the same days of UTC, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    pub from: Date,
    pub to: Date,
    pub as_of: Timestamp,
    /// Placed on their channels on these days.
    pub orders: u64,
    pub consumed: Consumed,
}

impl App {
    /// The last `days` days, with today.
    pub async fn costs(&self, days: u16) -> Result<Costs, AppError> {
        let outside = |_: jiff::Error| AppError::OutOfRange;
        let to = self.clock.now().to_zoned(TimeZone::UTC).date();
        let from = to.checked_sub(Span::new().days(i64::from(days.clamp(1, MAX_COST_DAYS)) - 1)).map_err(outside)?;
        let (first, end) = bounds(from, to, &TimeZone::UTC).map_err(outside)?;
        let totals = self.tab_counts(&BTreeSet::new(), Some(Range { from: first, to: end })).await?;
        let orders = Tab::EVERY.into_iter().zip(totals.counts).find(|(tab, _)| *tab == Tab::All);
        let consumed = self.storage.settings.usage(from, to).await?;
        Ok(Costs { from, to, as_of: totals.as_of, orders: orders.map_or(0, |(_, count)| count), consumed })
    }
}
