//! Every answer of the fake is as eBay's descriptions say.

use std::collections::BTreeSet;

use fakes::ebay::{DESCRIPTIONS, PUBLIC_KEY_ID, RefundOf, demo_items, demo_orders};
use fakes::spec::{Reading, SpecSet};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{Answered, Caller, ORDERS};
use crate::matrix::any_order;

fn assert_described(specs: &SpecSet, method: &Method, path: &str, answered: &Answered) {
    let violations = specs.check_answer((method, path), answered.status, &answered.body, Reading::Imitated);
    let shown: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{method} {path} {}: {shown:#?}", answered.status);
}

#[tokio::test]
async fn every_kind_of_answer_is_as_described() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::start().await;
    for item in demo_items() {
        caller.fake.stock(item);
    }
    for seed in 0..150 {
        caller.fake.place(any_order(seed));
    }
    let shipped = any_order(1);
    let line = shipped.line_id(0);
    caller.fake.pay(&shipped.id);
    caller.fake.refund(&shipped.id, RefundOf::Line { line_id: line.clone(), amount: 1 });
    caller.fake.refund(&shipped.id, RefundOf::Amount(1));
    caller.fake.request_cancel(&any_order(3).id);
    let created = caller.ship_lines(&shipped.id, "1Z999AA1", &[(&line, 1)]).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_described(&specs, &Method::POST, &format!("{ORDERS}/{}/shipping_fulfillment", shipped.id), &created);

    let order = format!("{ORDERS}/{}", shipped.id);
    let paths = [
        ORDERS.to_owned(),
        format!("{order}/shipping_fulfillment"),
        format!("{order}/shipping_fulfillment/1Z999AA1"),
        "/sell/inventory/v1/inventory_item".to_owned(),
        "/sell/inventory/v1/inventory_item/TEA-EARL-100".to_owned(),
        "/sell/inventory/v1/location".to_owned(),
        "/commerce/identity/v1/user/".to_owned(),
        format!("/commerce/notification/v1/public_key/{PUBLIC_KEY_ID}"),
    ];
    for path in paths {
        let answered = caller.get(&path, &[]).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}");
        assert_described(&specs, &Method::GET, &path, &answered);
    }
    for breakdown in [None, Some(("fieldGroups", "TAX_BREAKDOWN"))] {
        for seed in 0..150 {
            let path = format!("{ORDERS}/{}", any_order(seed).id);
            let answered = caller.get(&path, breakdown.as_slice()).await;
            assert_eq!(answered.status, StatusCode::OK);
            assert_described(&specs, &Method::GET, &path, &answered);
        }
    }
    let offers = caller.get("/sell/inventory/v1/offer", &[("sku", "TEA-EARL-100")]).await;
    assert_described(&specs, &Method::GET, "/sell/inventory/v1/offer", &offers);
    let update = "/sell/inventory/v1/bulk_update_price_quantity";
    for sku in ["TEA-EARL-100", "NO-SUCH-SKU"] {
        let body = json!({"requests": [{"sku": sku, "shipToLocationAvailability": {"quantity": 7}}]});
        let updated = caller.post(update, &body).await;
        assert_described(&specs, &Method::POST, update, &updated);
    }
    assert!(caller.fake.violations().is_empty(), "{:#?}", caller.fake.violations());
    if specs.is_present() {
        let used: BTreeSet<String> =
            caller.fake.coverage().into_iter().filter(|(_, uses)| uses.requests > 0).map(|(id, _)| id).collect();
        let expected = [
            "bulkUpdatePriceQuantity",
            "createShippingFulfillment",
            "getInventoryItem",
            "getInventoryItems",
            "getInventoryLocations",
            "getOffers",
            "getOrder",
            "getOrders",
            "getPublicKey",
            "getShippingFulfillment",
            "getShippingFulfillments",
            "getUser",
        ];
        assert_eq!(used, expected.map(str::to_owned).into());
    }
}

#[tokio::test]
async fn the_demo_orders_are_as_described_but_for_the_malformed_one() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::start().await;
    caller.fake.place_all(demo_orders(7));
    let mut odd = 0;
    for order in demo_orders(7) {
        let path = format!("{ORDERS}/{}", order.id);
        let answered = caller.get(&path, &[("fieldGroups", "TAX_BREAKDOWN")]).await;
        let violations = specs.check_answer((&Method::GET, &path), answered.status, &answered.body, Reading::Received);
        odd += usize::from(!violations.is_empty());
    }
    assert_eq!(odd, usize::from(specs.is_present()));
}

#[tokio::test]
async fn what_a_test_patches_reaches_the_caller() {
    let caller = Caller::start().await;
    let order = any_order(5)
        .set("/orderPaymentStatus", json!("HELD_BY_MARTIANS"))
        .set("/legacyOrderId", json!("1-2"))
        .remove("/lineItems/0/lineItemId");
    let path = format!("{ORDERS}/{}", order.id);
    caller.fake.place(order);
    let shown = caller.get(&path, &[]).await.json();
    assert_eq!(shown["orderPaymentStatus"], "HELD_BY_MARTIANS");
    assert_eq!(shown["legacyOrderId"], "1-2");
    assert!(shown["lineItems"][0].get("lineItemId").is_none());
}
