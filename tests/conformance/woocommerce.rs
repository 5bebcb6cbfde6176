//! Replays what real WooCommerce shops were asked against the fake, and compares the answers value by value.
//!
//! The order is the recording's own, and so are the ids. Every file is replayed here or named, with the reason, in
//! `NOT_REPLAYED`; what is compared in part says so where it happens.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "woocommerce/captures.rs"]
mod captures;
#[path = "woocommerce/client.rs"]
mod client;
#[path = "woocommerce/compare.rs"]
mod compare;
#[path = "woocommerce/replay.rs"]
mod replay;
#[path = "woocommerce/rules.rs"]
mod rules;

use captures::Captures;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use replay::{Replay, receiver};
use serde_json::{Value, json};

const NOT_REPLAYED: [(&str, &str); 3] = [
    ("94-timings", "measures the machine that it was recorded on"),
    ("store-a", "describes the shop; the seed below is made from it"),
    ("store-b", "describes the other shop"),
];

#[tokio::test]
async fn the_fake_answers_what_the_real_shop_answered() {
    let Some(captures) = Captures::find() else { return };
    let mut replay = Replay::of_store_a(captures).await;

    replay.all(&["01-auth-none-get", "02-auth-bad-secret-get", "03-auth-readonly-post", "03b-auth-none-post"]).await;
    replay.all(&["06-auth-basic-real-tls", "06b-auth-query-string", "99-auth-unknown-key"]).await;
    replay.shop.set_behind_tls(false);
    replay.all(&["04-auth-basic-on-plain-http", "05-auth-oauth1-on-plain-http"]).await;
    replay.shop.set_behind_tls(true);

    orders(&mut replay).await;
    webhooks_and_refunds(&mut replay).await;
    updates(&mut replay).await;
    lists(&mut replay).await;
    products(&mut replay).await;
    outages(&mut replay).await;
    references(&mut replay).await;
    time_zones(&mut replay).await;
    search_on_both_versions(&mut replay).await;

    replay.finish(&NOT_REPLAYED);
}

async fn orders(replay: &mut Replay) {
    replay
        .all(&[
            "10-order-create-201",
            "11-order-get",
            "12-product-stock-after-order",
            "13-order-create-duplicate",
            "13b-order-create-duplicate-idempotency-key",
            "14-find-by-search-external-ref",
            "14b-find-by-search-transaction-id",
            "14c-find-by-meta_key-param",
            "14d-find-by-search-email",
            "20-err-invalid-product-id",
            "21-err-bad-sku",
            "22-line-by-sku",
            "23-line-sku-and-product-id-disagree",
            "24-line-variable-parent-without-variation",
            "25-line-variation",
            "26-line-bad-variation",
            "27-line-out-of-stock",
            "27b-line-out-of-stock-paid",
            "27c-oos-stock-after",
            "28-line-quantity-zero",
            "28b-line-quantity-negative",
            "28c-line-quantity-fraction",
            "29-line-without-product",
            "30-order-empty",
            "31-err-bad-status",
            "32-err-bad-currency",
            "33-err-bad-email",
            "33b-bad-country",
            "34-err-bad-customer",
            "35-err-bad-coupon",
            "36-order-with-own-id",
            "36b-order-with-own-date",
            "37-err-malformed-json",
            "38-err-wrong-type",
            "39-err-order-404",
            "39b-err-put-404",
            "40-err-per-page-too-large",
            "41-err-modified-after-format",
            "42-err-duplicate-product-sku",
            "43-err-no-route",
            "44-patch-is-like-put",
        ])
        .await;
    replay.shop.set_behind_tls(false);
    replay.all(&["05b-auth-oauth1-signed-for-home-url"]).await;
    replay.shop.set_behind_tls(true);
}

async fn webhooks_and_refunds(replay: &mut Replay) {
    let receiver = receiver().await;
    receiver.url().clone_into(&mut replay.receiver_url);
    replay
        .all(&[
            "50-webhook-create-order-created",
            "50-webhook-create-order-updated",
            "50-webhook-create-order-deleted",
            "50-webhook-create-order-restored",
            "50-webhook-create-product-updated",
            "51-err-webhook-bad-topic",
            "51b-err-webhook-bad-url",
        ])
        .await;
    replay.compare_delivery("webhooks/ping", &receiver.calls().to("POST /woo/order.created")[0]);

    replay.all(&["52-order-for-webhooks"]).await;
    replay.deliver().await;
    replay.compare_delivery("webhooks/order-created", &receiver.calls().to("POST /woo/order.created")[1]);
    replay.compare_delivery("webhooks/order-updated-after-create", &receiver.calls().to("POST /woo/order.updated")[1]);
    replay.compare_delivery("webhooks/product-updated-stock", &receiver.calls().to("POST /woo/product.updated")[1]);
    replay.all(&["53-order-complete-with-tracking"]).await;
    replay.deliver().await;
    let updates = receiver.calls().to("POST /woo/order.updated");
    replay.compare_delivery("webhooks/order-updated-completed-with-tracking", &updates[2]);

    replay
        .all(&[
            "60-refund-partial-amount",
            "61-refund-line-item-with-tax",
            "62-refunds-list",
            "63-order-after-partial-refunds",
            "63b-stock-after-line-refund",
            "64-err-refund-too-much",
            "64b-err-refund-api_refund-default-true",
            "64c-err-refund-zero",
            "64d-err-refund-not-number",
            "64e-err-refund-no-order",
            "65-refund-rest",
            "66-order-after-full-refund",
            "66b-err-refund-already-refunded",
        ])
        .await;
    replay.receiver = Some(receiver);
    replay.check_recorded_signatures();
}

async fn updates(replay: &mut Replay) {
    // Order 41 of the recording, whose own request was not kept.
    replay.at("2026-11-21T20:59:00Z");
    let order = json!({
        "payment_method": "bacs", "set_paid": true,
        "billing": {"email": "n@example.test", "country": "US", "state": "CA"},
        "line_items": [{"sku": "TEE-BLU-L", "quantity": 2}],
        "meta_data": [{"key": "_channel_order_id", "value": "CH-3001"}],
    });
    assert_eq!(replay.create(&order).await, 41);
    replay
        .all(&[
            "67-note-customer",
            "67b-notes-list",
            "68-put-line-items-without-id-appends",
            "68b-stock-after-appended-line",
            "69-put-meta-same-key",
            "69b-put-same-status-noop",
            "70-put-completed",
            "71-put-completed-back-to-pending",
            "72-put-cancelled",
            "72b-stock-after-cancel",
            "73-put-cancelled-to-completed",
            "73b-put-set-paid-again",
            "74-put-status-refunded",
            "74b-refunds-after-status-refunded",
        ])
        .await;
}

async fn lists(replay: &mut Replay) {
    replay
        .all(&[
            "75-modified-after-equal",
            "75b-modified-after-minus-1s",
            "75c-modified-after-Z",
            "75d-modified-after-offset-plus2",
            "76-modified-after-paged",
            "76b-status-filter",
            "76c-page-past-end",
            "77-batch-mixed",
        ])
        .await;
    replay.at("2026-11-21T20:59:05Z");
    let mug = json!({"line_items": [{"sku": "MUG-01", "quantity": 1}]});
    assert_eq!(replay.create(&mug).await, 45);
    replay.all(&["78-delete-to-trash", "78b-get-trashed", "78c-put-trashed"]).await;
    replay.all(&["79-delete-force", "79b-get-deleted"]).await;
    replay.all(&["80-precision-three-decimals", "80b-total-with-comma", "80c-jpy-decimals"]).await;
    replay.all(&["81-bad-sku-with-name-and-total"]).await;

    // The webhooks of an hour, delivered late: bodies are of now, and order 45 is gone.
    replay.deliver().await;
    let receiver = replay.receiver.take().unwrap();
    let told = |topic: &str, id: u64| {
        let calls = receiver.calls().to(&format!("POST /woo/{topic}"));
        calls.into_iter().find(|call| call.json().is_some_and(|body| body["id"] == id)).unwrap()
    };
    let erroneous = |topic: &str| {
        let calls = receiver.calls().to(&format!("POST /woo/{topic}"));
        calls.into_iter().find(|call| call.json().is_some_and(|body| body.get("code").is_some())).unwrap()
    };
    replay.compare_delivery("webhooks/order-created-delivered-late-shows-refunded", &told("order.created", 41));
    replay.compare_delivery("webhooks/order-updated-refunded", &told("order.updated", 18));
    replay.compare_delivery("webhooks/order-deleted", &told("order.deleted", 45));
    replay.compare_delivery("webhooks/order-created-of-deleted-order-has-error-body", &erroneous("order.created"));
    replay.compare_delivery("webhooks/order-updated-of-deleted-order-has-error-body", &erroneous("order.updated"));

    // The caller hung up, and the order was made all the same.
    replay.at("2026-11-21T20:59:08Z");
    replay.shop.ids_continue_after(54);
    replay.shop.faults().on("POST */orders").drop_response(1);
    let order = json!({
        "set_paid": true, "transaction_id": "lost-1", "line_items": [{"sku": "MUG-01", "quantity": 1}],
    });
    assert!(replay.post("/orders", &order).await.is_none());
    replay.all(&["82-after-lost-response"]).await;

    let receiver = self::receiver().await;
    receiver.url().clone_into(&mut replay.receiver_url);
    replay.all(&["54-webhook-to-failing-endpoint-activation", "54c-webhook-failing-state"]).await;
    for change in 1..=7 {
        replay.at("2026-11-21T21:07:13Z");
        replay.shop.edit_order(35, &json!({"customer_note": format!("change {change}")})).unwrap();
        replay.deliver().await;
    }
    let calls = receiver.calls().to("POST /fail");
    let signed = calls.iter().filter(|call| call.header("x-wc-webhook-topic").is_some());
    assert_eq!((signed.count(), calls.len()), (7, 7 + 7), "seven failures, a ping at first and after each of six");
    let body = calls.iter().find_map(|call| call.json().filter(|body| body["id"] == 35)).unwrap();
    assert_eq!(body["status"], "completed");
    replay.partly("webhooks/order-updated-to-failing-endpoint", "its order had other notes");
    replay.all(&["55-webhook-after-repeated-failures"]).await;
}

async fn products(replay: &mut Replay) {
    replay
        .all(&[
            "90-product-by-sku",
            "90b-product-by-missing-sku",
            "90c-product-by-two-skus",
            "90d-product-by-sku-case",
            "90e-product-by-variation-sku",
            "90f-variations",
            "91-product-set-stock",
            "91b-product-set-stock-variation-via-products-route",
            "91c-variation-set-stock",
            "92b-currency",
        ])
        .await;
    for _ in 0..40 {
        let order = json!({"set_paid": true, "line_items": [{"sku": "TEE-BLU-L", "quantity": 1}]});
        replay.create(&order).await;
    }
    replay.all(&["93-stock-after-40-concurrent-paid-orders"]).await;
}

async fn outages(replay: &mut Replay) {
    let down = replay.shop.maintenance();
    replay.all(&["95-maintenance-mode-503"]).await;
    down.off();
    let down = replay.shop.plugin_inactive();
    replay.all(&["96-plugin-inactive-404", "96b-plugin-inactive-post-404"]).await;
    down.off();
    replay.status_only("96c-plugin-active-again", "its order came from a load test").await;
    let down = replay.shop.database_down();
    replay.all(&["97-database-refuses"]).await;
    down.off();
    let down = replay.shop.php_down();
    replay.all(&["98-php-down-502"]).await;
    down.off();
    replay.status_only("98b-php-up-again", "its order came from a load test").await;
}

async fn references(replay: &mut Replay) {
    // Recorded later, when the shop had had other orders: ids are not compared.
    replay.ids = false;
    replay
        .all(&[
            "14f-created_via-create",
            "14g-created_via-filter",
            "14h-created_via-filter-no-match",
            "14i-shop-taxes-again",
        ])
        .await;
    replay.ids = true;
    let listed = replay.status_only("14j-list-after", "the shop held other orders").await;
    let recorded = replay.captures.read("14j-list-after").answer;
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let rows = listed.as_array().unwrap();
    assert_eq!(rows.len(), 2, "14f and 14i were created after the moment asked for");
    assert!(rows.iter().all(|row| keys(row) == keys(&recorded[0])));
}

/// The shop is moved to Berlin and to Los Angeles, and asked what changed after a moment written in each way.
async fn time_zones(replay: &mut Replay) {
    let rows = replay.captures.json("75z-modified-after-time-zones-hpos-11.0.1");
    let mut zone = String::new();
    for row in rows.as_array().unwrap() {
        let query = row["query"].as_str().unwrap();
        let site = row["site_time_zone"].as_str().unwrap();
        if site != zone {
            site.clone_into(&mut zone);
            replay.shop.set_time_zone(TimeZone::get(site).unwrap());
            // The first query of each zone asks for what is younger than one second before the change.
            let second_before: Timestamp = format!("{}Z", &query["modified_after=".len()..]).parse().unwrap();
            let changed = second_before + SignedDuration::from_secs(1);
            replay.shop.clock().set(changed);
            replay.shop.edit_order(35, &json!({"customer_note": site})).unwrap();
        }
        let target = format!("/wp-json/wc/v3/orders?{query}&per_page=100&_fields=id");
        let answer = replay.get(&target).await;
        let returned = answer.as_array().unwrap().iter().any(|order| order["id"] == 35);
        assert_eq!(returned, row["order_returned"], "{site}: {query}");
    }
    replay.shop.set_time_zone(TimeZone::UTC);
    replay.partly("75z-modified-after-time-zones-hpos-11.0.1", "the count of other orders is the recorded shop's own");
}

/// Captures 14e: `search` finds a `transaction_id` on 11.0.1 only, and by part.
async fn search_on_both_versions(replay: &mut Replay) {
    for (letter, older) in [("A", false), ("B", true)] {
        let captures = replay.captures.clone();
        let mut other = Replay::fresh(captures, older).await;
        other.shop.ids_continue_after(20);
        for transaction in ["TX-77", "TX-771"] {
            other.create(&json!({"transaction_id": transaction})).await;
        }
        other.all(&[&format!("14e-{letter}-search-TX-77"), &format!("14e-{letter}-search-CHX-TX-77")]).await;
        replay.take_over(other);
    }
}
