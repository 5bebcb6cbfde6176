//! One day: its orders' figures, their words, and its totals.

use std::collections::BTreeMap;

use domain::OrderId;
use domain::row::{Figures, OrderRow, Words};
use domain::sales::Quarters;
use jiff::civil::Date;

use super::month::{DayEntry, TabCounts};
use super::pack::{pack_figures, pack_quarters, pack_words, unpack_figures, unpack_quarters, unpack_words};
use super::part::{Kind, MOST_BYTES, Packed};
use super::{Month, Pages};
use crate::codec::CodecError;
use crate::error::{ErrorKind, StorageError};

/// A day's orders without their words, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFigures {
    /// The sequence up to which the log is in it.
    pub version: u64,
    pub rows: Vec<(OrderId, Figures)>,
}

/// A day's orders, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRows {
    pub version: u64,
    pub rows: Vec<OrderRow>,
}

/// Whether a day's words have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordsAre {
    Changed,
    /// The same orders with the same words as this entry's.
    AsIn(DayEntryWords),
}

/// The words that an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayEntryWords {
    version: u64,
    bytes: u32,
}

impl DayEntry {
    pub const fn words(&self) -> DayEntryWords {
        DayEntryWords { version: self.words_version, bytes: self.words_bytes }
    }
}

impl Pages {
    /// Figures of these days. A day is missing where its pages are being written, or a fold died over them: its orders' heads
    /// have to be read instead.
    pub async fn figures(&self, month: &Month, days: &[Date]) -> Result<BTreeMap<Date, DayFigures>, StorageError> {
        const OPERATION: &str = "pages.figures";
        let pages = self.packed(OPERATION, Kind::Figures, &month.versions(days, |day| day.version)).await?;
        let mut read = BTreeMap::new();
        for (day, page) in pages {
            let mut rows = Vec::new();
            for part in &page.parts {
                rows.extend(unpack_figures(part).map_err(|error| damaged(OPERATION, day, error))?);
            }
            read.insert(day, DayFigures { version: page.version, rows });
        }
        Ok(read)
    }

    /// Figures and words of these days; a day is missing as in [`Pages::figures`].
    pub async fn rows(&self, month: &Month, days: &[Date]) -> Result<BTreeMap<Date, DayRows>, StorageError> {
        const OPERATION: &str = "pages.rows";
        let figures = self.packed(OPERATION, Kind::Figures, &month.versions(days, |day| day.version)).await?;
        let words = self.packed(OPERATION, Kind::Words, &month.versions(days, |day| day.words_version)).await?;
        let mut read = BTreeMap::new();
        for (day, figures) in figures {
            let Some(words) = words.get(&day).filter(|words| words.version == figures.words) else { continue };
            let mut rows = Vec::new();
            for part in &figures.parts {
                rows.extend(unpack_figures(part).map_err(|error| damaged(OPERATION, day, error))?);
            }
            let mut texts = Vec::with_capacity(rows.len());
            for part in &words.parts {
                texts.extend(unpack_words(part).map_err(|error| damaged(OPERATION, day, error))?);
            }
            if rows.len() != texts.len() {
                return Err(StorageError::corrupt(OPERATION, format!("{day}: words of other orders")));
            }
            let both = rows.into_iter().zip(texts);
            let rows = both.map(|((id, figures), words)| OrderRow { id, figures, words }).collect();
            read.insert(day, DayRows { version: figures.version, rows });
        }
        Ok(read)
    }

    /// The words of these days alone, without saying whose they are; a day is missing as in [`Pages::figures`].
    pub async fn words(&self, month: &Month, days: &[Date]) -> Result<BTreeMap<Date, Vec<Words>>, StorageError> {
        const OPERATION: &str = "pages.words";
        let pages = self.packed(OPERATION, Kind::Words, &month.versions(days, |day| day.words_version)).await?;
        let mut read = BTreeMap::new();
        for (day, page) in pages {
            let mut words = Vec::new();
            for part in &page.parts {
                words.extend(unpack_words(part).map_err(|error| damaged(OPERATION, day, error))?);
            }
            read.insert(day, words);
        }
        Ok(read)
    }

    /// Totals of these days; a day is missing as in [`Pages::figures`].
    pub async fn totals(&self, month: &Month, days: &[Date]) -> Result<BTreeMap<Date, Quarters>, StorageError> {
        const OPERATION: &str = "pages.totals";
        let pages = self.packed(OPERATION, Kind::Totals, &month.versions(days, |day| day.version)).await?;
        let mut read = BTreeMap::new();
        for (day, page) in pages {
            let mut quarters = Quarters::default();
            for part in &page.parts {
                quarters.0.extend(unpack_quarters(part).map_err(|error| damaged(OPERATION, day, error))?.0);
            }
            read.insert(day, quarters);
        }
        Ok(read)
    }

    /// Writes a day's pages, every order of it, as of this sequence. Readers see it once its entry is in its month.
    pub async fn write_day(
        &self,
        day: Date,
        version: u64,
        rows: &[OrderRow],
        words: WordsAre,
    ) -> Result<DayEntry, StorageError> {
        const OPERATION: &str = "pages.write_day";
        let cannot = |error: CodecError| {
            StorageError::new(ErrorKind::Unexpected, OPERATION, format!("{day}: cannot be written")).because(error)
        };
        let pack = |pack: Pack| cut(rows, pack).map_err(cannot);
        let words = match words {
            WordsAre::AsIn(words) => words,
            WordsAre::Changed => {
                let page = Packed { version, words: 0, parts: pack(pack_words)? };
                self.write(OPERATION, Kind::Words, day, &page).await?;
                DayEntryWords { version, bytes: size(&page) }
            }
        };
        let figures = Packed { version, words: words.version, parts: pack(pack_figures)? };
        self.write(OPERATION, Kind::Figures, day, &figures).await?;
        let mut quarters = Quarters::default();
        for row in rows {
            quarters.add(row.id, &row.figures).map_err(|error| {
                StorageError::new(ErrorKind::Unexpected, OPERATION, format!("{day}: cannot be added up")).because(error)
            })?;
        }
        let mut totals = Vec::new();
        cut_quarters(quarters, &mut totals).map_err(cannot)?;
        let totals = Packed { version, words: 0, parts: totals };
        self.write(OPERATION, Kind::Totals, day, &totals).await?;
        Ok(DayEntry {
            version,
            words_version: words.version,
            figures_bytes: size(&figures),
            words_bytes: words.bytes,
            totals_bytes: size(&totals),
            counts: TabCounts::of(rows),
        })
    }
}

fn size(page: &Packed) -> u32 {
    u32::try_from(page.bytes()).unwrap_or(u32::MAX)
}

fn damaged(operation: &'static str, day: Date, error: CodecError) -> StorageError {
    StorageError::corrupt(operation, format!("{day}: the page cannot be read")).because(error)
}

type Pack = fn(&[OrderRow]) -> Result<Vec<u8>, CodecError>;

/// The rows packed into as many parts as their bytes need.
fn cut(rows: &[OrderRow], pack: Pack) -> Result<Vec<Vec<u8>>, CodecError> {
    let packed = pack(rows)?;
    if rows.len() < 2 || packed.len() <= MOST_BYTES {
        return Ok(vec![packed]);
    }
    let (first, second) = rows.split_at(rows.len() / 2);
    Ok([cut(first, pack)?, cut(second, pack)?].concat())
}

fn cut_quarters(mut quarters: Quarters, parts: &mut Vec<Vec<u8>>) -> Result<(), CodecError> {
    let packed = pack_quarters(&quarters)?;
    let middle = quarters.0.keys().nth(quarters.0.len() / 2).filter(|_| packed.len() > MOST_BYTES).cloned();
    let Some(middle) = middle.filter(|_| quarters.0.len() > 1) else {
        parts.push(packed);
        return Ok(());
    };
    let second = quarters.0.split_off(&middle);
    cut_quarters(quarters, parts)?;
    cut_quarters(Quarters(second), parts)
}
