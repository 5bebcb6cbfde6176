//! What is missing, null or wrong: either the receipt is read all the same, or it is kept with the reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use connector_etsy::read;
use domain::totals::totals;
use serde_json::{Value, json};

/// A receipt that holds every field that the connector reads.
fn full() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/variation_and_personalisation.json");
    let mut receipt: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let money = |amount: i64| json!({"amount": amount, "divisor": 100, "currency_code": "EUR"});
    receipt["shipments"] = json!([{"receipt_shipping_id": 1, "shipment_notification_timestamp": 1_794_992_500,
        "carrier_name": "UPS", "tracking_code": "1Z"}]);
    receipt["refunds"] = json!([{"amount": money(100), "created_timestamp": 1_794_992_600, "status": "success"}]);
    (receipt["state"], receipt["second_line"]) = (json!("BE"), json!("Hof"));
    receipt["gift_message"] = json!("m");
    receipt
}

/// The pointers of everything below `value`.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut visit = |key: String, value: &Value| {
        let place = format!("{at}/{key}");
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| visit(key.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(key, value)| visit(key.to_string(), value)),
        _ => {}
    }
}

fn remove(receipt: &mut Value, place: &str) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match receipt.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.remove(key)),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        _ => unreachable!("{place}"),
    }
}

/// What a receipt cannot be read without. Its times each stand there twice.
const NEEDED: &[&str] = &["/receipt_id", "/grandtotal", "/transactions"];

fn is_needed(place: &str) -> bool {
    let part = ["/amount", "/divisor", "/currency_code"].iter().any(|part| place.ends_with(part));
    let unread = ["/subtotal", "/transactions/0/shipping_cost", "/transactions/1/shipping_cost"];
    let line = ["transaction_id", "quantity", "price"];
    let of_line = |at: &str| line.iter().any(|field| place == format!("/transactions/{at}/{field}"));
    NEEDED.contains(&place)
        || of_line("0")
        || of_line("1")
        || place == "/refunds/0/amount"
        || part && !unread.iter().any(|unread| place.starts_with(unread))
}

#[test]
fn every_field_may_be_missing_or_null_but_those_a_receipt_needs() {
    let mut all = Vec::new();
    places(&full(), "", &mut all);
    assert!(all.len() > 120, "{}", all.len());
    for place in all {
        let mut without = full();
        remove(&mut without, &place);
        let mut null = full();
        *null.pointer_mut(&place).unwrap() = Value::Null;
        for (how, receipt) in [("missing", without), ("null", null)] {
            let outcome = read(receipt.to_string().as_bytes());
            if is_needed(&place) {
                let unreadable = outcome.expect_err(&format!("{place} {how}"));
                assert_eq!(unreadable.raw, receipt.to_string().as_bytes(), "{place} {how}");
                let known = (place != "/receipt_id").then(|| "3100000001".to_owned());
                assert_eq!(unreadable.remote_id, known, "{place} {how}");
                assert!(unreadable.why.ends_with('.') && !unreadable.context.is_empty(), "{place} {how}");
            } else if let Err(unreadable) = outcome {
                panic!("{place} {how}: {unreadable:?}");
            }
        }
    }
}

fn broken(place: &str, value: Value) -> connect::Unreadable {
    let mut receipt = full();
    *receipt.pointer_mut(place).unwrap() = value;
    read(receipt.to_string().as_bytes()).unwrap_err()
}

#[test]
fn a_receipt_of_the_wrong_shape_is_kept_with_its_reason() {
    let context = |place: &str, value: Value| broken(place, value).context;
    assert!(context("/transactions/0/quantity", json!("one")).starts_with("JSON Data error at line 1"));
    assert!(context("/grandtotal/amount", json!("1200")).starts_with("JSON Data error"));
    assert!(context("/grandtotal/amount", json!(12.5)).starts_with("JSON Data error"));
    assert!(context("/name", json!(7)).starts_with("JSON Data error"));
    assert!(context("/transactions/0/quantity", json!(-1)).starts_with("JSON Data error"));
    assert_eq!(context("/transactions", json!([])), "`transactions` is missing");
    assert_eq!(context("/grandtotal/currency_code", json!("ZZZ")), "`grandtotal`: `ZZZ` is not an ISO 4217 currency");
    assert_eq!(
        context("/transactions/0/price/currency_code", json!("USD")),
        "`transactions.price` is not given in EUR"
    );
    assert_eq!(
        context("/discount_amt/divisor", json!(0)),
        "`discount_amt` is not a whole number of the currency's parts"
    );
    assert_eq!(context("/created_timestamp", json!(i64::MAX)), "`created_timestamp` is not a time");
    assert_eq!(context("/transactions/0/price/amount", json!(i64::MAX)), "the amount is out of range");
    let unknown = broken("/receipt_id", json!("3100000001"));
    assert_eq!(unknown.remote_id.as_deref(), Some("3100000001"));
    assert_eq!(unknown.why, "Etsy sent this order in a form that cannot be read.");
}

#[test]
fn a_body_that_is_cut_or_none_is_kept() {
    let whole = full().to_string();
    for bytes in [&whole.as_bytes()[..whole.len() / 2], b"null", b"[]", b"", b"<html>"] {
        let unreadable = read(bytes).unwrap_err();
        assert_eq!((unreadable.remote_id, unreadable.raw), (None, bytes.to_vec()));
    }
}

#[test]
fn a_negative_line_counts_and_two_thousand_lines_are_read() {
    let money = |amount: i64| json!({"amount": amount, "divisor": 100, "currency_code": "EUR"});
    let line =
        |id: usize, price: i64| json!({"transaction_id": id, "listing_id": id, "quantity": 1, "price": money(price)});
    let mut receipt = full();
    (receipt["total_shipping_cost"], receipt["refunds"]) = (money(0), json!([]));
    receipt["transactions"] = (1..=2000).map(|id| line(id, 100)).collect();
    (receipt["grandtotal"], receipt["total_price"]) = (money(200_000), money(200_000));
    let read_whole = read(receipt.to_string().as_bytes()).unwrap();
    assert_eq!((read_whole.lines.len(), totals(&read_whole).unwrap().store_total.minor()), (2000, 200_000));
    receipt["transactions"] = json!([line(1, 1000), line(2, -300)]);
    (receipt["grandtotal"], receipt["total_price"]) = (money(700), money(700));
    let negative = read(receipt.to_string().as_bytes()).unwrap();
    assert_eq!(totals(&negative).unwrap().store_total.minor(), 700);
}

#[test]
fn what_a_buyer_entered_is_in_no_reason() {
    let unreadable = broken("/name", json!({"secret": "Ada Example"}));
    for shown in [format!("{unreadable:?}"), unreadable.why, unreadable.context] {
        assert!(!shown.contains("Ada"), "{shown}");
    }
}
