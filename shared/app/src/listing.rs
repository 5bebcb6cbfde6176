//! The order list: tabs with their counts, filters, search; newest first, page by page.
//!
//! Which orders stand in it is known from the day pages and the log; what is shown of each comes from its head.

use std::collections::{BTreeMap, BTreeSet};

use domain::row::{Figures, OrderRow};
use domain::search::Search;
use domain::tab::Tab;
use domain::{ConnectionId, Order, OrderId};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use storage::{DayEntry, page_day};

use crate::App;
use crate::error::AppError;
use crate::orders::OrderView;
use crate::range::Range;
use crate::snapshot::{Snapshot, bounds_of};

/// Bytes of pages that one request reads at most: 700 read units (eventually consistent, 8 KB each).
const MOST_BYTES: u64 = 700 * 8 * 1024;
/// What is read first; each further step reads twice as much, until an answer of the table is full.
const FIRST_BYTES: u64 = 64 * 1024;
const STEP_BYTES: u64 = 1024 * 1024;
/// Heads that one request reads at most where there are no pages yet.
const MOST_HEADS: usize = 4_000;
const HEADS: u16 = 200;

const BEGINNING: Date = date(1970, 1, 1);
const END: Date = date(9999, 12, 30);

/// Which orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub tab: Tab,
    /// Only these channels; empty: all.
    pub channels: BTreeSet<ConnectionId>,
    pub range: Option<Range>,
    pub search: Option<Search>,
    /// Only orders before this one: where the page before ended.
    pub before: Option<OrderId>,
    pub limit: u16,
}

/// One page of the list.
#[derive(Debug, Clone)]
pub struct OrderList {
    pub orders: Vec<OrderView>,
    /// `before` of the next page.
    pub next: Option<OrderId>,
    /// Whatever changed up to then is in it.
    pub as_of: Timestamp,
    /// How far back was looked, where a request's reading came to its end first.
    pub back_to: Option<Timestamp>,
}

/// How many orders each tab holds, in the order of [`Tab::EVERY`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabTotals {
    pub as_of: Timestamp,
    pub counts: [u64; Tab::EVERY.len()],
}

/// What was found of a page.
struct Found {
    ids: Vec<OrderId>,
    next: Option<OrderId>,
    back_to: Option<Timestamp>,
}

impl ListQuery {
    fn takes(&self, order: &Figures) -> bool {
        self.tab.holds(order) && (self.channels.is_empty() || self.channels.contains(&order.channel))
    }

    fn finds(&self, row: &OrderRow) -> bool {
        self.takes(&row.figures) && self.search.as_ref().is_none_or(|search| search.finds(&row.words))
    }

    /// Every order, or every order of some days: the heads themselves are that list.
    fn is_plain(&self) -> bool {
        self.tab == Tab::All && self.channels.is_empty() && self.search.is_none()
    }

    /// The ids in question: from the first on, before the second.
    fn ids(&self) -> (Option<OrderId>, Option<OrderId>) {
        let end = self.range.map(|range| OrderId::first_at(range.to));
        let before = [self.before, end].into_iter().flatten().min();
        (self.range.map(|range| OrderId::first_at(range.from)), before)
    }

    fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// Whether a page that did not change since may hold any.
    fn may_be_in(&self, entry: &DayEntry) -> bool {
        let wanted =
            entry.counts.0.iter().filter(|(channel, _)| self.channels.is_empty() || self.channels.contains(channel));
        wanted
            .flat_map(|(_, counts)| Tab::EVERY.into_iter().zip(counts))
            .any(|(tab, count)| tab == self.tab && *count > 0)
    }

    fn bytes_of(&self, entry: &DayEntry) -> u64 {
        u64::from(if self.search.is_some() { entry.words_bytes } else { entry.figures_bytes })
    }
}

impl App {
    pub async fn list(&self, query: &ListQuery) -> Result<OrderList, AppError> {
        let (first, last) = query.days();
        let snapshot = if query.is_plain() { None } else { self.snapshot(first, last).await? };
        let as_of = snapshot.as_ref().map_or_else(|| self.clock.now(), |snapshot| snapshot.as_of);
        let (orders, next, back_to) = match snapshot {
            None => self.list_heads(query).await?,
            Some(snapshot) => {
                let found = self.list_pages(query, &snapshot).await?;
                let mut orders = self.storage.orders.get_many(&found.ids).await?;
                // What changed since its row was written may belong elsewhere by now.
                orders.retain(|order| query.finds(&self.row_of(order)));
                (orders, found.next, found.back_to)
            }
        };
        let channels = self.channels().await?;
        let orders = orders.into_iter().map(|order| self.view(order, &channels)).collect();
        Ok(OrderList { orders, next, as_of, back_to })
    }

    /// Counts of every tab over these channels and days.
    pub async fn tab_counts(
        &self,
        channels: &BTreeSet<ConnectionId>,
        range: Option<Range>,
    ) -> Result<TabTotals, AppError> {
        let query =
            ListQuery { tab: Tab::All, channels: channels.clone(), range, search: None, before: None, limit: HEADS };
        let (first, last) = query.days();
        let mut counts = [0; Tab::EVERY.len()];
        let mut add = |figures: &Figures| {
            let held = counts.iter_mut().zip(Tab::EVERY).filter(|(_, tab)| tab.holds(figures));
            held.for_each(|(count, _)| *count += 1);
        };
        let Some(snapshot) = self.snapshot(first, last).await? else {
            let as_of = self.clock.now();
            let mut before = query.ids().1;
            loop {
                let (orders, more) = self.heads_before(&query, before).await?;
                for order in &orders {
                    let row = self.row_of(order);
                    if query.takes(&row.figures) {
                        add(&row.figures);
                    }
                }
                before = orders.last().map(|order| order.id);
                if !more {
                    return Ok(TabTotals { as_of, counts });
                }
            }
        };
        let (whole, in_part): (Vec<Date>, Vec<Date>) = snapshot
            .days()
            .into_iter()
            .filter(|day| (first..=last).contains(day))
            .partition(|day| !snapshot.is_touched(*day) && query.holds_whole(*day));
        for rows in self.figures_of(&snapshot, &in_part).await?.into_values() {
            let (from, before) = query.ids();
            let within = |id: OrderId| from.is_none_or(|from| id >= from) && before.is_none_or(|before| id < before);
            rows.iter().filter(|(id, order)| within(*id) && query.takes(order)).for_each(|(_, order)| add(order));
        }
        for entry in whole.iter().filter_map(|day| snapshot.entry(*day)) {
            for (channel, of_channel) in &entry.counts.0 {
                if channels.is_empty() || channels.contains(channel) {
                    counts.iter_mut().zip(of_channel).for_each(|(count, more)| *count += more);
                }
            }
        }
        Ok(TabTotals { as_of: snapshot.as_of, counts })
    }

    /// Where there are no pages, and for the plain list: the orders themselves.
    async fn list_heads(
        &self,
        query: &ListQuery,
    ) -> Result<(Vec<Order>, Option<OrderId>, Option<Timestamp>), AppError> {
        let mut found = Vec::new();
        let (mut read, mut before) = (0, query.ids().1);
        loop {
            let (orders, more) = self.heads_before(query, before).await?;
            read += orders.len();
            before = orders.last().map(|order| order.id);
            let fits = |order: &Order| query.is_plain() || query.finds(&self.row_of(order));
            found.extend(orders.into_iter().filter(fits));
            if found.len() > query.limit() {
                found.truncate(query.limit());
                let next = found.last().map(|order| order.id);
                return Ok((found, next, None));
            }
            if !more {
                return Ok((found, None, None));
            }
            if read >= MOST_HEADS {
                return Ok((found, before, before.map(OrderId::created_at)));
            }
        }
    }

    /// Some orders of the range before this one, newest first; whether there may be more.
    async fn heads_before(&self, query: &ListQuery, before: Option<OrderId>) -> Result<(Vec<Order>, bool), AppError> {
        let count = query.limit.saturating_add(1).max(if query.is_plain() { 0 } else { HEADS });
        let mut orders = self.storage.orders.newest(before, count).await?;
        let full = orders.len() >= usize::from(count);
        let read = orders.len();
        orders.retain(|order| query.ids().0.is_none_or(|from| order.id >= from));
        Ok((orders.clone(), full && orders.len() == read))
    }

    async fn list_pages(&self, query: &ListQuery, snapshot: &Snapshot) -> Result<Found, AppError> {
        let (first, last) = query.days();
        let days: Vec<Date> = snapshot
            .days()
            .into_iter()
            .filter(|day| (first..=last).contains(day))
            .filter(|day| snapshot.is_touched(*day) || snapshot.entry(*day).is_some_and(|entry| query.may_be_in(entry)))
            .collect();
        let (from, before) = query.ids();
        let mut ids: Vec<OrderId> = Vec::new();
        let (mut spent, mut step, mut at) = (0, FIRST_BYTES, 0);
        while at < days.len() {
            let bytes = |day: &Date| snapshot.entry(*day).map_or(0, |entry| query.bytes_of(entry));
            let mut some = days[at..].iter().scan(0, |sum, day| {
                let before = *sum;
                *sum += bytes(day);
                (before == 0 || *sum <= step).then_some(*day)
            });
            let chunk: Vec<Date> = some.by_ref().collect();
            let cost: u64 = chunk.iter().map(bytes).sum();
            if spent > 0 && spent + cost > MOST_BYTES {
                let done = days.get(at - 1).copied().unwrap_or(last);
                let begin = bounds_of(done)?.0;
                return Ok(Found { ids, next: Some(OrderId::first_at(begin)), back_to: Some(begin) });
            }
            let mut hits = self.hits(query, snapshot, &chunk).await?;
            hits.retain(|id| from.is_none_or(|from| *id >= from) && before.is_none_or(|before| *id < before));
            ids.extend(hits);
            if ids.len() > query.limit() {
                ids.truncate(query.limit());
                let next = ids.last().copied();
                return Ok(Found { ids, next, back_to: None });
            }
            (spent, step, at) = (spent + cost, (step * 2).min(STEP_BYTES), at + chunk.len());
        }
        Ok(Found { ids, next: None, back_to: None })
    }

    /// The orders of these days that are looked for, newest first.
    async fn hits(&self, query: &ListQuery, snapshot: &Snapshot, days: &[Date]) -> Result<Vec<OrderId>, AppError> {
        let mut hits: BTreeMap<Date, Vec<OrderId>> = BTreeMap::new();
        match &query.search {
            None => {
                for (day, rows) in self.figures_of(snapshot, days).await? {
                    hits.insert(day, rows.iter().filter(|(_, row)| query.takes(row)).map(|(id, _)| *id).collect());
                }
            }
            Some(search) => {
                // Words first: the figures are read only of days that have a hit.
                let (mut likely, quiet): (Vec<Date>, Vec<Date>) =
                    days.iter().partition(|day| snapshot.is_touched(**day));
                let words = self.words_of(snapshot, &quiet).await?;
                likely.extend(
                    quiet
                        .into_iter()
                        .filter(|day| words.get(day).is_none_or(|words| words.iter().any(|words| search.finds(words)))),
                );
                for (day, rows) in self.rows_of(snapshot, &likely).await? {
                    hits.insert(day, rows.iter().filter(|row| query.finds(row)).map(|row| row.id).collect());
                }
            }
        }
        let newest_first = hits.into_iter().rev().flat_map(|(_, ids)| ids.into_iter().rev());
        Ok(newest_first.collect())
    }
}

impl ListQuery {
    /// The days in UTC in which the orders in question stand, both included.
    fn days(&self) -> (Date, Date) {
        let (from, before) = self.ids();
        (from.map_or(BEGINNING, page_day), before.map_or(END, page_day))
    }

    /// Every order of the day is in question.
    fn holds_whole(&self, day: Date) -> bool {
        let (from, before) = self.ids();
        let begins = day.to_zoned(TimeZone::UTC).map(|at| OrderId::first_at(at.timestamp()));
        let ends =
            day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC)).map(|at| OrderId::first_at(at.timestamp()));
        from.is_none_or(|from| begins.is_ok_and(|begins| from <= begins))
            && before.is_none_or(|before| ends.is_ok_and(|ends| ends <= before))
    }
}
