//! The log of changed rows, and how far it is folded into the pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::ReturnValue;
use domain::OrderId;
use domain::row::OrderRow;
use jiff::{SignedDuration, Timestamp};

use super::Pages;
use super::pack::{pack_figures, pack_words, unpack_figures, unpack_words};
use super::part::MOST_BYTES;
use crate::client::{Query, Written};
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key, Reader, bytes, expiry, n, s, time};

const PARTITION: &str = "L";
const STATE: &str = "0000000000";
/// For how long an entry stays. Names of buyers stand in it; they are gone from here soon after they are gone from the order.
pub const LOG_KEPT: SignedDuration = SignedDuration::from_hours(72);

const FOLDED: &str = "f";
const AS_OF: &str = "t";
const FOLDED_AT: &str = "d";
const HOLDER: &str = "h";
const LEASED_UNTIL: &str = "u";
const REBUILD_TO: &str = "r";
const REBUILD_RUN: &str = "q";
const FIGURES: &str = "a";
const WORDS: &str = "b";

/// How far the pages are. There is none before the first pages are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldState {
    /// The sequence up to which the log is in the pages. `None`: they are not complete yet.
    pub folded: Option<u64>,
    /// When the heads were read that the last folded row was made of.
    pub as_of: Option<Timestamp>,
    pub folded_at: Option<Timestamp>,
    /// Pages are being made anew from the orders.
    pub rebuild: Option<Rebuild>,
}

/// A rebuild that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// Everything up to this sequence is in the heads that it reads.
    pub to: u64,
    pub run: String,
}

/// The right to fold, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldLease {
    pub state: FoldState,
    holder: String,
}

/// Rows that were read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub sequence: u64,
    /// When their heads were read.
    pub at: Timestamp,
    pub rows: Vec<OrderRow>,
}

/// The log after what is folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogRead {
    /// In the order of their sequence.
    pub entries: Vec<Arc<LogEntry>>,
    /// An entry is missing: it has expired before it was folded.
    pub torn: bool,
}

impl LogRead {
    pub fn last(&self) -> Option<u64> {
        self.entries.last().map(|entry| entry.sequence)
    }

    /// The newest row of each order, with its sequence.
    pub fn newest(&self) -> BTreeMap<OrderId, (u64, &OrderRow)> {
        let rows = self.entries.iter().flat_map(|entry| entry.rows.iter().map(|row| (row, entry.sequence)));
        rows.map(|(row, sequence)| (row.id, (sequence, row))).collect()
    }
}

impl Pages {
    /// Strongly consistent. `None`: nothing was ever folded.
    pub async fn fold_state(&self) -> Result<Option<FoldState>, StorageError> {
        const OPERATION: &str = "pages.fold_state";
        let item = self.table.get(OPERATION, &state_key()).await?;
        item.map(|item| read_state(OPERATION, &item)).transpose()
    }

    /// The sequence of the log's newest entry, or of the newest that was folded. Strongly consistent.
    pub async fn last_sequence(&self) -> Result<u64, StorageError> {
        const OPERATION: &str = "pages.last_sequence";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(PARTITION));
        let query = Query { backwards: true, limit: Some(1), consistent: true, ..Query::partition(expression) };
        let (items, _) = self.table.query(OPERATION, query).await?;
        let last = items.first().map(|item| sequence_of(OPERATION, item)).transpose()?.unwrap_or(0);
        // Entries expire in no order: the newest that is left may be an old one.
        let state = self.table.get(OPERATION, &state_key()).await?;
        let state = state.map(|item| read_state(OPERATION, &item)).transpose()?;
        let known =
            state.map_or(0, |state| state.folded.unwrap_or(0).max(state.rebuild.map_or(0, |rebuild| rebuild.to)));
        Ok(last.max(known))
    }

    /// Adds rows under this sequence; false if another writer took it. To be called with the sequence after the last one, and
    /// with heads that were read after that was: then the newest row of an order is never an older one's.
    pub async fn append(&self, sequence: u64, at: Timestamp, rows: &[OrderRow]) -> Result<bool, StorageError> {
        const OPERATION: &str = "pages.append";
        let cannot = |error| StorageError::new(ErrorKind::Unexpected, OPERATION, "cannot be written").because(error);
        let (figures, words) = (pack_figures(rows).map_err(cannot)?, pack_words(rows).map_err(cannot)?);
        let mut item = log_key(sequence).to_item();
        item.insert(AS_OF.to_owned(), time(at));
        item.insert(FIGURES.to_owned(), bytes(figures));
        item.insert(WORDS.to_owned(), bytes(words));
        item.insert("ttl".to_owned(), expiry(at.saturating_add(LOG_KEPT).unwrap_or(at)));
        match self.table.put(OPERATION, item.clone(), Expression::absent()).await? {
            Written::Yes(_) => Ok(true),
            Written::No(found) => Ok(found.is_some_and(|found| found == item)),
        }
    }

    /// Whether these rows fit into one entry.
    pub fn fit_one_entry(rows: &[OrderRow]) -> bool {
        let size = |packed: Result<Vec<u8>, _>| packed.map_or(usize::MAX, |packed| packed.len());
        size(pack_figures(rows)).saturating_add(size(pack_words(rows))) <= MOST_BYTES
    }

    /// The log after this sequence. `consistent`: as a fold needs it; others may miss its newest entries for a moment.
    pub async fn log_after(&self, folded: u64, consistent: bool) -> Result<LogRead, StorageError> {
        const OPERATION: &str = "pages.log_after";
        let mut read = self.known_log(folded);
        let from = read.last().unwrap_or(folded);
        let mut newer = self.log_from(OPERATION, from + 1, consistent).await?;
        if gap(from, &newer) && !consistent {
            newer = self.log_from(OPERATION, from + 1, true).await?;
        }
        read.torn = gap(from, &newer);
        let newer: Vec<Arc<LogEntry>> = newer.into_iter().map(Arc::new).collect();
        if !read.torn {
            self.cache().log.extend(newer.iter().map(|entry| (entry.sequence, Arc::clone(entry))));
        }
        read.entries.extend(newer);
        Ok(read)
    }

    /// What this process has read of the log already; what was folded meanwhile is forgotten.
    fn known_log(&self, folded: u64) -> LogRead {
        let mut cache = self.cache();
        cache.log = cache.log.split_off(&(folded + 1));
        if cache.log.first_key_value().is_some_and(|(first, _)| *first != folded + 1) {
            cache.log.clear();
        }
        LogRead { entries: cache.log.values().cloned().collect(), torn: false }
    }

    async fn log_from(
        &self,
        operation: &'static str,
        first: u64,
        consistent: bool,
    ) -> Result<Vec<LogEntry>, StorageError> {
        let expression = Expression::new()
            .only_if("#pk = :pk AND #sk >= :first")
            .with(":pk", s(PARTITION))
            .with(":first", s(log_key(first).sk));
        let items = self.table.query_all(operation, expression, consistent).await?;
        items.iter().map(|item| read_entry(operation, item)).collect()
    }

    /// Takes the right to fold until then; `None` while another has it.
    pub async fn lease_fold(
        &self,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<FoldLease>, StorageError> {
        const OPERATION: &str = "pages.lease_fold";
        let expression = Expression::new()
            .set(HOLDER, s(holder))
            .set(LEASED_UNTIL, time(until))
            .only_if("attribute_not_exists(#u) OR #u < :now OR #h = :h")
            .with(":now", time(now));
        match self.table.update(OPERATION, &state_key(), expression, ReturnValue::AllNew).await? {
            Written::Yes(item) => {
                let item = item.ok_or_else(|| StorageError::corrupt(OPERATION, "no answer"))?;
                Ok(Some(FoldLease { state: read_state(OPERATION, &item)?, holder: holder.to_owned() }))
            }
            Written::No(_) => Ok(None),
        }
    }

    /// Notes that pages are made anew, so that another can go on.
    pub async fn begin_rebuild(&self, lease: &FoldLease, rebuild: &Rebuild) -> Result<(), StorageError> {
        let expression = Expression::new().set(REBUILD_TO, n(rebuild.to)).set(REBUILD_RUN, s(rebuild.run.as_str()));
        self.as_holder("pages.begin_rebuild", lease, expression).await
    }

    /// Everything up to this sequence is in the pages; gives the lease back.
    pub async fn finish_fold(
        &self,
        lease: &FoldLease,
        folded: u64,
        as_of: Timestamp,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let expression = Expression::new()
            .set(FOLDED, n(folded))
            .set(AS_OF, time(as_of))
            .set(FOLDED_AT, time(now))
            .remove(REBUILD_TO)
            .remove(REBUILD_RUN)
            .set(LEASED_UNTIL, n(0));
        self.as_holder("pages.finish_fold", lease, expression).await
    }

    async fn as_holder(
        &self,
        operation: &'static str,
        lease: &FoldLease,
        expression: Expression,
    ) -> Result<(), StorageError> {
        let expression = expression.only_if("#h = :holder").with(":holder", s(lease.holder.as_str()));
        match self.table.update(operation, &state_key(), expression, ReturnValue::None).await? {
            Written::Yes(_) => Ok(()),
            Written::No(_) => Err(StorageError::new(ErrorKind::Conflict, operation, "another folds by now")),
        }
    }
}

fn gap(before: u64, entries: &[LogEntry]) -> bool {
    entries.iter().zip(before + 1..).any(|(entry, expected)| entry.sequence != expected)
}

fn state_key() -> Key {
    Key::new(PARTITION, STATE)
}

fn log_key(sequence: u64) -> Key {
    Key::new(PARTITION, format!("{sequence:010}"))
}

fn sequence_of(operation: &'static str, item: &Item) -> Result<u64, StorageError> {
    Reader::new(operation, item).parsed("sk")
}

fn read_state(operation: &'static str, item: &Item) -> Result<FoldState, StorageError> {
    let read = Reader::new(operation, item);
    let rebuild = if read.has(REBUILD_TO) {
        Some(Rebuild { to: read.number(REBUILD_TO)?, run: read.text(REBUILD_RUN)?.to_owned() })
    } else {
        None
    };
    Ok(FoldState {
        folded: if read.has(FOLDED) { Some(read.number(FOLDED)?) } else { None },
        as_of: read.time(AS_OF)?,
        folded_at: read.time(FOLDED_AT)?,
        rebuild,
    })
}

fn read_entry(operation: &'static str, item: &Item) -> Result<LogEntry, StorageError> {
    let read = Reader::new(operation, item);
    let damaged = |name, error| read.corrupt(name, "cannot be read").because(error);
    let figures = unpack_figures(read.bytes(FIGURES)?).map_err(|error| damaged(FIGURES, error))?;
    let words = unpack_words(read.bytes(WORDS)?).map_err(|error| damaged(WORDS, error))?;
    if figures.len() != words.len() {
        return Err(read.corrupt(WORDS, "does not fit the figures"));
    }
    let rows = figures.into_iter().zip(words).map(|((id, figures), words)| OrderRow { id, figures, words }).collect();
    let at = read.time(AS_OF)?.ok_or_else(|| read.corrupt(AS_OF, "is missing"))?;
    Ok(LogEntry { sequence: sequence_of(operation, item)?, at, rows })
}
