//! The day pages are made: changed orders into the log, the log into the pages, and all of it anew from the orders.

use std::collections::{BTreeMap, BTreeSet};

use domain::OrderId;
use domain::retention::is_late;
use domain::row::OrderRow;
use jiff::SignedDuration;
use jiff::civil::Date;
use storage::{FoldLease, LOG_KEPT, Month, Pages, Rebuild, WordsAre, page_day};

use crate::App;
use crate::error::AppError;

/// Heads of one log entry, at most.
const ENTRY: usize = 200;
/// Whoever loses its place in the log this often in a row gives up; the stream brings the orders again.
const TRIES: usize = 20;
/// Entries after which the log is folded whatever the hour, since readers read it whole: a little over 20 hours of five minutes each.
pub const LONG_LOG: u64 = 244;
/// A night leaves the log be that was folded this lately: each fold writes the pages of all days that changed.
const LATELY: SignedDuration = SignedDuration::from_hours(20);
/// A night was missed.
const LATE: SignedDuration = SignedDuration::from_hours(26);
/// As long as the function may run, and a little longer.
const LEASE: SignedDuration = SignedDuration::from_mins(16);

/// What a fold did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded {
    /// So many orders' rows were folded into their pages.
    Rows(usize),
    /// Every page was made anew, of so many orders.
    Rebuilt(usize),
    /// Another worker is at it.
    Busy,
    /// None: it was done within the day.
    Lately,
}

impl App {
    /// Adds the newest rows of these orders to the log. What it says of an order is its head's state after this call began.
    pub async fn log_changes(&self, ids: &[OrderId]) -> Result<(), AppError> {
        let ids: Vec<OrderId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        for ids in ids.chunks(ENTRY) {
            self.log_some(ids).await?;
        }
        Ok(())
    }

    /// The place in the log is looked up before the heads are read: whoever comes later in the log has read later.
    async fn log_some(&self, ids: &[OrderId]) -> Result<(), AppError> {
        let mut ids = ids.to_vec();
        for _ in 0..TRIES {
            let sequence = self.storage.pages.last_sequence().await? + 1;
            let at = self.clock.now();
            let orders = self.storage.orders.get_many(&ids).await?;
            for order in orders.iter().filter(|order| is_late(order, at)) {
                self.storage.orders.note_late(order.id).await?;
            }
            let mut rows: Vec<OrderRow> = orders.iter().map(|order| self.row_of(order)).collect();
            rows.sort_unstable_by_key(|row| row.id);
            // Orders of very many lines: fewer of them fit.
            while rows.len() > 1 && !Pages::fit_one_entry(&rows) {
                rows.truncate(rows.len() / 2);
            }
            if rows.is_empty() {
                return Ok(());
            }
            if self.storage.pages.append(sequence, at, &rows).await? {
                let written: BTreeSet<OrderId> = rows.iter().map(|row| row.id).collect();
                let found: BTreeSet<OrderId> = orders.iter().map(|order| order.id).collect();
                ids.retain(|id| found.contains(id) && !written.contains(id));
                if ids.is_empty() {
                    return Ok(());
                }
            }
        }
        Err(AppError::Storage(storage::StorageError::contended("fold.log_changes")))
    }

    /// Whether the pages are to be folded now: there are none, the log is long, a night was missed, a rebuild is unfinished.
    pub async fn is_fold_due(&self) -> Result<bool, AppError> {
        let pages = &self.storage.pages;
        let Some(state) = pages.fold_state().await? else { return Ok(true) };
        let (Some(folded), Some(folded_at)) = (state.folded, state.folded_at) else { return Ok(true) };
        let late = self.clock.now().duration_since(folded_at) > LATE;
        Ok(late || state.rebuild.is_some() || pages.last_sequence().await? > folded + LONG_LOG)
    }

    /// The night's fold, which a busy shop's day may have made needless.
    pub async fn fold_nightly(&self) -> Result<Folded, AppError> {
        let folded_at = self.storage.pages.fold_state().await?.and_then(|state| state.folded_at);
        let lately = folded_at.is_some_and(|at| self.clock.now().duration_since(at) < LATELY);
        if lately && !self.is_fold_due().await? { Ok(Folded::Lately) } else { self.fold().await }
    }

    /// Folds the log into the pages; makes them anew if there are none, or if the log lost something before it was folded.
    ///
    /// May die anywhere and be repeated: a page is only ever replaced by one that holds as much of the log or more, its month
    /// names it afterwards, and the log counts until the end.
    pub async fn fold(&self) -> Result<Folded, AppError> {
        let Some(lease) = self.lease_fold().await? else { return Ok(Folded::Busy) };
        let folded = lease.state.folded.filter(|_| lease.state.rebuild.is_none());
        let Some(folded) = folded else { return self.rebuild(&lease).await };
        let log = self.storage.pages.log_after(folded, true).await?;
        // Of the newest entries nothing would tell that they are missing.
        let old = |at| self.clock.now().duration_since(at) > LOG_KEPT;
        if log.torn || lease.state.folded_at.is_none_or(old) {
            tracing::error!(folded, "The log lost entries before they were folded; the pages are made anew");
            return self.rebuild(&lease).await;
        }
        let last = log.last().unwrap_or(folded);
        let newest = log.newest();
        let mut by_day: BTreeMap<Date, Vec<(u64, OrderRow)>> = BTreeMap::new();
        for (id, (sequence, row)) in &newest {
            by_day.entry(page_day(*id)).or_default().push((*sequence, (*row).clone()));
        }
        for days in group_by_month(by_day) {
            self.fold_month(days, last).await?;
        }
        let as_of = log.entries.last().map(|entry| entry.at).or(lease.state.as_of).unwrap_or_else(|| self.clock.now());
        self.storage.pages.finish_fold(&lease, last, as_of, self.clock.now()).await?;
        Ok(Folded::Rows(newest.len()))
    }

    /// Makes every page anew from the orders themselves.
    pub async fn rebuild_pages(&self) -> Result<Folded, AppError> {
        let Some(lease) = self.lease_fold().await? else { return Ok(Folded::Busy) };
        self.rebuild(&lease).await
    }

    async fn lease_fold(&self) -> Result<Option<FoldLease>, AppError> {
        let now = self.clock.now();
        let until = now.checked_add(LEASE).map_err(|_| AppError::OutOfRange)?;
        Ok(self.storage.pages.lease_fold(&self.clock.nonce(), now, until).await?)
    }

    /// Folds rows into the days of one month, as of this sequence.
    async fn fold_month(&self, days: BTreeMap<Date, Vec<(u64, OrderRow)>>, last: u64) -> Result<(), AppError> {
        let Some((first, _)) = days.first_key_value() else { return Ok(()) };
        let mut month = self.storage.pages.month(*first).await?;
        let before = month.clone();
        for (day, newest) in days {
            let version = month.days.get(&day).map_or(0, |entry| entry.version);
            if newest.iter().all(|(sequence, _)| *sequence <= version) {
                continue;
            }
            let entry = self.fold_day(&month, day, newest, last).await?;
            month.days.insert(day, entry);
        }
        if month != before {
            self.storage.pages.put_month(&month).await?;
        }
        Ok(())
    }

    async fn fold_day(
        &self,
        month: &Month,
        day: Date,
        newest: Vec<(u64, OrderRow)>,
        last: u64,
    ) -> Result<storage::DayEntry, AppError> {
        let known = month.days.get(&day);
        let read = match known {
            Some(_) => self.storage.pages.rows(month, &[day]).await?.remove(&day),
            None => None,
        };
        let (rows, words) = match (known, read) {
            (Some(entry), Some(page)) => {
                let mut rows: BTreeMap<OrderId, OrderRow> = page.rows.into_iter().map(|row| (row.id, row)).collect();
                let mut same = page.version == entry.version;
                for (_, row) in newest.into_iter().filter(|(sequence, _)| *sequence > page.version) {
                    same &= rows.get(&row.id).is_some_and(|before| before.words == row.words);
                    rows.insert(row.id, row);
                }
                (rows.into_values().collect(), if same { WordsAre::AsIn(entry.words()) } else { WordsAre::Changed })
            }
            // A fold died over this day.
            (Some(_), None) => (self.heads_of(day).await?, WordsAre::Changed),
            (None, _) => (newest.into_iter().map(|(_, row)| row).collect(), WordsAre::Changed),
        };
        Ok(self.storage.pages.write_day(day, last, &rows, words).await?)
    }

    /// Goes on where an earlier one died: a month that this run has written is left alone. Whatever the stream lost is made good,
    /// notes of orders that were over late too.
    async fn rebuild(&self, lease: &FoldLease) -> Result<Folded, AppError> {
        let pages = &self.storage.pages;
        let as_of = self.clock.now();
        let rebuild = if let Some(begun) = &lease.state.rebuild {
            begun.clone()
        } else {
            // Whatever the log says up to here, the heads say when they are read.
            let begun = Rebuild { to: pages.last_sequence().await?, run: self.clock.nonce() };
            pages.begin_rebuild(lease, &begun).await?;
            begun
        };
        let mut count = 0;
        for name in self.storage.orders.all_months().await? {
            let first = first_of(&name).ok_or(AppError::OutOfRange)?;
            let mut month = pages.month(first).await?;
            if month.rebuilt.as_ref() == Some(&rebuild.run) {
                continue;
            }
            month.days.clear();
            for day in days_of_month(first) {
                let (mut rows, mut late) = (Vec::new(), Vec::new());
                self.visit_day(day, |order| {
                    rows.push(self.row_of(order));
                    late.extend(is_late(order, as_of).then_some(order.id));
                })
                .await?;
                for id in late {
                    self.storage.orders.note_late(id).await?;
                }
                if !rows.is_empty() {
                    count += rows.len();
                    month.days.insert(day, pages.write_day(day, rebuild.to, &rows, WordsAre::Changed).await?);
                }
            }
            month.rebuilt = Some(rebuild.run.clone());
            pages.put_month(&month).await?;
        }
        pages.finish_fold(lease, rebuild.to, as_of, self.clock.now()).await?;
        Ok(Folded::Rebuilt(count))
    }
}

fn group_by_month<T>(by_day: BTreeMap<Date, T>) -> Vec<BTreeMap<Date, T>> {
    let mut months: BTreeMap<(i16, i8), BTreeMap<Date, T>> = BTreeMap::new();
    for (day, rows) in by_day {
        months.entry((day.year(), day.month())).or_default().insert(day, rows);
    }
    months.into_values().collect()
}

/// The first day of `yyyymm`.
fn first_of(name: &str) -> Option<Date> {
    let (year, month) = name.split_at_checked(4)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

fn days_of_month(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| day.month() == first.month())
}
