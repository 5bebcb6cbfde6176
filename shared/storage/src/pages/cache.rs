//! What a process has read before: pages by their version, and the log's rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::log::LogEntry;
use super::part::{Kind, Packed};

/// Bytes of packed pages that are kept; a year of a million orders' totals is a tenth of it.
const MOST_BYTES: usize = 48 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Cache {
    pages: HashMap<(Kind, Date), Arc<Packed>>,
    bytes: usize,
    /// By sequence; without gaps.
    pub(super) log: BTreeMap<u64, Arc<LogEntry>>,
}

impl Cache {
    /// The page, if it is the one of this version.
    pub(super) fn page(&self, kind: Kind, day: Date, version: u64) -> Option<Arc<Packed>> {
        self.pages.get(&(kind, day)).filter(|page| page.version == version).cloned()
    }

    pub(super) fn keep(&mut self, kind: Kind, day: Date, page: &Arc<Packed>) {
        if self.bytes.saturating_add(page.bytes()) > MOST_BYTES {
            self.pages.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(page.bytes());
        if let Some(before) = self.pages.insert((kind, day), Arc::clone(page)) {
            self.bytes = self.bytes.saturating_sub(before.bytes());
        }
    }
}
