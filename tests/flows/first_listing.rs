//! A4: a channel's orders come in once it shows an active listing, and none of those placed before is lost.

use domain::Currency;
use fakes::ebay::{OrderSpec, StockedItem};
use fakes::etsy::{EtsyFake, ReceiptSpec};
use jiff::SignedDuration;

use crate::etsy::with_etsy;
use crate::world::{Setup, World};

const WORDS: &str = "shows no active listing yet";

async fn waits(world: &World, channel: &domain::ConnectionId) -> Option<String> {
    world.app.storage.settings.health(channel).await.unwrap().waits
}

/// Etsy's listings A and B are put there, or taken away.
fn on_sale(etsy: &EtsyFake, active: bool) {
    for listing in [1_000_001, 1_000_002] {
        etsy.edit_listing(listing, |listing| {
            if active { "active" } else { "inactive" }.clone_into(&mut listing.state);
        });
    }
}

#[tokio::test]
async fn scenario_4i_orders_come_in_once_a_listing_is_active() {
    let (world, etsy, id) = with_etsy("GBP").await;
    on_sale(&etsy, false);
    world.advance(SignedDuration::from_mins(5));
    etsy.place(ReceiptSpec::new(3_100_000_004).currency("GBP".parse().unwrap()).line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.orders().await.len(), world.woo.orders().len(), world.woo.stock("A")), (0, 0, Some(50)));
    let why = waits(&world, &id).await.unwrap();
    assert!(why.contains("Etsy") && why.contains(WORDS), "{why}");

    // However long it takes: it is not behind, and the nightly comparison takes nothing in either.
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(world.events.named("ChannelStalled"), 0);
    world.queue_now(&[app::ReconcileJob::default().into()]).await;
    world.drain().await;
    assert_eq!(world.orders().await.len(), 0);

    on_sale(&etsy, true);
    world.advance(SignedDuration::from_mins(1));
    world.poll().await;
    assert_eq!((world.orders().await.len(), world.woo.orders().len(), world.woo.stock("A")), (1, 1, Some(49)));
    assert_eq!(waits(&world, &id).await, None);

    // Seen once, it is not asked for again by polls, and selling out later holds nothing up.
    on_sale(&etsy, false);
    etsy.place(ReceiptSpec::new(3_100_000_005).currency("GBP".parse().unwrap()).line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.orders().await.len(), waits(&world, &id).await), (2, None));
}

#[tokio::test]
async fn scenario_4i_on_ebay_an_order_waits_for_the_first_listing() {
    let world = World::with(Setup { on_sale: false, linked: false, ..Setup::default() }).await;
    world.ebay.place(OrderSpec::new("12-00004-00001").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.orders().await.len(), 0);
    assert!(waits(&world, &world.channel).await.unwrap().contains(WORDS));
    let pounds: Currency = "GBP".parse().unwrap();
    world.ebay.stock(StockedItem::new("A", "Apple", 1999, pounds.code().parse().unwrap(), 50));
    world.advance(SignedDuration::from_mins(1));
    world.poll().await;
    assert_eq!((world.orders().await.len(), waits(&world, &world.channel).await), (1, None));
    assert_eq!(world.ebay.violations(), Vec::new());
}

#[tokio::test]
async fn listings_that_the_channel_does_not_show_count_once_one_is_linked_by_hand() {
    let world = World::with(Setup { on_sale: false, linked: false, ..Setup::default() }).await;
    world.ebay.place(OrderSpec::new("12-00004-00002").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.orders().await.len(), 0);
    world.link("A", "A", 1).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((world.orders().await.len(), world.woo.orders().len()), (1, 1));
}
