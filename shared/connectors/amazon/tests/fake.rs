//! The connector against the fake of Amazon: what it asks for, what it makes of the answers, what it never does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connect::{ConsentAsk, Effect, ErrorKind, Incoming, QuantityUpdate, SalesChannel, Window};
use connector_amazon::{Amazon, CONSENT};
use domain::shipment::{Origin, Push, ShippedLine, Tracking, key_of};
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, Fulfilment, ListingKey, Package, Payment, Shipment};
use fakes::SimClock;
use fakes::amazon::{
    AmazonFake, Collector, DEMO_ORDERS, ListedItem, MARKETPLACES, OrderSpec, REFRESH_TOKEN, SELLER_ID, STORE_NAME,
    TaxStyle, demo_listings, demo_orders,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use shop::{Noted, connected};
use url::Url;

async fn shop() -> (AmazonFake, Amazon) {
    let fake = AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let (amazon, _) = connected(&fake);
    (fake, amazon)
}

/// The last day, up to where Amazon lets a window end.
fn today(fake: &AmazonFake) -> Window {
    let to = fake.clock().now() - SignedDuration::from_secs(amazon_lag());
    Window { from: to - SignedDuration::from_hours(24), to }
}

fn amazon_lag() -> i64 {
    connector_amazon::CAPABILITIES.list_lag_seconds.into()
}

async fn all(amazon: &Amazon, window: Window) -> Vec<Incoming> {
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let read = amazon.orders(&window, page.as_ref()).await.unwrap();
        found.extend(read.items);
        match read.next {
            Some(next) => page = Some(next),
            None => return found,
        }
    }
}

fn readable(incoming: Incoming) -> ChannelOrder {
    match incoming {
        Incoming::Order(order) => order,
        Incoming::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

async fn one(amazon: &Amazon, id: &str) -> ChannelOrder {
    readable(amazon.order(&id.parse().unwrap()).await.unwrap())
}

fn number(at: u32) -> String {
    format!("202-0000000-{at:07}")
}

fn package(tracking: Option<(&str, Option<&str>)>, lines: &[(&str, u32)]) -> Package {
    let line = |(id, quantity): &(&str, u32)| ShippedLine { line: id.parse().unwrap(), quantity: *quantity };
    let tracking =
        tracking.map(|(number, carrier)| Tracking { number: number.to_owned(), carrier: carrier.map(str::to_owned) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: lines.iter().map(line).collect() };
    Package { key: key_of(&shipment), origin: Origin::Store, shipment, push: Push::Wanted }
}

#[tokio::test]
async fn the_demo_is_read_whole_and_adds_up() {
    let (fake, amazon) = shop().await;
    let specs = demo_orders();
    fake.place_all(specs.clone());
    fake.clock().advance(SignedDuration::from_mins(5));
    let found: Vec<ChannelOrder> = all(&amazon, today(&fake)).await.into_iter().map(readable).collect();
    assert_eq!(found.len(), DEMO_ORDERS);
    for order in &found {
        let spec = specs.iter().find(|spec| spec.id == order.id.as_str()).unwrap();
        let sums = totals(order).unwrap_or_else(|error| panic!("{}: {error}", order.id));
        let expected = if order.payment == Payment::Held { 0 } else { spec.sellers_total() };
        assert_eq!(sums.store_total.minor(), expected, "{}", order.id);
        assert_eq!(order.fulfilled_by_channel, spec.by_amazon);
    }
    assert_eq!(fake.violations(), []);
}

/// Scenario 24 from the channel's side.
#[tokio::test]
async fn scenario_24_through_the_fake() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 1, 2999).tax(240, Collector::Amazon);
    let item = spec.item_id(0);
    fake.place(spec.pending().without_pending_amounts());
    let order = one(&amazon, &number(1)).await;
    assert_eq!((order.payment, order.ship_to.is_none(), order.lines[0].quantity), (Payment::Held, true, 1));
    fake.release(&number(1));
    let order = one(&amazon, &number(1)).await;
    let sums = totals(&order).unwrap();
    assert!(order.payment.is_paid());
    assert_eq!([sums.buyer_total, sums.store_total, sums.marketplace_tax].map(domain::Money::minor), [3239, 2999, 240]);

    fake.place(OrderSpec::new(&number(2)).line("A", 5, 2999).by_amazon());
    fake.ship_from_warehouse(&number(2));
    let warehouse = one(&amazon, &number(2)).await;
    assert_eq!((warehouse.fulfilled_by_channel, warehouse.fulfilment), (true, Fulfilment::Shipped));
    assert_eq!(totals(&warehouse).unwrap().store_total.minor(), 14_995);

    // Without carrier and number nothing is sent; with both, exactly one package.
    for tracking in [None, Some(("1Z999AA1", None)), Some((" -- ", Some("UPS"))), Some(("1Z999AA1", Some(" ")))] {
        let refused = amazon.ship(&order, &package(tracking, &[(&item, 1)])).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None), "{tracking:?}");
        assert_eq!(refused.public_message, "Amazon needs a carrier and a tracking number with every package.");
    }
    assert_eq!((fake.confirmations(), fake.refused_packages().len()), (0, 0));
    amazon.ship(&order, &package(Some(("1Z999AA1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    assert_eq!((fake.confirmations(), fake.packages(&number(1)).len()), (1, 1));
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Shipped);
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn scenario_10_d_through_the_fake() {
    let (fake, amazon) = shop().await;
    for (at, price, style) in [(1, 10_000, TaxStyle::OnTop), (2, 12_000, TaxStyle::Included)] {
        let spec = OrderSpec::new(&number(at)).currency("EUR".parse().unwrap()).marketplace(MARKETPLACES[1]);
        fake.place(spec.line("A", 1, price).tax(2000, Collector::Ioss).taxed(style));
        let sums = totals(&one(&amazon, &number(at)).await).unwrap();
        let minors = [sums.buyer_total, sums.store_total, sums.marketplace_tax].map(domain::Money::minor);
        assert_eq!(minors, [12_000, 10_000, 2_000], "{style:?}");
    }
}

#[tokio::test]
async fn two_packages_are_told_once_each_under_numbers_of_ours() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 3, 1999).line("B", 1, 2500).shipping(399);
    let (a, b) = (spec.item_id(0), spec.item_id(1));
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    let first = package(Some(("1Z 999 AA1", Some("United Parcel Service"))), &[(&a, 2)]);
    let sent = amazon.ship(&order, &first).await.unwrap();
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Partial);
    // A worker that does not know how the last one ended.
    assert_eq!(amazon.ship(&order, &first).await.unwrap(), sent);
    // No lines: all that is left.
    let rest = package(Some(("jd-014", Some("Speedy Bikes"))), &[]);
    amazon.ship(&order, &rest).await.unwrap();
    let told = fake.packages(&number(1));
    assert_eq!(told.len(), 2);
    assert_eq!(told.iter().map(|package| package.told).collect::<Vec<_>>(), [1, 1]);
    assert_eq!((told[0].carrier.as_str(), told[1].carrier.as_str()), ("UPS", "Speedy Bikes"));
    assert_eq!(Some(&told[0].reference), sent.remote_id.as_ref());
    assert_eq!(told[1].lines, [(a.clone(), 1), (b, 1)]);
    assert_eq!(told[0].shipped, fake.clock().now(), "dated by Amazon's clock");
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Shipped);
    let again = amazon.ship(&order, &package(Some(("NEW", Some("UPS"))), &[])).await.unwrap_err();
    assert_eq!((again.kind, again.effect), (ErrorKind::AlreadyExists, Effect::None));
    let seen = amazon.shipments(&order.id).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!((&seen[0].remote_id, seen[0].shipped_at), (&sent.remote_id, Some(fake.clock().now())));
    fake.deliver(&number(1));
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Delivered);
    assert_eq!(fake.violations(), []);
}

/// The lost answer of one attempt, and the next that does not look first: the number is the same, so it is an edit.
#[tokio::test]
async fn a_package_whose_answer_was_lost_is_no_second_one() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 2, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    let told = package(Some(("1Z1", Some("UPS"))), &[(&item, 1)]);
    fake.faults().on("POST *shipmentConfirmation").drop_response(1);
    let lost = amazon.ship(&order, &told).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible));
    for _ in 0..3 {
        amazon.ship(&order, &told).await.unwrap();
        assert_eq!(fake.packages(&number(1)).len(), 1);
    }
    assert_eq!(fake.confirmations(), 1);
}

#[tokio::test]
async fn a_tracking_number_is_edited_once_and_stays_one_package() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 2, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("1Z999AA1", Some("UPS"))), &[(&item, 2)])).await.unwrap();
    let shipped = fake.clock().now();
    fake.clock().advance(SignedDuration::from_mins(10));
    let other = Tracking { number: "1Z999AA9".to_owned(), carrier: None };
    for _ in 0..3 {
        amazon.edit_tracking(&order.id, "1Z999AA1", &other).await.unwrap();
        let packages = fake.packages(&number(1));
        assert_eq!((packages.len(), packages[0].told), (1, 2));
        assert_eq!((packages[0].tracking.as_str(), packages[0].carrier.as_str()), ("1Z999AA9", "UPS"));
        assert_eq!((packages[0].shipped, packages[0].lines[0].1), (shipped, 2));
    }
    let missing = amazon.edit_tracking(&order.id, "NONE", &Tracking { number: "X".to_owned(), carrier: None }).await;
    let missing = missing.unwrap_err();
    assert_eq!((missing.kind, missing.effect), (ErrorKind::NotFound, Effect::None));
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn what_amazon_does_not_take_is_refused_before_it_is_sent() {
    let (fake, amazon) = shop().await;
    let order = |at: u32| OrderSpec::new(&number(at)).line("A", 1, 1999);
    let cases = [
        (order(1).pending(), "still holds this order back"),
        (order(2).canceled(), "has canceled this order"),
        (order(3).by_amazon(), "ships this order itself"),
        (order(4).program("FBM_SHIP_PLUS"), "Ship+ order itself"),
    ];
    for (spec, reason) in cases {
        let (id, item) = (spec.id.clone(), spec.item_id(0));
        fake.place(spec);
        let order = one(&amazon, &id).await;
        let refused = amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None), "{id}");
        assert!(refused.public_message.contains(reason), "{}", refused.public_message);
    }
    assert_eq!(fake.refused_packages().len(), 0);
    fake.place(order(5));
    let order = one(&amazon, &number(5)).await;
    let foreign = amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[("77", 1)])).await.unwrap_err();
    assert_eq!((foreign.kind, foreign.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert_eq!(foreign.context, "status 400, errors [\"InvalidInput\"]");
}

#[tokio::test]
async fn a_cancellation_is_read_as_far_as_it_is() {
    let (fake, amazon) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 2, 3000));
    fake.request_cancel(&number(1));
    let asked = one(&amazon, &number(1)).await;
    assert_eq!((asked.cancel, asked.lines[0].open_quantity()), (Cancel::Requested, 2));
    fake.clock().advance(SignedDuration::from_mins(1));
    fake.cancel(&number(1));
    let canceled = one(&amazon, &number(1)).await;
    assert_eq!((canceled.cancel, canceled.lines[0].open_quantity()), (Cancel::Canceled, 0));
    assert!(canceled.revision > asked.revision);
}

#[tokio::test]
async fn a_backfill_asks_by_the_day_of_the_order() {
    let (fake, amazon) = shop().await;
    let long_ago: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100).created(long_ago));
    fake.place(OrderSpec::new(&number(2)).line("A", 1, 100));
    fake.clock().advance(SignedDuration::from_mins(5));
    let summer = Window { from: long_ago, to: long_ago + SignedDuration::from_hours(1) };
    let found = amazon.orders_placed(&summer, None).await.unwrap().items;
    assert_eq!(found.into_iter().map(|order| readable(order).number).collect::<Vec<_>>(), [number(1)]);
    assert_eq!(all(&amazon, today(&fake)).await.len(), 2);
    assert_eq!(fake.violations(), []);
}

/// Amazon refuses a window that ends now; the poll's own lag keeps it from asking for one.
#[tokio::test]
async fn a_window_that_ends_too_late_is_refused_and_changes_nothing() {
    let (fake, amazon) = shop().await;
    let now = fake.clock().now();
    let refused =
        amazon.orders(&Window { from: now - SignedDuration::from_hours(1), to: now }, None).await.unwrap_err();
    assert_eq!((refused.kind, refused.effect), (ErrorKind::Unexpected, Effect::None));
    assert!(amazon.orders(&today(&fake), None).await.unwrap().items.is_empty());
}

fn update(sku: &str, quantity: u32) -> QuantityUpdate {
    QuantityUpdate { listing: ListingKey::Sku(sku.parse().unwrap()), sku: None, quantity }
}

#[tokio::test]
async fn a_quantity_is_merged_into_the_listing_of_each_marketplace() {
    let (fake, amazon) = shop().await;
    let mut item = ListedItem::new("A", "Item A", 50);
    item.product_type = "LUGGAGE".to_owned();
    item.marketplace_ids = MARKETPLACES.map(str::to_owned).to_vec();
    fake.list(item);
    fake.list(ListedItem::new("B", "At Amazon's", 0).by_amazon());
    fake.list(ListedItem::new("C", "Broken", 1).refused("18027"));
    let foreign = QuantityUpdate { listing: ListingKey::listing("B000", None), sku: None, quantity: 1 };
    let updates = [update("A", 3), update("B", 3), update("C", 3), update("NONE", 3), foreign, update("A b/c", 1)];
    let answers = amazon.set_quantities(&updates).await.unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    let (invalid, missing) = (Some(ErrorKind::InvalidOrder), Some(ErrorKind::NotFound));
    assert_eq!(kinds, [None, invalid, invalid, missing, Some(ErrorKind::Unsupported), missing]);
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.effect == Effect::None));
    assert_eq!(answers[2].as_ref().unwrap_err().context, "INVALID, issues [\"18027\"]");
    let patches = fake.quantity_patches("A");
    assert_eq!(patches.len(), 1);
    assert_eq!(
        (patches[0].quantity, patches[0].op.as_str(), patches[0].product_type.as_str()),
        (3, "merge", "LUGGAGE")
    );
    // Those of the connection, not every one that the listing is in.
    assert_eq!(patches[0].marketplace_ids, &MARKETPLACES[..2]);
    assert_eq!(fake.listing("B").unwrap().quantity, None, "it stays in Amazon's warehouse");
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn one_outage_answers_for_the_rest_of_the_quantities() {
    let (fake, amazon) = shop().await;
    fake.list(ListedItem::new("A", "Item A", 50));
    amazon.account().await.unwrap();
    let before = fake.calls().all().len();
    let _outage = fake.faults().fail_while("503".parse().unwrap(), Some(9));
    let answers = amazon.set_quantities(&[update("A", 1), update("A", 2), update("A", 3)]).await.unwrap();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::None));
        assert_eq!(error.retry_after, Some(Duration::from_secs(9)));
    }
    assert_eq!(fake.calls().all().len(), before + 1);
}

#[tokio::test]
async fn more_listings_than_amazon_pages_through_are_all_found() {
    let (fake, amazon) = shop().await;
    fake.unlimited();
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    for at in 0..2_345_i64 {
        let item =
            ListedItem::new(&format!("SKU-{at:04}"), "An item", at).created(start + SignedDuration::from_secs(at / 3));
        fake.list(item);
    }
    let (mut found, mut page) = (BTreeMap::new(), None);
    loop {
        let read = amazon.listings(page.as_ref()).await.unwrap();
        found.extend(read.items.into_iter().map(|listing| (listing.key.to_string(), listing.quantity)));
        match read.next {
            Some(next) => page = Some(next),
            None => break,
        }
    }
    assert_eq!(found.len(), 2_345);
    assert_eq!(found["sku:SKU-2344"], Some(2_344));
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn a_listing_tells_its_quantity_only_where_the_merchant_ships() {
    let (fake, amazon) = shop().await;
    for item in demo_listings() {
        fake.list(item);
    }
    let listings = amazon.listings(None).await.unwrap().items;
    let quantities: BTreeMap<_, _> =
        listings.iter().map(|listing| (listing.sku.as_ref().unwrap().as_str(), listing.quantity)).collect();
    assert_eq!((quantities["MUG-BLUE"], quantities["TEAPOT-FBA"]), (Some(40), None));
    assert!(listings.iter().all(|listing| listing.active && !listing.title.is_empty()));
}

#[tokio::test]
async fn the_account_is_checked_against_its_marketplaces() {
    let (fake, amazon) = shop().await;
    let account = amazon.account().await.unwrap();
    assert_eq!((account.id.as_str(), account.name.as_str()), (SELLER_ID, STORE_NAME));
    let mut config = shop::config(&fake);
    config.settings.insert("marketplace_ids".to_owned(), "A1F83G8C2ARO7P,A13V1IB3VIYZZH".to_owned());
    let other = Amazon::new(&config, shop::http(Arc::new(Noted::default())), Arc::new(shop::tokens())).unwrap();
    let wrong = other.account().await.unwrap_err();
    assert_eq!((wrong.kind, wrong.effect), (ErrorKind::ConfigInvalid, Effect::None));
    assert_eq!(wrong.public_message, "This Amazon account does not sell in the marketplace A13V1IB3VIYZZH.");
}

#[tokio::test]
async fn every_call_counts_against_its_own_allowance_and_passes_on_what_it_is_told() {
    let fake = AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let (amazon, noted) = connected(&fake);
    let spec = OrderSpec::new(&number(1)).line("A", 1, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    fake.list(ListedItem::new("A", "Item A", 1));
    amazon.account().await.unwrap();
    amazon.orders(&today(&fake), None).await.unwrap();
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    amazon.listings(None).await.unwrap();
    amazon.set_quantities(&[update("A", 5)]).await.unwrap().remove(0).unwrap();
    let taken = noted.taken.lock().unwrap().clone();
    let expected = [
        ("calls", 1),
        ("confirmShipment", 1),
        ("getListingsItem", 1),
        ("getMarketplaceParticipations", 1),
        ("getOrder", 2),
        ("patchListingsItem", 1),
        ("searchListingsItems", 1),
        ("searchOrders", 1),
    ];
    assert_eq!(taken, expected.into());
    let told = noted.told.lock().unwrap();
    assert_eq!(told["searchOrders"].per_hour, Some(20));
    assert_eq!(told["confirmShipment"].per_hour, Some(7200));
    assert_eq!(told.len(), 7);
}

#[tokio::test]
async fn amazons_own_limit_says_how_long_to_stay_away() {
    let (fake, amazon) = shop().await;
    for _ in 0..20 {
        amazon.orders(&today(&fake), None).await.unwrap();
    }
    let limited = amazon.orders(&today(&fake), None).await.unwrap_err();
    assert_eq!((limited.kind, limited.effect), (ErrorKind::RateLimited, Effect::None));
    assert_eq!(limited.retry_after, Some(Duration::from_secs(179)));
    fake.clock().advance(SignedDuration::from_secs(179));
    amazon.orders(&today(&fake), None).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_repeated_once() {
    let (fake, amazon) = shop().await;
    amazon.account().await.unwrap();
    fake.faults().expire_token();
    amazon.account().await.unwrap();
    assert_eq!((fake.refreshes(), fake.calls().count("GET /sellers/*")), (2, 3));
    fake.faults().revoke();
    let revoked = amazon.account().await.unwrap_err();
    assert_eq!((revoked.kind, revoked.effect), (ErrorKind::Unauthorized, Effect::None));
    assert_eq!(fake.calls().count("GET /sellers/*"), 4);
    fake.faults().grant();
    for _ in 0..2 {
        fake.faults().on("GET *").fail_next("403".parse().unwrap(), None);
    }
    let refused = amazon.account().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthorized);
    assert_eq!(fake.calls().count("GET /sellers/*"), 6, "a role that is missing is asked for twice, not for ever");
}

#[tokio::test]
async fn a_consent_is_worth_a_connection() {
    let (fake, _) = shop().await;
    let mut config = shop::config(&fake);
    config.credentials.0.remove("refresh_token");
    config.settings.remove("seller_id");
    let redirect_uri = Url::parse("https://tributary.example/oauth/callback").unwrap();
    let ask = ConsentAsk { config: &config, state: "s", redirect_uri: &redirect_uri, verifier: "v" };
    let http = shop::http(Arc::new(Noted::default()));
    let code = fake.consent(redirect_uri.as_str());
    let query = |code: &str| -> BTreeMap<String, String> {
        let query = [("spapi_oauth_code", code), ("selling_partner_id", SELLER_ID), ("state", "s")];
        query.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    };
    let granted = (CONSENT.redeem)(&http, &ask, &query(&code)).await.unwrap();
    assert_eq!(granted.settings["seller_id"], SELLER_ID);
    let refresh = granted.credentials.0["refresh_token"].clone();
    assert_ne!(refresh.expose_secret(), REFRESH_TOKEN);
    config.settings.extend(granted.settings);
    config.credentials.0.extend(granted.credentials.0);
    let amazon = Amazon::new(&config, http.clone(), Arc::new(shop::tokens())).unwrap();
    assert_eq!(amazon.account().await.unwrap().id.as_str(), SELLER_ID);

    let ask = ConsentAsk { config: &config, state: "s", redirect_uri: &redirect_uri, verifier: "v" };
    let twice = (CONSENT.redeem)(&http, &ask, &query(&code)).await.unwrap_err();
    assert_eq!((twice.kind, twice.effect), (ErrorKind::Unauthorized, Effect::None));
    for missing in ["spapi_oauth_code", "selling_partner_id"] {
        let mut query = query("SPAPICODE");
        query.remove(missing);
        let refused = (CONSENT.redeem)(&http, &ask, &query).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::ConfigInvalid, Effect::None), "{missing}");
    }
    assert!(!format!("{twice:?}").contains(&code));
}

#[tokio::test]
async fn no_secret_and_no_buyer_is_in_any_error_or_debug() {
    let (fake, amazon) = shop().await;
    fake.unlimited();
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100));
    fake.clock().advance(SignedDuration::from_mins(5));
    let mut shown = vec![format!("{amazon:?}"), format!("{:?}", shop::config(&fake))];
    let window = today(&fake);
    for status in ["400", "401", "403", "404", "409", "429", "500", "503"] {
        for _ in 0..2 {
            fake.faults().on("GET *").fail_next(status.parse().unwrap(), None);
        }
        let error = amazon.orders(&window, None).await.unwrap_err();
        shown.push(format!("{error} {error:?}"));
        fake.faults().clear();
    }
    fake.faults().malformed_next();
    shown.push(format!("{:?}", amazon.orders(&window, None).await.unwrap_err()));
    fake.faults().revoke();
    shown.push(format!("{:?}", connected(&fake).0.account().await.unwrap_err()));
    let app = fake.application();
    let tokens: Vec<String> = fake.tokens().into_iter().map(|grant| grant.access_token).collect();
    for shown in shown {
        for secret in [REFRESH_TOKEN, &app.client_secret, "Ada", "Example Street", "marketplace.amazon"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!tokens.iter().any(|token| shown.contains(token.as_str())), "{shown}");
    }
}

/// Everything that the connector ever sends is described, and was checked against the description.
#[tokio::test]
async fn every_call_is_a_described_one() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 1, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    fake.list(ListedItem::new("A", "Item A", 1));
    amazon.account().await.unwrap();
    amazon.orders(&today(&fake), None).await.unwrap();
    amazon.orders_placed(&today(&fake), None).await.unwrap();
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    amazon.shipments(&order.id).await.unwrap();
    amazon.edit_tracking(&order.id, "T1", &Tracking { number: "T2".to_owned(), carrier: None }).await.unwrap();
    amazon.listings(None).await.unwrap();
    amazon.set_quantities(&[update("A", 5)]).await.unwrap().remove(0).unwrap();
    assert_eq!(fake.violations(), []);
    let coverage = fake.coverage();
    if !coverage.is_empty() {
        let used: BTreeMap<&str, usize> = coverage
            .iter()
            .filter(|(_, uses)| uses.requests > 0)
            .map(|(operation, uses)| (operation.as_str(), uses.requests))
            .collect();
        println!("requests checked, by described operation: {used:#?}");
        assert_eq!(used.keys().copied().collect::<BTreeSet<_>>().len(), 7, "{used:?}");
    }
}
