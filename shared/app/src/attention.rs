//! E22: orders that need a person: how many of each kind, worth how much, since when, and which.

use std::collections::BTreeMap;

use domain::head::Attention;
use domain::{Money, Order, OrderId};
use jiff::Timestamp;
use storage::{Page, PageRequest};

use crate::App;
use crate::error::AppError;

/// Orders of one kind that are counted; beyond them there is one cause, not ten thousand.
const COUNTED: usize = 5_000;
const PAGE: u16 = 100;
/// Orders that a kind names in the summary.
const NAMED: usize = 20;

/// Every kind, the most urgent first.
pub const KINDS: [Attention; 4] = [Attention::Error, Attention::Unknown, Attention::Unlinked, Attention::Parked];

/// The orders of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionSummary {
    pub kind: Attention,
    pub count: usize,
    /// There are more than were counted.
    pub more: bool,
    /// What the buyers paid or are to pay, by the currency's code, never added across currencies.
    pub worth: BTreeMap<&'static str, Money>,
    /// When the oldest was placed.
    pub oldest: Option<Timestamp>,
    /// The first of them.
    pub orders: Vec<OrderId>,
}

impl App {
    pub async fn attention(&self) -> Result<Vec<AttentionSummary>, AppError> {
        let mut all = Vec::new();
        for kind in KINDS {
            all.push(self.attention_of(kind).await?);
        }
        Ok(all)
    }

    async fn attention_of(&self, kind: Attention) -> Result<AttentionSummary, AppError> {
        let mut summary =
            AttentionSummary { kind, count: 0, more: false, worth: BTreeMap::new(), oldest: None, orders: Vec::new() };
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.attention(kind, None, &page).await?;
            for order in &answer.items {
                summary.add(order)?;
            }
            match answer.next {
                None => return Ok(summary),
                Some(_) if summary.count >= COUNTED => {
                    summary.more = true;
                    return Ok(summary);
                }
                Some(next) => page = PageRequest::after(next, PAGE),
            }
        }
    }

    /// One page of the orders of one kind.
    pub async fn attention_page(&self, kind: Attention, page: &PageRequest) -> Result<Page<Order>, AppError> {
        Ok(self.storage.orders.attention(kind, None, page).await?)
    }
}

impl AttentionSummary {
    fn add(&mut self, order: &Order) -> Result<(), AppError> {
        self.count += 1;
        let worth = order.source.buyer_total;
        let sum = match self.worth.get(worth.currency().code()) {
            Some(sum) => sum.checked_add(worth)?,
            None => worth,
        };
        self.worth.insert(worth.currency().code(), sum);
        let placed = order.source.created_at;
        self.oldest = Some(self.oldest.map_or(placed, |oldest| oldest.min(placed)));
        if self.orders.len() < NAMED {
            self.orders.push(order.id);
        }
        Ok(())
    }
}
