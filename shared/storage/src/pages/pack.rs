//! Order rows as columns: what is alike stands together and deflates to little.

use std::collections::HashMap;
use std::hash::Hash;

use domain::report::Row;
use domain::row::{Figures, Item, OrderRow, Sale, SaleKind, SoldLine, Words};
use domain::sales::{QuarterKey, Quarters};
use domain::status::OrderStatus;
use domain::{ConnectionId, Currency, Money, OrderId};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::codec::{self, CodecError};

/// The columns do not fit each other.
const TORN: &str = "columns of different lengths";

fn torn() -> CodecError {
    CodecError::Json(TORN.to_owned())
}

/// Figures by column; rows stand in the order of their ids.
#[derive(Serialize, Deserialize)]
struct FigureColumns {
    /// Milliseconds of the first id, then from each to the next.
    t: Vec<u64>,
    /// The rest of each id, 16 characters each.
    i: String,
    /// The channels, and which of them.
    cs: Vec<ConnectionId>,
    c: Vec<usize>,
    /// The currencies, and which of them.
    us: Vec<Currency>,
    u: Vec<usize>,
    /// Status, and what else is either so or not.
    f: Vec<u16>,
    g: Vec<i64>,
    r: Vec<i64>,
    x: Vec<i64>,
    m: Vec<i64>,
    n: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct WordColumns {
    /// Our number of the first, then the steps.
    n: Vec<i64>,
    c: Vec<String>,
    s: Vec<Option<String>>,
    b: Vec<Vec<String>>,
    /// The items, and which of them, line by line.
    is: Vec<Item>,
    i: Vec<usize>,
    /// Lines of each order.
    l: Vec<usize>,
    u: Vec<u32>,
    r: Vec<i64>,
}

#[derive(Serialize, Deserialize)]
struct QuarterColumns {
    cs: Vec<ConnectionId>,
    us: Vec<Currency>,
    q: Vec<u8>,
    c: Vec<usize>,
    s: Vec<u8>,
    u: Vec<usize>,
    /// Count, units, gross, canceled, unpaid, refunds, tax, collected tax, fulfilled by the channel.
    v: [Vec<i64>; 9],
}

/// Distinct values in the order in which they were first met.
struct Distinct<T> {
    values: Vec<T>,
    known: HashMap<T, usize>,
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    fn new() -> Self {
        Self { values: Vec::new(), known: HashMap::new() }
    }

    fn index(&mut self, value: &T) -> usize {
        if let Some(index) = self.known.get(value) {
            return *index;
        }
        let index = self.values.len();
        self.values.push(value.clone());
        self.known.insert(value.clone(), index);
        index
    }
}

const STATUSES: [OrderStatus; 5] = [
    OrderStatus::AwaitingPayment,
    OrderStatus::ReadyToShip,
    OrderStatus::Shipping,
    OrderStatus::Completed,
    OrderStatus::Canceled,
];
const KINDS: [SaleKind; 3] = [SaleKind::Sold, SaleKind::Unpaid, SaleKind::Canceled];

const fn status_code(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::AwaitingPayment => 0,
        OrderStatus::ReadyToShip => 1,
        OrderStatus::Shipping => 2,
        OrderStatus::Completed => 3,
        OrderStatus::Canceled => 4,
    }
}

const fn kind_code(kind: SaleKind) -> u16 {
    match kind {
        SaleKind::Sold => 0,
        SaleKind::Unpaid => 1,
        SaleKind::Canceled => 2,
    }
}

fn flags(figures: &Figures) -> u16 {
    let bit = |yes: bool, at: u16| u16::from(yes) << at;
    u16::from(status_code(figures.status))
        | kind_code(figures.sale.kind) << 3
        | bit(figures.unlinked, 5)
        | bit(figures.error, 6)
        | bit(figures.superseded, 7)
        | bit(figures.sale.fulfilled_by_channel, 8)
}

pub(crate) fn pack_figures(rows: &[OrderRow]) -> Result<Vec<u8>, CodecError> {
    let (mut channels, mut currencies) = (Distinct::new(), Distinct::new());
    let mut columns = FigureColumns {
        t: Vec::with_capacity(rows.len()),
        i: String::with_capacity(rows.len() * 16),
        cs: Vec::new(),
        c: Vec::new(),
        us: Vec::new(),
        u: Vec::new(),
        f: Vec::new(),
        g: Vec::new(),
        r: Vec::new(),
        x: Vec::new(),
        m: Vec::new(),
        n: Vec::new(),
    };
    let mut before = 0;
    for OrderRow { id, figures, .. } in rows {
        let id = id.to_string();
        let (time, rest) = id.split_at_checked(10).ok_or_else(torn)?;
        let millis = millis_of(time)?;
        columns.t.push(millis.checked_sub(before).ok_or_else(torn)?);
        before = millis;
        columns.i.push_str(rest);
        columns.c.push(channels.index(&figures.channel));
        columns.u.push(currencies.index(&figures.sale.currency));
        columns.f.push(flags(figures));
        columns.g.push(figures.sale.gross);
        columns.r.push(figures.sale.refunds);
        columns.x.push(figures.sale.tax);
        columns.m.push(figures.sale.collected_tax);
        columns.n.push(figures.sale.units);
    }
    columns.cs = channels.values;
    columns.us = currencies.values;
    codec::pack(&columns)
}

fn millis_of(time: &str) -> Result<u64, CodecError> {
    let id = Ulid::from_string(&format!("{time}{:0>16}", "")).map_err(|_| torn())?;
    Ok(id.timestamp_ms())
}

pub(crate) fn unpack_figures(packed: &[u8]) -> Result<Vec<(OrderId, Figures)>, CodecError> {
    let columns: FigureColumns = codec::unpack(packed)?;
    let mut rows = Vec::with_capacity(columns.t.len());
    let mut millis = 0_u64;
    for at in 0..columns.t.len() {
        millis = millis.saturating_add(columns.t[at]);
        let time = Ulid::from_parts(millis, 0).to_string();
        let rest = columns.i.get(at * 16..at * 16 + 16).ok_or_else(torn)?;
        let id = format!("{}{rest}", &time[..10]).parse().map_err(|_| torn())?;
        let flags = *columns.f.get(at).ok_or_else(torn)?;
        let sale = Sale {
            currency: *of(&columns.us, &columns.u, at)?,
            kind: *KINDS.get(usize::from(flags >> 3 & 3)).ok_or_else(torn)?,
            fulfilled_by_channel: flags >> 8 & 1 == 1,
            gross: *columns.g.get(at).ok_or_else(torn)?,
            refunds: *columns.r.get(at).ok_or_else(torn)?,
            tax: *columns.x.get(at).ok_or_else(torn)?,
            collected_tax: *columns.m.get(at).ok_or_else(torn)?,
            units: *columns.n.get(at).ok_or_else(torn)?,
        };
        let figures = Figures {
            channel: of(&columns.cs, &columns.c, at)?.clone(),
            status: *STATUSES.get(usize::from(flags & 7)).ok_or_else(torn)?,
            unlinked: flags >> 5 & 1 == 1,
            error: flags >> 6 & 1 == 1,
            superseded: flags >> 7 & 1 == 1,
            sale,
        };
        rows.push((id, figures));
    }
    Ok(rows)
}

fn of<'a, T>(values: &'a [T], indexes: &[usize], at: usize) -> Result<&'a T, CodecError> {
    indexes.get(at).and_then(|index| values.get(*index)).ok_or_else(torn)
}

pub(crate) fn pack_words(rows: &[OrderRow]) -> Result<Vec<u8>, CodecError> {
    let mut items = Distinct::new();
    let mut columns = WordColumns {
        n: Vec::with_capacity(rows.len()),
        c: Vec::with_capacity(rows.len()),
        s: Vec::with_capacity(rows.len()),
        b: Vec::with_capacity(rows.len()),
        is: Vec::new(),
        i: Vec::new(),
        l: Vec::with_capacity(rows.len()),
        u: Vec::new(),
        r: Vec::new(),
    };
    let mut before = 0_i64;
    for OrderRow { words, .. } in rows {
        let number = words.number.cast_signed();
        columns.n.push(number.wrapping_sub(before));
        before = number;
        columns.c.push(words.channel_number.clone());
        columns.s.push(words.store_number.clone());
        columns.b.push(words.names.clone());
        columns.l.push(words.lines.len());
        for line in &words.lines {
            columns.i.push(items.index(&line.item));
            columns.u.push(line.units);
            columns.r.push(line.revenue);
        }
    }
    columns.is = items.values;
    codec::pack(&columns)
}

pub(crate) fn unpack_words(packed: &[u8]) -> Result<Vec<Words>, CodecError> {
    let columns: WordColumns = codec::unpack(packed)?;
    let mut all = Vec::with_capacity(columns.n.len());
    let (mut number, mut line) = (0_i64, 0_usize);
    let rows = columns.n.len();
    if [columns.c.len(), columns.s.len(), columns.b.len(), columns.l.len()] != [rows; 4] {
        return Err(torn());
    }
    let texts = columns.c.into_iter().zip(columns.s).zip(columns.b);
    for ((step, lines), ((channel_number, store_number), names)) in columns.n.iter().zip(&columns.l).zip(texts) {
        number = number.wrapping_add(*step);
        let mut sold = Vec::with_capacity(*lines);
        for at in line..line.saturating_add(*lines) {
            sold.push(SoldLine {
                item: of(&columns.is, &columns.i, at)?.clone(),
                units: *columns.u.get(at).ok_or_else(torn)?,
                revenue: *columns.r.get(at).ok_or_else(torn)?,
            });
        }
        line = line.saturating_add(*lines);
        all.push(Words { number: number.cast_unsigned(), channel_number, store_number, names, lines: sold });
    }
    Ok(all)
}

pub(crate) fn pack_quarters(quarters: &Quarters) -> Result<Vec<u8>, CodecError> {
    let (mut channels, mut currencies) = (Distinct::new(), Distinct::new());
    let mut columns = QuarterColumns {
        cs: Vec::new(),
        us: Vec::new(),
        q: Vec::new(),
        c: Vec::new(),
        s: Vec::new(),
        u: Vec::new(),
        v: Default::default(),
    };
    for (key, row) in &quarters.0 {
        columns.q.push(key.quarter);
        columns.c.push(channels.index(&key.channel));
        columns.s.push(status_code(key.status));
        columns.u.push(currencies.index(&row.gross.currency()));
        let count = |number: u64| i64::try_from(number).map_err(|_| torn());
        let values = [
            count(row.count)?,
            count(row.units)?,
            row.gross.minor(),
            row.canceled.minor(),
            row.unpaid.minor(),
            row.refunds.minor(),
            row.tax.minor(),
            row.collected_tax.minor(),
            row.fulfilled_by_channel.minor(),
        ];
        for (column, value) in columns.v.iter_mut().zip(values) {
            column.push(value);
        }
    }
    columns.cs = channels.values;
    columns.us = currencies.values;
    codec::pack(&columns)
}

pub(crate) fn unpack_quarters(packed: &[u8]) -> Result<Quarters, CodecError> {
    let columns: QuarterColumns = codec::unpack(packed)?;
    let mut quarters = Quarters::default();
    for at in 0..columns.q.len() {
        let currency = *of(&columns.us, &columns.u, at)?;
        let key = QuarterKey {
            quarter: columns.q[at],
            channel: of(&columns.cs, &columns.c, at)?.clone(),
            status: *columns.s.get(at).and_then(|s| STATUSES.get(usize::from(*s))).ok_or_else(torn)?,
            currency: currency.code().to_owned(),
        };
        let value = |column: usize| columns.v[column].get(at).copied().ok_or_else(torn);
        let money = |column: usize| value(column).map(|minor| Money::from_minor(minor, currency));
        let count = |column: usize| value(column).and_then(|number| u64::try_from(number).map_err(|_| torn()));
        let (gross, canceled, unpaid, refunds) = (money(2)?, money(3)?, money(4)?, money(5)?);
        let net = gross.minor().saturating_sub(canceled.minor()).saturating_sub(unpaid.minor());
        let row = Row {
            count: count(0)?,
            units: count(1)?,
            gross,
            canceled,
            unpaid,
            refunds,
            net: Money::from_minor(net.saturating_sub(refunds.minor()), currency),
            tax: money(6)?,
            collected_tax: money(7)?,
            fulfilled_by_channel: money(8)?,
        };
        quarters.0.insert(key, row);
    }
    Ok(quarters)
}

#[cfg(test)]
mod tests;
