//! Webhooks are signed with the application's secret over the raw body, in the shape of the vendor's samples.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fakes::shopify::{COMPLIANCE_TOPICS, Delivery, OrderSpec};
use fakes::spec::specs_folder;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::caller::Caller;

const SUBSCRIBE: &str = "mutation S($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri, format: JSON}) {
    webhookSubscription { id topic uri } userErrors { field message } } }";

async fn subscribed(topics: &[&str]) -> Caller {
    let caller = Caller::start().await;
    for topic in topics {
        let data = caller.data(SUBSCRIBE, &json!({"topic": topic, "uri": "https://app.test/hook"})).await;
        assert_eq!(data["webhookSubscriptionCreate"]["userErrors"], json!([]));
    }
    caller
}

fn genuine(caller: &Caller, delivery: &Delivery) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(caller.fake.application().client_secret.as_bytes()).unwrap();
    mac.update(delivery.body.as_bytes());
    delivery.headers["x-shopify-hmac-sha256"] == BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn sample(name: &str) -> Option<Value> {
    let path = specs_folder()?.join("shopify/examples").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).ok()?).unwrap())
}

/// Every member that we say is said by the vendor too, but for those that are younger than the sample.
fn assert_like(ours: &Value, sample: &Value, younger: &[&str]) {
    let sample = sample.as_object().unwrap();
    let known = |name: &&String| !sample.contains_key(name.as_str()) && !younger.contains(&name.as_str());
    let strange: Vec<&String> = ours.as_object().unwrap().keys().filter(known).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[tokio::test]
async fn events_are_told_signed_and_once() {
    let caller = subscribed(&["ORDERS_CREATE", "ORDERS_UPDATED", "REFUNDS_CREATE", "INVENTORY_LEVELS_UPDATE"]).await;
    let id = caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 2, 1999).shipping(399));
    caller.fake.refund_all(id);
    let sent = caller.fake.deliver_webhooks().await;
    let topics: Vec<&str> = sent.iter().map(|delivery| delivery.headers["x-shopify-topic"].as_str()).collect();
    assert_eq!(topics, ["inventory_levels/update", "orders/create", "refunds/create", "orders/updated"]);
    assert!(sent.iter().all(|delivery| genuine(&caller, delivery)));
    let order: Value = serde_json::from_str(&sent[1].body).unwrap();
    assert_eq!((&order["id"], &order["total_price"]), (&json!(id), &json!("43.97")));
    let mut numbers: Vec<&String> = sent.iter().map(|delivery| &delivery.headers["x-shopify-webhook-id"]).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
    assert!(caller.fake.deliver_webhooks().await.is_empty());
}

#[tokio::test]
async fn bodies_are_in_the_shape_of_the_vendors_samples() {
    let caller =
        subscribed(&["ORDERS_CREATE", "REFUNDS_CREATE", "FULFILLMENTS_CREATE", "INVENTORY_LEVELS_UPDATE"]).await;
    let id = caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 2, 1999).shipping(399));
    caller.fake.ship(id, "Royal Mail", "AB123").unwrap();
    caller.fake.refund_all(id);
    let sent = caller.fake.deliver_webhooks().await;
    let body = |topic: &str| {
        let found = sent.iter().find(|delivery| delivery.headers["x-shopify-topic"] == topic).unwrap();
        serde_json::from_str::<Value>(&found.body).unwrap()
    };
    let younger = ["admin_graphql_api_id", "location_id", "processed_at"];
    let samples = [
        ("orders/create", "rest-order-fulfilled.json", "order"),
        ("refunds/create", "rest-refund.json", "refund"),
        ("fulfillments/create", "rest-fulfillment.json", "fulfillment"),
        ("inventory_levels/update", "rest-inventory_level.json", "inventory_level"),
    ];
    for (topic, file, member) in samples {
        let Some(sample) = sample(file) else { continue };
        let sample = if sample.get(member).is_some() { &sample[member] } else { &sample };
        assert_like(&body(topic), sample, &younger);
    }
}

#[tokio::test]
async fn a_subscription_is_made_once_and_taken_back() {
    let caller = subscribed(&["ORDERS_CREATE"]).await;
    let twice = caller.data(SUBSCRIBE, &json!({"topic": "ORDERS_CREATE", "uri": "https://app.test/hook"})).await;
    let message = "Address for this topic has already been taken";
    assert_eq!(twice["webhookSubscriptionCreate"]["userErrors"][0]["message"], message);
    let plain = caller.data(SUBSCRIBE, &json!({"topic": "ORDERS_CREATE", "uri": "http://app.test/hook"})).await;
    assert_ne!(plain["webhookSubscriptionCreate"]["userErrors"], json!([]));
    let list = "query L { webhookSubscriptions(first: 10) { nodes { id topic uri } } }";
    let all = caller.data(list, &json!({})).await["webhookSubscriptions"]["nodes"].clone();
    assert_eq!(all[0]["topic"], "ORDERS_CREATE");
    let delete = "mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) {
        deletedWebhookSubscriptionId userErrors { message } } }";
    let gone = caller.data(delete, &json!({"id": all[0]["id"]})).await;
    assert_eq!(gone["webhookSubscriptionDelete"]["deletedWebhookSubscriptionId"], all[0]["id"]);
    assert!(caller.fake.subscriptions().is_empty());
    caller.assert_allowed();
}

#[tokio::test]
async fn a_subscription_that_nobody_answers_is_taken_away() {
    let caller = subscribed(&["ORDERS_UPDATED"]).await;
    let id = caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 1, 1999));
    for _ in 0..8 {
        caller.fake.touch(id);
        caller.fake.deliver_webhooks().await;
    }
    assert!(caller.fake.subscriptions().is_empty());
}

#[tokio::test]
async fn the_compliance_topics_need_no_subscription() {
    let caller = Caller::start().await;
    for topic in COMPLIANCE_TOPICS {
        let body = json!({"shop_domain": caller.fake.domain(), "orders_to_redact": [1]});
        let sent = caller.fake.send_compliance("https://app.test/hook", topic, &body).await;
        assert_eq!(sent.headers["x-shopify-topic"], topic);
        assert!(genuine(&caller, &sent));
    }
}
