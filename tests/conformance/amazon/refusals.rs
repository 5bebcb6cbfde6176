//! What the fake refuses, and in which shape.

use fakes::amazon::{DESCRIPTIONS, ListedItem, MARKETPLACES, OrderSpec};
use fakes::spec::{Reading, SpecSet};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, ORDERS, listings, package};

const ORDER: &str = "202-0000000-0000001";

async fn shop() -> (Caller, String, String) {
    let caller = Caller::unlimited().await;
    let spec = OrderSpec::new(ORDER).line("A", 3, 1999).line("B", 1, 2500);
    let items = (spec.item_id(0), spec.item_id(1));
    caller.fake.place(spec);
    caller.fake.clock().advance(SignedDuration::from_mins(5));
    (caller, items.0, items.1)
}

#[tokio::test]
async fn searches_that_the_description_does_not_allow_are_refused() {
    let (caller, ..) = shop().await;
    let after = ("lastUpdatedAfter", "2026-11-21T11:00:00Z");
    let refused: [&[(&str, &str)]; 10] = [
        &[],
        &[after, ("createdAfter", "2026-11-21T11:00:00Z")],
        &[after, ("createdBefore", "2026-11-21T11:30:00Z")],
        &[("createdAfter", "2026-11-21T11:00:00Z"), ("lastUpdatedBefore", "2026-11-21T11:30:00Z")],
        &[after, ("lastUpdatedBefore", "2026-11-21T10:00:00Z")],
        &[("lastUpdatedAfter", "yesterday")],
        &[after, ("maxResultsPerPage", "0")],
        &[after, ("maxResultsPerPage", "101")],
        &[("lastUpdatedBefore", "2026-11-21T11:30:00Z")],
        &[after, ("paginationToken", "e30")],
    ];
    for query in refused {
        let answered = caller.get(ORDERS, query).await;
        assert_eq!(
            (answered.status, answered.error().as_str()),
            (StatusCode::BAD_REQUEST, "InvalidInput"),
            "{query:?}"
        );
    }
    assert!(caller.fake.violations().is_empty());
}

/// Every departure from the description is refused, and remembered.
#[tokio::test]
async fn what_is_not_described_is_a_violation() {
    let (caller, item, _) = shop().await;
    if !SpecSet::load(&DESCRIPTIONS).unwrap().is_present() {
        return;
    }
    let after = ("lastUpdatedAfter", "2026-11-21T11:00:00Z");
    let mut expected = 0;
    let mut refused = async |method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>, status: u16| {
        let answered = caller.send(method, path, query, body.as_ref()).await;
        assert_eq!(answered.status.as_u16(), status, "{path} {query:?}");
        expected += 1;
        assert!(caller.fake.violations().len() >= expected, "{path} {query:?}");
        expected = caller.fake.violations().len();
    };
    refused(Method::GET, ORDERS, &[after, ("OrderStatuses", "Unshipped")], None, 400).await;
    refused(Method::GET, ORDERS, &[after, ("includedData", "EVERYTHING")], None, 400).await;
    refused(Method::GET, ORDERS, &[after, ("fulfillmentStatuses", "Unshipped")], None, 400).await;
    refused(Method::GET, "/orders/2026-01-01/order", &[], None, 404).await;
    let path = format!("/orders/v0/orders/{ORDER}/shipmentConfirmation");
    let mut number = package("1", "1Z1", &[(&item, 1)]);
    number["packageDetail"]["packageReferenceId"] = json!(1);
    refused(Method::POST, &path, &[], Some(number), 400).await;
    let mut without = package("1", "1Z1", &[(&item, 1)]);
    without["packageDetail"].as_object_mut().unwrap().remove("trackingNumber");
    refused(Method::POST, &path, &[], Some(without), 400).await;
    let mut text = package("1", "1Z1", &[(&item, 1)]);
    text["packageDetail"]["orderItems"][0]["quantity"] = json!("1");
    refused(Method::POST, &path, &[], Some(text), 400).await;
    refused(Method::POST, &path, &[], None, 400).await;
    refused(Method::GET, &listings(), &[], None, 400).await;
    let here = ("marketplaceIds", MARKETPLACES[0]);
    refused(Method::GET, &listings(), &[here, ("pageSize", "21")], None, 400).await;
    refused(Method::PATCH, &format!("{}/A", listings()), &[here], Some(json!({"patches": []})), 400).await;
    let odd = json!({"productType": "X", "patches": [{"op": "increase", "path": "/attributes/x"}]});
    refused(Method::PATCH, &format!("{}/A", listings()), &[here], Some(odd), 400).await;
    assert_eq!(caller.fake.packages(ORDER).len(), 0);
}

#[tokio::test]
async fn packages_that_cannot_be_are_refused_and_leave_no_trace() {
    let (caller, a, b) = shop().await;
    let good = package("1", "1Z1", &[(&a, 1)]);
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let refused = [
        with("/marketplaceId", json!(MARKETPLACES[1])),
        with("/packageDetail/packageReferenceId", json!("0")),
        with("/packageDetail/packageReferenceId", json!("P-1")),
        with("/packageDetail/carrierCode", json!("")),
        with("/packageDetail/carrierCode", json!("Other")),
        with("/packageDetail/trackingNumber", json!(" ")),
        with("/packageDetail/shipDate", json!("02/21/2022")),
        with("/packageDetail/orderItems", json!([])),
        with("/packageDetail/orderItems/0/orderItemId", json!("77")),
        with("/packageDetail/orderItems/0/quantity", json!(4)),
        with("/packageDetail/orderItems/0/quantity", json!(0)),
    ];
    for (at, body) in refused.iter().enumerate() {
        let answered = caller.confirm(ORDER, body).await;
        assert_eq!((answered.status, answered.error().as_str()), (StatusCode::BAD_REQUEST, "InvalidInput"), "{body}");
        assert_eq!(caller.fake.refused_packages().len(), at + 1);
    }
    assert_eq!(caller.confirm("999-9999999-9999999", &good).await.status, StatusCode::NOT_FOUND);
    assert_eq!(caller.fake.confirmations(), 0);
    // Two packages hold no more than was ordered; the same reference again is the same package.
    assert_eq!(caller.confirm(ORDER, &package("1", "1Z1", &[(&a, 2)])).await.status, StatusCode::NO_CONTENT);
    assert_eq!(caller.confirm(ORDER, &package("2", "1Z2", &[(&a, 2), (&b, 1)])).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(caller.confirm(ORDER, &package("1", "1Z9", &[(&a, 3)])).await.status, StatusCode::NO_CONTENT);
    let packages = caller.fake.packages(ORDER);
    assert_eq!(packages.len(), 1);
    assert_eq!((packages[0].tracking.as_str(), packages[0].told), ("1Z9", 2));
    caller.fake.cancel(ORDER);
    assert_eq!(caller.confirm(ORDER, &package("2", "1Z2", &[(&b, 1)])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn orders_that_amazon_sends_itself_take_no_package() {
    let caller = Caller::unlimited().await;
    let order = |id: &str| OrderSpec::new(id).line("A", 1, 1999);
    let cases = [
        order("202-0000000-0000011").by_amazon(),
        order("202-0000000-0000012").pending(),
        order("202-0000000-0000013").program("FBM_SHIP_PLUS"),
    ];
    for spec in cases {
        let (id, item) = (spec.id.clone(), spec.item_id(0));
        caller.fake.place(spec);
        assert_eq!(
            caller.confirm(&id, &package("1", "1Z1", &[(&item, 1)])).await.status,
            StatusCode::BAD_REQUEST,
            "{id}"
        );
    }
}

#[tokio::test]
async fn listings_of_others_and_wrong_patches_are_refused() {
    let (caller, ..) = shop().await;
    caller.fake.list(ListedItem::new("A", "An item", 5));
    let here = ("marketplaceIds", MARKETPLACES[0]);
    assert_eq!(caller.get("/listings/2021-08-01/items/SOMEBODY", &[here]).await.status, StatusCode::FORBIDDEN);
    let elsewhere = caller.get(&listings(), &[("marketplaceIds", "ATVPDKIKX0DER")]).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    assert_eq!(caller.get(&format!("{}/NONE", listings()), &[here]).await.status, StatusCode::NOT_FOUND);
    let other = ("marketplaceIds", MARKETPLACES[1]);
    assert_eq!(caller.get(&format!("{}/A", listings()), &[other]).await.status, StatusCode::NOT_FOUND);
    let patch = |kind: &str, channel: &str| {
        json!({"productType": kind, "patches": [{
            "op": "merge", "path": "/attributes/fulfillment_availability",
            "value": [{"fulfillment_channel_code": channel, "quantity": 7}],
        }]})
    };
    for body in [patch("LUGGAGE", "DEFAULT"), patch("GROCERY", "AMAZON_EU")] {
        let answered = caller.send(Method::PATCH, &format!("{}/A", listings()), &[here], Some(&body)).await;
        assert_eq!((answered.status, answered.json()["status"].as_str()), (StatusCode::OK, Some("INVALID")), "{body}");
    }
    assert_eq!(caller.fake.listing("A").unwrap().quantity, Some(5));
}

#[tokio::test]
async fn refusals_are_as_described() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let (caller, ..) = shop().await;
    for (path, expected) in [(format!("{ORDERS}/TEST_CASE_400"), 400), (format!("{ORDERS}/999-9999999-9999999"), 404)] {
        let answered = caller.get(&path, &[]).await;
        assert_eq!(answered.status.as_u16(), expected);
        let breaches = specs.check_answer((&Method::GET, &path), answered.status, &answered.body, Reading::Imitated);
        assert!(breaches.is_empty(), "{breaches:?}");
    }
}
