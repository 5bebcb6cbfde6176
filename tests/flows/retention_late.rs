//! R19: orders that were over so long after they were placed that no night's slice meets them lose their buyers too, in time.

use app::{Folded, ReconcileJob};
use domain::{Order, OrderId};
use fakes::ebay::{OrderSpec, RefundOf};
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;
use storage::PageRequest;

use crate::world::World;

const SOLD: &str = "12-00800-00001";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An order in the main store that waits to be sent.
async fn sold() -> World {
    let world = World::new().await;
    world.link("A", "A", 1).await;
    world.ebay.place(OrderSpec::new(SOLD).line("A", 1, 1999));
    settle(&world).await;
    assert!(world.order(SOLD).await.source.names_a_person());
    world
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(12)).await;
}

/// Polls go on, as they do; the clock goes faster.
async fn days_pass(world: &World, days: i32) {
    for _ in 0..days / 10 {
        world.advance(DAY * 10);
        settle(world).await;
    }
    world.advance(DAY * (days % 10));
    settle(world).await;
}

/// What the stream of the orders table does.
async fn streamed(world: &World) {
    let ids: Vec<OrderId> = world.orders().await.iter().map(|order| order.id).collect();
    world.app.log_changes(&ids).await.unwrap();
}

async fn ship(world: &World) {
    let number = world.order(SOLD).await.import.store_order().unwrap().as_str().parse().unwrap();
    let tracking = Tracking { provider: "dhl".to_owned(), number: "00340434161094000001".to_owned() };
    world.woo.ship(number, &[tracking]).unwrap();
    settle(world).await;
    assert_eq!(world.ebay.fulfilments(SOLD).len(), 1);
    streamed(world).await;
}

async fn night(world: &World) -> Order {
    world.queue_now(&[ReconcileJob::default().into()]).await;
    settle(world).await;
    streamed(world).await;
    world.order(SOLD).await
}

async fn noted(world: &World) -> Vec<OrderId> {
    world.app.storage.orders.noted_late(&PageRequest::first(10)).await.unwrap().items
}

#[tokio::test]
async fn an_order_shipped_200_days_after_it_was_placed_loses_its_buyer_in_time_and_is_then_left_alone() {
    let world = Box::pin(sold()).await;
    days_pass(&world, 200).await;
    streamed(&world).await;
    assert_eq!(noted(&world).await, [], "it is not over: whoever sends it needs its buyer");
    ship(&world).await;
    assert_eq!(noted(&world).await, [world.order(SOLD).await.id]);

    days_pass(&world, 23).await;
    assert!(Box::pin(night(&world)).await.source.names_a_person(), "25 days are kept, as everywhere");
    assert_eq!(noted(&world).await.len(), 1);

    days_pass(&world, 2).await;
    assert!(!Box::pin(night(&world)).await.source.names_a_person());
    assert_eq!(noted(&world).await, [], "no night reads it again");

    // A later version brings neither the buyer nor the note back.
    world.ebay.touch(SOLD);
    settle(&world).await;
    streamed(&world).await;
    assert!(!world.order(SOLD).await.source.names_a_person());
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn an_order_that_the_nights_meet_anyway_is_not_noted() {
    let world = Box::pin(sold()).await;
    days_pass(&world, 79).await;
    ship(&world).await;
    assert_eq!(noted(&world).await, []);
    // The longest that a merchant may set, and ten nights missed.
    world.set(|settings| settings.personal_data_days = 90).await;
    days_pass(&world, 100).await;
    assert!(!Box::pin(night(&world)).await.source.names_a_person());
}

#[tokio::test]
async fn what_the_stream_lost_is_noted_when_the_pages_are_made_anew() {
    let world = Box::pin(sold()).await;
    days_pass(&world, 200).await;
    ship(&world).await;
    let id = world.order(SOLD).await.id;
    world.app.storage.orders.drop_late(id).await.unwrap();
    assert_eq!(world.unconnected.rebuild_pages().await.unwrap(), Folded::Rebuilt(1));
    assert_eq!(noted(&world).await, [id]);
}

#[tokio::test]
async fn an_order_that_was_refunded_in_full_and_never_sent_loses_its_buyer_too() {
    let world = Box::pin(sold()).await;
    world.ebay.refund(SOLD, RefundOf::Rest);
    settle(&world).await;
    days_pass(&world, 20).await;
    assert!(Box::pin(night(&world)).await.source.names_a_person());
    days_pass(&world, 6).await;
    assert!(!Box::pin(night(&world)).await.source.names_a_person());
}
