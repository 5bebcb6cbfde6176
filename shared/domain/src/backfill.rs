//! E9: a backfill: which past orders were asked for, how far reading them is, and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::by_hand::Asked;
use crate::ids::{BackfillId, ConnectionId, ProductId};
use crate::order_id::OrderId;

/// Results that are kept one by one; counts go on.
const MAX_RESULTS: usize = 200;

/// One backfill of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    pub id: BackfillId,
    pub connection: ConnectionId,
    /// `from <= created < to`.
    pub from: Timestamp,
    pub to: Timestamp,
    pub dry_run: bool,
    pub asked: Asked,
    pub state: BackfillState,
    /// When it last got further.
    pub moved_at: Timestamp,
    /// Everything created before this is read ...
    pub position: Timestamp,
    /// ... and, of the window that begins there, the pages before this one.
    pub page: Option<String>,
    /// Orders of that window that are counted already: lists repeat what moves.
    pub seen: BTreeSet<OrderId>,
    pub counts: Counts,
    /// Dry run: what the store's stock would change by.
    pub moves: BTreeMap<ProductId, i64>,
    /// The first 200 orders that were not simply taken in, and why.
    pub results: Vec<BackfillResult>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackfillState {
    Running,
    Done,
    /// It cannot go on, for this reason.
    Stopped {
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Taken in; in a dry run: would be taken in and imported.
    pub imports: u64,
    /// Dry run: would be taken in and wait.
    pub waits: u64,
    /// Taken in before, by a poll or another backfill.
    pub already_here: u64,
    pub unreadable: u64,
    /// By reason.
    pub skipped: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackfillResult {
    pub channel_order: String,
    pub why: String,
}

impl Backfill {
    pub fn skip(&mut self, channel_order: &str, reason: &str) {
        *self.counts.skipped.entry(reason.to_owned()).or_default() += 1;
        self.tell(channel_order, reason);
    }

    pub fn tell(&mut self, channel_order: &str, why: &str) {
        if self.results.len() < MAX_RESULTS {
            self.results.push(BackfillResult { channel_order: channel_order.to_owned(), why: why.to_owned() });
        }
    }
}
