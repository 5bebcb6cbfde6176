//! R18: sale reports: per day in the owner's zone, per channel and currency; currencies are never added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::channel_order::Cancel;
use crate::head::Order;
use crate::ids::ConnectionId;
use crate::money::{Currency, Money, MoneyError};
use crate::row::SaleKind;
use crate::status::{RefundStatus, refund_status};
use crate::totals::totals;

/// What a report row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    pub day: Date,
    pub channel: ConnectionId,
    pub currency: String,
}

/// One row. `net = gross - canceled - unpaid - refunds`; each order is counted in at most one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub count: u64,
    /// Units that were not canceled.
    pub units: u64,
    pub gross: Money,
    pub canceled: Money,
    pub unpaid: Money,
    pub refunds: Money,
    pub net: Money,
    pub tax: Money,
    pub collected_tax: Money,
    /// Of the gross: what the channel ships from its own warehouse.
    pub fulfilled_by_channel: Money,
}

impl Row {
    pub const fn empty(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            count: 0,
            units: 0,
            gross: zero,
            canceled: zero,
            unpaid: zero,
            refunds: zero,
            net: zero,
            tax: zero,
            collected_tax: zero,
            fulfilled_by_channel: zero,
        }
    }

    /// Adds another row of the same currency.
    pub fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.count += other.count;
        self.units += other.units;
        for (own, theirs) in [
            (&mut self.gross, other.gross),
            (&mut self.canceled, other.canceled),
            (&mut self.unpaid, other.unpaid),
            (&mut self.refunds, other.refunds),
            (&mut self.net, other.net),
            (&mut self.tax, other.tax),
            (&mut self.collected_tax, other.collected_tax),
            (&mut self.fulfilled_by_channel, other.fulfilled_by_channel),
        ] {
            *own = own.checked_add(theirs)?;
        }
        Ok(())
    }
}

/// One order's share of a report.
pub fn row_of(order: &Order) -> Result<Row, MoneyError> {
    let source = &order.source;
    let zero = Money::zero(source.currency);
    let mut row = Row::empty(source.currency);
    row.count = 1;
    row.units = source.real_lines().map(|line| u64::from(line.open_quantity())).sum();
    // An order whose parts contradict each other is still an order: its own total is the best that is known.
    let known = totals(source);
    row.gross = known.as_ref().map_or(source.buyer_total, |totals| totals.store_total);
    row.tax = known.as_ref().map_or(zero, |totals| totals.seller_tax);
    row.collected_tax = known.as_ref().map_or(zero, |totals| totals.marketplace_tax);
    if source.fulfilled_by_channel {
        row.fulfilled_by_channel = row.gross;
    }
    match kind_of(order) {
        SaleKind::Canceled => row.canceled = row.gross,
        SaleKind::Unpaid => row.unpaid = row.gross,
        SaleKind::Sold if refund_status(order) == RefundStatus::Full => row.refunds = row.gross,
        SaleKind::Sold => {
            row.refunds = Money::sum(source.currency, source.refunds.iter().map(|refund| refund.amount))?;
        }
    }
    row.net = row.gross.checked_sub(row.canceled)?.checked_sub(row.unpaid)?.checked_sub(row.refunds)?;
    Ok(row)
}

/// Of the three, canceled goes before unpaid.
pub fn kind_of(order: &Order) -> SaleKind {
    if order.source.cancel == Cancel::Canceled || order.store.canceled {
        SaleKind::Canceled
    } else if order.source.payment.is_paid() {
        SaleKind::Sold
    } else {
        SaleKind::Unpaid
    }
}

/// The day of an instant in the owner's zone; a day of a clock change has 23 or 25 hours.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}

/// The instants at which a range of days begins and ends (half-open), in the owner's zone.
pub fn bounds(first: Date, last: Date, zone: &TimeZone) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let start = first.to_zoned(zone.clone())?.timestamp();
    let end = last.tomorrow()?.to_zoned(zone.clone())?.timestamp();
    Ok((start, end))
}

/// Rows by day, channel and currency.
pub fn rows<'a>(
    orders: impl IntoIterator<Item = &'a Order>,
    zone: &TimeZone,
) -> Result<BTreeMap<RowKey, Row>, MoneyError> {
    let mut rows: BTreeMap<RowKey, Row> = BTreeMap::new();
    // What the channel merged is counted once, in the order that took its place.
    for order in orders.into_iter().filter(|order| order.after.superseded_by.is_none()) {
        let key = RowKey {
            day: day_of(order.source.created_at, zone),
            channel: order.connection.clone(),
            currency: order.source.currency.code().to_owned(),
        };
        rows.entry(key).or_insert_with(|| Row::empty(order.source.currency)).add(&row_of(order)?)?;
    }
    Ok(rows)
}
