//! R3: the store's own answer is compared with what was meant, and every difference shows both figures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::{Scene, money, product, sale, time};
use tributary_domain::StoreOrderId;
use tributary_domain::draft::{DraftItem, StoreOrderDraft};
use tributary_domain::readback::{StoreLine, StoreOrder, StoreOrderState, differences};

/// A line with a product and a text line: 40.00 and 15.00.
fn draft() -> StoreOrderDraft {
    Scene::new(sale("GBP", 5500).line("A", 2, 2000).line("X", 1, 1500)).draft()
}

/// The store's answer when it did just what was meant.
fn faithful(draft: &StoreOrderDraft) -> StoreOrder {
    let lines = draft.lines.iter().enumerate().map(|(index, line)| StoreLine {
        line: Some(line.line.clone()),
        id: index.to_string(),
        product: match &line.item {
            DraftItem::Product { id, .. } => Some(id.clone()),
            DraftItem::Text { .. } => None,
        },
        quantity: line.quantity,
        net: line.net,
        deducted: None,
    });
    StoreOrder {
        id: StoreOrderId::new("71").unwrap(),
        number: "71".to_owned(),
        reference: Some(draft.reference),
        state: StoreOrderState::Open,
        paid: draft.paid,
        total: draft.total,
        modified_at: time("2026-11-18T09:05:00Z"),
        lines: lines.collect(),
        ship_to: None,
        shipments: Vec::new(),
    }
}

fn told(change: impl FnOnce(&mut StoreOrder)) -> Vec<String> {
    let draft = draft();
    let mut order = faithful(&draft);
    change(&mut order);
    differences(&draft, &order).iter().map(ToString::to_string).collect()
}

#[test]
fn r3_an_answer_as_meant_has_no_difference() {
    assert_eq!(told(|_| {}), [""; 0]);
}

#[test]
fn r4_a_store_that_taxes_again_is_caught_by_its_total() {
    assert_eq!(told(|order| order.total = money(5830, "GBP")), ["its total is 58.30 GBP, meant was 55.00 GBP"]);
}

#[test]
fn r4_a_store_that_takes_its_tax_out_of_the_price_is_caught_by_its_lines() {
    let found = told(|order| order.lines[0].net = money(3333, "GBP"));
    assert_eq!(found, ["line 1 (`Item A`) is 33.33 GBP, meant was 40.00 GBP"]);
}

#[test]
fn r3_products_quantities_payment_and_lost_lines_are_differences() {
    let product_of_text = told(|order| order.lines[1].product = Some(product("B")));
    assert_eq!(product_of_text, ["line 2 (`Item X`) has not the product that was meant"]);
    assert_eq!(told(|order| order.lines[0].product = None), ["line 1 (`Item A`) has not the product that was meant"]);
    assert_eq!(told(|order| order.lines[0].quantity = 1), ["line 1 (`Item A`) has quantity 1, meant was 2"]);
    assert_eq!(told(|order| order.paid = false), ["it should be paid"]);
    assert_eq!(told(|order| order.lines.truncate(1)), ["it has 1 lines, meant were 2"]);
}

#[test]
fn r3_another_currency_is_another_total() {
    assert_eq!(told(|order| order.total = money(5500, "EUR")), ["its total is 55.00 EUR, meant was 55.00 GBP"]);
}
