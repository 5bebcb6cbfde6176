//! Orders and totals by day over all channels of a report, as lines in the terminal.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_core::symbols::Marker;
use ratatui_core::text::Line;
use ratatui_core::widgets::Widget;
use ratatui_widgets::chart::{Axis, Chart, Dataset, GraphType};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::args::Lines;
use crate::look::Look;
use crate::wire::Report;

const HEIGHT: u16 = 12;
/// Where there is no terminal to fit into, and the most on a wide one.
const WIDTH: u16 = 100;

/// One chart for the orders, and one for the totals of each currency: they have scales of their own.
pub fn draw(look: Look, lines: Lines, report: &Report) -> String {
    let days: Vec<Date> = report.from.series(1.day()).take_while(|day| *day <= report.to).collect();
    if report.rows.is_empty() || days.len() < 2 {
        return format!("{} to {}: a chart needs orders, and more than one day.", report.from, report.to);
    }
    let width = look.width.map_or(WIDTH, |width| width.min(WIDTH));
    let mut charts = Vec::new();
    if lines != Lines::Total {
        let orders = by_day(report.rows.iter().map(|row| (row.day, Decimal::from(row.count))));
        charts.push(chart("Orders", &days, &orders, width));
    }
    if lines != Lines::Orders {
        let mut totals: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for row in &report.rows {
            let amount = row.gross.amount.parse().unwrap_or_default();
            totals.entry(&row.gross.currency).or_default().push((row.day, amount));
        }
        let drawn = totals.into_iter().map(|(currency, amounts)| {
            chart(&format!("Total in {currency}"), &days, &by_day(amounts.into_iter()), width)
        });
        charts.extend(drawn);
    }
    charts.join("\n")
}

fn by_day(amounts: impl Iterator<Item = (Option<Date>, Decimal)>) -> BTreeMap<Date, Decimal> {
    let mut sums: BTreeMap<Date, Decimal> = BTreeMap::new();
    for (day, amount) in amounts {
        let Some(day) = day else { continue };
        let sum = sums.entry(day).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

/// Points are for the eye; the amounts themselves were added as decimals.
fn chart(title: &str, days: &[Date], sums: &BTreeMap<Date, Decimal>, width: u16) -> String {
    let place = |place: usize| u32::try_from(place).map_or(f64::MAX, f64::from);
    let height = |amount: Decimal| amount.to_f64().unwrap_or_default();
    let of = |day: &Date| sums.get(day).copied().unwrap_or_default();
    let points: Vec<(f64, f64)> = days.iter().enumerate().map(|(at, day)| (place(at), height(of(day)))).collect();
    let top = days.iter().map(of).max().unwrap_or_default().max(Decimal::ONE);
    let all = days.iter().map(of).fold(Decimal::ZERO, Decimal::saturating_add);
    let ends = [days.first(), days.last()].map(|day| day.map(Date::to_string).unwrap_or_default());
    let line = Dataset::default().data(&points).marker(Marker::Braille).graph_type(GraphType::Line);
    let drawing = Chart::new(vec![line])
        .x_axis(Axis::default().bounds([0.0, place(days.len() - 1)]).labels(ends.map(Line::from)))
        .y_axis(Axis::default().bounds([0.0, height(top)]).labels(["0".to_owned(), top.to_string()].map(Line::from)))
        .legend_position(None);
    let area = Rect::new(0, 0, width, HEIGHT);
    let mut buffer = Buffer::empty(area);
    drawing.render(area, &mut buffer);
    let rows = buffer.content().chunks(usize::from(width)).map(|row| {
        let text: String = row.iter().map(Cell::symbol).collect();
        format!("{}\n", text.trim_end())
    });
    format!("{title}: {all}\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests;
