//! What eBay refuses, the fake refuses, with a number that eBay's description knows.

use std::collections::BTreeSet;

use fakes::ebay::{DESCRIPTIONS, OrderSpec, demo_items};
use fakes::spec::{Reading, SpecSet, specs_folder};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::{Answered, Caller, ORDERS};

const ORDER: &str = "12-34567-89012";

/// Every `errorId` that the descriptions give.
fn described_ids() -> Option<BTreeSet<String>> {
    fn collect(value: &Value, ids: &mut BTreeSet<String>) {
        if let Some(codes) = value.pointer("/x-response-codes/errors").and_then(Value::as_object) {
            ids.extend(codes.keys().cloned());
        }
        value.as_object().into_iter().flatten().for_each(|(_, inner)| collect(inner, ids));
    }
    let folder = specs_folder()?;
    let mut ids = BTreeSet::new();
    for file in DESCRIPTIONS {
        collect(&serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap(), &mut ids);
    }
    Some(ids)
}

fn assert_refused(answered: &Answered, id: &str) {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    assert_eq!(answered.error(), id, "{:?}", answered.json());
    for error in answered.json()["errors"].as_array().unwrap() {
        let violations = specs.check_named("Error", error, Reading::Imitated);
        assert!(violations.is_empty(), "{violations:?}");
    }
    if let Some(ids) = described_ids() {
        assert!(ids.contains(id), "{id} is in no description");
    }
}

async fn shop() -> (Caller, String, String) {
    let caller = Caller::start().await;
    let order = OrderSpec::new(ORDER).line("A", 3, 1999).line("B", 1, 2500);
    let lines = (order.line_id(0), order.line_id(1));
    caller.fake.place(order);
    (caller, lines.0, lines.1)
}

#[tokio::test]
async fn a_package_that_ebay_would_refuse_is_refused() {
    let (caller, a, b) = shop().await;
    let a = a.as_str();
    for bad in ["1Z 999 AA1", "1Z-999", "", "№1"] {
        assert_refused(&caller.ship_lines(ORDER, bad, &[(a, 1)]).await, "32300");
    }
    let lines = json!([{"lineItemId": a, "quantity": 1}]);
    assert_refused(&caller.ship(ORDER, &json!({"lineItems": lines, "trackingNumber": "X1"})).await, "32300");
    assert_refused(&caller.ship(ORDER, &json!({"lineItems": lines, "shippingCarrierCode": "UPS"})).await, "32300");
    assert_refused(&caller.ship_lines(ORDER, "X1", &[("no such line", 1)]).await, "32200");
    assert_refused(&caller.ship_lines(ORDER, "X1", &[(a, 1), (a, 1)]).await, "32210");
    assert_refused(&caller.ship_lines(ORDER, "X1", &[(a, 0)]).await, "32600");
    assert_refused(&caller.ship_lines(ORDER, "X1", &[(a, 4)]).await, "32600");
    assert_refused(&caller.ship_lines(ORDER, "X1", &[]).await, "32600");
    for date in ["2026-11-22T00:00:00.000Z", "21.11.2026", "2026-11-21T00:00:00+01:00"] {
        assert_refused(&caller.ship(ORDER, &json!({"lineItems": lines, "shippedDate": date})).await, "32500");
    }
    let unknown = caller.ship_lines("12-00000-00000", "X1", &[(a, 1)]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_refused(&unknown, "32100");
    let malformed = caller.ship_lines("nonsense", "X1", &[(a, 1)]).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_refused(&malformed, "32100");
    assert!(caller.fake.fulfilments(ORDER).is_empty());
    assert_eq!(caller.fake.refused_fulfilments().len(), 16);

    let first = caller.ship_lines(ORDER, "1Z999AA1", &[(a, 2)]).await;
    let location = format!("{}{ORDERS}/{ORDER}/shipping_fulfillment/1Z999AA1", caller.fake.url());
    assert_eq!((first.status, first.location.as_deref()), (StatusCode::CREATED, Some(location.as_str())));
    assert!(first.body.is_empty());
    assert_refused(&caller.ship_lines(ORDER, "JD014", &[(a, 2)]).await, "32600");
    assert_eq!(caller.get(&format!("{ORDERS}/{ORDER}"), &[]).await.json()["orderFulfillmentStatus"], "IN_PROGRESS");
    let second = caller.ship(ORDER, &json!({"lineItems": [{"lineItemId": a}, {"lineItemId": b, "quantity": 1}]})).await;
    assert!(second.location.unwrap().ends_with("/999"), "without tracking, eBay makes a number up");
    assert_eq!(caller.get(&format!("{ORDERS}/{ORDER}"), &[]).await.json()["orderFulfillmentStatus"], "FULFILLED");
    let fulfilments = caller.get(&format!("{ORDERS}/{ORDER}/shipping_fulfillment"), &[]).await.json();
    assert_eq!(fulfilments["total"], 2);
    assert_refused(&caller.get(&format!("{ORDERS}/{ORDER}/shipping_fulfillment/X9"), &[]).await, "32110");
}

#[tokio::test]
async fn the_same_package_sent_twice_is_seen_twice_while_units_are_left() {
    let (caller, a, _) = shop().await;
    for _ in 0..2 {
        assert_eq!(caller.ship_lines(ORDER, "1Z999AA1", &[(&a, 1)]).await.status, StatusCode::CREATED);
    }
    assert_eq!(caller.fake.fulfilments(ORDER).iter().filter(|parcel| parcel.id == "1Z999AA1").count(), 2);
}

#[tokio::test]
async fn a_cancelled_order_takes_no_package_and_no_money_ever_moves() {
    let (caller, a, _) = shop().await;
    let refund =
        json!({"reasonForRefund": "BUYER_CANCEL", "orderLevelRefundAmount": {"value": "1.0", "currency": "GBP"}});
    let refused = caller.post(&format!("{ORDERS}/{ORDER}/issue_refund"), &refund).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(caller.fake.refund_requests(), 1);
    assert_eq!(caller.fake.order(ORDER).unwrap().refunded(), 0);
    caller.fake.cancel(ORDER);
    assert_refused(&caller.ship_lines(ORDER, "X1", &[(&a, 1)]).await, "32600");
}

#[tokio::test]
async fn a_list_that_ebay_would_refuse_is_refused() {
    let (caller, ..) = shop().await;
    let many = vec![ORDER; 51].join(",");
    let refused = [
        (("limit", "201"), "31100"),
        (("limit", "0"), "31100"),
        (("limit", "all"), "31100"),
        (("offset", "-1"), "31000"),
        (("fieldGroups", "EVERYTHING"), "32800"),
        (("orderIds", many.as_str()), "30900"),
        (("filter", "status:{PAID}"), "30700"),
        (("filter", "orderfulfillmentstatus:{FULFILLED}"), "30800"),
        (("filter", "creationdate:[now..]"), "30810"),
        (("filter", "creationdate:[..2026-11-20T00:00:00.000Z]"), "30820"),
        (("filter", "lastmodifieddate:[2023-11-20T00:00:00.000Z..]"), "30830"),
        (("filter", "lastmodifieddate:[2026-11-20T00:00:00.000Z..2026-11-19T00:00:00.000Z]"), "30840"),
        (("filter", "lastmodifieddate:[2026-11-20T00:00:00.000Z..2026-11-21T12:00:01.000Z]"), "30850"),
    ];
    for (parameter, id) in refused {
        assert_refused(&caller.get(ORDERS, &[parameter]).await, id);
    }
    assert!(caller.fake.violations().is_empty());
}

#[tokio::test]
async fn quantities_are_kept_and_wrong_ones_refused() {
    let caller = Caller::start().await;
    for item in demo_items() {
        caller.fake.stock(item);
    }
    let item = caller.fake.item("KETTLE-1L7").unwrap();
    let path = "/sell/inventory/v1/bulk_update_price_quantity";
    let set = |sku: &str, quantity: i64| {
        json!({"requests": [{
            "sku": sku,
            "shipToLocationAvailability": {"quantity": quantity},
            "offers": [{"offerId": item.offer_id, "availableQuantity": quantity}],
        }]})
    };
    let done = caller.post(path, &set("KETTLE-1L7", 7)).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(done.json()["responses"].as_array().unwrap().len(), 2);
    assert_eq!(caller.fake.item("KETTLE-1L7").unwrap().available(), 7);
    caller.fake.place(OrderSpec::new(ORDER).line("KETTLE-1L7", 2, 3999));
    assert_eq!(caller.fake.item("KETTLE-1L7").unwrap().available(), 5, "eBay counts its own sales");
    let failed = caller.post(path, &set("NO-SUCH-SKU", 7)).await;
    assert_eq!((failed.status, &failed.json()["responses"][0]["statusCode"]), (StatusCode::MULTI_STATUS, &404.into()));
    assert_eq!(caller.post(path, &set("KETTLE-1L7", -1)).await.json()["responses"][0]["errors"][0]["errorId"], 25709);
    assert_refused(&caller.post(path, &json!({"requests": []})).await, "25709");
    let two = json!({"requests": [set("A", 1)["requests"][0], set("B", 1)["requests"][0]]});
    assert_refused(&caller.post(path, &two).await, "25709");
    assert_eq!(caller.fake.quantity_updates("KETTLE-1L7").len(), 2);
    for _ in 0..125 {
        caller.post(path, &set("KETTLE-1L7", 9)).await;
    }
    let last = caller.post(path, &set("KETTLE-1L7", 9)).await.json();
    assert_eq!(last["responses"][0]["errors"][0]["errorId"], 25002, "250 revisions a day");
    assert_refused(&caller.get("/sell/inventory/v1/inventory_item", &[("limit", "500")]).await, "25706");
    assert_refused(&caller.get("/sell/inventory/v1/inventory_item/NO-SUCH-SKU", &[]).await, "25702");
    assert_refused(&caller.get("/commerce/notification/v1/public_key/other", &[]).await, "195001");
}

#[tokio::test]
async fn what_the_description_does_not_allow_is_refused_and_kept() {
    let (caller, a, _) = shop().await;
    if specs_folder().is_none() {
        return eprintln!("no API descriptions here: skipped");
    }
    let wrong = [
        caller.get(ORDERS, &[("pageSize", "5")]).await,
        caller.ship(ORDER, &json!({"lineItems": [{"lineItemId": a, "quantity": "1"}]})).await,
        caller.ship(ORDER, &json!({"lineItems": [{"lineItemId": a, "quantity": 1}], "notifyBuyer": true})).await,
        caller.ship(ORDER, &json!({"lineItems": [{"lineItemId": a}], "shippedDate": null})).await,
    ];
    for answered in &wrong {
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{:?}", answered.json());
    }
    assert_eq!(caller.get("/sell/fulfillment/v1/orders", &[]).await.status, StatusCode::NOT_FOUND);
    let raw = format!("{}{ORDERS}?filter=creationdate:[2026-11-20T00:00:00.000Z..]", caller.fake.url());
    assert_eq!(caller.get_url(&raw).await.status, StatusCode::BAD_REQUEST);
    let kept: Vec<String> = caller.fake.violations().iter().map(ToString::to_string).collect();
    assert_eq!(kept.len(), 6, "{kept:#?}");
    assert!(kept[0].starts_with("getOrders: query pageSize"), "{kept:#?}");
    assert!(caller.fake.fulfilments(ORDER).is_empty());
}
