//! What Shopify hands on of the law: buyers are forgotten once, a gone shop is parked, a buyer's question reaches the owner.

use std::time::Duration;

use app::{ConnectionInput, MatchBy, WebhookOutcome};
use connect::{Credentials, WebhookRefused, WebhookRequest};
use domain::ConnectionId;
use fakes::ebay::OrderSpec as EbayOrder;
use fakes::shopify::{ACCESS_TOKEN, Delivery, OrderSpec, ShopifyFake, ShopifyShop};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use storage::{Attempt, ConnectionState, Idempotency, Role};

use crate::shopify_store::on_shopify;
use crate::world::World;

const FORGOTTEN: &str = "The buyer's data was removed, because the platform asked for it.";

/// Connects a Shopify shop as one more channel, with A linked by its SKU.
pub async fn connect_shopify(world: &World, currency: &str) -> (ShopifyFake, ConnectionId) {
    let shop = ShopifyShop::new().currency(currency).clock(world.clock.clone()).start().await.unwrap();
    shop.unmetered();
    shop.add_product("A", "Apple", Decimal::new(1999, 2), Some(50));
    let application = shop.application();
    let keys = [
        ("access_token", ACCESS_TOKEN),
        ("client_id", application.client_id.as_str()),
        ("client_secret", application.client_secret.as_str()),
    ];
    let settings = [("shop", shop.domain()), ("api_url", shop.url().to_owned())];
    let input = ConnectionInput {
        platform: "shopify".parse().unwrap(),
        role: Role::Channel,
        name: "Second shop".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        credentials: Credentials(keys.map(|(name, value)| (name.to_owned(), value.into())).into()),
        webhooks_at: None,
    };
    let id = world.app.connect(input).await.unwrap().id;
    world.app.link_in_bulk(&id, MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    (shop, id)
}

/// A Shopify shop as a second channel beside eBay, with A linked by its SKU.
async fn with_channel() -> (World, ShopifyFake, ConnectionId) {
    let world = World::new().await;
    let (shop, id) = connect_shopify(&world, "GBP").await;
    (world, shop, id)
}

/// Shopify signs it; nobody listens at the address, so that a test can hand it over as often as it wants.
async fn signed(shop: &ShopifyFake, topic: &str, more: Value) -> Delivery {
    let mut body = json!({
        "shop_id": 954_889,
        "shop_domain": shop.domain(),
        "customer": {"id": 191_167, "email": "canary@example.com", "phone": "555-625-1199"},
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    if topic == "shop/redact" {
        body.as_object_mut().unwrap().remove("customer");
    }
    shop.send_compliance("http://127.0.0.1:9/hook", topic, &body).await
}

async fn hand_over(world: &World, id: &ConnectionId, sent: &Delivery) -> WebhookOutcome {
    let request = WebhookRequest { headers: &sent.headers, body: sent.body.as_bytes() };
    let outcome = world.app.receive_webhook(id, &request).await.unwrap();
    assert!(world.queue.bodies().iter().all(|body| !body.contains("canary") && !body.contains("555-625")));
    world.drain().await;
    outcome
}

async fn is_named(world: &World, order: u64) -> bool {
    world.order(&order.to_string()).await.source.names_a_person()
}

#[tokio::test]
async fn the_buyer_of_a_named_order_is_forgotten_once_and_no_later_version_brings_them_back() {
    let (world, shop, id) = with_channel().await;
    let orders: Vec<u64> =
        (0..2).map(|_| shop.place(&OrderSpec::new("GBP").line("A", 1, 1999).note("ring twice"))).collect();
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(is_named(&world, orders[0]).await && is_named(&world, orders[1]).await);
    let sent = signed(&shop, "customers/redact", json!({"orders_to_redact": [orders[0], 1]})).await;
    assert_eq!(hand_over(&world, &id, &sent).await, WebhookOutcome::Accepted);
    assert_eq!((is_named(&world, orders[0]).await, is_named(&world, orders[1]).await), (false, true));
    let before = world.order(&orders[0].to_string()).await;
    assert_eq!(before.source.buyer_total.minor(), 1999, "what reports need stays");
    // Again, and the order changes on Shopify, where the buyer's name still stands.
    hand_over(&world, &id, &sent).await;
    assert_eq!(world.order(&orders[0].to_string()).await, before);
    world.advance(SignedDuration::from_mins(1));
    shop.ship(orders[0], "Royal Mail", "RM123456785GB").unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    let after = world.order(&orders[0].to_string()).await;
    assert!(after.source.revision > before.source.revision && !after.source.names_a_person());
    let told = world.story(&orders[0].to_string()).await;
    assert_eq!(told.iter().filter(|sentence| *sentence == FORGOTTEN).count(), 1, "{told:?}");
}

#[tokio::test]
async fn what_is_not_signed_forgets_nobody() {
    let (world, shop, id) = with_channel().await;
    let order = shop.place(&OrderSpec::new("GBP").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let mut sent = signed(&shop, "customers/redact", json!({"orders_to_redact": [1]})).await;
    sent.body = sent.body.replace("[1]", &format!("[{order}]"));
    let refused = WebhookOutcome::Refused(WebhookRefused::BadSignature);
    assert_eq!(hand_over(&world, &id, &sent).await, refused);
    assert!(is_named(&world, order).await);
}

#[tokio::test]
async fn a_main_store_names_its_own_orders_of_whatever_channel() {
    let (world, shop) = on_shopify("GBP").await;
    for number in ["12-00900-00001", "12-00900-00002"] {
        world.ebay.place(EbayOrder::new(number).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    let connections = world.app.storage.settings.connections().await.unwrap();
    let store = connections.into_iter().find(|c| c.platform.as_str() == "shopify").unwrap();
    let first = world.order("12-00900-00001").await;
    let stored: u64 = first.import.store_order().unwrap().as_str().parse().unwrap();
    let sent = signed(&shop, "customers/redact", json!({"orders_to_redact": [stored]})).await;
    hand_over(&world, &store.id, &sent).await;
    assert!(!world.order("12-00900-00001").await.source.names_a_person());
    assert!(world.order("12-00900-00002").await.source.names_a_person());
}

#[tokio::test]
async fn a_shop_that_is_gone_is_parked_and_its_buyers_are_forgotten() {
    let (world, shop, id) = with_channel().await;
    let order = shop.place(&OrderSpec::new("GBP").line("A", 1, 1999));
    world.ebay.place(EbayOrder::new("12-00900-00003").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let sent = signed(&shop, "shop/redact", json!({})).await;
    for _ in 0..3 {
        hand_over(&world, &id, &sent).await;
        world.advance(SignedDuration::from_secs(20));
    }
    assert!(!is_named(&world, order).await);
    assert!(world.order("12-00900-00003").await.source.names_a_person(), "eBay's buyers are eBay's");
    let connection = world.app.storage.settings.connection(&id).await.unwrap().unwrap();
    assert!(matches!(connection.state, ConnectionState::NeedsAttention { .. }));
    assert_eq!(world.events.named("ConnectionNeedsAttention"), 1);
}

#[tokio::test]
async fn a_buyers_question_reaches_the_owner_once_without_the_buyer() {
    let (world, shop, id) = with_channel().await;
    let more = json!({"orders_requested": [299_938], "data_request": {"id": 9999}});
    let sent = signed(&shop, "customers/data_request", more).await;
    for _ in 0..3 {
        hand_over(&world, &id, &sent).await;
        world.advance(SignedDuration::from_hours(1));
    }
    assert_eq!(world.events.named("BuyerDataRequested"), 1);
    world.deliver_alerts().await;
    let mails = world.mailbox.all();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "A buyer asks of Second shop what is kept of them");
    assert!(mails[0].text.contains("299938") && !mails[0].text.contains("canary"), "{}", mails[0].text);
}

#[tokio::test]
async fn a_buyers_question_is_told_by_the_next_where_the_first_died_before_telling() {
    let (world, shop, id) = with_channel().await;
    let sent =
        signed(&shop, "customers/data_request", json!({"orders_requested": [1], "data_request": {"id": 9999}})).await;
    let key = format!("asked:{id}:9999");
    let dead = Attempt { request: key.clone(), key, holder: "dead".to_owned() };
    let begun = world.app.storage.settings.begin_request(&dead, world.now(), Duration::from_mins(1)).await.unwrap();
    assert_eq!(begun, Idempotency::New);
    hand_over(&world, &id, &sent).await;
    assert_eq!(world.events.named("BuyerDataRequested"), 0, "it may still be at it");
    world.advance(SignedDuration::from_mins(2));
    world.drain().await;
    assert_eq!(world.events.named("BuyerDataRequested"), 1);
}
