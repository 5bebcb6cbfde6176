//! R15 in WooCommerce: guests by default, a customer by real e-mail only, and nobody's account is ever changed.

use axum::http::StatusCode;
use domain::ChannelOrder;
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;
use serde_json::Value;

use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, paper_order};
use crate::world::{Setup, World};

const EMAIL: &str = "ada@example.com";

async fn with_channel() -> (World, std::sync::Arc<PaperChannel>) {
    let world = World::with(Setup { shop: WooShop::new().currency("EUR"), ..Setup::default() }).await;
    let channel = std::sync::Arc::new(PaperChannel::new("seller-1", PAPER_CHANNEL, world.clock.clone()));
    let id = world.add_channel("paper", channel.clone()).await;
    world.link_on(&id, "A", world.product("A")).await;
    world.advance(SignedDuration::from_mins(1));
    (world, channel)
}

fn order(world: &World, id: &str, email: Option<&str>, relay: bool) -> ChannelOrder {
    let mut order = paper_order(id, "EUR", "DE", world.now());
    add_line(&mut order, "A", 1, 1999);
    order.buyer.email = email.map(str::to_owned);
    order.buyer.email_is_relay = relay;
    order
}

fn the_order(world: &World) -> Value {
    let orders = world.woo.orders();
    assert_eq!((orders.len(), world.woo.creates().len()), (1, 1), "one order by one create");
    world.woo.order_json(orders[0].id).unwrap()
}

fn look_ups(world: &World) -> usize {
    world.woo.calls().all().iter().filter(|call| call.path.ends_with("/customers")).count()
}

#[tokio::test]
async fn a_customer_with_the_buyers_own_email_gets_the_order_and_stays_as_they_are() {
    let (world, channel) = with_channel().await;
    world.woo.add_customer("somebody@example.com", "customer", "2 Other Street");
    let ada = world.woo.add_customer("Ada@Example.com", "subscriber", "D1, their own address");
    let before = world.woo.customers();
    channel.place(order(&world, "P-1", Some(EMAIL), false));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(the_order(&world)["customer_id"], ada);
    assert_eq!(world.woo.customers(), before, "an existing customer is never changed");
    assert!(world.woo.mails_to_buyers().is_empty(), "a known customer is not mailed either");
}

#[tokio::test]
async fn without_a_match_the_buyer_is_a_guest_and_no_customer_is_created() {
    let (world, channel) = with_channel().await;
    world.woo.add_customer("somebody@example.com", "customer", "2 Other Street");
    channel.place(order(&world, "P-1", Some(EMAIL), false));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(the_order(&world)["customer_id"], 0);
    assert_eq!((world.woo.customers().len(), look_ups(&world)), (1, 1));
}

#[tokio::test]
async fn a_relay_address_or_none_names_nobody_and_costs_no_look_up() {
    for (email, relay) in [(Some(EMAIL), true), (None, false)] {
        let (world, channel) = with_channel().await;
        world.woo.add_customer(EMAIL, "customer", "2 Other Street");
        channel.place(order(&world, "P-1", email, relay));
        world.pass(SignedDuration::from_mins(5)).await;
        assert_eq!(the_order(&world)["customer_id"], 0);
        assert_eq!(look_ups(&world), 0);
    }
}

#[tokio::test]
async fn a_look_up_that_fails_costs_the_match_and_never_the_order() {
    let (world, channel) = with_channel().await;
    world.woo.add_customer(EMAIL, "customer", "2 Other Street");
    world.woo.faults().on("GET */customers").fail_next(StatusCode::INTERNAL_SERVER_ERROR, None);
    channel.place(order(&world, "P-1", Some(EMAIL), false));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(the_order(&world)["customer_id"], 0);
}

#[tokio::test]
async fn a_lost_answer_leaves_one_order_of_the_customer() {
    let (world, channel) = with_channel().await;
    let ada = world.woo.add_customer(EMAIL, "customer", "2 Other Street");
    world.woo.faults().on("POST */orders").drop_response(1);
    channel.place(order(&world, "P-1", Some(EMAIL), false));
    world.pass(SignedDuration::from_mins(20)).await;
    assert_eq!(the_order(&world)["customer_id"], ada);
}
