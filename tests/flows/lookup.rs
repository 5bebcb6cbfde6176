//! Looking up orders in doubt: one look-up for all of them, by the store's own clock, as far back as it takes.

use app::Job;
use domain::ImportState;
use fakes::Faults;
use fakes::ebay::OrderSpec;
use fakes::woocommerce::WooShop;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::world::{Death, Setup, World};

const CREATES: &str = "POST */orders";
const LISTS: &str = "GET */orders";

/// A store that does not filter by reference, so that a look-up reads its list.
async fn listing_world(store_late: SignedDuration) -> World {
    World::with(Setup { shop: WooShop::new().version_9_4().currency("GBP"), store_late, ..Setup::default() }).await
}

fn creates(world: &World) -> Faults {
    world.woo.faults().on(CREATES)
}

async fn place(world: &World, count: u32) {
    for n in 1..=count {
        world.ebay.place(OrderSpec::new(&format!("12-00000-{n:05}")).line("A", 1, 1999));
    }
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    for message in world.queue.take_due() {
        world.deliver(&world.app, message, Death::default()).await;
    }
}

async fn deliver_at_once(world: &World) {
    let due = world.queue.take_due().into_iter();
    join_all(due.map(|message| world.deliver(&world.app, message, Death::default()))).await;
}

#[tokio::test]
async fn one_look_up_serves_all_orders_in_doubt() {
    let world = listing_world(SignedDuration::ZERO).await;
    place(&world, 10).await;
    creates(&world).drop_response(10);
    deliver_at_once(&world).await;
    let orders = world.orders().await;
    let in_doubt = orders.iter().filter(|order| matches!(order.import, ImportState::Unknown { .. })).count();
    assert_eq!(in_doubt, 10);
    world.advance(SignedDuration::from_mins(30));
    world.woo.calls().clear();
    deliver_at_once(&world).await;
    // Everything but the trash, and the trash: one page each.
    assert_eq!(world.woo.calls().count(LISTS), 2);
    assert_eq!(world.woo.calls().count(CREATES), 0);
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.orders().await.iter().all(|order| matches!(order.import, ImportState::Imported { .. })));
    assert_eq!(world.woo.orders().len(), 10);
}

#[tokio::test]
async fn a_store_whose_clock_is_late_shows_its_order_all_the_same() {
    let world = listing_world(SignedDuration::from_hours(3)).await;
    place(&world, 1).await;
    creates(&world).drop_response(1);
    world.pass(SignedDuration::from_hours(1)).await;
    assert!(matches!(world.order("12-00000-00001").await.import, ImportState::Imported { .. }));
    assert_eq!((world.woo.orders().len(), world.woo.calls().count(CREATES)), (1, 1));
}

#[tokio::test]
async fn an_order_begun_anew_days_later_is_looked_for_from_its_beginning() {
    let world = listing_world(SignedDuration::ZERO).await;
    place(&world, 1).await;
    // Created, but the store's list does not show it for hours.
    creates(&world).drop_response(1);
    world.woo.faults().search_lag(SignedDuration::from_hours(10));
    deliver_at_once(&world).await;
    let order = world.order("12-00000-00001").await;
    assert!(matches!(order.import, ImportState::Unknown { .. }), "{:?}", order.import);
    let given_up = ImportState::Failed { why: "nobody knows".to_owned(), refused: false };
    let change = storage::Change { import: Some(given_up), ..storage::Change::default() };
    world.app.storage.orders.update(&order, change).await.unwrap();
    world.queue.clear();
    world.advance(SignedDuration::from_hours(48));
    world.app.sync(&[order.id], "a person").await.unwrap();
    world.queue_now(&[Job::import(order.id)]).await;
    world.pass(SignedDuration::from_mins(10)).await;
    assert!(matches!(world.order("12-00000-00001").await.import, ImportState::Imported { .. }));
    assert_eq!((world.woo.orders().len(), world.woo.calls().count(CREATES)), (1, 1));
}
