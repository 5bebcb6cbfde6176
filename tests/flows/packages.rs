//! Packages that have no number, or whose telling fails half-way: each side hears of each once.

use app::Job;
use domain::shipment::{Push, ShippedLine, Tracking};
use domain::{Fulfilment, Order};
use fakes::ebay::OrderSpec;
use fakes::etsy::ReceiptSpec;
use jiff::SignedDuration;

use crate::etsy::with_etsy;
use crate::world::World;

const ID: &str = "12-00800-00001";
const RECEIPT: u64 = 3_100_000_008;

/// Three apples, imported; each is `pack` of the store's products.
async fn imported(pack: u32) -> (World, Order) {
    let world = World::new().await;
    world.link("A", "A", pack).await;
    world.ebay.place(OrderSpec::new(ID).line("A", 3, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let order = world.order(ID).await;
    assert!(order.import.store_order().is_some());
    (world, order)
}

fn one_of(order: &Order) -> Vec<ShippedLine> {
    vec![ShippedLine { line: order.source.lines[0].id.clone(), quantity: 1 }]
}

/// Looks again and again, long after each sending.
async fn look_again(world: &World, order: &Order) {
    for _ in 0..5 {
        world.advance(SignedDuration::from_mins(20));
        world.queue_now(&[Job::fulfil(order.id)]).await;
        world.drain().await;
    }
}

#[tokio::test]
async fn a_package_without_a_number_is_told_once_and_taken_as_told() {
    for pack in [1, 2] {
        let (world, order) = imported(pack).await;
        world.app.ship_by_hand(order.id, None, one_of(&order)).await.unwrap();
        world.drain().await;
        look_again(&world, &order).await;
        assert_eq!(world.ebay.fulfilments(ID).len(), 1, "packs of {pack}");
        let packages = world.order(ID).await.packages;
        assert_eq!((packages.len(), &packages[0].push), (1, &Push::Sent), "packs of {pack}");
        // What is left goes in a second package that says no more than that.
        world.app.ship_by_hand(order.id, None, Vec::new()).await.unwrap();
        world.drain().await;
        look_again(&world, &order).await;
        let told: Vec<u32> = world.ebay.fulfilments(ID).iter().map(|package| package.lines[0].1).collect();
        assert_eq!(told, [1, 2], "packs of {pack}");
        assert!(world.order(ID).await.packages.iter().all(|package| package.push == Push::Sent));
    }
}

#[tokio::test]
async fn a_package_without_a_number_from_the_channel_reaches_the_store_once() {
    let (world, order) = imported(2).await;
    let line = order.source.lines[0].id.to_string();
    world.ebay.ship_unnumbered(ID, &[(&line, 3)]);
    world.pass(SignedDuration::from_mins(5)).await;
    look_again(&world, &order).await;
    let stored = &world.woo.orders()[0];
    assert_eq!(stored.status.as_str(), "completed");
    assert_eq!(stored.notes.iter().filter(|note| note.text.contains("without tracking")).count(), 1);
    let packages = world.order(ID).await.packages;
    assert_eq!((packages.len(), &packages[0].push), (1, &Push::Sent));
    assert_eq!(world.ebay.fulfilments(ID).len(), 1);
}

#[tokio::test]
async fn a_package_that_one_side_missed_is_told_to_that_side_only() {
    let (world, order) = imported(1).await;
    let outage = world.woo.faults().on("PUT *").fail_while("503".parse().unwrap(), None);
    let tracking = Tracking { number: "1Z999AA1".to_owned(), carrier: Some("UPS".to_owned()) };
    world.app.ship_by_hand(order.id, Some(tracking), one_of(&order)).await.unwrap();
    world.drain().await;
    outage.off();
    look_again(&world, &order).await;
    assert_eq!(world.ebay.fulfilments(ID).len(), 1);
    assert_eq!(world.order(ID).await.packages[0].push, Push::Sent);
}

/// Etsy: the first of two packages makes an order sent there. The store's order is complete with the second.
#[tokio::test]
async fn a_channel_that_does_not_know_parts_completes_nothing_with_the_first_of_two_packages() {
    let (world, etsy, _) = with_etsy("GBP").await;
    etsy.place(ReceiptSpec::new(RECEIPT).currency("GBP".parse().unwrap()).line("A", 3, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let order = world.order(&RECEIPT.to_string()).await;
    let number = |number: &str| Some(Tracking { number: number.to_owned(), carrier: Some("UPS".to_owned()) });
    world.app.ship_by_hand(order.id, number("1Z1"), one_of(&order)).await.unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    look_again(&world, &order).await;
    assert_eq!(etsy.told(RECEIPT).len(), 1);
    assert_eq!(world.order(&RECEIPT.to_string()).await.source.fulfilment, Fulfilment::Shipped);
    assert_eq!(world.woo.orders()[0].status.as_str(), "processing");

    let rest = vec![ShippedLine { line: order.source.lines[0].id.clone(), quantity: 2 }];
    world.app.ship_by_hand(order.id, number("1Z2"), rest).await.unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    look_again(&world, &order).await;
    assert_eq!(etsy.told(RECEIPT).len(), 2);
    assert_eq!(world.woo.orders()[0].status.as_str(), "completed");
}
