//! R15 in WooCommerce: guests by default, a customer by real e-mail only, and nobody's account is ever changed.

use axum::http::StatusCode;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use serde_json::Value;

use crate::world::World;

const EMAIL: &str = "ada@example.com";
const RELAY: &str = "0123456789abcdef0123@members.ebay.com";

/// Of a buyer whose address eBay passes on as it is, behind its own, or not at all.
fn order(email: Option<&str>) -> OrderSpec {
    let mut order = OrderSpec::new("12-00047-00001").line("A", 1, 1999);
    order.buyer.email = email.map(str::to_owned);
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
    let world = World::new().await;
    world.woo.add_customer("somebody@example.com", "customer", "2 Other Street");
    let ada = world.woo.add_customer("Ada@Example.com", "subscriber", "D1, their own address");
    let before = world.woo.customers();
    world.ebay.place(order(Some(EMAIL)));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(the_order(&world)["customer_id"], ada);
    assert_eq!(world.woo.customers(), before, "an existing customer is never changed");
    assert!(world.woo.mails_to_buyers().is_empty(), "a known customer is not mailed either");
}

#[tokio::test]
async fn without_a_match_the_buyer_is_a_guest_and_no_customer_is_created() {
    let world = World::new().await;
    world.woo.add_customer("somebody@example.com", "customer", "2 Other Street");
    world.ebay.place(order(Some(EMAIL)));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(the_order(&world)["customer_id"], 0);
    assert_eq!((world.woo.customers().len(), look_ups(&world)), (1, 1));
}

#[tokio::test]
async fn a_relay_address_or_none_names_nobody_and_costs_no_look_up() {
    for email in [Some(RELAY), None] {
        let world = World::new().await;
        world.woo.add_customer(RELAY, "customer", "2 Other Street");
        world.ebay.place(order(email));
        world.pass(SignedDuration::from_mins(5)).await;
        assert_eq!(the_order(&world)["customer_id"], 0);
        assert_eq!(look_ups(&world), 0);
    }
}

#[tokio::test]
async fn a_look_up_that_fails_costs_the_match_and_never_the_order() {
    let world = World::new().await;
    world.woo.add_customer(EMAIL, "customer", "2 Other Street");
    world.woo.faults().on("GET */customers").fail_next(StatusCode::INTERNAL_SERVER_ERROR, None);
    world.ebay.place(order(Some(EMAIL)));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(the_order(&world)["customer_id"], 0);
}

#[tokio::test]
async fn a_lost_answer_leaves_one_order_of_the_customer() {
    let world = World::new().await;
    let ada = world.woo.add_customer(EMAIL, "customer", "2 Other Street");
    world.woo.faults().on("POST */orders").drop_response(1);
    world.ebay.place(order(Some(EMAIL)));
    world.pass(SignedDuration::from_mins(20)).await;
    assert_eq!(the_order(&world)["customer_id"], ada);
}
