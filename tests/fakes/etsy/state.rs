//! What the shop holds.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::listing::Listing;
use super::oauth::Tokens;
use super::quota::Quota;
use super::receipt::Receipt;
use crate::spec::Violation;

/// What was told of a receipt and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub at: Timestamp,
    pub receipt_id: u64,
    pub tracking: Option<String>,
    pub carrier: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) receipts: BTreeMap<u64, Receipt>,
    pub(super) listings: BTreeMap<u64, Listing>,
    pub(super) told: Vec<Told>,
    pub(super) tokens: Tokens,
    pub(super) quota: Quota,
    pub(super) cancels_move_the_time: bool,
    pub(super) violations: Vec<Violation>,
    numbers: u64,
}

impl State {
    /// A number that nothing else has.
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}
