//! What the demo prints: tables and stories.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::api::{Detail, Report, Row, Sales, Told, Unreadable};

/// Columns of a wide terminal.
const WIDTH: u16 = 140;

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.to_vec());
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table
}

/// Sales per day, channel and currency; amounts of two currencies are never added.
pub fn report(report: &Report) -> Table {
    let mut shown =
        table(&["Day", "Channel", "Orders", "Gross", "Canceled", "Unpaid", "Refunds", "Net", "Tax", "Collected tax"]);
    for sales in &report.rows {
        let (day, channel) = (sales.day.as_deref().unwrap_or_default(), sales.channel_name.as_deref());
        shown.add_row(cells(day, channel.unwrap_or_default(), sales));
    }
    for sales in &report.totals {
        shown.add_row(cells("Total", "", sales));
    }
    for column in shown.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    shown
}

fn cells(day: &str, channel: &str, sales: &Sales) -> [String; 10] {
    [
        day.to_owned(),
        channel.to_owned(),
        sales.count.to_string(),
        sales.gross.to_string(),
        sales.canceled.amount.clone(),
        sales.unpaid.amount.clone(),
        sales.refunds.amount.clone(),
        sales.net.to_string(),
        sales.tax.amount.clone(),
        sales.collected_tax.amount.clone(),
    ]
}

pub fn orders<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Table {
    let mut shown = table(&["Channel order", "Buyer", "Total", "Status", "Dot", "Store order", "What to know"]);
    for row in rows {
        let dot = &row.dot;
        shown.add_row([
            row.channel.order_number.clone(),
            row.buyer.clone().unwrap_or_default(),
            row.total.to_string(),
            row.status.replace('_', " "),
            format!("{} {}/{}", dot.color, dot.units_held, dot.units),
            row.store_order_number.clone().unwrap_or_default(),
            row.error.clone().unwrap_or_default(),
        ]);
    }
    shown
}

/// Why an order is where it is.
pub fn story(title: &str, order: &Detail) -> String {
    let at = |told: &Told| told.at.strftime("%H:%M:%S").to_string();
    let told = order.trace.iter().map(|told| format!("\n  {}  {}", at(told), told.text));
    format!("{title} ({}):{}", order.channel_side.order_id, told.collect::<String>())
}

/// What stands in the store, tax apart.
pub fn amounts(amounts: &[(String, String)]) -> String {
    let told: Vec<String> = amounts.iter().map(|(name, amount)| format!("{name} {amount}")).collect();
    format!("  In the store: {}", told.join(" · "))
}

pub fn unreadable(order: &Unreadable) -> String {
    let id = order.channel_order_id.as_deref().unwrap_or("without an id");
    format!("The order that cannot be read ({id}), kept as it came:\n  {}", order.why)
}
