//! What Amazon knows about this seller, and what was asked of it.

use std::collections::BTreeMap;

use super::confirm::RefusedPackage;
use super::limits::Buckets;
use super::listings::Listings;
use super::lwa::Tokens;
use super::notifications::Notifications;
use super::order::Order;
use crate::spec::Violation;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) listings: Listings,
    pub(super) notifications: Notifications,
    pub(super) tokens: Tokens,
    pub(super) buckets: Buckets,
    pub(super) confirmations: usize,
    pub(super) refused_packages: Vec<RefusedPackage>,
    pub(super) violations: Vec<Violation>,
    numbers: u64,
}

impl State {
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers - 1
    }
}
