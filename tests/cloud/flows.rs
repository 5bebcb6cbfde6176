//! Orders all the way: connected, linked, imported, shipped, reported.

use fakes::ebay::ShippedBy;
use fakes::woocommerce::{Tracking, WooFake};
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::stage::{SECRET, Stage, answered, on_stage, wait_for};

/// The shop rings its webhooks, as its own queue does, until there is an answer.
async fn rung<T>(stage: &Stage, what: &str, found: impl AsyncFn() -> Option<T>) -> T {
    wait_for(what, async || {
        stage.market.deliver_webhooks().await;
        stage.shop.deliver_webhooks().await;
        found().await
    })
    .await
}

fn packed(number: &str) -> [Tracking; 1] {
    [Tracking { provider: "Royal Mail".to_owned(), number: number.to_owned() }]
}

/// The store's own books: how many orders carry this reference, and which one.
fn booked(stage: &Stage, order: &Value) -> Vec<u64> {
    let reference = order["store_side"]["reference"].as_str().unwrap();
    let creates = stage.shop.creates().into_iter();
    creates.filter(|made| made.created_via.as_deref() == Some(reference)).map(|made| made.order_id).collect()
}

/// How many orders the channel has in the report, and what they are worth.
async fn in_report(stage: &Stage, channel: &str) -> (u64, Decimal) {
    let report = stage.get(&format!("/reports/sales?days=2&channel={channel}")).await;
    match report["totals"]["overall"].get(0) {
        Some(total) => (total["count"].as_u64().unwrap(), total["gross"]["amount"].as_str().unwrap().parse().unwrap()),
        None => (0, Decimal::ZERO),
    }
}

#[test]
fn an_order_travels_from_a_shop_that_rings_and_its_tracking_comes_back() {
    on_stage(async |stage| {
        for (shop, id) in [(&stage.market, &stage.market_id), (&stage.shop, &stage.shop_id)] {
            add_webhook(stage, shop, &stage.url(&format!("/webhooks/{id}"))).await;
        }
        let before = in_report(stage, &stage.market_id).await;
        let placed = stage.market.place_checkout_order(&json!({
            "status": "processing",
            "payment_method": "card",
            "billing": {"first_name": "Ada", "last_name": "Example", "country": "GB", "email": "ada@example.test"},
            "line_items": [{"product_id": stage.market_tea, "quantity": 2}],
        }));
        let placed = placed.unwrap();
        let number = placed.to_string();
        let order = rung(stage, "the import", async || stage.imported(&number).await).await;
        let [booked_as] = booked(stage, &order)[..] else { panic!("not booked exactly once: {order}") };
        assert_eq!(order["store_side"]["order_id"], booked_as.to_string());
        assert_eq!(stage.shop.order(booked_as).unwrap().totals.total, stage.market.order(placed).unwrap().totals.total);
        assert_eq!(stage.shop.mails_to_buyers().len(), 0);

        stage.shop.ship(booked_as, &packed("RM111111111GB")).unwrap();
        stage.shop.complete(booked_as).unwrap();
        let tracked = async || {
            let order = stage.market.order_json(placed)?.to_string();
            order.contains("RM111111111GB").then_some(())
        };
        rung(stage, "the tracking at the channel", tracked).await;

        let synced = stage.call(Method::POST, &format!("/orders/{}/sync", order["id"].as_str().unwrap()), None).await;
        assert_eq!(synced.status, 202, "{}", synced.json);
        let total = stage.market.order(placed).unwrap().totals.total;
        assert_eq!(in_report(stage, &stage.market_id).await, (before.0 + 1, before.1 + total));
        assert_eq!(stage.shop.duplicates(), Vec::new());
    });
}

#[test]
fn an_ebay_order_is_imported_once_by_the_schedule_and_its_tracking_comes_back() {
    on_stage(async |stage| {
        let order = wait_for("the import", async || stage.imported(&stage.ebay_order).await).await;
        let [booked_as] = booked(stage, &order)[..] else { panic!("not booked exactly once: {order}") };
        assert_eq!(stage.shop.order(booked_as).unwrap().totals.total.to_string(), "27.99");
        assert_eq!(in_report(stage, &stage.ebay_id).await, (1, Decimal::new(2799, 2)));

        stage.shop.ship(booked_as, &packed("RM222222222GB")).unwrap();
        stage.shop.complete(booked_as).unwrap();
        let told = wait_for("the tracking at eBay", async || {
            let told = stage.ebay.fulfilments(&stage.ebay_order);
            (!told.is_empty()).then_some(told)
        })
        .await;
        let [package] = &told[..] else { panic!("told more than once: {told:?}") };
        assert_eq!((package.tracking.as_deref(), package.by), (Some("RM222222222GB"), ShippedBy::Api));
        assert_eq!(stage.ebay.order(&stage.ebay_order).unwrap().fulfilment_status(), "FULFILLED");
        assert_eq!(stage.ebay.violations().len(), 0);
        assert_eq!(stage.shop.duplicates(), Vec::new());
    });
}

/// The shop's people add a webhook. They come over TLS, where a shop takes its keys as they are.
async fn add_webhook(stage: &Stage, shop: &WooFake, delivery_url: &str) {
    let body = json!({"topic": "order.updated", "delivery_url": delivery_url, "secret": SECRET});
    let request = stage.aws.client.post(format!("{}/wp-json/wc/v3/webhooks", shop.url()));
    let request = request.basic_auth(shop.key(), Some(shop.secret())).header("content-type", "application/json");
    shop.set_behind_tls(true);
    let answer = answered(request.body(body.to_string())).await;
    shop.set_behind_tls(false);
    assert_eq!(answer.status, 201, "{}", answer.json);
}
