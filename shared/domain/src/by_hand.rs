//! What people asked for one very order: kept on it, so that the doorbell's worker acts on it. Absent on most orders.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who asked for something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub by: String,
    pub at: Timestamp,
}

/// The wishes that stand on an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByHand {
    /// Send: import it whatever `auto_import` and `send_when` say (R5).
    pub send: Option<Asked>,
}
