//! Sale reports on demand (R18), from day totals where nothing changed since, from the rows of the orders elsewhere.

use std::collections::BTreeSet;

use domain::ConnectionId;
use domain::report::{Row, RowKey};
use domain::sales::{Days, Filter, Product, Products, Sums};
use domain::status::OrderStatus;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::PageRequest;

use crate::App;
use crate::error::AppError;
use crate::snapshot::{Snapshot, bounds_of};

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
    /// Only these statuses; empty: all.
    pub statuses: BTreeSet<OrderStatus>,
}

/// Rows by day, channel and currency, in that order; and the same orders by status and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesReport {
    /// Every change up to then is counted.
    pub as_of: Timestamp,
    pub rows: Vec<(RowKey, Row)>,
    pub by_status: Vec<((OrderStatus, String), Row)>,
}

/// Products by what was sold of them, the most units first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductsReport {
    pub as_of: Timestamp,
    pub products: Vec<Product>,
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

impl ReportQuery {
    fn days(&self) -> Result<Days, ReportError> {
        if self.first > self.last {
            return Err(ReportError::Reversed);
        }
        if (self.last - self.first).get_days() >= MAX_DAYS {
            return Err(ReportError::TooLong);
        }
        Ok(Days::new(self.first, self.last, &self.zone)?)
    }

    fn filter(&self) -> Filter {
        Filter { channels: self.channels.clone(), statuses: self.statuses.clone() }
    }
}

impl App {
    pub async fn sales(&self, query: &ReportQuery) -> Result<SalesReport, ReportError> {
        let (days, filter) = (query.days()?, query.filter());
        let (sums, as_of) = self.sums(&days, &filter).await?;
        let Sums { rows, by_status } = sums;
        Ok(SalesReport { as_of, rows: rows.into_iter().collect(), by_status: by_status.into_iter().collect() })
    }

    /// A46: what was sold of each product.
    pub async fn products_sold(&self, query: &ReportQuery) -> Result<ProductsReport, ReportError> {
        let (days, filter) = (query.days()?, query.filter());
        let (products, as_of) = self.products(&days, &filter).await?;
        Ok(ProductsReport { as_of, products: products.ranked() })
    }

    async fn sums(&self, days: &Days, filter: &Filter) -> Result<(Sums, Timestamp), AppError> {
        let mut sums = Sums::default();
        let Some((snapshot, pages)) = self.pages_of(days).await? else {
            let now = self.clock.now();
            self.each_head(days, |row| Ok(sums.add_order(days, filter, row.id, &row.figures)?)).await?;
            return Ok((sums, now));
        };
        // A zone that counts in other steps, and days that changed since their pages were written, go order by order.
        let (mut by_order, mut by_quarter): (Vec<Date>, Vec<Date>) =
            pages.into_iter().partition(|day| snapshot.is_touched(*day) || !days.are_full_quarters());
        let quarters = self.quarters_of(&snapshot, &by_quarter).await?;
        by_quarter.retain(|day| !quarters.contains_key(day));
        by_order.append(&mut by_quarter);
        for (day, quarters) in &quarters {
            sums.add_quarters(days, filter, bounds_of(*day)?.0, quarters)?;
        }
        for rows in self.figures_of(&snapshot, &by_order).await?.into_values() {
            for (id, figures) in rows {
                sums.add_order(days, filter, id, &figures)?;
            }
        }
        Ok((sums, snapshot.as_of))
    }

    async fn products(&self, days: &Days, filter: &Filter) -> Result<(Products, Timestamp), AppError> {
        let mut products = Products::default();
        let Some((snapshot, pages)) = self.pages_of(days).await? else {
            let now = self.clock.now();
            self.each_head(days, |row| Ok(products.add(days, filter, row.id, &row.figures, &row.words)?)).await?;
            return Ok((products, now));
        };
        // A month at a time, so that no more is held than needed.
        for pages in pages.chunks(31) {
            for row in self.rows_of(&snapshot, pages).await?.into_values().flatten() {
                products.add(days, filter, row.id, &row.figures, &row.words)?;
            }
        }
        Ok((products, snapshot.as_of))
    }

    /// The day pages that a report touches. `None`: they are not complete yet.
    async fn pages_of(&self, days: &Days) -> Result<Option<(Snapshot, Vec<Date>)>, AppError> {
        let (from, to) = days.bounds();
        let last = to.checked_sub(SignedDuration::from_millis(1)).map_err(|_| AppError::OutOfRange)?;
        let day_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let snapshot = self.snapshot(day_of(from), day_of(last)).await?;
        Ok(snapshot.map(|snapshot| {
            let range = day_of(from)..=day_of(last);
            let pages = snapshot.days().into_iter().filter(|day| range.contains(day)).collect();
            (snapshot, pages)
        }))
    }

    /// Every order of the days, from its head.
    async fn each_head(
        &self,
        days: &Days,
        mut add: impl FnMut(domain::row::OrderRow) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let (from, to) = days.bounds();
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.range(from, to, &page).await?;
            for order in &answer.items {
                add(self.row_of(order))?;
            }
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => return Ok(()),
            }
        }
    }
}
