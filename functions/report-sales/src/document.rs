//! A report as the API writes it: rows, and totals that never mix currencies.

use std::collections::BTreeMap;

use app::{ProductsReport, ReportQuery, SalesReport};
use domain::report::Row;
use domain::sales::Product;
use domain::status::OrderStatus;
use domain::{ConnectionId, Money, MoneyError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = SalesReport)]
pub(crate) struct Document<'a> {
    from: Date,
    to: Date,
    #[schema(required)]
    time_zone: Option<&'a str>,
    as_of: Timestamp,
    /// By day, channel and currency, in that order.
    rows: Vec<Entry<'a>>,
    totals: Totals<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SalesTotals)]
struct Totals<'a> {
    by_channel: Vec<Entry<'a>>,
    by_status: Vec<Entry<'a>>,
    overall: Vec<Entry<'a>>,
}

/// A row, or a total: a total has no day, one over all channels no channel.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesFigures)]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a ConnectionId>,
    /// Missing for a channel that is no longer connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_name: Option<&'a str>,
    /// Only of totals by status.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<OrderStatus>,
    currency: &'a str,
    count: u64,
    units: u64,
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

/// Money: text with exactly the currency's own number of decimals (`"4248"` for JPY), never a number.
#[derive(Serialize, ToSchema)]
#[schema(as = Money, examples(json!({ "amount": "19.99", "currency": "GBP" })))]
struct Amount {
    #[schema(pattern = r"^-?\d+(\.\d+)?$")]
    amount: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
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
            status: None,
            currency,
            count: row.count,
            units: row.units,
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
    ) -> Result<Self, MoneyError> {
        let rows = report.rows.iter().map(|(key, row)| {
            let entry = Entry::new(&key.currency, row).of_channel(&key.channel, names);
            Entry { day: Some(key.day), ..entry }
        });
        let by_channel = summed(report.rows.iter().map(|(key, row)| ((&key.channel, key.currency.as_str()), row)))?;
        let overall = summed(report.rows.iter().map(|(key, row)| (key.currency.as_str(), row)))?;
        let by_channel =
            by_channel.iter().map(|((channel, currency), row)| Entry::new(currency, row).of_channel(channel, names));
        let by_status = report.by_status.iter().map(|((status, currency), row)| {
            let entry = Entry::new(currency, row);
            Entry { status: Some(*status), ..entry }
        });
        let totals = Totals {
            by_channel: by_channel.collect(),
            by_status: by_status.collect(),
            overall: overall.iter().map(|(currency, row)| Entry::new(currency, row)).collect(),
        };
        let time_zone = query.zone.iana_name();
        Ok(Self { from: query.first, to: query.last, time_zone, as_of: report.as_of, rows: rows.collect(), totals })
    }
}

/// Its rows as CSV (RFC 4180), amounts as plain decimals.
pub(crate) fn csv(report: &SalesReport, names: &BTreeMap<ConnectionId, String>) -> String {
    let header = "day,channel,channel_name,currency,count,units,gross,canceled,unpaid,refunds,net,tax,collected_tax,\
                  fulfilled_by_channel\r\n";
    report.rows.iter().fold(header.to_owned(), |csv, (key, row)| {
        let name = names.get(&key.channel).map_or("", String::as_str);
        let (day, count, units) = (key.day.to_string(), row.count.to_string(), row.units.to_string());
        let money = [
            row.gross,
            row.canceled,
            row.unpaid,
            row.refunds,
            row.net,
            row.tax,
            row.collected_tax,
            row.fulfilled_by_channel,
        ];
        let amounts = money.map(|money| money.amount().to_string());
        let cells = [day.as_str(), key.channel.as_str(), name, &key.currency, &count, &units];
        csv + &line(cells.into_iter().chain(amounts.iter().map(String::as_str)))
    })
}

/// Products as CSV.
pub(crate) fn products_csv(products: &[Product]) -> String {
    let header = "sku,name,currency,orders,units,revenue\r\n".to_owned();
    products.iter().fold(header, |csv, product| {
        let revenue = Money::from_minor(product.revenue, product.currency).amount().to_string();
        let (orders, units) = (product.orders.to_string(), product.units.to_string());
        let sku = product.sku.as_deref().unwrap_or("");
        csv + &line([sku, &product.title, product.currency.code(), &orders, &units, &revenue].into_iter())
    })
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let quoted = cells.map(|cell| {
        // A spreadsheet would calculate what begins like a formula: a buyer or seller may have written it.
        let is_formula = cell.starts_with(['=', '@', '\t', '\r']) || cell.starts_with(['+', '-']) && !is_amount(cell);
        let tame = if is_formula { format!("'{cell}") } else { cell.to_owned() };
        if tame.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", tame.replace('"', "\"\"")) } else { tame }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

fn is_amount(cell: &str) -> bool {
    cell.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Top-selling products as the API writes them.
#[derive(Serialize, ToSchema)]
#[schema(as = ProductsReport)]
pub(crate) struct ProductsDocument<'a> {
    from: Date,
    to: Date,
    #[schema(required)]
    time_zone: Option<&'a str>,
    as_of: Timestamp,
    products: Vec<ProductEntry<'a>>,
    #[schema(required)]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProductSold)]
struct ProductEntry<'a> {
    #[schema(required)]
    sku: Option<&'a str>,
    name: &'a str,
    orders: u64,
    units: u64,
    revenue: Amount,
}

impl<'a> ProductsDocument<'a> {
    pub fn new(report: &'a ProductsReport, page: &'a [Product], query: &'a ReportQuery, next: Option<String>) -> Self {
        let products = page.iter().map(|product| ProductEntry {
            sku: product.sku.as_deref(),
            name: &product.title,
            orders: product.orders,
            units: product.units,
            revenue: Money::from_minor(product.revenue, product.currency).into(),
        });
        Self {
            from: query.first,
            to: query.last,
            time_zone: query.zone.iana_name(),
            as_of: report.as_of,
            products: products.collect(),
            next,
        }
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
