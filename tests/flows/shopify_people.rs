//! Scenario 25 on Shopify as the main store, from eBay: number, people, texts.

use domain::ConnectionId;
use fakes::Call;
use fakes::ebay::OrderSpec;
use fakes::shopify::{Address, ShopifyFake};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::doors::{get, offer, put_settings};
use crate::shopify_store::on_shopify;
use crate::world::World;

const ID: &str = "12-34567-89012";
const PHONE: &str = "02079460000";

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

/// From a buyer whose address eBay passes on as it is.
fn from_ada(id: &str) -> OrderSpec {
    let mut order = OrderSpec::new(id).line("A", 1, 1999).shipping(399).note("ring twice");
    order.buyer.email = Some("ada@example.com".to_owned());
    assert_eq!((order.buyer.phone.as_deref(), order.service.as_str()), (Some(PHONE), "UK_RoyalMailTracked48"));
    order
}

async fn keep_numbers(world: &World, prefix: &str) -> (u16, Value) {
    let answer = put_settings(world, &world.channel, |settings| {
        settings["keep_order_number"] = json!(true);
        settings["order_number_prefix"] = json!(prefix);
    })
    .await;
    (answer.status, answer.json())
}

/// Their address D1, with the same phone as the buyer's.
fn known_customer(shop: &ShopifyFake) -> u64 {
    let customer = shop.add_customer("ada@example.com");
    let mut d1 = Address::new("Ada", "Example", "D1, 2 Own Street", "Leeds", "LS1 1AA", "GB");
    d1.phone = Some(PHONE.to_owned());
    shop.lives_at(customer, &d1);
    customer
}

async fn found(world: &World, text: &str) -> Vec<String> {
    let list = get(world, "/orders", &[("search", text)]).await;
    let rows = list["orders"].as_array().unwrap().iter();
    rows.map(|row| row["channel"]["order_number"].as_str().unwrap().to_owned()).collect()
}

/// The inputs of every order that Shopify was asked to create.
fn creates(shop: &ShopifyFake) -> Vec<Value> {
    let calls = shop.calls().to("POST */OrderCreate");
    calls.iter().filter_map(Call::json).map(|body| body["variables"]["order"].clone()).collect()
}

#[tokio::test]
async fn scenario_25_on_shopify_an_order_keeps_its_number_its_texts_and_its_customer_as_they_are() {
    let (world, shop) = on_shopify("GBP").await;
    let customer = known_customer(&shop);
    let before = shop.customers();
    // A search has at least two characters, so this is not the first order.
    world.app.storage.settings.take_numbers(1_000).await.unwrap();
    assert_eq!(keep_numbers(&world, "EB-").await.0, 200);
    world.ebay.place(from_ada(ID));
    settle(&world).await;

    let orders = shop.orders();
    let [order] = orders.as_slice() else { panic!("{} orders", orders.len()) };
    assert_eq!((order.name.as_str(), order.customer), ("EB-12-34567-89012", Some(customer)));
    assert_eq!(shop.customers(), before, "their default address is D1, and nothing else changed either");
    let sent = creates(&shop).remove(0);
    for field in ["customer", "customerId", "phone", "email"] {
        assert!(sent[field].is_null(), "{field}: {sent}");
    }
    assert_eq!(sent["shippingAddress"]["phone"], PHONE, "on the address only");
    assert_eq!(
        (order.transactions[0].gateway.as_str(), order.shipping[0].title.as_str()),
        ("eBay", "UK_RoyalMailTracked48")
    );
    assert!(order.note.as_deref().is_some_and(|note| note.contains("ring twice")), "{:?}", order.note);
    let ours = world.order(ID).await.number.to_string();
    for text in ["EB-12-34567-89012", "12-34567", ours.as_str()] {
        assert_eq!(found(&world, text).await, [ID], "{text}");
    }

    // With a map the title is the store's own.
    let map = |settings: &mut Value| settings["shipping_methods"] = json!({"UK_RoyalMailTracked48": "Tracked 48"});
    assert_eq!(put_settings(&world, &world.channel, map).await.status, 200);
    world.ebay.place(from_ada("12-34567-89013"));
    settle(&world).await;
    let newest = shop.orders().pop().unwrap();
    assert_eq!((newest.name.as_str(), newest.shipping[0].title.as_str()), ("EB-12-34567-89013", "Tracked 48"));
}

async fn marketing_on(world: &World, channel: &ConnectionId) {
    let on = |settings: &mut Value| settings["mails"]["marketing"] = json!(true);
    assert_eq!(put_settings(world, channel, on).await.status, 200);
}

#[tokio::test]
async fn scenario_25_on_shopify_a_buyer_behind_a_relay_address_is_a_guest_who_never_consents_and_the_setting_says_why()
{
    let (world, shop) = on_shopify("GBP").await;
    marketing_on(&world, &world.channel).await;
    let (offered, why) = offer(&world, &world.channel, "mails.marketing", None).await;
    assert!(offered && why.contains("forwarding address"), "{why}");
    let relay = OrderSpec::new("12-34567-89014").line("A", 1, 1999);
    assert!(relay.buyer.email.as_ref().unwrap().ends_with("@members.ebay.com"));
    world.ebay.place(relay);
    settle(&world).await;
    world.ebay.place(from_ada("12-34567-89015"));
    settle(&world).await;
    let orders = shop.orders();
    let [guest, own] = orders.as_slice() else { panic!("{} orders", orders.len()) };
    assert_eq!((guest.customer, guest.accepts_marketing, guest.email.as_deref()), (None, false, None));
    assert!(creates(&shop)[0]["buyerAcceptsMarketing"] == json!(false), "{}", creates(&shop)[0]);
    assert!(own.accepts_marketing, "an address of their own may consent");
}

#[tokio::test]
async fn scenario_25_on_shopify_a_prefix_that_makes_numbers_too_long_is_422_before_any_order() {
    let (world, shop) = on_shopify("GBP").await;
    let prefix = "FROM-OUR-OTHER-SHOP-ON-EBAY-";
    assert!(prefix.len() + ID.len() > 40, "more than a name of Shopify's may have");
    let (status, problem) = keep_numbers(&world, prefix).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("order_number_prefix")), "{problem}");
    assert_eq!((keep_numbers(&world, "EB-").await.0, shop.orders().len(), world.orders().await.len()), (200, 0, 0));
}

#[tokio::test]
async fn scenario_4f_keeping_the_number_is_offered_on_shopify_and_not_on_woocommerce() {
    let world = World::new().await;
    let (offered, why) = offer(&world, &world.channel, "keep_order_number", None).await;
    assert!(!offered && !why.is_empty(), "{why}");
    let (status, problem) = keep_numbers(&world, "EB-").await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("keep_order_number")));
    let (world, _shop) = on_shopify("GBP").await;
    assert!(offer(&world, &world.channel, "keep_order_number", None).await.0);
}
