//! Dry runs: what would be done is what is done afterwards, and the asking writes nothing anywhere.

use app::{ForeseenMove, PastRange, Range, Would};
use domain::settings::{AutoImport, SendWhen};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::world::World;

/// Everything that was written so far: units on all tables, and calls that could change something at a platform.
fn written(world: &World) -> (u64, usize) {
    let units = world.dynamo.meter.operations().values().map(|operation| operation.write_units).sum();
    let calls = world.woo.calls().all().into_iter().chain(world.ebay.calls().all());
    let changes = calls.filter(|call| call.method != "GET" && !call.path.contains("/oauth2/token"));
    (units, changes.count())
}

#[tokio::test]
async fn a_dry_run_shows_byte_for_byte_what_the_store_then_receives_and_writes_nothing() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::Off).await;
    world.ebay.place(
        OrderSpec::new("12-00200-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399).note("ring \"twice\""),
    );
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id("12-00200-00001").await;
    let before = written(&world);
    let waits = world.app.dry_run(id).await.unwrap().unwrap();
    assert_eq!((waits.would, waits.request, waits.moves.len()), (Would::Wait, None, 0));
    assert!(waits.why.is_some_and(|why| why.contains("setting auto_import")));
    assert_eq!(written(&world), before, "nothing was written");

    world.set(|settings| settings.auto_import = AutoImport::Linked).await;
    let before = written(&world);
    let foreseen = world.app.dry_run(id).await.unwrap().unwrap();
    assert_eq!(written(&world), before, "nothing was written");
    assert_eq!((foreseen.would, foreseen.total.unwrap().minor()), (Would::Import, 6897));
    let mails = foreseen.mails.unwrap();
    assert!(!(mails.receipt || mails.customer_notifications || mails.marketing));
    // Off, the order's stock was held already: importing moves nothing more.
    assert_eq!(foreseen.moves, []);
    world.app.sync(&[id], "owner").await.unwrap();
    world.drain().await;
    let received = world.woo.calls().to("POST */orders");
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, foreseen.request.unwrap().as_bytes());
    assert_eq!(world.woo.stock("A"), Some(48));
    let done = world.app.dry_run(id).await.unwrap().unwrap();
    assert_eq!((done.would, done.moves.len()), (Would::Nothing, 0));
    assert!(done.why.is_some_and(|why| why.contains("stands in the main store")));
}

#[tokio::test]
async fn a_dry_run_foresees_the_stock_that_import_then_moves() {
    let world = World::new().await;
    // The doorbell is lost: the order is stored and nobody has looked at it.
    world.queue.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    world.ebay.place(OrderSpec::new("12-00200-00002").line("A", 2, 1999).line("B", 1, 2500));
    world.advance(SignedDuration::from_mins(5));
    assert!(world.app.poll(&world.channel).await.is_err());
    world.queue.refuses.store(false, std::sync::atomic::Ordering::Relaxed);
    let id = world.order_id("12-00200-00002").await;
    let before = written(&world);
    let foreseen = world.app.dry_run(id).await.unwrap().unwrap();
    assert_eq!(written(&world), before);
    let (a, b) = (world.product("A"), world.product("B"));
    let expected =
        [(a, -2, 50), (b, -1, 20)].map(|(product, units, in_store)| ForeseenMove { product, units, in_store });
    assert_eq!((foreseen.would, foreseen.moves), (Would::Import, expected.to_vec()));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
}

#[tokio::test]
async fn a_dry_run_says_that_the_store_does_not_answer() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.ebay.place(OrderSpec::new("12-00200-00003").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let foreseen = world.app.dry_run(world.order_id("12-00200-00003").await).await.unwrap().unwrap();
    assert_eq!((foreseen.would, foreseen.request), (Would::Wait, None));
    assert!(foreseen.why.is_some_and(|why| why.contains("main store cannot be reached")));
    down.off();
}

#[tokio::test]
async fn past_orders_show_what_a_new_setting_would_have_done_and_nothing_is_written() {
    let world = World::new().await;
    world.ebay.place(OrderSpec::new("12-00201-00001").line("A", 1, 1999));
    world.ebay.place(OrderSpec::new("12-00201-00002").line("A", 1, 1999).line("X", 1, 1500));
    world.ebay.place(OrderSpec::new("12-00201-00003").line("B", 1, 2500).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 2);
    let range = Range { from: "2026-11-01T00:00:00Z".parse().unwrap(), to: "2026-12-01T00:00:00Z".parse().unwrap() };
    let (present, _) = world.app.storage.settings.channel_settings(&world.channel).await.unwrap();
    let before = written(&world);
    let run = async |settings: &domain::ChannelSettings| {
        world.app.past_run(&world.channel, PastRange { range, after: None }, settings).await.unwrap()
    };

    let same = run(&present).await;
    assert_eq!((same.differ, same.counts.get(&Would::Import), same.counts.get(&Would::Wait)), (0, Some(&2), Some(&1)));
    let all = run(&domain::ChannelSettings { auto_import: AutoImport::All, ..present.clone() }).await;
    assert_eq!((all.differ, all.counts.get(&Would::Import)), (1, Some(&3)));
    let changed: Vec<_> = all.orders.iter().filter(|o| o.differs).map(|o| o.channel_order_number.as_str()).collect();
    assert_eq!(changed, ["12-00201-00002"]);
    let paid = run(&domain::ChannelSettings { send_when: SendWhen::Paid, ..present.clone() }).await;
    let waits = paid.orders.iter().find(|o| o.channel_order_number == "12-00201-00003").unwrap();
    assert!(waits.differs && waits.why.as_ref().unwrap().contains("setting send_when = paid"), "{waits:?}");
    let skipped = run(&domain::ChannelSettings { skip_unpaid: true, ..present.clone() }).await;
    assert_eq!(skipped.counts.get(&Would::StayOut), Some(&1));
    assert_eq!(written(&world), before, "nothing was written");

    let wrong = domain::ChannelSettings { inventory_sync: false, ..present };
    let refused = world.app.past_run(&world.channel, PastRange { range, after: None }, &wrong).await.unwrap_err();
    assert!(matches!(refused, app::ConnectionsError::Invalid(faults) if faults[0].field == "inventory_sync"));
}
