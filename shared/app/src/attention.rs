//! E22: orders that need a person: how many of each kind, worth how much, since when, and which.

use std::collections::BTreeMap;

use domain::head::Attention;
use domain::{ConnectionId, Money, Order, OrderId};
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
        let mut summary = AttentionSummary::none(kind);
        summary.more = self.each_needing(kind, |order| summary.add(order)).await?;
        Ok(summary)
    }

    /// Every kind for each of these channels.
    pub(crate) async fn attention_by_channel(
        &self,
        channels: impl Iterator<Item = ConnectionId>,
    ) -> Result<BTreeMap<ConnectionId, [AttentionSummary; KINDS.len()]>, AppError> {
        let mut all: BTreeMap<_, _> = channels.map(|channel| (channel, KINDS.map(AttentionSummary::none))).collect();
        for (place, kind) in KINDS.into_iter().enumerate() {
            // An order of a channel that was disconnected is nobody's here.
            let add = |order: &Order| match all.get_mut(&order.connection) {
                Some(kinds) => kinds[place].add(order),
                None => Ok(()),
            };
            let more = self.each_needing(kind, add).await?;
            for kinds in all.values_mut() {
                kinds[place].more = more;
            }
        }
        Ok(all)
    }

    /// Shows every order of the kind, up to a limit; tells whether there are more.
    async fn each_needing(
        &self,
        kind: Attention,
        mut show: impl FnMut(&Order) -> Result<(), AppError>,
    ) -> Result<bool, AppError> {
        let mut page = PageRequest::first(PAGE);
        let mut shown = 0;
        loop {
            let answer = self.storage.orders.attention(kind, None, &page).await?;
            answer.items.iter().try_for_each(&mut show)?;
            shown += answer.items.len();
            match answer.next {
                None => return Ok(false),
                Some(_) if shown >= COUNTED => return Ok(true),
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
    const fn none(kind: Attention) -> Self {
        Self { kind, count: 0, more: false, worth: BTreeMap::new(), oldest: None, orders: Vec::new() }
    }

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
