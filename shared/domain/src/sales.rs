//! R18: adding up sales: by quarter of an hour for the day pages, and from those, or from single orders, by the owner's day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::ids::ConnectionId;
use crate::money::{Currency, MoneyError};
use crate::order_id::OrderId;
use crate::report::{Row, RowKey};
use crate::row::{Figures, Item, SaleKind, Words};
use crate::status::OrderStatus;

/// Every zone's day has begun and ended on a full quarter of an hour since 1972.
pub const QUARTER_SECONDS: i64 = 900;

/// The orders of a quarter of an hour that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuarterKey {
    /// Of the day in UTC: 0 to 95.
    pub quarter: u8,
    pub channel: ConnectionId,
    pub status: OrderStatus,
    /// ISO 4217.
    pub currency: String,
}

/// What was sold on one day in UTC. Enough for any zone's days whose bounds are full quarters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quarters(pub BTreeMap<QuarterKey, Row>);

impl Quarters {
    /// Adds an order of this day. What another order superseded is left out.
    pub fn add(&mut self, id: OrderId, figures: &Figures) -> Result<(), MoneyError> {
        if figures.superseded {
            return Ok(());
        }
        let second = id.created_at().as_second().rem_euclid(86_400);
        let key = QuarterKey {
            quarter: u8::try_from(second / QUARTER_SECONDS).unwrap_or(0),
            channel: figures.channel.clone(),
            status: figures.status,
            currency: figures.sale.currency.code().to_owned(),
        };
        add(&mut self.0, key, figures.sale.currency, &figures.sale.row())
    }
}

/// Which orders a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only these channels; empty: all.
    pub channels: BTreeSet<ConnectionId>,
    /// Only these statuses; empty: all.
    pub statuses: BTreeSet<OrderStatus>,
}

impl Filter {
    pub fn takes(&self, channel: &ConnectionId, status: OrderStatus) -> bool {
        (self.channels.is_empty() || self.channels.contains(channel))
            && (self.statuses.is_empty() || self.statuses.contains(&status))
    }
}

/// The days of a report, each with the instant at which it begins in the owner's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    begins: Vec<(Timestamp, Date)>,
    end: Timestamp,
}

impl Days {
    /// Both ends included.
    pub fn new(first: Date, last: Date, zone: &TimeZone) -> Result<Self, jiff::Error> {
        let mut begins = Vec::new();
        let mut day = first;
        while day <= last {
            begins.push((day.to_zoned(zone.clone())?.timestamp(), day));
            day = day.tomorrow()?;
        }
        Ok(Self { begins, end: day.to_zoned(zone.clone())?.timestamp() })
    }

    /// Half-open.
    pub fn bounds(&self) -> (Timestamp, Timestamp) {
        (self.begins.first().map_or(self.end, |(at, _)| *at), self.end)
    }

    pub fn day_of(&self, at: Timestamp) -> Option<Date> {
        if at >= self.end {
            return None;
        }
        let after = self.begins.partition_point(|(begin, _)| *begin <= at);
        after.checked_sub(1).and_then(|i| self.begins.get(i)).map(|(_, day)| *day)
    }

    /// Whether a quarter of an hour is always within one day.
    pub fn are_full_quarters(&self) -> bool {
        let full = |at: Timestamp| at.as_second().rem_euclid(QUARTER_SECONDS) == 0 && at.subsec_nanosecond() == 0;
        full(self.end) && self.begins.iter().all(|(at, _)| full(*at))
    }
}

/// A report while it is added up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    pub rows: BTreeMap<RowKey, Row>,
    pub by_status: BTreeMap<(OrderStatus, String), Row>,
}

impl Sums {
    /// Adds one order, by its own time.
    pub fn add_order(
        &mut self,
        days: &Days,
        filter: &Filter,
        id: OrderId,
        figures: &Figures,
    ) -> Result<(), MoneyError> {
        if figures.superseded || !filter.takes(&figures.channel, figures.status) {
            return Ok(());
        }
        let Some(day) = days.day_of(id.created_at()) else { return Ok(()) };
        self.add(day, &figures.channel, figures.status, figures.sale.currency, &figures.sale.row())
    }

    /// Adds a day page's quarters; `midnight` is when its day begins in UTC.
    pub fn add_quarters(
        &mut self,
        days: &Days,
        filter: &Filter,
        midnight: Timestamp,
        quarters: &Quarters,
    ) -> Result<(), MoneyError> {
        for (key, row) in &quarters.0 {
            if !filter.takes(&key.channel, key.status) {
                continue;
            }
            let begin = midnight + jiff::SignedDuration::from_secs(i64::from(key.quarter) * QUARTER_SECONDS);
            if let Some(day) = days.day_of(begin) {
                self.add(day, &key.channel, key.status, row.gross.currency(), row)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        day: Date,
        channel: &ConnectionId,
        status: OrderStatus,
        currency: Currency,
        row: &Row,
    ) -> Result<(), MoneyError> {
        let code = currency.code().to_owned();
        add(&mut self.by_status, (status, code.clone()), currency, row)?;
        add(&mut self.rows, RowKey { day, channel: channel.clone(), currency: code }, currency, row)
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, Row>, key: K, currency: Currency, row: &Row) -> Result<(), MoneyError> {
    sums.entry(key).or_insert_with(|| Row::empty(currency)).add(row)
}

/// What was sold of one item, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub sku: Option<String>,
    /// As its newest order names it.
    pub title: String,
    pub currency: Currency,
    pub orders: u64,
    pub units: u64,
    /// Minor units; what the seller receives for the goods, before refunds that name no goods.
    pub revenue: i64,
    newest: OrderId,
}

/// A46: products by what was sold of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Products(BTreeMap<(String, String), Product>);

impl Products {
    /// Adds one order. Without a filter by status, what was canceled or not paid sells nothing.
    pub fn add(
        &mut self,
        days: &Days,
        filter: &Filter,
        id: OrderId,
        figures: &Figures,
        words: &Words,
    ) -> Result<(), MoneyError> {
        let sold = !filter.statuses.is_empty() || figures.sale.kind == SaleKind::Sold;
        let counts = sold && !figures.superseded && filter.takes(&figures.channel, figures.status);
        if !counts || days.day_of(id.created_at()).is_none() {
            return Ok(());
        }
        let currency = figures.sale.currency;
        let mut seen = BTreeSet::new();
        for line in &words.lines {
            let key = (key_of(&line.item), currency.code().to_owned());
            let first = seen.insert(key.clone());
            let product = self.0.entry(key).or_insert_with(|| Product {
                sku: line.item.sku.clone(),
                title: line.item.title.clone(),
                currency,
                orders: 0,
                units: 0,
                revenue: 0,
                newest: id,
            });
            product.orders += u64::from(first);
            product.units += u64::from(line.units);
            product.revenue = product.revenue.checked_add(line.revenue).ok_or(MoneyError::OutOfRange)?;
            if id > product.newest {
                product.newest = id;
                product.title.clone_from(&line.item.title);
            }
        }
        Ok(())
    }

    /// The most units first.
    pub fn ranked(self) -> Vec<Product> {
        let mut products: Vec<((String, String), Product)> = self.0.into_iter().collect();
        products.sort_by(|(a_key, a), (b_key, b)| {
            b.units.cmp(&a.units).then(b.revenue.cmp(&a.revenue)).then_with(|| a_key.cmp(b_key))
        });
        products.into_iter().map(|(_, product)| product).collect()
    }
}

/// Listings of several channels are one product if they have one SKU; without an SKU the title must do.
fn key_of(item: &Item) -> String {
    item.sku.as_ref().map_or_else(|| format!("title {}", item.title), |sku| format!("sku {sku}"))
}
