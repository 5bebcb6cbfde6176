//! A report as the API writes it: rows, and totals that never mix currencies.

use std::collections::BTreeMap;

use app::{ReportQuery, SalesReport};
use domain::report::Row;
use domain::{ConnectionId, Money, MoneyError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Document<'a> {
    from: Date,
    to: Date,
    time_zone: Option<&'a str>,
    as_of: Timestamp,
    /// By day, channel and currency, in that order.
    rows: Vec<Entry<'a>>,
    totals: Totals<'a>,
}

#[derive(Serialize)]
struct Totals<'a> {
    by_channel: Vec<Entry<'a>>,
    overall: Vec<Entry<'a>>,
}

/// A row, or a total: a total has no day, one over all channels no channel.
#[derive(Serialize)]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a ConnectionId>,
    /// Missing for a channel that is no longer connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_name: Option<&'a str>,
    currency: &'a str,
    count: u64,
    gross: Amount,
    canceled: Amount,
    unpaid: Amount,
    refunds: Amount,
    net: Amount,
    tax: Amount,
    collected_tax: Amount,
    /// Of the gross: what the channel ships from its own warehouse.
    fulfilled_by_channel: Amount,
}

#[derive(Serialize)]
struct Amount {
    amount: String,
    currency: &'static str,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount().to_string(), currency: money.currency().code() }
    }
}

impl<'a> Entry<'a> {
    fn new(currency: &'a str, row: &Row) -> Self {
        Self {
            day: None,
            channel: None,
            channel_name: None,
            currency,
            count: row.count,
            gross: row.gross.into(),
            canceled: row.canceled.into(),
            unpaid: row.unpaid.into(),
            refunds: row.refunds.into(),
            net: row.net.into(),
            tax: row.tax.into(),
            collected_tax: row.collected_tax.into(),
            fulfilled_by_channel: row.fulfilled_by_channel.into(),
        }
    }

    fn of_channel(self, channel: &'a ConnectionId, names: &'a BTreeMap<ConnectionId, String>) -> Self {
        Self { channel: Some(channel), channel_name: names.get(channel).map(String::as_str), ..self }
    }
}

impl<'a> Document<'a> {
    pub fn new(
        report: &'a SalesReport,
        query: &'a ReportQuery,
        names: &'a BTreeMap<ConnectionId, String>,
        as_of: Timestamp,
    ) -> Result<Self, MoneyError> {
        let rows = report.rows.iter().map(|(key, row)| {
            let entry = Entry::new(&key.currency, row).of_channel(&key.channel, names);
            Entry { day: Some(key.day), ..entry }
        });
        let by_channel = summed(report.rows.iter().map(|(key, row)| ((&key.channel, key.currency.as_str()), row)))?;
        let overall = summed(report.rows.iter().map(|(key, row)| (key.currency.as_str(), row)))?;
        let by_channel =
            by_channel.iter().map(|((channel, currency), row)| Entry::new(currency, row).of_channel(channel, names));
        let totals = Totals {
            by_channel: by_channel.collect(),
            overall: overall.iter().map(|(currency, row)| Entry::new(currency, row)).collect(),
        };
        let time_zone = query.zone.iana_name();
        Ok(Self { from: query.first, to: query.last, time_zone, as_of, rows: rows.collect(), totals })
    }
}

fn summed<'a, K: Ord>(rows: impl Iterator<Item = (K, &'a Row)>) -> Result<BTreeMap<K, Row>, MoneyError> {
    let mut sums: BTreeMap<K, Row> = BTreeMap::new();
    for (key, row) in rows {
        match sums.get_mut(&key) {
            Some(sum) => sum.add(row)?,
            None => {
                sums.insert(key, row.clone());
            }
        }
    }
    Ok(sums)
}
