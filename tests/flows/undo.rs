//! Undo and re-import: the store loses what Tributary created there and nothing else, and gets it again once.

use app::{Job, ReimportAnswer, UndoAnswer};
use domain::trace::NotImported;
use domain::{ImportState, OrderId};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use serde_json::json;

use crate::world::{Death, Delivered, QueueName, World};

fn order(n: u32) -> OrderSpec {
    OrderSpec::new(&format!("12-00300-{n:05}")).line("A", 2, 1999).line("B", 1, 2500).shipping(399)
}

async fn ids(world: &World) -> Vec<OrderId> {
    world.orders().await.iter().map(|order| order.id).collect()
}

fn statuses(world: &World) -> Vec<String> {
    world.woo.orders().iter().map(|order| order.status.as_str().to_owned()).collect()
}

#[tokio::test]
async fn undo_cancels_after_a_preview_and_reimport_creates_once_under_a_new_reference() {
    let world = World::new().await;
    let own = world.woo.place_checkout_order(&json!({ "status": "processing" })).unwrap();
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id("12-00300-00001").await;
    let first = world.order("12-00300-00001").await.reference();
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
    assert!(matches!(world.app.reimport(id, "owner").await.unwrap(), ReimportAnswer::Stands { .. }));

    let calls = world.woo.calls().all().len();
    let preview = world.app.preview_undo(&[id]).await.unwrap();
    let number = world.woo.orders().iter().map(|order| order.id).max().unwrap().to_string();
    assert_eq!(preview[0].answer, UndoAnswer::CancelInStore { number });
    assert_eq!(preview[0].back, [(world.product("A"), 2), (world.product("B"), 1)].into());
    assert_eq!((world.woo.calls().all().len(), world.queue.len()), (calls, 0), "a preview touches nothing");

    let to_channel = world.ebay.calls().all().iter().filter(|call| call.method == "POST").count();
    assert_eq!(world.app.undo(&[id], "owner@shop.example").await.unwrap(), preview);
    world.drain().await;
    world.replay().await;
    let undone = world.order("12-00300-00001").await;
    assert_eq!((undone.import, undone.generation), (ImportState::Left(NotImported::Undone), 2));
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(50), Some(20)));
    assert_eq!(world.woo.order(own).unwrap().status.as_str(), "processing", "another order of the shop is untouched");
    assert_eq!(world.woo.creates().len(), 1);
    let story = world.story("12-00300-00001").await;
    assert!(story.contains(&"owner@shop.example asked: Undo.".to_owned()), "{story:?}");
    assert!(story.iter().any(|line| line.starts_with("The import was undone")), "{story:?}");
    assert_eq!(world.app.undo(&[id], "owner").await.unwrap()[0].answer, UndoAnswer::AlreadyUndone);

    assert_eq!(world.app.reimport(id, "owner").await.unwrap(), ReimportAnswer::Queued);
    assert_eq!(world.app.reimport(id, "owner").await.unwrap(), ReimportAnswer::Queued);
    world.drain().await;
    world.replay().await;
    let again = world.order("12-00300-00001").await;
    assert!(matches!(again.import, ImportState::Imported { .. }), "{:?}", again.import);
    assert_ne!(again.reference(), first);
    assert_eq!((world.woo.creates().len(), world.woo.stock("A"), world.woo.stock("B")), (2, Some(48), Some(19)));
    assert_eq!(statuses(&world), ["processing", "cancelled", "processing"]);
    assert!(matches!(world.app.reimport(id, "owner").await.unwrap(), ReimportAnswer::Stands { .. }));
    let posts = world.ebay.calls().all().iter().filter(|call| call.method == "POST").count();
    assert_eq!(posts, to_channel, "the channel heard nothing");
    world.assert_no_duplicates();
}

#[tokio::test]
async fn undoing_an_order_that_waits_puts_back_what_is_held_and_leaves_it() {
    let world = World::new().await;
    world.ebay.place(OrderSpec::new("12-00301-00001").line("A", 1, 1999).line("X", 1, 1500));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.stock("A"), Some(49));
    let entries = world.app.undo(&ids(&world).await, "owner").await.unwrap();
    assert_eq!((&entries[0].answer, entries[0].back.len()), (&UndoAnswer::LeaveOut, 1));
    world.drain().await;
    assert_eq!(world.woo.stock("A"), Some(50));
    assert!(world.app.storage.links.holds(&world.product("A")).await.unwrap().is_empty());
    // Linking what it waited for does not bring it back.
    world.link("X", "C", 1).await;
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("A")), (0, Some(50)));
}

#[tokio::test]
async fn only_an_order_that_bears_our_reference_is_canceled() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    let own = world.woo.place_checkout_order(&json!({ "status": "processing" })).unwrap();
    let known = world.order("12-00300-00001").await;
    // As if a person had restored another database: our id names somebody else's order.
    let ImportState::Imported { number, at, .. } = known.import.clone() else { panic!("{:?}", known.import) };
    let store_order = domain::StoreOrderId::new(own.to_string()).unwrap();
    let wrong = storage::Change {
        import: Some(ImportState::Imported { store_order, number, at }),
        ..storage::Change::default()
    };
    world.app.storage.orders.update(&known, wrong).await.unwrap();
    world.app.undo(&[known.id], "owner").await.unwrap();
    world.drain().await;
    assert_eq!(statuses(&world), ["processing", "processing"]);
    let story = world.story("12-00300-00001").await;
    assert!(story.iter().any(|line| line.contains("does not bear Tributary's reference")), "{story:?}");
    assert!(world.order("12-00300-00001").await.by_hand.undo.is_none(), "it is not tried for ever");
}

#[tokio::test]
async fn an_undo_waits_for_a_store_that_is_down() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    let down = world.woo.maintenance();
    world.app.undo(&ids(&world).await, "owner").await.unwrap();
    world.pass(SignedDuration::from_mins(20)).await;
    assert_eq!(statuses(&world), ["processing"]);
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!((statuses(&world), world.woo.stock("A")), (vec!["cancelled".to_owned()], Some(50)));
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn what_a_person_canceled_in_the_store_can_be_imported_again() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.woo.cancel(world.woo.orders()[0].id).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id("12-00300-00001").await;
    assert_eq!(world.app.reimport(id, "owner").await.unwrap(), ReimportAnswer::Queued);
    world.drain().await;
    world.replay().await;
    assert_eq!(
        (statuses(&world), world.woo.stock("A")),
        (vec!["cancelled".to_owned(), "processing".to_owned()], Some(48))
    );
    world.assert_no_duplicates();
}

/// Workers die at every await of undo and re-import, answers of cancels are lost, and everybody presses everything again.
#[tokio::test]
async fn a_worker_that_dies_while_undoing_or_importing_again_doubles_nothing() {
    let world = World::new().await;
    world.woo.faults().on("PUT */orders/*").drop_response_each(20, 3);
    let count = 30_u32;
    for n in 1..=count {
        world.ebay.place(OrderSpec::new(&format!("12-00302-{n:05}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    let all = ids(&world).await;
    let mut deaths = 0;
    for phase in ["undo", "reimport"] {
        for round in 1..=25_u32 {
            for id in &all {
                // Pressed again and again; what is done already says so.
                if phase == "undo" {
                    world.app.undo(&[*id], "owner").await.unwrap();
                } else if round < 4 {
                    world.app.reimport(*id, "owner").await.unwrap();
                }
            }
            for (n, message) in (0_u32..).zip(world.queue.take_due()) {
                let dies = message.queue == QueueName::Orders && round < 8;
                let death = if dies { Death(Some((n * 3 + round * 5) % 40 + 1)) } else { Death::default() };
                if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                    deaths += 1;
                }
            }
            world.advance(SignedDuration::from_secs(70));
        }
        world.pass(SignedDuration::from_mins(30)).await;
        let orders = world.orders().await;
        if phase == "undo" {
            let open: Vec<_> = orders.iter().filter(|o| o.import != ImportState::Left(NotImported::Undone)).collect();
            assert!(open.is_empty(), "{open:?}");
            assert_eq!(world.woo.stock("A"), Some(50), "everything came back once");
            assert!(statuses(&world).iter().all(|status| status == "cancelled"));
        } else {
            assert!(orders.iter().all(|order| matches!(order.import, ImportState::Imported { .. })), "{orders:?}");
            assert!(orders.iter().all(|order| order.generation == 2));
        }
    }
    assert!(deaths > 50, "{deaths}");
    world.queue_now(&all.iter().map(|id| Job::import(*id)).collect::<Vec<_>>()).await;
    world.drain().await;
    world.assert_no_duplicates();
    assert_eq!(world.woo.orders().len(), 2 * count as usize);
    assert_eq!(statuses(&world).iter().filter(|status| *status == "processing").count(), count as usize);
    assert_eq!(world.woo.stock("A"), Some(50 - i64::from(count)));
    assert_eq!(world.queue.dead(), 0);
}
