//! What a month has: its day pages with their versions, and how many orders each tab holds.

use std::collections::BTreeMap;

use domain::ConnectionId;
use domain::row::OrderRow;
use domain::tab::Tab;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Pages, day_number, month_of};
use crate::client::Written;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, n, packed, s};

const PARTITION: &str = "D";
const VERSION: &str = "v";
const DAYS: &str = "d";
/// Which rebuild wrote it.
const REBUILT: &str = "r";

/// One day's pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayEntry {
    /// The sequence up to which the log is in the pages.
    #[serde(rename = "v")]
    pub version: u64,
    #[serde(rename = "w")]
    pub(super) words_version: u64,
    #[serde(rename = "f")]
    pub figures_bytes: u32,
    #[serde(rename = "s")]
    pub words_bytes: u32,
    #[serde(rename = "t")]
    pub totals_bytes: u32,
    #[serde(rename = "c")]
    pub counts: TabCounts,
}

/// Orders of each tab by channel, in the order of [`Tab::EVERY`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TabCounts(pub BTreeMap<ConnectionId, [u64; Tab::EVERY.len()]>);

impl TabCounts {
    pub fn of(rows: &[OrderRow]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            counts.add(&row.figures);
        }
        counts
    }

    pub fn add(&mut self, order: &domain::row::Figures) {
        let counts = self.0.entry(order.channel.clone()).or_default();
        for (count, _) in counts.iter_mut().zip(Tab::EVERY).filter(|(_, tab)| tab.holds(order)) {
            *count += 1;
        }
    }
}

/// A month's pages, as far as they are complete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Month {
    /// `yyyymm`
    pub name: String,
    /// Of the whole month; each writing raises it.
    version: u64,
    pub rebuilt: Option<String>,
    pub days: BTreeMap<Date, DayEntry>,
}

impl Month {
    pub(super) fn versions(&self, days: &[Date], of: impl Fn(&DayEntry) -> u64) -> BTreeMap<Date, u64> {
        days.iter().filter_map(|day| self.days.get(day).map(|entry| (*day, of(entry)))).collect()
    }
}

impl Pages {
    /// The months that have pages in this range of days, oldest first. Strongly consistent.
    pub async fn months(&self, first: Date, last: Date) -> Result<Vec<Month>, StorageError> {
        const OPERATION: &str = "pages.months";
        let expression = Expression::new()
            .only_if("#pk = :pk AND #sk BETWEEN :first AND :last")
            .with(":pk", s(PARTITION))
            .with(":first", s(month_of(first)))
            .with(":last", s(month_of(last)));
        let items = self.table.query_all(OPERATION, expression, true).await?;
        items.iter().map(|item| read(OPERATION, item)).collect()
    }

    /// The month of this day, without days if it has no pages. Strongly consistent.
    pub async fn month(&self, day: Date) -> Result<Month, StorageError> {
        const OPERATION: &str = "pages.month";
        let name = month_of(day);
        let item = self.table.get(OPERATION, &Key::new(PARTITION, name.as_str())).await?;
        item.map_or_else(|| Ok(Month { name, ..Month::default() }), |item| read(OPERATION, &item))
    }

    /// Makes the pages that it names the month's, unless another fold did so since `month` was read.
    pub async fn put_month(&self, month: &Month) -> Result<(), StorageError> {
        const OPERATION: &str = "pages.put_month";
        let key = Key::new(PARTITION, month.name.as_str());
        let days: BTreeMap<u8, &DayEntry> = month.days.iter().map(|(day, entry)| (day_number(*day), entry)).collect();
        let mut item = key.to_item();
        item.insert(VERSION.to_owned(), n(month.version + 1));
        item.insert(DAYS.to_owned(), packed(OPERATION, &days)?);
        if let Some(run) = &month.rebuilt {
            item.insert(REBUILT.to_owned(), s(run.as_str()));
        }
        let expression = if month.version == 0 {
            Expression::absent()
        } else {
            Expression::new().only_if("#v = :version").with(":version", n(month.version))
        };
        match self.table.put(OPERATION, item.clone(), expression).await? {
            Written::Yes(_) => Ok(()),
            // Our own, its answer lost.
            Written::No(Some(found)) if found == item => Ok(()),
            Written::No(_) => {
                Err(StorageError::new(ErrorKind::Conflict, OPERATION, format!("{key}: another fold is ahead")))
            }
        }
    }
}

fn read(operation: &'static str, item: &Item) -> Result<Month, StorageError> {
    let read = Reader::new(operation, item);
    let name = read.text("sk")?.to_owned();
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i16>().ok());
    let (year, month) = (number(name.get(..4)), number(name.get(4..)).and_then(|month| i8::try_from(month).ok()));
    let (Some(year), Some(month)) = (year, month) else { return Err(read.corrupt("sk", "is not a month")) };
    let entries: BTreeMap<u8, DayEntry> = read.packed(DAYS)?;
    let mut days = BTreeMap::new();
    for (day, entry) in entries {
        let day = i8::try_from(day).ok().and_then(|day| Date::new(year, month, day).ok());
        days.insert(day.ok_or_else(|| read.corrupt(DAYS, "has no such day"))?, entry);
    }
    let rebuilt = if read.has(REBUILT) { Some(read.text(REBUILT)?.to_owned()) } else { None };
    Ok(Month { version: read.number(VERSION)?, name, rebuilt, days })
}
