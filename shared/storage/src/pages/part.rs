//! Pages as items: one page is as many items as its bytes need, all of one version.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Pages, day_number, month_of};
use crate::client::{Query, Written};
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, bytes, n, s};

/// Of an item's 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
pub(super) const MOST_BYTES: usize = 350_000;

const VERSION: &str = "v";
/// Of figures: the version of the words that they belong to.
const WORDS: &str = "w";
const PARTS: &str = "n";
const BYTES: &str = "b";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Figures,
    Words,
    Totals,
}

impl Kind {
    /// First in the key, so that the pages of one kind stand together and a range of days is one query.
    const fn letter(self) -> char {
        match self {
            Self::Figures => 'R',
            Self::Words => 'S',
            Self::Totals => 'T',
        }
    }
}

/// A page as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) version: u64,
    pub(super) words: u64,
    pub(super) parts: Vec<Vec<u8>>,
}

impl Packed {
    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }
}

impl Pages {
    /// The pages of these days of one month that are there whole; each at least of its version.
    pub(super) async fn packed(
        &self,
        operation: &'static str,
        kind: Kind,
        wanted: &BTreeMap<Date, u64>,
    ) -> Result<BTreeMap<Date, Arc<Packed>>, StorageError> {
        let mut found = BTreeMap::new();
        let mut missing: Vec<Date> = Vec::new();
        for (day, version) in wanted {
            match self.cache().page(kind, *day, *version) {
                Some(page) => {
                    found.insert(*day, page);
                }
                None => missing.push(*day),
            }
        }
        for run in runs(&missing) {
            let read = self.read(operation, kind, run, false).await?;
            for day in run {
                let at_least = wanted.get(day).copied().unwrap_or(0);
                let mut page = read.get(day).cloned().filter(|page| page.version >= at_least);
                if page.is_none() {
                    // Just written: an eventually consistent read may not show it yet, or only some of its parts.
                    let read = self.read(operation, kind, &[*day], true).await?;
                    page = read.get(day).cloned().filter(|page| page.version >= at_least);
                }
                if let Some(page) = page.map(Arc::new) {
                    self.cache().keep(kind, *day, &page);
                    found.insert(*day, page);
                }
            }
        }
        Ok(found)
    }

    /// Reads days that follow each other in one month; a page whose parts are not of one version is left out.
    async fn read(
        &self,
        operation: &'static str,
        kind: Kind,
        days: &[Date],
        consistent: bool,
    ) -> Result<BTreeMap<Date, Packed>, StorageError> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(BTreeMap::new()) };
        let expression = Expression::new()
            .only_if("#pk = :pk AND #sk BETWEEN :first AND :last")
            .with(":pk", s(partition(*first)))
            .with(":first", s(prefix(kind, *first)))
            .with(":last", s(format!("{}~", prefix(kind, *last))));
        let mut parts: BTreeMap<Date, Vec<Item>> = BTreeMap::new();
        let mut after = None;
        loop {
            let query = Query { after, consistent, ..Query::partition(expression.clone()) };
            let (items, last) = self.table.query(operation, query).await?;
            for item in items {
                let key = Key::of(&item);
                let day = key.sk.get(2..4).and_then(|day| day.parse::<i8>().ok());
                let day = day.and_then(|day| Date::new(first.year(), first.month(), day).ok());
                let day = day.ok_or_else(|| StorageError::corrupt(operation, format!("{key}: no day")))?;
                parts.entry(day).or_default().push(item);
            }
            if last.is_none() {
                break;
            }
            after = last;
        }
        let mut pages = BTreeMap::new();
        for (day, items) in parts {
            if let Some(page) = joined(operation, &items)? {
                pages.insert(day, page);
            }
        }
        Ok(pages)
    }

    /// Writes a page over the one that is there, unless that is newer: then another fold is ahead.
    pub(super) async fn write(
        &self,
        operation: &'static str,
        kind: Kind,
        day: Date,
        page: &Packed,
    ) -> Result<(), StorageError> {
        for (number, part) in page.parts.iter().enumerate() {
            let key = Key::new(partition(day), format!("{}{number:03}", prefix(kind, day)));
            let mut item = key.to_item();
            item.insert(VERSION.to_owned(), n(page.version));
            if kind == Kind::Figures {
                item.insert(WORDS.to_owned(), n(page.words));
            }
            item.insert(PARTS.to_owned(), n(page.parts.len()));
            item.insert(BYTES.to_owned(), bytes(part.clone()));
            let expression = Expression::new()
                .only_if("attribute_not_exists(#pk) OR #v <= :version")
                .with(":version", n(page.version));
            if let Written::No(_) = self.table.put(operation, item, expression).await? {
                return Err(StorageError::new(ErrorKind::Conflict, operation, format!("{key}: a newer page is there")));
            }
        }
        Ok(())
    }
}

fn partition(day: Date) -> String {
    format!("P#{}", month_of(day))
}

fn prefix(kind: Kind, day: Date) -> String {
    format!("{}#{:02}#", kind.letter(), day_number(day))
}

/// Days that follow each other, in one month: what lies between two of them would be read in vain.
fn runs(days: &[Date]) -> impl Iterator<Item = &[Date]> {
    days.chunk_by(|a, b| a.tomorrow().is_ok_and(|next| next == *b) && a.month() == b.month())
}

/// A page from its items, if all of them are there and of one version.
fn joined(operation: &'static str, items: &[Item]) -> Result<Option<Packed>, StorageError> {
    let Some(first) = items.first() else { return Ok(None) };
    let read = Reader::new(operation, first);
    let version: u64 = read.number(VERSION)?;
    let count: usize = read.number(PARTS)?;
    let mut parts = Vec::with_capacity(count);
    // A page that has become shorter leaves its last parts behind.
    for item in items.iter().take(count) {
        let read = Reader::new(operation, item);
        if read.number::<u64>(VERSION)? != version {
            return Ok(None);
        }
        parts.push(read.bytes(BYTES)?.to_vec());
    }
    let words = read.number_or_zero(WORDS)?;
    Ok((parts.len() == count).then_some(Packed { version, words, parts }))
}
