//! The tables and sentences that commands print.

use comfy_table::{Cell, CellAlignment, Table};
use jiff::Timestamp;

use crate::look::Look;
use crate::wire::{
    Amount, Connection, Costs, Counts, Dot, Linked, LinkedInBulk, Needing, OfKind, Outcome, Product, Report, Row, Sales,
};

/// Everybody's time: the API's own.
pub fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `ready_to_ship` as people say it.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

pub fn dot(dot: &Dot) -> String {
    format!("{} {}/{}", dot.color, dot.units_held, dot.units)
}

pub fn status(status: &str, refund: &str) -> String {
    match refund {
        "none" => words(status),
        "partial" => format!("{}, partly refunded", words(status)),
        _ => format!("{}, refunded", words(status)),
    }
}

fn right(table: &mut Table, columns: impl Iterator<Item = usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub fn connections(look: Look, connections: &[Connection]) -> String {
    if connections.is_empty() {
        return "Nothing is connected yet.".to_owned();
    }
    let mut table = look.table(&["Name", "Role", "Platform", "How it fares", "Id"]);
    for one in connections {
        let (color, fares) = fares(one);
        let name = Cell::new(&one.name);
        table.add_row([
            name,
            Cell::new(words(&one.role)),
            Cell::new(&one.platform),
            look.dot(color, fares),
            Cell::new(&one.id),
        ]);
    }
    table.to_string()
}

fn fares(one: &Connection) -> (&'static str, String) {
    let health = &one.health;
    if let Some(attention) = &one.attention {
        return ("red", attention.why.clone());
    }
    if let Some(since) = health.failing_since {
        let why = health.last_failure.as_deref().unwrap_or("it does not answer");
        return ("orange", format!("Failing since {}: {why}", at(since)));
    }
    match (&health.waits, health.last_success) {
        (Some(waits), _) => ("orange", waits.clone()),
        (None, Some(last)) => ("green", format!("Well; last read {}", at(last))),
        (None, None) => ("", "Not read yet".to_owned()),
    }
}

pub fn orders(look: Look, rows: &[Row]) -> String {
    if rows.is_empty() {
        return "No order.".to_owned();
    }
    let mut table = look.table(&[
        "Order",
        "Placed (UTC)",
        "Dot",
        "Status",
        "Channel",
        "Channel order",
        "SKU",
        "Items",
        "Buyer",
        "Total",
        "Store order",
    ]);
    for row in rows {
        table.add_row([
            Cell::new(row.number),
            Cell::new(at(row.order_date)),
            look.dot(&row.dot.color, dot(&row.dot)),
            Cell::new(status(&row.status, &row.refund)),
            Cell::new(&row.channel.name),
            Cell::new(&row.channel.order_number),
            Cell::new(row.skus.join("\n")),
            Cell::new(row.items.join("\n")),
            Cell::new(row.buyer.as_deref().unwrap_or_default()),
            Cell::new(row.total.to_string()),
            Cell::new(row.store_order_number.as_deref().unwrap_or_default()),
        ]);
    }
    right(&mut table, [0, 9].into_iter());
    // Sentences would squeeze the columns; below the table they are whole.
    let notes = rows.iter().filter_map(|row| {
        let why = row.error.as_deref().or(row.push.why.as_deref())?;
        Some(format!("\n{}: {why}", row.number))
    });
    format!("{table}{}", notes.collect::<String>())
}

/// In the order of the tabs, as far as the API names them.
const TABS: [&str; 7] = ["all", "ready_to_ship", "shipping", "completed", "canceled", "unlinked", "error"];

pub fn counts(look: Look, counts: &Counts) -> String {
    let mut table = look.table(&["Tab", "Orders"]);
    for tab in TABS {
        if let Some(count) = counts.tabs.get(tab) {
            table.add_row([words(tab), count.to_string()]);
        }
    }
    right(&mut table, 1..2);
    format!("{table}\nAs of {} UTC.", at(counts.as_of))
}

/// What listings and products are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Sku,
    Barcode,
}

impl Key {
    pub const fn path(self) -> &'static str {
        match self {
            Self::Sku => "by-sku",
            Self::Barcode => "by-barcode",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sku => "SKU",
            Self::Barcode => "barcode",
        }
    }
}

fn looked_at_again(orders: u64) -> String {
    match orders {
        0 => "No order waited for it.".to_owned(),
        1 => "1 order that waited is looked at again.".to_owned(),
        many => format!("{many} orders that waited are looked at again."),
    }
}

pub fn linked(listing: &str, linked: &Linked) -> String {
    format!("{listing} is linked. {}", looked_at_again(linked.orders_rung))
}

pub fn linked_in_bulk(look: Look, by: Key, report: &LinkedInBulk) -> String {
    let done = format!(
        "{} linked now, {} were linked before. {}",
        report.linked.len(),
        report.already_linked,
        looked_at_again(report.orders_rung)
    );
    let open = [
        (&report.no_key, format!("The listing has no {}.", by.name())),
        (&report.no_match, format!("No product of the main store has this {}.", by.name())),
        (&report.several_matches, format!("Several products have this {}: link it by hand.", by.name())),
    ];
    if open.iter().all(|(listings, _)| listings.is_empty()) {
        return format!("{done} Nothing stayed open.");
    }
    let mut table = look.table(&["Stayed open", "Why"]);
    for (listings, why) in &open {
        for listing in *listings {
            table.add_row([listing, why]);
        }
    }
    format!("{done}\n{table}")
}

/// What became of one order.
pub fn outcome(outcome: &Outcome) -> String {
    match (outcome.answer.as_deref(), &outcome.store_order_number, &outcome.why) {
        (Some("already_imported"), Some(number), _) => format!("It is in the main store already, as {number}."),
        (_, _, Some(why)) => why.clone(),
        _ => format!("Queued; `tributary why {}` tells what comes of it.", outcome.id),
    }
}

/// How many were taken, and each of the others.
pub fn outcomes(look: Look, outcomes: &[Outcome]) -> String {
    let there = outcomes.iter().filter(|outcome| outcome.answer.as_deref() == Some("already_imported")).count();
    let taken = outcomes.iter().filter(|outcome| outcome.is_taken()).count();
    let mut told = format!("{} of {} orders queued", taken - there, outcomes.len());
    if there > 0 {
        told = format!("{told}, {there} in the main store already");
    }
    if taken == outcomes.len() {
        return format!("{told}.");
    }
    let mut table = look.table(&["Not taken", "Why"]);
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_taken()) {
        let why = outcome.why.as_deref().or(outcome.answer.as_deref()).unwrap_or_default();
        table.add_row([outcome.id.as_str(), why]);
    }
    format!("{told}.\n{table}")
}

pub fn report(look: Look, report: &Report) -> String {
    let range = format!("{} to {} ({})", report.from, report.to, report.time_zone.as_deref().unwrap_or("own zone"));
    if report.rows.is_empty() {
        return format!("{range}: no order.");
    }
    let mut table = look.table(&[
        "Day",
        "Channel",
        "Orders",
        "Gross",
        "Canceled",
        "Unpaid",
        "Refunds",
        "Net",
        "Tax",
        "Collected tax",
    ]);
    for row in &report.rows {
        let channel = row.channel_name.as_deref().or(row.channel.as_deref()).unwrap_or_default();
        table.add_row(sales(&row.day.map(|day| day.to_string()).unwrap_or_default(), channel, row));
    }
    for total in &report.totals.overall {
        table.add_row(sales("Total", "", total));
    }
    right(&mut table, 2..10);
    format!("{range}\n{table}")
}

fn sales(day: &str, channel: &str, row: &Sales) -> [String; 10] {
    let plain = |amount: &Amount| amount.amount.clone();
    [
        day.to_owned(),
        channel.to_owned(),
        row.count.to_string(),
        row.gross.to_string(),
        plain(&row.canceled),
        plain(&row.unpaid),
        plain(&row.refunds),
        row.net.to_string(),
        plain(&row.tax),
        plain(&row.collected_tax),
    ]
}

pub fn products(look: Look, products: &[Product]) -> String {
    if products.is_empty() {
        return "Nothing was sold.".to_owned();
    }
    let mut table = look.table(&["SKU", "Product", "Orders", "Units", "Revenue"]);
    for one in products {
        table.add_row([
            one.sku.clone().unwrap_or_default(),
            one.name.clone(),
            one.orders.to_string(),
            one.units.to_string(),
            one.revenue.to_string(),
        ]);
    }
    right(&mut table, 2..5);
    table.to_string()
}

/// What was consumed, part by part, and what no process of ours can see.
pub fn costs(look: Look, costs: &Costs) -> String {
    let mut table = look.table(&["Part", "Quantity", "Unit", "USD"]);
    for part in costs.parts.iter().filter(|part| part.quantity > 0) {
        table.add_row([words(&part.part), part.quantity.to_string(), part.unit.clone(), part.usd.clone()]);
    }
    table.add_row(["Total", "", "", &costs.usd.total]);
    right(&mut table, [1, 3].into_iter());
    let orders = match &costs.usd.per_1000_orders {
        Some(usd) => format!("{} orders: {usd} USD for a thousand", costs.orders),
        None => "no order".to_owned(),
    };
    let left_out = costs.leaves_out.join("\n  ");
    format!("{} to {} (UTC), {orders}.\n{table}\nNot in it:\n  {left_out}", costs.from, costs.to)
}

/// What each kind of trouble means, and what becomes of it.
fn meaning(kind: &str) -> &'static str {
    match kind {
        "error" => "Refused by the store, or the amounts contradict each other: mend it, then sync.",
        "unknown" => "Nobody knows yet whether the store took it; it is looked up by itself.",
        "unlinked" => "Waits for a link.",
        "parked" => "Waits for the main store and imports by itself.",
        _ => "",
    }
}

pub fn attention(look: Look, kinds: &[OfKind]) -> String {
    if kinds.iter().all(|kind| kind.count == 0) {
        return "Nothing needs you.".to_owned();
    }
    let mut table = look.table(&["Kind", "Orders", "Worth", "Oldest (UTC)", "What it means"]);
    for kind in kinds.iter().filter(|kind| kind.count > 0) {
        let worth: Vec<String> = kind.worth.iter().map(Amount::to_string).collect();
        let more = if kind.more { "+" } else { "" };
        table.add_row([
            kind.kind.clone(),
            format!("{}{more}", kind.count),
            worth.join("\n"),
            kind.oldest.map(at).unwrap_or_default(),
            meaning(&kind.kind).to_owned(),
        ]);
    }
    right(&mut table, 1..3);
    format!("{table}\n`tributary attention KIND` lists the orders of one kind, `tributary why ORDER` tells what to do.")
}

pub fn needing(look: Look, kind: &str, orders: &[Needing]) -> String {
    if orders.is_empty() {
        return "No order.".to_owned();
    }
    let mut table = look.table(&["Order", "Placed (UTC)", "Channel", "Worth", "Id"]);
    for order in orders {
        table.add_row([
            order.number.to_string(),
            at(order.order_date),
            order.connection_id.clone(),
            order.worth.to_string(),
            order.id.clone(),
        ]);
    }
    right(&mut table, [0, 3].into_iter());
    format!("{}\n{table}", meaning(kind))
}

#[cfg(test)]
mod tests;
