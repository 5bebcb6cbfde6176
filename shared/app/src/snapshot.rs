//! The orders as lists, counts, search and reports see them at one moment: day pages and the log of what changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::row::{Figures, OrderRow, Words};
use domain::{Order, OrderId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{DayEntry, Month, PageRequest, page_day};

use crate::App;
use crate::error::AppError;

/// Heads that are read at once where a day has no page.
const PAGE: u16 = 500;

/// Which pages there are, and the newest row of each order that changed after them.
pub(crate) struct Snapshot {
    /// Every change up to then is in it.
    pub as_of: Timestamp,
    months: Vec<Month>,
    log: BTreeMap<OrderId, (u64, Arc<OrderRow>)>,
}

impl Snapshot {
    /// The days that have orders, newest first.
    pub fn days(&self) -> Vec<Date> {
        let paged = self.months.iter().flat_map(|month| month.days.keys().copied());
        let days: BTreeSet<Date> = paged.chain(self.log.keys().map(|id| page_day(*id))).collect();
        days.into_iter().rev().collect()
    }

    pub fn entry(&self, day: Date) -> Option<&DayEntry> {
        self.month(day)?.days.get(&day)
    }

    fn month(&self, day: Date) -> Option<&Month> {
        self.months.iter().find(|month| month.days.contains_key(&day))
    }

    /// Rows of the log of this day that are newer than its page.
    fn newer(&self, day: Date, version: u64) -> impl Iterator<Item = (OrderId, &Arc<OrderRow>)> {
        let rows = self.log.range(first_id(day)..first_id(day.saturating_add(jiff::Span::new().days(1))));
        rows.filter(move |(_, (sequence, _))| *sequence > version).map(|(id, (_, row))| (*id, row))
    }

    /// Orders of this day changed since its page was written, or it has none.
    pub fn is_touched(&self, day: Date) -> bool {
        self.newer(day, self.entry(day).map_or(0, |entry| entry.version)).next().is_some()
    }
}

/// The smallest id of a day.
fn first_id(day: Date) -> OrderId {
    let begin = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
    OrderId::first_at(begin.unwrap_or(Timestamp::MAX))
}

/// When a day begins and ends in UTC.
pub(crate) fn bounds_of(day: Date) -> Result<(Timestamp, Timestamp), AppError> {
    let midnight = |day: Date| Ok::<_, jiff::Error>(day.to_zoned(TimeZone::UTC)?.timestamp());
    let bounds = midnight(day).and_then(|begin| Ok((begin, begin.checked_add(SignedDuration::from_hours(24))?)));
    bounds.map_err(|_| AppError::OutOfRange)
}

impl App {
    /// As a row of lists, search and reports.
    pub(crate) fn row_of(&self, order: &Order) -> OrderRow {
        let offer = self.connectors.offer(&order.platform, &BTreeMap::new()).and_then(|offer| offer.channel);
        OrderRow::of(order, offer.is_some_and(|capabilities| capabilities.reports_delivery))
    }

    /// What there is in these days (in UTC, both included). `None`: the pages are not complete yet, so that the orders
    /// themselves have to be read.
    pub(crate) async fn snapshot(&self, first: Date, last: Date) -> Result<Option<Snapshot>, AppError> {
        let pages = &self.storage.pages;
        let Some(state) = pages.fold_state().await? else { return Ok(None) };
        let Some(folded) = state.folded else { return Ok(None) };
        // The log before the pages: what is folded in between is then in both, and the page's version tells.
        let read = pages.log_after(folded, false).await?;
        let months = pages.months(first, last).await?;
        let mut log = BTreeMap::new();
        for entry in &read.entries {
            for row in entry.rows.iter().filter(|row| (first..=last).contains(&page_day(row.id))) {
                log.insert(row.id, (entry.sequence, Arc::new(row.clone())));
            }
        }
        let newest = read.entries.iter().map(|entry| entry.at).max();
        let as_of = newest.max(state.as_of).unwrap_or_else(|| self.clock.now());
        Ok(Some(Snapshot { as_of, months, log }))
    }

    /// The figures of these days, a day's in the order of their ids.
    pub(crate) async fn figures_of(
        &self,
        snapshot: &Snapshot,
        days: &[Date],
    ) -> Result<BTreeMap<Date, Vec<(OrderId, Figures)>>, AppError> {
        let mut all = BTreeMap::new();
        for (month, days) in by_month(snapshot, days) {
            let mut read = match month {
                Some(month) => self.storage.pages.figures(month, &days).await?,
                None => BTreeMap::new(),
            };
            for day in days {
                let rows = match read.remove(&day) {
                    Some(page) => {
                        let mut rows: BTreeMap<OrderId, Figures> = page.rows.into_iter().collect();
                        let newer = snapshot.newer(day, page.version);
                        rows.extend(newer.map(|(id, row)| (id, row.figures.clone())));
                        rows.into_iter().collect()
                    }
                    None if snapshot.entry(day).is_none() => {
                        snapshot.newer(day, 0).map(|(id, row)| (id, row.figures.clone())).collect()
                    }
                    None => self.heads_of(day).await?.into_iter().map(|row| (row.id, row.figures)).collect(),
                };
                all.insert(day, rows);
            }
        }
        Ok(all)
    }

    /// The whole rows of these days, a day's in the order of their ids.
    pub(crate) async fn rows_of(
        &self,
        snapshot: &Snapshot,
        days: &[Date],
    ) -> Result<BTreeMap<Date, Vec<OrderRow>>, AppError> {
        let mut all = BTreeMap::new();
        for (month, days) in by_month(snapshot, days) {
            let mut read = match month {
                Some(month) => self.storage.pages.rows(month, &days).await?,
                None => BTreeMap::new(),
            };
            for day in days {
                let rows = match read.remove(&day) {
                    Some(page) => {
                        let mut rows: BTreeMap<OrderId, OrderRow> =
                            page.rows.into_iter().map(|row| (row.id, row)).collect();
                        let newer = snapshot.newer(day, page.version);
                        rows.extend(newer.map(|(id, row)| (id, OrderRow::clone(row))));
                        rows.into_values().collect()
                    }
                    None if snapshot.entry(day).is_none() => {
                        snapshot.newer(day, 0).map(|(_, row)| OrderRow::clone(row)).collect()
                    }
                    None => self.heads_of(day).await?,
                };
                all.insert(day, rows);
            }
        }
        Ok(all)
    }

    /// The words of these days' pages. A day without a whole page is left out.
    pub(crate) async fn words_of(
        &self,
        snapshot: &Snapshot,
        days: &[Date],
    ) -> Result<BTreeMap<Date, Vec<Words>>, AppError> {
        let mut all = BTreeMap::new();
        for (month, days) in by_month(snapshot, days) {
            if let Some(month) = month {
                all.extend(self.storage.pages.words(month, &days).await?);
            }
        }
        Ok(all)
    }

    /// The totals of these days, none of which may be touched. A day without a whole page is left out.
    pub(crate) async fn quarters_of(
        &self,
        snapshot: &Snapshot,
        days: &[Date],
    ) -> Result<BTreeMap<Date, domain::sales::Quarters>, AppError> {
        let mut all = BTreeMap::new();
        for (month, days) in by_month(snapshot, days) {
            if let Some(month) = month {
                all.extend(self.storage.pages.totals(month, &days).await?);
            }
        }
        Ok(all)
    }

    /// A day's rows from its orders themselves.
    pub(crate) async fn heads_of(&self, day: Date) -> Result<Vec<OrderRow>, AppError> {
        let mut rows = Vec::new();
        self.visit_day(day, |order| rows.push(self.row_of(order))).await?;
        Ok(rows)
    }

    /// Every order of a day, in the order of their ids.
    pub(crate) async fn visit_day(&self, day: Date, mut visit: impl FnMut(&Order)) -> Result<(), AppError> {
        let (from, to) = bounds_of(day)?;
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.range(from, to, &page).await?;
            answer.items.iter().for_each(&mut visit);
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => return Ok(()),
            }
        }
    }
}

/// The days of each month, in order, with its pages; those that have none come by themselves.
fn by_month<'a>(snapshot: &'a Snapshot, days: &[Date]) -> Vec<(Option<&'a Month>, Vec<Date>)> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let mut groups: Vec<(Option<&Month>, Vec<Date>)> = Vec::new();
    for day in days {
        let month = snapshot.month(day);
        let name = |month: Option<&Month>| month.map(|month| month.name.clone());
        match groups.iter_mut().find(|(known, _)| name(*known) == name(month)) {
            Some((_, days)) => days.push(day),
            None => groups.push((month, vec![day])),
        }
    }
    groups
}
