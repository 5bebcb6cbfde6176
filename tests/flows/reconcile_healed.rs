//! What was stored and whose doorbell was lost is rung for at night, whatever it was; and stock that nobody told is told.

use app::{Job, ReconcileJob, ReconcileReport};
use domain::reconcile::Gap;
use domain::settings::AutoImport;
use domain::{Asked, ImportState};
use fakes::ebay::{Address, OrderSpec};
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;
use storage::{Change, Wish};

use crate::stock::fixture;
use crate::world::{Death, World};

const ID: &str = "12-01100-00001";

async fn night(world: &World) -> ReconcileReport {
    world.queue_now(&[ReconcileJob::default().into()]).await;
    world.drain().await;
    let report = world.app.reconcile_report().await.unwrap().unwrap();
    assert!(report.run.finished_at.is_some());
    assert!(report.found.iter().all(|(_, found)| found.skipped.is_none()), "{report:?}");
    report
}

fn gaps(report: &ReconcileReport) -> Vec<Gap> {
    report.found.iter().flat_map(|(_, found)| found.gaps.clone()).collect()
}

/// Every connection is polled, and every doorbell that this rings is lost.
async fn poll_and_lose_the_doorbells(world: &World) {
    world.ring().await;
    for message in world.queue.take_due() {
        world.deliver(&world.app, message, Death::default()).await;
    }
    world.queue.clear();
}

fn spec() -> OrderSpec {
    OrderSpec::new(ID).line("A", 2, 1999).line("B", 1, 2500).shipping(399)
}

#[tokio::test]
async fn a_send_that_was_kept_and_never_queued_is_carried_out() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::Off).await;
    world.ebay.place(spec());
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(matches!(world.order(ID).await.import, ImportState::Waiting(_)));
    let order = world.order(ID).await;
    let asked = Asked { by: "owner@example.com".to_owned(), at: world.now() };
    let wish = Change { send: Some(Wish::Asked(asked)), ..Change::default() };
    world.app.storage.orders.update(&order, wish).await.unwrap();
    world.pass(SignedDuration::from_hours(2)).await;
    assert!(world.woo.orders().is_empty(), "nobody rang");
    assert_eq!(gaps(&night(&world).await), [Gap::NotCarriedOut { order: order.id }]);
    assert_eq!(world.woo.orders().len(), 1);
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(gaps(&night(&world).await), Vec::new());
    world.assert_no_duplicates();
}

#[tokio::test]
async fn an_edit_whose_doorbell_was_lost_is_compared_at_night() {
    let world = World::new().await;
    world.ebay.place(spec());
    world.pass(SignedDuration::from_mins(5)).await;
    world.ebay.edit(ID, |spec| spec.buyer.address = Address::new("2 Other Street", "London", "N1 1AA", "GB"));
    world.advance(SignedDuration::from_mins(3));
    poll_and_lose_the_doorbells(&world).await;
    let order = world.order(ID).await;
    assert!(order.wants_review(), "the edit is stored and was not compared");
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(gaps(&night(&world).await), [Gap::NotCarriedOut { order: order.id }]);
    assert_eq!(world.order(ID).await.after.review.differences.len(), 1);
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(gaps(&night(&world).await), Vec::new());
}

#[tokio::test]
async fn a_package_of_the_store_whose_doorbell_was_lost_reaches_the_channel() {
    let world = World::new().await;
    world.ebay.place(spec());
    world.pass(SignedDuration::from_mins(5)).await;
    let store_order = world.woo.orders()[0].id;
    world.woo.ship(store_order, &[Tracking { provider: "UPS".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    world.woo.complete(store_order).unwrap();
    world.advance(SignedDuration::from_mins(3));
    poll_and_lose_the_doorbells(&world).await;
    world.pass(SignedDuration::from_hours(2)).await;
    assert!(world.ebay.fulfilments(ID).is_empty());
    let id = world.order_id(ID).await;
    assert_eq!(gaps(&night(&world).await), [Gap::NotCarriedOut { order: id }]);
    assert_eq!(world.ebay.fulfilments(ID).len(), 1);
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(gaps(&night(&world).await), Vec::new());
}

#[tokio::test]
async fn a_package_by_hand_that_was_kept_and_never_queued_goes_out() {
    let world = World::new().await;
    world.ebay.place(spec());
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id(ID).await;
    let tracking = domain::shipment::Tracking { number: "RM1".to_owned(), carrier: Some("Royal Mail".to_owned()) };
    world.app.ship_by_hand(id, Some(tracking), Vec::new()).await.unwrap();
    world.queue.clear();
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(gaps(&night(&world).await), [Gap::NotCarriedOut { order: id }]);
    assert_eq!(world.ebay.fulfilments(ID).len(), 1);
}

#[tokio::test]
async fn an_order_that_waits_for_its_reason_is_no_gap() {
    let world = World::new().await;
    world.ebay.place(OrderSpec::new(ID).line("A", 1, 1999).line("X", 1, 1500));
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(gaps(&night(&world).await), Vec::new());
}

#[tokio::test]
async fn stock_typed_into_the_store_is_told_to_its_listings_at_night() {
    let (world, etsy) = fixture().await;
    assert_eq!(world.ebay.item("A").unwrap().available(), 50);
    world.woo.set_stock("A", 31);
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(world.ebay.item("A").unwrap().available(), 50, "no order moved it, nobody heard of it");
    let calls = etsy.calls();
    let report = night(&world).await;
    let told = gaps(&report);
    assert!(
        matches!(told.as_slice(), [Gap::LevelChanged { product, .. }] if *product == world.product("A")),
        "{told:?}"
    );
    assert!(told[0].is_healed() && told[0].sentence().contains("was 50") && told[0].sentence().contains("is 31 now"));
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(world.ebay.item("A").unwrap().available(), 31);
    assert_eq!((etsy.shop.stock("A"), etsy.calls() - calls), (Some(31), 1));
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(gaps(&night(&world).await), Vec::new());
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(etsy.calls() - calls, 1, "what is told already costs no call");
}

#[tokio::test]
async fn without_a_started_channel_the_stock_is_not_read() {
    let world = World::new().await;
    world.woo.set_stock("A", 31);
    let before = world.woo.calls().all().len();
    assert_eq!(gaps(&night(&world).await), Vec::new());
    let calls = world.woo.calls().all();
    assert!(calls[before..].iter().all(|call| !call.path.contains("/products")));
    world.queue_now(&[Job::stock(world.product("A"), None)]).await;
    world.drain().await;
}
