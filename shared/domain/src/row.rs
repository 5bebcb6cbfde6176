//! An order as lists, counts, search and reports know it: figures (status and money) and words (what a person looks for).

use serde::{Deserialize, Serialize};

use crate::head::{ImportState, Order};
use crate::ids::ConnectionId;
use crate::money::{Currency, Money};
use crate::order_id::OrderId;
use crate::report::{self, Row};
use crate::status::{self, OrderStatus};
use crate::tab;

/// The longest title that is kept for search and reports.
const MAX_TITLE: usize = 200;

/// One order of a day page. Derived from its head, never the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    pub id: OrderId,
    pub figures: Figures,
    pub words: Words,
}

/// What changes while an order travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub channel: ConnectionId,
    pub status: OrderStatus,
    /// It has products that are not linked.
    pub unlinked: bool,
    pub error: bool,
    /// Another order took its lines over: it is in no report.
    pub superseded: bool,
    pub sale: Sale,
}

/// What becomes of an order's money in a report (R18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaleKind {
    Sold,
    Unpaid,
    Canceled,
}

/// An order's money and units, in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    pub currency: Currency,
    pub kind: SaleKind,
    pub fulfilled_by_channel: bool,
    pub gross: i64,
    /// Of what was sold: of other orders nothing is counted as refunded.
    pub refunds: i64,
    pub tax: i64,
    pub collected_tax: i64,
    pub units: u32,
}

/// What rarely changes: the names and numbers that a person looks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// Ours.
    pub number: u64,
    pub channel_number: String,
    pub store_number: Option<String>,
    /// The buyer's, and the recipient's if it is another one.
    pub names: Vec<String>,
    pub lines: Vec<SoldLine>,
}

impl std::fmt::Debug for Words {
    /// Leaves out who it is: what is debugged may be logged.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("number", &self.number).finish_non_exhaustive()
    }
}

/// One line of an order as a report adds it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldLine {
    pub item: Item,
    pub units: u32,
    /// What the seller receives for it, in minor units.
    pub revenue: i64,
}

/// What was sold, as the channel's line names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(rename = "t")]
    pub title: String,
}

impl OrderRow {
    /// `channel_reports_delivery`: as for [`status::status`].
    pub fn of(order: &Order, channel_reports_delivery: bool) -> Self {
        let figures = Figures {
            channel: order.connection.clone(),
            status: status::status(order, channel_reports_delivery),
            unlinked: tab::has_unlinked(order),
            error: tab::has_error(order),
            superseded: order.after.superseded_by.is_some(),
            sale: Sale::of(order),
        };
        Self { id: order.id, figures, words: Words::of(order) }
    }
}

impl Sale {
    fn of(order: &Order) -> Self {
        let source = &order.source;
        // Amounts that cannot be added, which no connector lets through, count as the order's total and no more.
        let row = report::row_of(order).unwrap_or_else(|_| Row {
            count: 1,
            gross: source.buyer_total,
            net: source.buyer_total,
            ..Row::empty(source.currency)
        });
        Self {
            currency: source.currency,
            kind: report::kind_of(order),
            fulfilled_by_channel: source.fulfilled_by_channel,
            gross: row.gross.minor(),
            refunds: row.refunds.minor(),
            tax: row.tax.minor(),
            collected_tax: row.collected_tax.minor(),
            units: u32::try_from(row.units).unwrap_or(u32::MAX),
        }
    }

    /// As a report counts it.
    pub fn row(&self) -> Row {
        let money = |minor: i64| Money::from_minor(minor, self.currency);
        let when = |yes: bool| money(if yes { self.gross } else { 0 });
        let sold = self.kind == SaleKind::Sold;
        Row {
            count: 1,
            units: u64::from(self.units),
            gross: money(self.gross),
            canceled: when(self.kind == SaleKind::Canceled),
            unpaid: when(self.kind == SaleKind::Unpaid),
            refunds: money(if sold { self.refunds } else { 0 }),
            net: money(if sold { self.gross.saturating_sub(self.refunds) } else { 0 }),
            tax: money(self.tax),
            collected_tax: money(self.collected_tax),
            fulfilled_by_channel: when(self.fulfilled_by_channel),
        }
    }
}

impl Words {
    fn of(order: &Order) -> Self {
        let source = &order.source;
        let store_number = match &order.import {
            ImportState::Imported { number, .. } => Some(number.clone()),
            _ => None,
        };
        let lines = source.real_lines().map(|line| {
            let revenue =
                line.charge.store_gross().and_then(|gross| gross.checked_add(line.charge.seller_tax_on_top()?));
            SoldLine {
                item: Item {
                    sku: line.sku.as_ref().map(ToString::to_string),
                    title: line.title.chars().take(MAX_TITLE).collect(),
                },
                units: line.open_quantity(),
                revenue: revenue.map_or(0, Money::minor),
            }
        });
        Self {
            number: order.number,
            channel_number: source.number.clone(),
            store_number,
            names: names(order),
            lines: lines.collect(),
        }
    }
}

/// The buyer's name and the recipient's; the name on the channel only where there is no other.
fn names(order: &Order) -> Vec<String> {
    let source = &order.source;
    let recipient = source.ship_to.as_ref().map(|to| format!("{} {}", to.first_name, to.last_name).trim().to_owned());
    let mut names: Vec<String> = source.buyer.name.iter().cloned().chain(recipient).collect();
    names.retain(|name| !name.trim().is_empty());
    names.dedup();
    if names.is_empty() {
        names.extend(source.buyer.username.clone());
    }
    names
}
