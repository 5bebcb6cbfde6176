//! What people asked for one very order: kept on it, so that the doorbell's worker acts on it. Absent on most orders.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::BackfillId;

/// Who asked for something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub by: String,
    pub at: Timestamp,
}

/// R20: the order was taken in by a backfill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfilled {
    #[serde(rename = "i")]
    pub id: BackfillId,
    /// It was shipped by then: its stock has moved long ago, nothing moves for it now.
    #[serde(rename = "s")]
    pub shipped: bool,
}

/// The wishes that stand on an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByHand {
    /// Send: import it whatever `auto_import` and `send_when` say (R5).
    pub send: Option<Asked>,
    /// Undo: cancel in the store what Tributary created there, put back what it moved (R20).
    pub undo: Option<Asked>,
    pub backfill: Option<Backfilled>,
}

impl ByHand {
    /// Whether stock moves for the order at all (R20).
    pub fn moves_stock(&self) -> bool {
        self.backfill.as_ref().is_none_or(|backfill| !backfill.shipped)
    }
}
