//! What people see, as snapshots that docs/cli.md shows, and what each part of it promises.

use serde_json::{Value, json};

use super::*;

const LOOK: Look = Look { width: None, colors: false };

fn sold(rows: &[(&str, u64, &str, &str)]) -> Report {
    let row = |(day, count, amount, currency): &(&str, u64, &str, &str)| {
        let money = |amount: &str| json!({ "amount": amount, "currency": currency });
        let zero = money("0.00");
        json!({
            "day": day, "channel": "ebay-1", "count": count, "gross": money(amount), "canceled": zero, "unpaid": zero,
            "refunds": zero, "net": money(amount), "tax": zero, "collected_tax": zero,
        })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let report = json!({
        "from": "2026-11-14", "to": "2026-11-20", "time_zone": "UTC", "rows": rows, "totals": { "overall": [] },
    });
    serde_json::from_value(report).unwrap()
}

fn week() -> Report {
    sold(&[
        ("2026-11-14", 2, "84.96", "GBP"),
        ("2026-11-15", 5, "212.40", "GBP"),
        ("2026-11-15", 1, "10.10", "GBP"),
        ("2026-11-17", 9, "120.20", "GBP"),
        ("2026-11-20", 3, "99.00", "GBP"),
    ])
}

#[test]
fn orders_and_totals_are_lines_with_scales_of_their_own() {
    insta::assert_snapshot!(draw(LOOK, Lines::Both, &week()));
}

#[test]
fn each_line_can_be_shown_without_the_other() {
    let (both, orders, total) =
        (draw(LOOK, Lines::Both, &week()), draw(LOOK, Lines::Orders, &week()), draw(LOOK, Lines::Total, &week()));
    assert!(orders.starts_with("Orders: 20\n") && !orders.contains("Total"), "{orders}");
    assert!(total.starts_with("Total in GBP: 526.66\n") && !total.contains("Orders"), "{total}");
    assert_eq!(both, format!("{orders}\n{total}"));
}

#[test]
fn a_day_of_two_channels_is_one_point_and_a_day_without_orders_is_none() {
    let orders = by_day(week().rows.iter().map(|row| (row.day, Decimal::from(row.count))));
    let counts: Vec<String> = orders.values().map(Decimal::to_string).collect();
    assert_eq!(counts, ["2", "6", "9", "3"]);
    let drawn = draw(LOOK, Lines::Orders, &week());
    let labels: Vec<&str> = drawn.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(labels, ["2026-11-14", "2026-11-20"]);
}

#[test]
fn currencies_are_never_added() {
    let mixed = sold(&[("2026-11-14", 1, "80.00", "EUR"), ("2026-11-14", 1, "42.48", "GBP")]);
    let drawn = draw(LOOK, Lines::Total, &mixed);
    assert!(drawn.contains("Total in EUR: 80.00") && drawn.contains("Total in GBP: 42.48"), "{drawn}");
}

#[test]
fn nothing_and_a_single_day_are_told_in_words() {
    assert!(draw(LOOK, Lines::Both, &sold(&[])).contains("a chart needs orders"));
    let mut day = sold(&[("2026-11-14", 1, "80.00", "EUR")]);
    day.to = day.from;
    assert!(draw(LOOK, Lines::Both, &day).contains("more than one day"));
}
