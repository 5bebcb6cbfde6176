//! Past orders by date range: what the dry run says is what the run does, once, and it can be undone.

use app::{BackfillError, Range, UndoAnswer};
use domain::backfill::{Backfill, BackfillState};
use domain::status::{OrderStatus, status};
use fakes::ebay::OrderSpec;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::world::{Death, Delivered, QueueName, World};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn october() -> Range {
    Range { from: at("2026-10-01T00:00:00Z"), to: at("2026-11-01T00:00:00Z") }
}

fn past(id: &str, day: u32, units: u32) -> OrderSpec {
    OrderSpec::new(id).line("A", units, 1999).created(at(&format!("2026-10-{day:02}T09:00:00Z")))
}

/// H1 and H2 shipped, H3 paid and open, H4 canceled, all before the switch.
async fn scenario_6() -> World {
    let world = World::new().await;
    for (id, day) in [("12-00006-00001", 2), ("12-00006-00002", 9)] {
        world.ebay.place(past(id, day, 1));
        let line = world.ebay.order(id).unwrap().spec.line_id(0);
        world.ebay.ship_by_label(id, "RoyalMail", &format!("RM{day}"), &[(&line, 1)]);
    }
    world.ebay.place(past("12-00006-00003", 16, 2));
    world.ebay.place(past("12-00006-00004", 23, 1).canceled());
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!((world.orders().await.len(), world.woo.stock("A")), (0, Some(50)), "polling does not take them in");
    world
}

async fn run(world: &World, dry_run: bool) -> Backfill {
    world.app.start_backfill(&world.channel, october(), dry_run, "owner").await.unwrap();
    world.pass(SignedDuration::from_mins(3)).await;
    let backfill = world.app.latest_backfill(&world.channel).await.unwrap().unwrap();
    assert_eq!((&backfill.state, backfill.dry_run), (&BackfillState::Done, dry_run));
    backfill
}

/// Write units on orders and links, and calls that could change something at a platform.
fn written(world: &World) -> (u64, usize) {
    let operations = world.dynamo.meter.operations();
    let on_path = operations.iter().filter(|(name, _)| name.starts_with("orders.") || name.starts_with("links."));
    let calls = world.woo.calls().all().into_iter().chain(world.ebay.calls().all());
    let changes = calls.filter(|call| call.method != "GET" && !call.path.contains("/oauth2/token"));
    (on_path.map(|(_, operation)| operation.write_units).sum(), changes.count())
}

#[tokio::test]
async fn scenario_6_backfill_and_undo() {
    let world = scenario_6().await;
    let own = world.woo.place_checkout_order(&json!({ "status": "processing" })).unwrap();
    let mails = world.woo.mails().len();

    let before = written(&world);
    let foreseen = run(&world, true).await;
    assert_eq!((foreseen.counts.imports, foreseen.counts.waits, foreseen.counts.already_here), (3, 0, 0));
    assert_eq!(foreseen.counts.skipped, [("canceled".to_owned(), 1)].into());
    assert_eq!(foreseen.moves, [(world.product("A"), -2)].into());
    assert_eq!(written(&world), before, "a dry run writes nothing");

    let done = run(&world, false).await;
    assert_eq!((done.counts.imports, done.counts.skipped["canceled"]), (3, 1));
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("A")), (3, Some(48)));
    assert_eq!(world.woo.mails().len(), mails, "nobody is mailed: {:?}", world.woo.mails());
    for (id, expected) in [
        ("12-00006-00001", OrderStatus::Completed),
        ("12-00006-00002", OrderStatus::Completed),
        ("12-00006-00003", OrderStatus::ReadyToShip),
    ] {
        let order = world.order(id).await;
        assert_eq!(status(&order, false), expected, "{id}");
        let in_store = world.woo.order(order.import.store_order().unwrap().as_str().parse().unwrap()).unwrap();
        let open = expected == OrderStatus::ReadyToShip;
        assert_eq!(in_store.status.as_str(), if open { "processing" } else { "completed" });
        assert_eq!(world.ebay.fulfilments(id).len(), usize::from(!open), "no package went to the channel");
    }
    assert_eq!(world.ebay.calls().count("POST */shipping_fulfillment"), 0);

    let again = run(&world, false).await;
    assert_eq!((again.counts.imports, again.counts.already_here), (0, 3), "0 new");
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("A")), (3, Some(48)));

    let before = written(&world);
    let undo =
        async |dry_run| world.app.undo_backfill(&world.channel, &done.id, None, (dry_run, "owner")).await.unwrap();
    let (preview, next) = undo(true).await;
    let cancels = preview.iter().filter(|e| matches!(e.answer, UndoAnswer::CancelInStore { .. })).count();
    assert_eq!((preview.len(), cancels, next), (3, 3, None));
    assert_eq!(written(&world), before);
    assert_eq!(undo(false).await.0, preview);
    world.drain().await;
    world.replay().await;
    let statuses: Vec<String> =
        world.woo.orders().iter().filter(|o| o.id != own).map(|o| o.status.as_str().to_owned()).collect();
    assert_eq!(statuses, ["cancelled", "cancelled", "cancelled"]);
    assert_eq!(world.woo.stock("A"), Some(50));
    assert_eq!(world.woo.order(own).unwrap().status.as_str(), "processing");
    assert_eq!(world.ebay.calls().count("POST */shipping_fulfillment"), 0);
    world.assert_no_duplicates();
}

#[tokio::test]
async fn a_backfill_whose_workers_die_takes_every_order_in_once_and_counts_it_once() {
    let world = World::new().await;
    for n in 1..=60_u32 {
        world.ebay.place(past(&format!("12-00600-{n:05}"), n % 28 + 1, 1));
    }
    world.app.start_backfill(&world.channel, october(), false, "owner").await.unwrap();
    let mut deaths = 0;
    for round in 1..=80_u32 {
        for message in world.queue.take_due() {
            let dies = message.queue == QueueName::Polls && round < 40;
            let death = if dies { Death(Some(round * 4 % 90 + 10)) } else { Death::default() };
            if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                deaths += 1;
            }
        }
        // The owner presses the button again: it is the same backfill. A lost message does not matter.
        if round % 5 == 0 {
            match world.app.start_backfill(&world.channel, october(), false, "owner").await {
                Ok(_) | Err(BackfillError::Running) => {}
                Err(error) => panic!("{error}"),
            }
        }
        world.advance(SignedDuration::from_secs(61));
        let done = world.app.latest_backfill(&world.channel).await.unwrap().unwrap();
        if done.state == BackfillState::Done {
            break;
        }
    }
    assert!(deaths > 5, "{deaths}");
    world.pass(SignedDuration::from_mins(30)).await;
    let done = world.app.latest_backfill(&world.channel).await.unwrap().unwrap();
    assert_eq!((&done.state, done.counts.imports, done.counts.already_here), (&BackfillState::Done, 60, 0));
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (60, Some(-10)));
    world.assert_no_duplicates();
}

#[tokio::test]
async fn a_backfill_that_cannot_be_is_refused_and_says_why() {
    let world = World::new().await;
    let start = async |from: &str, to: &str| {
        let range = Range { from: at(from), to: at(to) };
        world.app.start_backfill(&world.channel, range, false, "owner").await
    };
    let field = |result: Result<Backfill, BackfillError>| match result {
        Err(BackfillError::Range(error)) => error.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(start("2016-11-18T00:00:00Z", "2016-12-18T00:00:00Z").await), "from");
    assert_eq!(field(start("2026-12-01T00:00:00Z", "2026-12-18T00:00:00Z").await), "from");
    start("2026-10-01T00:00:00Z", "2026-10-18T00:00:00Z").await.unwrap();
    assert!(matches!(start("2026-10-02T00:00:00Z", "2026-10-18T00:00:00Z").await, Err(BackfillError::Running)));
    world
        .set(|settings| {
            settings.auto_import = domain::settings::AutoImport::Off;
            settings.inventory_sync = false;
        })
        .await;
    assert!(matches!(start("2026-10-01T00:00:00Z", "2026-10-18T00:00:00Z").await, Err(BackfillError::SyncIsOff)));
}
