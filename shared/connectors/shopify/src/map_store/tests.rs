//! How Shopify's answer is read back.

use serde_json::{Value, json};

use super::*;
use crate::testing::{item, money, order, refund, refunded, tax, wire};

fn ours(mut item: Value, line: &str, index: &str, more: &[(&str, &str)]) -> Value {
    let own = [(LINE, line), (INDEX, index)];
    let pairs = own.iter().chain(more).map(|(key, value)| json!({"key": key, "value": value}));
    item["customAttributes"] = pairs.collect();
    item
}

const REFERENCE: &str = "trib-01JD6Z9V0G0000000000000000-1";

fn imported(items: Vec<Value>, stock: &str) -> Value {
    let mut order = order("51.00", "6.00", "USD", items);
    order["sourceIdentifier"] = json!(REFERENCE);
    order["customAttributes"] = json!([{"key": STOCK, "value": stock}]);
    order
}

fn read(order: &Value) -> StoreOrder {
    store_order(&wire(order)).unwrap()
}

/// Scenario 13, and Shopify may list the parts in any order.
#[test]
fn a_divided_line_is_one_again_in_the_drafts_order() {
    let mut second = item(2, 1, "8.34", "USD");
    second["variant"] = item(1, 2, "0", "USD")["variant"].clone();
    let items = vec![
        ours(item(3, 1, "20.00", "USD"), "L2", "1", &[]),
        ours(second, "L1", "0", &[]),
        ours(item(1, 2, "16.66", "USD"), "L1", "0", &[]),
        ours(item(9, 1, "2.50", "USD"), "", "", &[(FEE, "1")]),
    ];
    let order = read(&imported(items, "taken"));
    assert_eq!(order.reference, REFERENCE.parse().ok());
    let lines: Vec<_> =
        order.lines.iter().map(|line| (line.line.as_ref().unwrap().as_str(), line.quantity, line.net)).collect();
    assert_eq!(lines, [("L1", 3, money(2500, "USD")), ("L2", 1, money(2000, "USD"))]);
    assert_eq!(order.lines.iter().map(|line| line.deducted).collect::<Vec<_>>(), [Some(3), Some(1)]);
}

#[test]
fn a_line_is_net_of_the_tax_that_its_price_holds() {
    let mut one = item(1, 2, "45.00", "USD");
    one["taxLines"] = json!([tax("VAT 20%", json!(20.0), "7.50", "USD")]);
    let mut order = imported(vec![ours(one, "L1", "0", &[])], "taken");
    assert_eq!(read(&order).lines[0].net, money(4500, "USD"));
    order["taxesIncluded"] = json!(true);
    assert_eq!(read(&order).lines[0].net, money(3750, "USD"));
}

#[test]
fn what_is_out_of_stock_is_what_was_taken_less_what_came_back() {
    let of = |stock: &str, more: &[(&str, &str)], refunds: Value, change: &dyn Fn(&mut Value)| {
        let mut order = imported(vec![ours(item(1, 3, "51.00", "USD"), "L1", "0", more)], stock);
        order["refunds"] = refunds;
        change(&mut order);
        read(&order).lines[0].deducted
    };
    let nothing = |_: &mut Value| {};
    assert_eq!(of("taken", &[], json!([]), &nothing), Some(3));
    let back = |restock: &str| json!([refund(5, "17.00", "USD", vec![refunded(1, 1, "17.00", "0", restock, "USD")])]);
    assert_eq!(of("taken", &[], back("CANCEL"), &nothing), Some(2));
    assert_eq!(of("taken", &[], back("RETURN"), &nothing), Some(2));
    assert_eq!(of("taken", &[], back("NO_RESTOCK"), &nothing), Some(3));
    // What we had deducted, and what our own refunds brought back beside Shopify's.
    assert_eq!(of("bypassed", &[], json!([]), &nothing), Some(0));
    assert_eq!(of("bypassed", &[(DEDUCTED, "3")], json!([]), &nothing), Some(3));
    assert_eq!(of("bypassed", &[(DEDUCTED, "3")], back("NO_RESTOCK"), &nothing), Some(3));
    let mut ours = back("NO_RESTOCK");
    ours[0]["note"] = json!("Refunded on eBay [tributary r-1]");
    assert_eq!(of("bypassed", &[(DEDUCTED, "3")], ours, &nothing), Some(2));
    let returned = |order: &mut Value| order["stock"] = json!({"value": "returned"});
    assert_eq!(of("bypassed", &[(DEDUCTED, "3")], json!([]), &returned), Some(0));
    let untracked =
        |order: &mut Value| order["lineItems"]["nodes"][0]["variant"]["inventoryItem"]["tracked"] = json!(false);
    assert_eq!(of("taken", &[], json!([]), &untracked), Some(0));
    let custom = |order: &mut Value| order["lineItems"]["nodes"][0]["variant"] = json!(null);
    assert_eq!(of("taken", &[], json!([]), &custom), None);
}

#[test]
fn the_furthest_side_wins_and_an_unknown_word_is_open() {
    let state = |paid: Value, sent: &str, canceled: bool| {
        let mut order = imported(vec![item(1, 1, "51.00", "USD")], "taken");
        order["displayFinancialStatus"] = paid;
        order["displayFulfillmentStatus"] = json!(sent);
        order["cancelledAt"] = if canceled { json!("2026-11-19T10:00:00Z") } else { json!(null) };
        let read = read(&order);
        (read.state, read.paid)
    };
    assert_eq!(state(json!("PAID"), "UNFULFILLED", false), (StoreOrderState::Open, true));
    assert_eq!(state(json!("PENDING"), "PARTIALLY_FULFILLED", false), (StoreOrderState::Open, false));
    assert_eq!(state(json!("PAID"), "FULFILLED", false), (StoreOrderState::Completed, true));
    assert_eq!(state(json!("PARTIALLY_REFUNDED"), "FULFILLED", false), (StoreOrderState::Completed, true));
    assert_eq!(state(json!("REFUNDED"), "FULFILLED", false), (StoreOrderState::Refunded, true));
    assert_eq!(state(json!("VOIDED"), "UNFULFILLED", true), (StoreOrderState::Canceled, false));
    assert_eq!(state(json!("FROZEN"), "LOST", false), (StoreOrderState::Open, false));
    assert_eq!(state(json!(null), "UNFULFILLED", false), (StoreOrderState::Open, false));
}

#[test]
fn amounts_of_another_currency_are_not_taken_for_the_orders() {
    let mut order = imported(vec![item(1, 1, "51.00", "USD")], "taken");
    order["totalPriceSet"]["presentmentMoney"]["currencyCode"] = json!("EUR");
    assert!(store_order(&wire(&order)).unwrap_err().contains("another currency"));
}
