//! B8: orders that the main store's own checkout took, seen again on a channel, are recognised and not imported again.

use domain::settings::AutoImport;
use domain::trace::NotImported;
use domain::{Cancel, ImportState, plan};
use jiff::SignedDuration;

use crate::paper::with_store;
use crate::world::paper_channel::{add_line, paper_order};
use crate::world::paper_store::PAPER_STORE;

#[tokio::test]
async fn an_order_of_the_stores_own_checkout_is_recognised_and_never_imported_again() {
    let (world, store, channel, id) = with_store("GBP", PAPER_STORE, "google").await;
    world.set_on(&id, |settings| settings.auto_import = AutoImport::All).await;
    let mut own = paper_order("G-1", "GBP", "GB", world.now());
    add_line(&mut own, "A", 2, 3998);
    channel.place_from_store(own, "#1042");
    let mut other = paper_order("G-2", "GBP", "GB", world.now());
    add_line(&mut other, "B", 1, 2500);
    channel.place(other);
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;

    assert_eq!(store.orders().len(), 1, "only the channel's own order is imported");
    assert_eq!(
        (store.stock_of("A"), store.stock_of("B")),
        (Some(50), Some(19)),
        "the store moved its own stock by itself"
    );
    let order = world.order("G-1").await;
    assert_eq!(order.import, ImportState::Left(NotImported::AlreadyInStore { number: "#1042".to_owned() }));
    assert_eq!(order.attention(), None);
    let view = world.app.order(order.id).await.unwrap().unwrap();
    assert!(view.push_why.is_some_and(|why| why.contains("as #1042") && why.contains("not imported again")));

    // By hand neither, and a cancel moves nothing.
    let answers = world.app.send(&[order.id], "owner@example.com").await.unwrap();
    assert!(matches!(answers[&order.id], app::SendAnswer::Refused(NotImported::AlreadyInStore { .. })));
    channel.edit("G-1", |order| order.cancel = Cancel::Canceled);
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!((store.orders().len(), store.stock_of("A")), (1, Some(50)));
    assert!(!plan::cancel_came_too_late(&world.order("G-1").await));
}
