//! R14: a prefix that makes order numbers too long for the main store is refused when it is set, and at the import at the latest.

use app::ConnectionsError;
use connect::StoreCapabilities;
use domain::head::Attention;
use domain::trace::NotImported;
use domain::{ConnectionId, ImportState};
use jiff::SignedDuration;

use crate::paper::with_store;
use crate::world::World;
use crate::world::paper_channel::{add_line, paper_order};
use crate::world::paper_store::PAPER_STORE;

const SHORT: StoreCapabilities = StoreCapabilities { max_order_number: 22, ..PAPER_STORE };

/// What is wrong with this prefix, if anything.
async fn set_prefix(world: &World, id: &ConnectionId, prefix: &str) -> Option<String> {
    let view = world.app.settings(id).await.unwrap();
    let mut settings = view.settings;
    settings.keep_order_number = true;
    prefix.clone_into(&mut settings.order_number_prefix);
    match world.app.put_settings(id, settings, view.version).await {
        Ok(_) => None,
        Err(ConnectionsError::Invalid(faults)) => {
            assert_eq!((faults.len(), faults[0].field.as_str()), (1, "order_number_prefix"));
            Some(faults[0].message.clone())
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn scenario_25_a_prefix_that_makes_numbers_too_long_is_refused_before_any_order() {
    let (world, _, _, id) = with_store("GBP", SHORT, "market").await;
    let why = set_prefix(&world, &id, "EBAY-UK-").await.unwrap();
    assert!(why.contains("27 characters") && why.contains("at most 22"), "{why}");
    assert_eq!(set_prefix(&world, &id, "EB-").await, None);
}

#[tokio::test]
async fn once_the_channels_numbers_are_seen_they_say_how_long_a_prefix_may_be() {
    let (world, store, channel, id) = with_store("GBP", SHORT, "market").await;
    let mut order = paper_order("12345", "GBP", "GB", world.now());
    add_line(&mut order, "A", 1, 1000);
    channel.place(order);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(store.orders().len(), 1);
    assert_eq!(set_prefix(&world, &id, "EBAY-UK-").await, None, "8 + 5 fit");
    assert!(set_prefix(&world, &id, "AN-EVEN-LONGER-ONE").await.is_some(), "18 + 5 do not");
}

#[tokio::test]
async fn an_order_whose_number_is_too_long_after_all_is_refused_with_the_setting_and_the_limit() {
    let (world, store, channel, id) = with_store("GBP", SHORT, "market").await;
    assert_eq!(set_prefix(&world, &id, "EB-").await, None);
    let mut order = paper_order("AN-UNUSUALLY-LONG-NUMBER", "GBP", "GB", world.now());
    add_line(&mut order, "A", 1, 1000);
    channel.place(order);
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(store.orders().is_empty());
    let order = world.order("AN-UNUSUALLY-LONG-NUMBER").await;
    let ImportState::Waiting(reason @ NotImported::NumberTooLong { .. }) = &order.import else {
        panic!("{:?}", order.import)
    };
    let why = reason.sentence();
    assert!(why.contains("EB-AN-UNUSUALLY-LONG-NUMBER") && why.contains("22") && why.contains("order_number_prefix"));
    assert_eq!((order.attention(), world.events.named("OrderImportFailed")), (Some(Attention::Error), 1));

    assert_eq!(set_prefix(&world, &id, "").await, None);
    world.set_on(&id, |settings| settings.keep_order_number = false).await;
    world.app.sync(&[order.id], "owner@example.com").await.unwrap();
    world.drain().await;
    assert_eq!(store.orders().len(), 1);
}
