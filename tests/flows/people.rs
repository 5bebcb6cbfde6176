//! What people press: Send and Sync, one or many. Nothing of it creates a second order in the store.

use app::SendAnswer;
use domain::settings::{AutoImport, SendWhen};
use domain::status::{DotColor, OrderStatus, dot, status};
use domain::{ImportState, OrderId};
use fakes::ebay::OrderSpec;
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;

use crate::world::{Death, Delivered, QueueName, World};

/// The order of scenarios 2 and 3: A is linked, X is not.
fn mixed(id: &str) -> OrderSpec {
    OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399)
}

async fn send(world: &World, id: &str) -> SendAnswer {
    let id = world.order_id(id).await;
    world.app.send(&[id], "owner@shop.example").await.unwrap().remove(&id).unwrap()
}

fn store_id(order: &domain::Order) -> u64 {
    order.import.store_order().unwrap().as_str().parse().unwrap()
}

#[tokio::test]
async fn scenario_2_by_send_an_unlinked_order_goes_as_text_and_the_story_tells_who_asked() {
    let world = World::new().await;
    world.ebay.place(mixed("12-00002-00001"));
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.woo.orders().is_empty());
    assert_eq!(world.woo.stock("A"), Some(49));

    assert_eq!(send(&world, "12-00002-00001").await, SendAnswer::Queued);
    assert_eq!(send(&world, "12-00002-00001").await, SendAnswer::Queued);
    world.drain().await;
    world.replay().await;
    assert_eq!(world.woo.creates().len(), 1);
    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert_eq!(json["total"], "38.98");
    assert_eq!((&json["line_items"][1]["total"], &json["line_items"][1]["product_id"]), (&"15.00".into(), &0.into()));
    assert_eq!((world.woo.stock("A"), world.woo.stock("C")), (Some(49), Some(10)));
    let order = world.order("12-00002-00001").await;
    assert_eq!(dot(&order).color, DotColor::Green);
    let number = json["number"].as_str().unwrap().to_owned();
    assert_eq!(send(&world, "12-00002-00001").await, SendAnswer::AlreadyImported { number });
    let story = world.story("12-00002-00001").await;
    assert!(story.contains(&"owner@shop.example asked: Send.".to_owned()), "{story:?}");

    // Linked later: what was sent as text stays text, and nothing is created or moved again.
    world.link("X", "C", 1).await;
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("C")), (1, Some(10)));
}

#[tokio::test]
async fn scenario_3_by_send_in_bulk_ships_cancels_and_restocks_as_with_auto_import_all() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::Off).await;
    let ids = ["12-00003-00001", "12-00003-00002", "12-00003-00003"];
    for id in ids {
        world.ebay.place(mixed(id));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.woo.orders().is_empty());
    let orders: Vec<OrderId> = world.orders().await.iter().map(|order| order.id).collect();
    let answers = world.app.send(&orders, "owner").await.unwrap();
    assert!(answers.len() == 3 && answers.values().all(|answer| *answer == SendAnswer::Queued), "{answers:?}");
    world.drain().await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (3, Some(47)));
    for order in world.woo.orders() {
        assert_eq!(world.woo.order_json(order.id).unwrap()["total"], "38.98");
    }

    let first = world.order(ids[0]).await;
    let package = Tracking { provider: "UPS".to_owned(), number: "TRK1".to_owned() };
    world.woo.ship(store_id(&first), &[package]).unwrap();
    world.woo.complete(store_id(&first)).unwrap();
    world.ebay.cancel(ids[1]);
    world.pass(SignedDuration::from_mins(5)).await;
    let sent = world.ebay.fulfilments(ids[0]);
    assert_eq!((sent.len(), sent[0].tracking.as_deref()), (1, Some("TRK1")));
    assert_eq!(status(&world.order(ids[0]).await, false), OrderStatus::Completed);
    assert_eq!(world.woo.order(store_id(&world.order(ids[1]).await)).unwrap().status.as_str(), "cancelled");
    assert_eq!(world.woo.stock("A"), Some(48));
    world.woo.cancel(store_id(&world.order(ids[2]).await)).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), world.ebay.refund_requests()), (Some(49), 0));
    // Sent again after all that: they are in the store, and stay what they are.
    let again = world.app.send(&orders, "owner").await.unwrap();
    assert!(again.values().all(|answer| matches!(answer, SendAnswer::AlreadyImported { .. })), "{again:?}");
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("A")), (3, Some(49)));
}

#[tokio::test]
async fn send_overrides_send_when_and_the_order_is_marked_paid_later() {
    let world = World::new().await;
    world.set(|settings| settings.send_when = SendWhen::Paid).await;
    world.ebay.place(OrderSpec::new("12-00005-00009").line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (0, Some(47)));
    assert_eq!(send(&world, "12-00005-00009").await, SendAnswer::Queued);
    world.drain().await;
    assert_eq!((world.woo.orders()[0].status.as_str(), world.woo.stock("A")), ("pending", Some(47)));
    world.ebay.pay("12-00005-00009");
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.orders()[0].status.as_str(), world.woo.stock("A")), ("processing", Some(47)));
    assert_eq!(world.woo.creates().len(), 1);
}

#[tokio::test]
async fn a_canceled_and_an_unknown_order_cannot_be_sent() {
    let world = World::new().await;
    world.ebay.place(mixed("12-00002-00004"));
    world.pass(SignedDuration::from_mins(5)).await;
    world.ebay.cancel("12-00002-00004");
    world.pass(SignedDuration::from_mins(5)).await;
    let canceled = domain::trace::NotImported::Canceled;
    assert_eq!(send(&world, "12-00002-00004").await, SendAnswer::Refused(canceled));
    let known = world.order("12-00002-00004").await;
    let other = OrderId::derive(
        known.source.created_at,
        &known.platform,
        &domain::AccountId::new("nobody").unwrap(),
        &known.source.id,
    );
    assert_eq!(world.app.send(&[other], "owner").await.unwrap()[&other], SendAnswer::NotFound);
    assert_eq!((world.queue.len(), world.woo.creates().len()), (0, 0));
}

/// Pressed by everybody, all the time, while the store loses answers and workers die: each order is created once.
#[tokio::test]
async fn pressing_send_and_sync_over_and_over_creates_each_order_once() {
    let world = World::new().await;
    world.woo.faults().on("POST */orders").drop_response_each(20, 11);
    for n in 1..=12 {
        world.ebay.place(mixed(&format!("12-00910-{n:05}")));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    let ids: Vec<OrderId> = world.orders().await.iter().map(|order| order.id).collect();
    let mut deaths = 0;
    for round in 1..=40_u32 {
        let (one, two) = (world.worker(), world.worker());
        let (sent, synced) = tokio::join!(one.send(&ids, "one"), two.sync(&ids, "two"));
        assert!(sent.is_ok() && synced.is_ok(), "{sent:?} {synced:?}");
        for message in world.queue.take_due() {
            let dies = message.queue == QueueName::Orders && round < 20;
            let death = if dies { Death(Some(round * 3)) } else { Death::default() };
            if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                deaths += 1;
            }
        }
        world.advance(SignedDuration::from_secs(45));
    }
    assert!(deaths > 20, "{deaths}");
    world.woo.faults().clear();
    world.pass(SignedDuration::from_mins(30)).await;
    world.assert_no_duplicates();
    assert_eq!(world.woo.orders().len(), 12);
    assert!(world.orders().await.iter().all(|order| matches!(order.import, ImportState::Imported { .. })));
    let unsure = world.orders().await.iter().flat_map(|order| &order.stock).filter(|s| !s.moved()).count();
    let out = usize::try_from(50 - world.woo.stock("A").unwrap()).unwrap();
    assert!((12 - unsure..=12).contains(&out), "{out} out, {unsure} in doubt");
}

#[tokio::test]
async fn scenario_21_select_all_and_sync_during_the_outage_makes_no_duplicate_later() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0002{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
    }
    let ids: Vec<OrderId> = world.orders().await.iter().map(|order| order.id).collect();
    for _ in 0..5 {
        world.app.sync(&ids, "owner").await.unwrap();
        world.app.send(&ids, "owner").await.unwrap();
        world.pass(SignedDuration::from_mins(5)).await;
    }
    assert!(world.woo.orders().is_empty());
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!((world.woo.orders().len(), world.woo.creates().len(), world.woo.stock("A")), (3, 3, Some(47)));
    assert!(world.orders().await.iter().all(|order| dot(order).color == DotColor::Green));
    world.assert_no_duplicates();
}

#[tokio::test]
async fn the_sync_button_imports_what_a_changed_rule_allows() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::Off).await;
    world.ebay.place(OrderSpec::new("12-00035-00001").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id("12-00035-00001").await;
    assert!(world.app.order(id).await.unwrap().unwrap().error.is_some_and(|error| error.contains("auto_import")));
    world.app.sync(&[id], "owner").await.unwrap();
    world.drain().await;
    assert!(world.woo.orders().is_empty(), "Sync applies the rules, it does not override them");
    world.set(|settings| settings.auto_import = AutoImport::Linked).await;
    world.app.sync(&[id], "owner").await.unwrap();
    world.drain().await;
    world.replay().await;
    let order = world.order("12-00035-00001").await;
    assert_eq!((world.woo.creates().len(), dot(&order).color, order.attention()), (1, DotColor::Green, None));
}
