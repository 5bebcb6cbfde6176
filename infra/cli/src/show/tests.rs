//! What people see, as snapshots that docs/cli.md shows, and what each part of it promises.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

/// A terminal as wide as the page of docs/cli.md, which shows these snapshots.
const LOOK: Look = Look { width: Some(140), colors: false };

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn pounds(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "GBP" })
}

fn row(number: u64, changes: &Value) -> Row {
    let mut row = json!({
        "id": format!("01KB1Q3V8F0C7R5M2X9D4T{number}"),
        "number": number,
        "order_date": "2026-11-18T09:00:00Z",
        "dot": { "color": "green", "units_held": 2, "units": 2 },
        "status": "ready_to_ship",
        "refund": "none",
        "channel": { "connection_id": "ebay-1", "name": "eBay UK", "platform": "ebay", "order_number": "12-34567-89012" },
        "skus": ["MUG"],
        "items": ["Mug, blue"],
        "buyer": "Zoë Müller",
        "total": pounds("42.48"),
        "store_order_number": "815",
        "push": { "state": "sent", "why": null },
        "error": null,
    });
    let (Some(row_fields), Some(changes)) = (row.as_object_mut(), changes.as_object()) else { unreachable!() };
    row_fields.extend(changes.clone());
    read(row)
}

#[test]
fn connections_tell_how_they_fare() {
    let connections: Vec<Connection> = read(json!([
        { "id": "woocommerce-01kb1", "platform": "woocommerce", "role": "main_store", "name": "My shop", "attention": null,
          "health": { "last_success": "2026-11-20T13:59:02Z", "failing_since": null, "last_failure": null, "waits": null } },
        { "id": "ebay-01kb2", "platform": "ebay", "role": "channel", "name": "eBay UK",
          "attention": { "at": "2026-11-20T13:00:00Z", "why": "Reconnect eBay: access was withdrawn." } },
        { "id": "etsy-01kb3", "platform": "etsy", "role": "channel", "name": "Etsy",
          "health": { "last_success": "2026-11-20T12:00:00Z", "failing_since": "2026-11-20T12:05:00Z", "last_failure": "Etsy does not answer." } },
        { "id": "amazon-01kb4", "platform": "amazon", "role": "channel", "name": "Amazon",
          "health": { "last_success": "2026-11-20T13:59:00Z", "waits": "The channel shows no active listing yet." } },
        { "id": "shopify-01kb5", "platform": "shopify", "role": "channel", "name": "Shopify", "health": {} },
    ]));
    insta::assert_snapshot!(super::connections(LOOK, &connections));
    assert_eq!(super::connections(LOOK, &[]), "Nothing is connected yet.");
}

#[test]
fn orders_are_a_table_of_what_the_list_shows() {
    let unlinked = json!({
        "dot": { "color": "red", "units_held": 0, "units": 1 }, "status": "ready_to_ship", "store_order_number": null,
        "skus": [], "items": ["Old poster"], "error": "Not linked: Old poster. Link each to a product of the main store and the order imports by itself (setting auto_import = linked).",
    });
    let refunded = json!({ "status": "canceled", "refund": "full", "skus": ["MUG", "CUP"], "items": ["Mug, blue", "Cup"], "buyer": null });
    let rows = [row(1044, &unlinked), row(1043, &refunded), row(1042, &json!({}))];
    insta::assert_snapshot!(orders(LOOK, &rows));
    assert_eq!(orders(LOOK, &[]), "No order.");
}

#[test]
fn without_a_terminal_a_row_is_one_line_without_colors() {
    let look = Look { width: None, colors: false };
    let text = orders(
        look,
        &[row(1042, &json!({ "error": "A sentence that is longer than any terminal is wide. ".repeat(5) }))],
    );
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(text.lines().count(), 6, "{text}");
    let colored = orders(Look { width: Some(140), colors: true }, &[row(1042, &json!({}))]);
    assert!(colored.contains("\u{1b}["), "{colored}");
}

#[test]
fn counts_come_in_the_order_of_the_tabs() {
    let counts: Counts = read(json!({
        "as_of": "2026-11-20T13:56:12Z",
        "tabs": { "all": 5120, "ready_to_ship": 14, "shipping": 61, "completed": 4903, "canceled": 139, "unlinked": 3, "error": 2 },
    }));
    insta::assert_snapshot!(super::counts(LOOK, &counts));
}

#[test]
fn linking_many_says_what_stayed_open_and_why() {
    let mut report = json!({
        "linked": ["MUG-1"], "already_linked": 12, "no_key": ["Old poster"], "no_match": ["MUG-9"],
        "several_matches": ["TWIN"], "orders_rung": 4,
    });
    insta::assert_snapshot!(linked_in_bulk(LOOK, Key::Sku, &read(report.clone())));
    for open in ["no_key", "no_match", "several_matches"] {
        report[open] = json!([]);
    }
    let all = linked_in_bulk(LOOK, Key::Barcode, &read(report));
    assert!(all.ends_with("Nothing stayed open."), "{all}");
}

#[test]
fn of_many_orders_each_that_was_not_taken_is_named() {
    let outcomes: Vec<Outcome> = read(json!([
        { "id": "01KB1", "answer": "queued" },
        { "id": "01KC1", "answer": "already_imported", "store_order_number": "815" },
        { "id": "01KD1", "answer": "refused", "why": "The order was canceled on the channel before it was imported." },
    ]));
    insta::assert_snapshot!(super::outcomes(LOOK, &outcomes));
    let synced: Vec<Outcome> = read(json!([{ "id": "01KB1", "queued": true }, { "id": "01KC1", "queued": true }]));
    assert_eq!(super::outcomes(LOOK, &synced), "2 of 2 orders queued.");
    assert_eq!(outcome(&outcomes[1]), "It is in the main store already, as 815.");
    assert_eq!(outcome(&synced[0]), "Queued; `tributary why 01KB1` tells what comes of it.");
}

#[test]
fn a_report_has_a_row_a_day_channel_and_currency_and_never_adds_currencies() {
    let sales = |head: Value, count: u64, gross: Value| {
        let zero = json!({ "amount": "0.00", "currency": gross["currency"] });
        let mut row = json!({
            "count": count, "gross": gross, "canceled": zero, "unpaid": zero, "refunds": zero, "net": gross, "tax": zero,
            "collected_tax": zero,
        });
        let (Some(fields), Some(head)) = (row.as_object_mut(), head.as_object()) else { unreachable!() };
        fields.extend(head.clone());
        row
    };
    let euros = || json!({ "amount": "80.00", "currency": "EUR" });
    let report: Report = read(json!({
        "from": "2026-11-18", "to": "2026-11-19", "time_zone": "Europe/London",
        "rows": [
            sales(json!({ "day": "2026-11-18", "channel": "ebay-1", "channel_name": "eBay UK" }), 5, pounds("212.40")),
            sales(json!({ "day": "2026-11-19", "channel": "etsy-1" }), 1, euros()),
        ],
        "totals": { "overall": [sales(json!({}), 1, euros()), sales(json!({}), 5, pounds("212.40"))] },
    }));
    insta::assert_snapshot!(super::report(LOOK, &report));
}

#[test]
fn products_come_with_what_was_sold_of_them() {
    let products: Vec<Product> = read(json!([
        { "sku": "MUG", "name": "Mug, blue", "orders": 4, "units": 9, "revenue": pounds("179.91") },
        { "sku": null, "name": "Old poster", "orders": 1, "units": 1, "revenue": pounds("12.00") },
    ]));
    insta::assert_snapshot!(super::products(LOOK, &products));
}

#[test]
fn what_needs_a_person_says_what_it_means() {
    let kinds: Vec<OfKind> = read(json!([
        { "kind": "error", "count": 2, "more": false, "worth": [pounds("84.96"), { "amount": "4248", "currency": "JPY" }],
          "oldest": "2026-11-18T09:00:00Z", "orders": [] },
        { "kind": "unknown", "count": 0, "more": false, "worth": [], "oldest": null, "orders": [] },
        { "kind": "unlinked", "count": 5000, "more": true, "worth": [pounds("42.48")], "oldest": "2026-11-19T09:00:00Z", "orders": [] },
    ]));
    insta::assert_snapshot!(attention(LOOK, &kinds));
    assert_eq!(attention(LOOK, &kinds[1..2]), "Nothing needs you.");
}

#[test]
fn costs_are_told_part_by_part_with_what_is_left_out() {
    let part = |part: &str, unit: &str, quantity: u64, usd: &str| json!({ "part": part, "unit": unit, "quantity": quantity, "usd": usd });
    let told = |per_1000_orders: Option<&str>| {
        read::<Costs>(json!({
            "from": "2026-10-22", "to": "2026-11-20", "orders": 812,
            "parts": [
                part("table_writes", "write units", 41_300, "0.025813"),
                part("function_time_arm", "GB-seconds", 12_400, "0.165334"),
                part("function_time_x86", "GB-seconds", 0, "0.000000"),
            ],
            "usd": { "total": "0.191147", "per_1000_orders": per_1000_orders },
            "leaves_out": ["secrets: $0.40 a month for each connection", "logs, alarms and the schedules"],
        }))
    };
    insta::assert_snapshot!(costs(LOOK, &told(Some("0.235402"))));
    assert!(costs(LOOK, &told(None)).starts_with("2026-10-22 to 2026-11-20 (UTC), no order."));
}
