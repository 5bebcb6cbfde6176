//! What eBay knows about this seller, and what was asked of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::feedback::Feedback;
use super::inventory::Inventory;
use super::oauth::Tokens;
use super::order::Order;
use crate::spec::Violation;

/// A package report that was refused: seen by tests that count attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedFulfilment {
    pub at: Timestamp,
    pub order_id: String,
    pub body: Value,
    /// The entry of `errors` that it was answered with.
    pub error: Value,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) orders: BTreeMap<String, Order>,
    /// Orders that vanished when they were combined.
    pub(super) combined_away: Vec<Order>,
    pub(super) inventory: Inventory,
    pub(super) tokens: Tokens,
    pub(super) refused_fulfilments: Vec<RefusedFulfilment>,
    pub(super) refund_requests: usize,
    pub(super) feedback: Vec<Feedback>,
    pub(super) violations: Vec<Violation>,
    numbers: u64,
}

impl State {
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers - 1
    }
}
