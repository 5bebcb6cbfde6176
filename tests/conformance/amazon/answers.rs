//! Every answer of the fake is as Amazon's descriptions say.

use std::collections::BTreeSet;

use fakes::amazon::{
    Collector, DESCRIPTIONS, LineSpec, ListedItem, MARKETPLACES, OrderSpec, Placed, TaxStyle, demo_listings,
    demo_orders,
};
use fakes::spec::{Reading, SpecSet};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{ALL, Answered, Caller, ORDERS, listings, package};

fn assert_described(specs: &SpecSet, method: &Method, path: &str, answered: &Answered) {
    let violations = specs.check_answer((method, path), answered.status, &answered.body, Reading::Imitated);
    let shown: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{method} {path} {}: {shown:#?}", answered.status);
}

/// One order of each state and with each charge that the fake knows.
fn orders() -> Vec<OrderSpec> {
    let order = |number: u32| OrderSpec::new(&format!("202-0000000-{number:07}"));
    let mut company = order(5).line("A", 1, 1999);
    (company.company, company.purchase_order) = (Some("Example Ltd".to_owned()), Some("PO-17".to_owned()));
    company.instruction = Some("Ring twice".to_owned());
    vec![
        order(1).line("A", 3, 1999).line("B", 1, 2500).shipping(399),
        order(2).line("A", 1, 1999).placed(Placed::PendingAvailability),
        order(3).line("A", 1, 1999).pending().without_pending_amounts(),
        order(4).line("A", 1, 1999).placed(Placed::Unfulfillable).by_amazon(),
        company,
        order(6).line_of(LineSpec::new("A", 2, 1000).discount(100).shipping(300).shipping_discount(50).cod_fee(100)),
        order(7).line_of(LineSpec::new("A", 1, 1000).gift(399, "Hello").tax(200, Collector::Amazon).shipping_tax(40)),
        order(8).line("A", 1, 12_000).tax(2000, Collector::Ioss).taxed(TaxStyle::Included),
        order(9).line("A", 1, 1999).tip(200).program("PRIME").without_personal_data(),
        order(10).line("A", 1, 1999).canceled(),
    ]
}

#[tokio::test]
async fn every_kind_of_answer_is_as_described() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::unlimited().await;
    caller.fake.place_all(orders());
    let first = &orders()[0];
    let (id, a, b) = (first.id.clone(), first.item_id(0), first.item_id(1));
    let path = format!("/orders/v0/orders/{id}/shipmentConfirmation");
    for (reference, tracking, line) in [("1", "1Z1", (a.as_str(), 2)), ("2", "1Z2", (b.as_str(), 1))] {
        let confirmed = caller.confirm(&id, &package(reference, tracking, &[line])).await;
        assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
        assert_described(&specs, &Method::POST, &path, &confirmed);
    }
    caller.fake.request_cancel(&orders()[4].id);
    caller.fake.clock().advance(jiff::SignedDuration::from_mins(10));
    let found = caller.search(&[("marketplaceIds", &MARKETPLACES.join(","))]).await;
    assert_eq!(found.json()["orders"].as_array().unwrap().len(), 10);
    assert_described(&specs, &Method::GET, ORDERS, &found);
    for data in [ALL, "FULFILLMENT", ""] {
        for order in orders() {
            let path = format!("{ORDERS}/{}", order.id);
            let query = [("includedData", data)];
            let shown = caller.get(&path, if data.is_empty() { &[] } else { &query }).await;
            assert_eq!(shown.status, StatusCode::OK);
            assert_described(&specs, &Method::GET, &path, &shown);
        }
    }
    let participations = caller.get("/sellers/v1/marketplaceParticipations", &[]).await;
    assert_described(&specs, &Method::GET, "/sellers/v1/marketplaceParticipations", &participations);

    caller.fake.list(ListedItem::new("A", "An item", 5));
    caller.fake.list(ListedItem::new("B", "Stored at Amazon", 0).by_amazon());
    caller.fake.list(ListedItem::new("C", "A broken one", 1).refused("18027"));
    let here = ("marketplaceIds", MARKETPLACES[0]);
    let data = ("includedData", "summaries,fulfillmentAvailability");
    for query in [vec![here, data], vec![here], vec![here, data, ("pageSize", "1")]] {
        let found = caller.get(&listings(), &query).await;
        assert_eq!(found.status, StatusCode::OK);
        assert_described(&specs, &Method::GET, &listings(), &found);
    }
    let patch = json!({"productType": "GROCERY", "patches": [{
        "op": "merge", "path": "/attributes/fulfillment_availability",
        "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}],
    }]});
    for sku in ["A", "C"] {
        let path = format!("{}/{sku}", listings());
        assert_described(&specs, &Method::GET, &path, &caller.get(&path, &[here, data]).await);
        let patched = caller.send(Method::PATCH, &path, &[here], Some(&patch)).await;
        assert_eq!(patched.status, StatusCode::OK);
        assert_described(&specs, &Method::PATCH, &path, &patched);
    }
    assert_eq!(
        (caller.fake.listing("A").unwrap().quantity, caller.fake.listing("C").unwrap().quantity),
        (Some(7), Some(1))
    );
    let strange = caller.get(&format!("{ORDERS}/999-9999999-9999999"), &[]).await;
    assert_described(&specs, &Method::GET, &format!("{ORDERS}/999-9999999-9999999"), &strange);
    assert!(caller.fake.violations().is_empty(), "{:#?}", caller.fake.violations());
    if specs.is_present() {
        let coverage = caller.fake.coverage();
        let used: BTreeSet<&str> =
            coverage.iter().filter(|(_, uses)| uses.requests > 0).map(|(id, _)| id.as_str()).collect();
        println!("described operations checked: {used:?}");
        let expected = [
            "confirmShipment",
            "getListingsItem",
            "getMarketplaceParticipations",
            "getOrder",
            "patchListingsItem",
            "searchListingsItems",
            "searchOrders",
        ];
        assert_eq!(used, expected.into());
    }
}

#[tokio::test]
async fn the_demo_is_as_described() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::unlimited().await;
    for item in demo_listings() {
        caller.fake.list(item);
    }
    caller.fake.place_all(demo_orders());
    for order in demo_orders() {
        let path = format!("{ORDERS}/{}", order.id);
        let shown = caller.get(&path, &[("includedData", ALL)]).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert_described(&specs, &Method::GET, &path, &shown);
    }
}

#[tokio::test]
async fn only_the_datasets_that_are_asked_for_are_shown() {
    let caller = Caller::unlimited().await;
    caller.fake.place(orders().remove(0));
    let shown = async |data: &str| {
        let order = caller.get(&format!("{ORDERS}/202-0000000-0000001"), &[("includedData", data)]).await.json();
        let keys: BTreeSet<String> = order["order"].as_object().unwrap().keys().cloned().collect();
        let always = ["createdTime", "lastUpdatedTime", "orderId", "orderItems", "programs", "salesChannel"];
        keys.into_iter().filter(|key| !always.contains(&key.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(shown("BUYER").await, ["buyer"]);
    assert_eq!(shown("RECIPIENT,FULFILLMENT").await, ["fulfillment", "recipient"]);
    assert_eq!(shown("PROCEEDS").await, ["proceeds"]);
    assert_eq!(shown("PAYMENT").await, ["payment"]);
}

#[tokio::test]
async fn the_amounts_of_every_order_add_up() {
    let caller = Caller::unlimited().await;
    caller.fake.place_all(orders().into_iter().chain(demo_orders()));
    let minor = |money: &serde_json::Value| -> i64 {
        money["amount"].as_str().map_or(0, |text| text.replace('.', "").parse().unwrap())
    };
    for order in orders().into_iter().chain(demo_orders()) {
        let shown = caller.get(&format!("{ORDERS}/{}", order.id), &[("includedData", ALL)]).await.json();
        let order_shown = &shown["order"];
        let Some(proceeds) = order_shown.get("proceeds") else { continue };
        let breakdowns = proceeds["breakdowns"].as_array().unwrap();
        let counted = breakdowns.iter().filter(|part| order.tax_style == TaxStyle::OnTop || part["type"] != "TAX");
        let sum: i64 = counted.map(|part| minor(&part["subtotal"])).sum();
        assert_eq!(sum, minor(&proceeds["grandTotal"]), "{}", order.id);
        assert_eq!(sum, order.total(), "{}", order.id);
        let items = order_shown["orderItems"].as_array().unwrap();
        let of_items: i64 = items.iter().map(|item| minor(&item["proceeds"]["proceedsTotal"])).sum();
        assert_eq!(of_items + order.tip, sum, "{}", order.id);
        for tax in items.iter().flat_map(|item| item["proceeds"]["breakdowns"].as_array().unwrap()) {
            if let Some(details) = tax["detailedBreakdowns"].as_array() {
                let sum: i64 = details.iter().map(|detail| minor(&detail["value"])).sum();
                assert_eq!(sum, minor(&tax["subtotal"]), "{}", order.id);
            }
        }
    }
}
