//! R7: every linked listing follows the main store's stock, on every started channel, and no push does harm.

use app::{DomainEvent, Job};
use domain::quantity::Telling;
use domain::settings::AutoImport;
use domain::{ListingKey, ProductId, Sku};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::world::{SecondChannel, World};

/// The scenarios' fixture: eBay with A and B, Etsy with A, both started.
pub async fn fixture() -> (World, SecondChannel) {
    let world = World::new().await;
    let etsy = world.connect_channel("Etsy", &[("A", 50)]).await;
    world.link_parts(&etsy.id, "A", &[("A", 1, 1)]).await;
    start(&world, &etsy).await;
    (world, etsy)
}

async fn start(world: &World, other: &SecondChannel) {
    world.app.start_stock(&world.channel).await.unwrap();
    world.app.start_stock(&other.id).await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
}

/// Units of a product that orders not yet imported hold, by its SKU.
pub async fn exposure(world: &World, sku: &str) -> u32 {
    let exposures = world.app.stock_exposure().await.unwrap();
    let of_sku = exposures.iter().filter(|exposure| exposure.sku == Some(Sku::new(sku).unwrap()));
    of_sku.map(|exposure| exposure.units).sum()
}

fn paused(world: &World) -> Vec<(u32, u32)> {
    let of = |event| match event {
        DomainEvent::StockPaused { zeros, listings, .. } => Some((zeros, listings)),
        _ => None,
    };
    world.events.all().into_iter().filter_map(of).collect()
}

#[tokio::test]
async fn scenario_1_the_other_channel_follows_an_import() {
    let (world, etsy) = fixture().await;
    world.ebay.place(OrderSpec::new("12-00001-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(2)).await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
    assert_eq!(etsy.shop.stock("A"), Some(48));
    let item = |sku: &str| world.ebay.item(sku).unwrap().available();
    assert_eq!((item("A"), item("B")), (48, 19));
    assert!(world.ebay.fulfilments("12-00001-00001").is_empty(), "the channel received no write but quantities");
    assert_eq!(world.ebay.violations(), Vec::new());
    assert_eq!(world.queue.len(), 0, "{:?}", world.queue.bodies());
}

#[tokio::test]
async fn scenario_2_held_units_are_exposed_and_the_other_channel_shows_less() {
    let (world, etsy) = fixture().await;
    let calls = etsy.calls();
    world.ebay.place(OrderSpec::new("12-00002-00001").line("A", 1, 1999).line("X", 1, 1500).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((exposure(&world, "A").await, etsy.shop.stock("A")), (1, Some(49)));
    let exposures = world.app.stock_exposure().await.unwrap();
    let order = &exposures[0].orders[0];
    assert_eq!((order.channel_order_number.as_str(), order.units, order.deducted), ("12-00002-00001", 1, true));
    assert!(order.why.as_ref().unwrap().contains("Not linked: X"));
    let story = world.story("12-00002-00001").await;
    assert!(story.contains(&"Stock: 1 unit of A held for this order.".to_owned()), "{story:?}");

    world.link("X", "C", 1).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!((exposure(&world, "A").await, etsy.shop.stock("A")), (0, Some(49)));
    assert_eq!(etsy.calls() - calls, 1, "once, when the unit was held: {:?}", etsy.set("A"));
    assert_eq!(world.ebay.item("X").unwrap().available(), 9, "the new link is told at once");
}

#[tokio::test]
async fn scenario_3_cancels_on_either_side_raise_the_other_channel_again() {
    let (world, etsy) = fixture().await;
    world.set(|settings| settings.auto_import = AutoImport::All).await;
    for id in ["12-00003-00001", "12-00003-00002", "12-00003-00003"] {
        world.ebay.place(OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(47), Some(47)));
    world.ebay.cancel("12-00003-00002");
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(48), Some(48)));
    let third = world.order("12-00003-00003").await;
    world.woo.cancel(third.import.store_order().unwrap().as_str().parse().unwrap()).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(49), Some(49)));
    world.replay().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(49), Some(49)));
}

#[tokio::test]
async fn scenario_16_a_bundle_takes_its_parts_and_an_oversell_is_flagged_and_told_everywhere() {
    let world = World::new().await;
    let etsy = world.connect_channel("Etsy", &[("A", 50), ("B", 20), ("BOX", 10)]).await;
    for (listing, products) in
        [("A", &[("A", 1, 1)][..]), ("B", &[("B", 1, 1)]), ("BOX", &[("A", 2, 1000), ("B", 1, 2500)])]
    {
        world.link_parts(&etsy.id, listing, products).await;
    }
    world.link_parts(&world.channel, "X", &[("A", 2, 1000), ("B", 1, 2500)]).await;
    start(&world, &etsy).await;
    assert_eq!((etsy.shop.stock("A"), etsy.shop.stock("B"), etsy.shop.stock("BOX")), (Some(50), Some(20), Some(20)));

    world.ebay.place(OrderSpec::new("12-00016-00001").line("X", 3, 4500));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(44), Some(17)));
    assert_eq!((etsy.shop.stock("A"), etsy.shop.stock("B"), etsy.shop.stock("BOX")), (Some(44), Some(17), Some(17)));

    // The scenario's line cancel brings one box back before the next order; here two of B and one of B stand in for it.
    world.ebay.place(OrderSpec::new("12-00016-00002").line("B", 18, 2500));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(world.woo.stock("B"), Some(-1));
    let story = world.story("12-00016-00002").await;
    let flags: Vec<_> = story.iter().filter(|line| line.contains("oversold, B short 1")).collect();
    assert_eq!(flags.len(), 1, "{story:?}");
    assert!(world.story("12-00016-00001").await.iter().all(|line| !line.contains("oversold")));
    let told: Vec<u32> = world
        .events
        .all()
        .into_iter()
        .filter_map(|event| match event {
            DomainEvent::Oversold { short, product, .. } if product == world.product("B") => Some(short),
            _ => None,
        })
        .collect();
    assert_eq!(told, [1]);
    assert_eq!((etsy.shop.stock("B"), etsy.shop.stock("BOX"), etsy.shop.stock("A")), (Some(0), Some(0), Some(44)));
    assert_eq!(world.ebay.item("B").unwrap().available(), 0);
    assert_eq!(world.ebay.item("X").unwrap().available(), 0);
}

#[tokio::test]
async fn scenario_21_while_the_store_is_down_the_other_channel_shows_its_last_stock_less_what_is_held() {
    let (world, etsy) = fixture().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
    }
    assert_eq!((exposure(&world, "A").await, etsy.shop.stock("A")), (3, Some(47)));
    world.pass(SignedDuration::from_mins(45)).await;
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(world.woo.orders().len(), 3);
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(47), Some(47)));
    assert_eq!(exposure(&world, "A").await, 0);
    assert!(etsy.set("A").iter().all(|told| *told >= 47), "{:?}", etsy.set("A"));
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn nothing_is_pushed_before_the_merchant_has_seen_it_and_started() {
    let world = World::new().await;
    let etsy = world.connect_channel("Etsy", &[("A", 7), ("B", 3), ("LOOSE", 4)]).await;
    world.link_parts(&etsy.id, "A", &[("A", 1, 1)]).await;
    world.link_parts(&etsy.id, "B", &[("B", 3, 1)]).await;
    world.ebay.place(OrderSpec::new("12-00100-00001").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!((etsy.calls(), world.ebay.quantity_updates("A").len()), (0, 0));

    let preview = world.app.preview_stock(&etsy.id, None).await.unwrap();
    assert_eq!(preview.telling, Telling::NotStarted);
    let mut rows: Vec<_> =
        preview.listings.iter().map(|row| (row.sku.clone().unwrap().to_string(), row.quantity, row.will_be)).collect();
    rows.sort();
    assert_eq!(rows, [("A".to_owned(), Some(7), Some(49)), ("B".to_owned(), Some(3), Some(6))]);
    assert_eq!(etsy.calls(), 0, "looking changes nothing");

    let (telling, rung) = world.app.start_stock(&etsy.id).await.unwrap();
    assert!(matches!(telling, Telling::On { .. }));
    assert_eq!(rung, 2);
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((etsy.shop.stock("A"), etsy.shop.stock("B"), etsy.shop.stock("LOOSE")), (Some(49), Some(6), Some(4)));
    assert_eq!(etsy.calls(), 1);
    assert_eq!(world.ebay.quantity_updates("A").len(), 0, "eBay was not started");
}

#[tokio::test]
async fn a_burst_of_fifty_orders_of_one_product_is_few_calls() {
    let (world, etsy) = fixture().await;
    let (before, ebay_before) = (etsy.calls(), world.ebay.quantity_updates("A").len());
    for n in 1..=50 {
        world.ebay.place(OrderSpec::new(&format!("12-00200-{n:05}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.woo.orders().len(), 50);
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(0), Some(0)));
    let calls = etsy.calls() - before;
    assert!((1..=3).contains(&calls), "{calls} calls, quantities {:?}", etsy.set("A"));
    assert!(world.ebay.quantity_updates("A").len() - ebay_before <= 6, "an item and its offer, three times at most");
}

#[tokio::test]
async fn a_fifth_of_the_listings_going_to_zero_pauses_the_channel_until_it_is_started_again() {
    let world = World::new().await;
    let skus: Vec<String> = (0..10).map(|n| format!("S{n}")).collect();
    let listings: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 10)).collect();
    let etsy = world.connect_channel("Etsy", &listings).await;
    let products: Vec<ProductId> = skus
        .iter()
        .map(|sku| world.woo.add_product(sku, sku, Decimal::ONE, 10))
        .map(|id| ProductId::new(id.to_string()).unwrap())
        .collect();
    world.app.link_in_bulk(&etsy.id, app::MatchBy::Sku).await.unwrap();
    start(&world, &etsy).await;
    for sku in &skus[..6] {
        world.woo.set_stock(sku, 0);
    }
    // Somebody's mistake at the stocktake, and an order in the shop that makes Tributary look.
    let look: Vec<Job> = products.into_iter().map(|product| Job::stock(product, None)).collect();
    world.queue_now(&look).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(paused(&world), [(6, 10)]);
    assert!(skus.iter().all(|sku| etsy.shop.stock(sku) == Some(10)), "nothing was set to zero");
    let preview = world.app.preview_stock(&etsy.id, None).await.unwrap();
    assert!(matches!(preview.telling, Telling::Paused { zeros: 6, listings: 10, .. }));
    assert!(preview.says.contains("6 of 10"), "{}", preview.says);

    // While it is paused nothing is set, and nothing is asked again.
    world.queue_now(&look).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((paused(&world).len(), etsy.shop.stock("S0")), (1, Some(10)));

    world.app.start_stock(&etsy.id).await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
    assert!(skus[..6].iter().all(|sku| etsy.shop.stock(sku) == Some(0)), "the merchant has seen it");
    assert!(skus[6..].iter().all(|sku| etsy.shop.stock(sku) == Some(10)));
    assert_eq!(paused(&world).len(), 1);
}

#[tokio::test]
async fn the_buffer_and_the_maximum_of_a_channel_are_its_own_and_act_at_once() {
    let (world, etsy) = fixture().await;
    let (mut settings, version) = world.app.storage.settings.channel_settings(&etsy.id).await.unwrap();
    settings.stock = domain::stock_settings::StockSettings { buffer: 2, maximum: Some(40) };
    let version = world.app.put_settings(&etsy.id, settings.clone(), version).await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((etsy.shop.stock("A"), world.ebay.item("A").unwrap().available()), (Some(40), 50));
    settings.stock.maximum = None;
    world.app.put_settings(&etsy.id, settings, version).await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(etsy.shop.stock("A"), Some(48));
}

#[tokio::test]
async fn stock_that_the_store_does_not_count_is_never_pushed() {
    let (world, etsy) = fixture().await;
    let calls = etsy.calls();
    world.woo.stop_counting("A");
    world.queue_now(&[Job::stock(world.product("A"), None)]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((etsy.calls(), etsy.shop.stock("A")), (calls, Some(50)));
    let preview = world.app.preview_stock(&etsy.id, None).await.unwrap();
    assert!(preview.listings[0].why.as_ref().unwrap().contains("does not count the stock"), "{:?}", preview.listings);
}

#[tokio::test]
async fn a_sale_in_the_shop_itself_lowers_every_channel() {
    let (world, etsy) = fixture().await;
    let sale = serde_json::json!({
        "status": "processing",
        "line_items": [{"product_id": world.product("A").as_str().parse::<u64>().unwrap(), "quantity": 4}],
    });
    world.woo.place_checkout_order(&sale).unwrap();
    world.pass(SignedDuration::from_mins(3)).await;
    assert_eq!(world.woo.stock("A"), Some(46));
    assert_eq!((etsy.shop.stock("A"), world.ebay.item("A").unwrap().available()), (Some(46), 46));
    let calls = etsy.calls();
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(etsy.calls(), calls, "an order that was seen rings once");
}

#[tokio::test]
async fn an_unknown_listing_key_in_a_preview_is_named_by_its_sku() {
    let (world, etsy) = fixture().await;
    let preview = world.app.preview_stock(&etsy.id, None).await.unwrap();
    assert_eq!(preview.listings.len(), 1);
    assert_eq!(preview.listings[0].listing, ListingKey::Sku(Sku::new("A").unwrap()));
    assert_eq!((preview.listings[0].quantity, preview.listings[0].will_be), (Some(50), Some(50)));
}
