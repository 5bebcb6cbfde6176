//! The scenarios of platforms that have no connector yet, on channels and stores with those platforms' capabilities.

use std::sync::Arc;

use app::MatchBy;
use connect::{ChannelCapabilities, StoreCapabilities};
use domain::link::Target;
use domain::settings::{AutoImport, CurrencySettings, StatedRate, TaxRate};
use domain::{Charge, ConnectionId, Fee, Liable, Link, ListingKey, Money, Payment, Place, Tax, TaxKnowledge};
use fakes::woocommerce::{Tracking, WooShop};
use jiff::SignedDuration;

use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, listing, paper_order, set_shipping};
use crate::world::paper_store::{Booked, PAPER_STORE, PaperStore};
use crate::world::{Setup, World};

/// A world with one more channel, of a platform with these capabilities.
pub async fn with_channel(
    currency: &str,
    platform: &str,
    can: ChannelCapabilities,
) -> (World, Arc<PaperChannel>, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let channel = Arc::new(PaperChannel::new("seller-1", can, world.clock.clone()));
    let id = world.add_channel(platform, channel.clone()).await;
    for sku in ["A", "B", "C"] {
        world.link_on(&id, sku, world.product(sku)).await;
    }
    world.advance(SignedDuration::from_mins(1));
    (world, channel, id)
}

/// The same with a main store of its own, in place of the shop; products A, B and C with stock 50, 20, 10.
pub async fn with_store(
    currency: &str,
    can: StoreCapabilities,
    platform: &str,
) -> (World, Arc<PaperStore>, Arc<PaperChannel>, ConnectionId) {
    let world = World::new().await;
    let store = Arc::new(PaperStore::new("store-1", can, currency, world.clock.clone()));
    let products = [("A", 50), ("B", 20), ("C", 10)].map(|(sku, stock)| store.add_product(sku, Some(stock)));
    world.replace_store("paperstore", store.clone()).await;
    let channel = Arc::new(PaperChannel::new("seller-1", PAPER_CHANNEL, world.clock.clone()));
    let id = world.add_channel(platform, channel.clone()).await;
    for (sku, product) in ["A", "B", "C"].into_iter().zip(products) {
        world.link_on(&id, sku, product).await;
    }
    world.advance(SignedDuration::from_mins(1));
    (world, store, channel, id)
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

fn the_order(store: &PaperStore) -> Booked {
    let orders = store.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    orders.into_iter().next().unwrap()
}

fn woo_json(world: &World) -> serde_json::Value {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()
}

pub fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

fn tax(minor: i64, currency: &str, place: Place, liable: Liable) -> Tax {
    Tax { amount: money(minor, currency), place, liable, label: None, rate: None }
}

#[tokio::test]
async fn scenario_10d_collected_vat_stays_out() {
    let (world, channel, _) = with_channel("EUR", "amazon", PAPER_CHANNEL).await;
    let mut order = paper_order("AM-10", "EUR", "DE", world.now());
    add_line(&mut order, "A", 1, 12_000);
    order.lines[0].charge.taxes.push(tax(2000, "EUR", Place::Included, Liable::Marketplace));
    order.tax = TaxKnowledge::Known;
    channel.place(order);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"100.00".into(), &"0.00".into()));
    assert_eq!(json["line_items"][0]["total"], "100.00");
    assert!(json["fee_lines"].as_array().unwrap().is_empty());
    assert!(json["meta_data"].to_string().contains("20.00 EUR"), "the collected tax is told: {}", json["meta_data"]);
}

#[tokio::test]
async fn scenario_12b_included_tax_is_left_away() {
    let (world, channel, id) = with_channel("EUR", "paper", PAPER_CHANNEL).await;
    world.set_on(&id, |settings| settings.tax.import_without_tax = true).await;
    let mut order = paper_order("P-12", "EUR", "DE", world.now());
    add_line(&mut order, "A", 1, 12_000);
    order.lines[0].charge.taxes.push(tax(2000, "EUR", Place::Included, Liable::Seller));
    order.tax = TaxKnowledge::Known;
    channel.place(order);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["line_items"][0]["total"]), (&"100.00".into(), &"100.00".into()));
    assert!(json["fee_lines"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn scenario_13_the_seller_receives_what_the_marketplace_pays() {
    let (world, channel, _) = with_channel("EUR", "paper", PAPER_CHANNEL).await;
    let mut order = paper_order("P-13", "EUR", "DE", world.now());
    add_line(&mut order, "A", 3, 3000);
    add_line(&mut order, "B", 1, 2000);
    set_shipping(&mut order, 600);
    order.lines[0].charge.seller_discount = Some(money(500, "EUR"));
    order.lines[0].charge.marketplace_discount = Some(money(300, "EUR"));
    order.shipping.charge.marketplace_discount = Some(money(200, "EUR"));
    order.buyer_total = money(4600, "EUR");
    channel.place(order);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!(json["total"], "51.00");
    let line =
        |index: usize| (json["line_items"][index]["subtotal"].clone(), json["line_items"][index]["total"].clone());
    assert_eq!(line(0), ("30.00".into(), "25.00".into()));
    assert_eq!(line(1), ("20.00".into(), "20.00".into()));
    assert_eq!(json["shipping_lines"][0]["total"], "6.00");
    assert!(json["meta_data"].to_string().contains("5.00 EUR"), "what the marketplace pays is told");
}

#[tokio::test]
async fn scenario_14_coupon_gift_wrap_free_shipping_and_messages() {
    let (world, channel, id) = with_channel("EUR", "etsy", PAPER_CHANNEL).await;
    world
        .set_on(&id, |settings| {
            settings.tax.rates =
                vec![TaxRate { country: Some("DE".to_owned()), basis_points: 1900, label: "MwSt".to_owned() }];
            settings.tax.add_shipping_tax = true;
        })
        .await;
    let mut order = paper_order("ET-14", "EUR", "DE", world.now());
    add_line(&mut order, "A", 2, 3000);
    add_line(&mut order, "B", 1, 2200);
    order.lines[0].charge.seller_discount = Some(money(300, "EUR"));
    order.lines[1].charge.seller_discount = Some(money(220, "EUR"));
    order.fees.push(Fee { label: "Gift wrap".to_owned(), charge: Charge::plain(money(350, "EUR")) });
    order.buyer_total = money(5030, "EUR");
    order.buyer_note = Some("please hurry".to_owned());
    order.gift_message = Some("happy birthday".to_owned());
    channel.place(order);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"50.30".into(), &"0.00".into()));
    assert_eq!((&json["line_items"][0]["total"], &json["line_items"][1]["total"]), (&"22.69".into(), &"16.64".into()));
    let fees: Vec<_> = json["fee_lines"].as_array().unwrap().iter().map(|fee| (&fee["name"], &fee["total"])).collect();
    assert_eq!(fees, [(&"Gift wrap".into(), &"2.94".into()), (&"MwSt".into(), &"8.03".into())]);
    assert_eq!(
        (&json["shipping_lines"][0]["method_title"], &json["shipping_lines"][0]["total"]),
        (&"Standard".into(), &"0.00".into())
    );
    let note = json["customer_note"].as_str().unwrap();
    assert!(note.contains("please hurry") && note.contains("happy birthday"), "{note}");
    assert_eq!(json["customer_id"], 0, "no customer was created");
}

/// Amazon, as far as its capabilities go: every order is paid or held by Amazon, and a shipment needs carrier and number.
const AMAZON: ChannelCapabilities =
    ChannelCapabilities { ship_without_tracking: false, edit_tracking: false, ..PAPER_CHANNEL };

#[tokio::test]
async fn scenario_24a_a_held_order_waits_and_its_collected_tax_stays_out() {
    let (world, channel, _) = with_channel("USD", "amazon", AMAZON).await;
    let mut order = paper_order("AM1", "USD", "US", world.now());
    add_line(&mut order, "A", 1, 2999);
    order.ship_to = None;
    order.payment = Payment::Held;
    channel.place(order);
    settle(&world).await;
    assert!(world.woo.creates().is_empty(), "an order that Amazon holds is never imported");
    assert_eq!(world.woo.stock("A"), Some(49));

    channel.edit("AM1", |order| {
        order.payment = Payment::Paid { at: None };
        order.ship_to = paper_order("AM1", "USD", "US", order.created_at).ship_to;
        order.lines[0].charge.taxes.push(tax(240, "USD", Place::OnTop, Liable::Marketplace));
        order.buyer_total = money(3239, "USD");
        order.tax = TaxKnowledge::Known;
    });
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"29.99".into(), &"0.00".into()));
    assert!(json["meta_data"].to_string().contains("2.40 USD"), "the facilitator's tax is told");
    assert_eq!(world.woo.stock("A"), Some(49));
}

#[tokio::test]
async fn scenario_24c_a_package_without_tracking_is_flagged_once_and_goes_when_it_has_one() {
    let (world, channel, _) = with_channel("USD", "amazon", AMAZON).await;
    let mut order = paper_order("AM1", "USD", "US", world.now());
    add_line(&mut order, "A", 1, 2999);
    channel.place(order);
    settle(&world).await;
    let store_id = world.woo.orders()[0].id;
    world.woo.complete(store_id).unwrap();
    settle(&world).await;
    assert!(channel.shipments_of("AM1").is_empty(), "Amazon takes no shipment without carrier and number");
    let view = world.app.order(world.order_id("AM1").await).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.contains("carrier and tracking number")));

    world.woo.ship(store_id, &[Tracking { provider: "ups".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    settle(&world).await;
    let told = channel.shipments_of("AM1");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].tracking.as_ref().map(|tracking| tracking.number.as_str()), Some("1Z999AA1"));
}

#[tokio::test]
async fn scenario_25_number_prefix_shipping_title_and_note_on_a_store_that_keeps_numbers() {
    let (world, store, channel, id) = with_store("GBP", PAPER_STORE, "ebay-paper").await;
    world
        .set_on(&id, |settings| {
            settings.keep_order_number = true;
            settings.order_number_prefix = "EB-".to_owned();
        })
        .await;
    let mut order = paper_order("12-34567-89012", "GBP", "GB", world.now());
    add_line(&mut order, "A", 1, 1999);
    order.shipping.service = "UK_RoyalMailTracked48".to_owned();
    order.buyer_note = Some("ring twice".to_owned());
    channel.place(order);
    settle(&world).await;
    let booked = the_order(&store);
    assert_eq!(booked.held.number, "EB-12-34567-89012");
    assert_eq!(booked.draft.shipping.title, "UK_RoyalMailTracked48");
    assert_eq!(booked.draft.note.as_deref(), Some("ring twice"));
    assert_eq!(booked.draft.source.channel_name, "Ebay-paper");
    assert_eq!(store.stock_of("A"), Some(49));

    world
        .set_on(&id, |settings| {
            settings.shipping_methods.insert("UK_RoyalMailTracked48".to_owned(), "Tracked 48".to_owned());
        })
        .await;
    let mut order = paper_order("12-34567-89013", "GBP", "GB", world.now());
    add_line(&mut order, "A", 1, 1999);
    order.shipping.service = "UK_RoyalMailTracked48".to_owned();
    channel.place(order);
    settle(&world).await;
    assert_eq!(store.orders()[1].draft.shipping.title, "Tracked 48");
}

#[tokio::test]
async fn scenario_11_two_rates_and_no_decimals() {
    let (world, channel, id) = with_channel("JPY", "paper", PAPER_CHANNEL).await;
    world
        .set_on(&id, |settings| {
            settings.tax.rates = vec![TaxRate { country: None, basis_points: 1000, label: "10 %".to_owned() }];
            settings.tax.add_shipping_tax = true;
        })
        .await;
    let target = Target { product: world.product("C"), sku: None, quantity: 1, weight: 1 };
    let food = Link {
        connection: id.clone(),
        listing: ListingKey::Sku("FOOD".parse().unwrap()),
        targets: vec![target],
        tax_rate: Some(800.try_into().unwrap()),
    };
    world.app.link(food).await.unwrap();
    let mut order = paper_order("JP-11", "JPY", "JP", world.now());
    for _ in 0..3 {
        add_line(&mut order, "A", 1, 333);
    }
    add_line(&mut order, "FOOD", 1, 1080);
    set_shipping(&mut order, 550);
    channel.place(order);
    settle(&world).await;
    // The shop's ledger; it writes yen with its own two decimals.
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"2629.00".into(), &"0.00".into()));
    // What it was sent has no decimals anywhere.
    let sent = world.woo.calls().to("POST */orders").iter().find_map(fakes::Call::json).unwrap();
    let amounts = |list: &str, field: &str| -> Vec<String> {
        sent[list].as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(amounts("line_items", "total"), ["302", "303", "303", "1000"]);
    assert_eq!(amounts("shipping_lines", "total"), ["500"]);
    let fees: Vec<_> = amounts("fee_lines", "name").into_iter().zip(amounts("fee_lines", "total")).collect();
    assert_eq!(fees, [("10 %".to_owned(), "141".to_owned()), ("8 %".to_owned(), "80".to_owned())]);
}

#[tokio::test]
async fn scenario_24b_what_amazon_ships_itself_is_counted_and_never_imported() {
    let (world, channel, id) = with_channel("USD", "amazon", AMAZON).await;
    world.set_on(&id, |settings| settings.auto_import = AutoImport::All).await;
    let mut order = paper_order("AM2", "USD", "US", world.now());
    add_line(&mut order, "A", 5, 14_995);
    order.fulfilled_by_channel = true;
    channel.place(order);
    settle(&world).await;
    assert!(world.woo.creates().is_empty());
    assert_eq!(world.woo.stock("A"), Some(50));
    assert!(world.woo.movements("A").is_empty(), "its stock is Amazon's");
    let story = world.story("AM2").await;
    assert!(story.iter().any(|line| line.contains("own warehouse")), "{story:?}");
    let day = jiff::civil::date(2026, 11, 18);
    let query = app::ReportQuery {
        first: day,
        last: day,
        zone: jiff::tz::TimeZone::UTC,
        channels: [].into(),
        statuses: [].into(),
    };
    let rows = world.app.sales(&query).await.unwrap().rows;
    let (_, row) = &rows[0];
    assert_eq!((row.gross.minor(), row.fulfilled_by_channel.minor()), (14_995, 14_995));
}

#[tokio::test]
async fn what_amazon_ships_itself_comes_in_where_it_is_wanted_and_moves_no_stock() {
    let can = ChannelCapabilities { fulfils_itself: true, ..AMAZON };
    let (world, channel, id) = with_channel("USD", "amazon", can).await;
    world.set_on(&id, |settings| settings.import_fulfilled_by_channel = true).await;
    let mut order = paper_order("AM5", "USD", "US", world.now());
    add_line(&mut order, "A", 5, 14_995);
    order.fulfilled_by_channel = true;
    channel.place(order);
    settle(&world).await;
    assert_eq!(world.woo.creates().len(), 1);
    assert_eq!((world.woo.stock("A"), world.woo.movements("A").len()), (Some(50), 0), "its stock is Amazon's");
}

#[tokio::test]
async fn a_carrier_that_the_channel_does_not_know_is_told_before_its_package_goes_out() {
    let can = ChannelCapabilities { carriers: &["UPS", "Royal Mail"], ..AMAZON };
    let (world, channel, id) = with_channel("USD", "amazon", can).await;
    let nowhere = world.app.settings(&id).await.unwrap().settings;
    let mut nowhere = domain::ChannelSettings { carriers: [("x".to_owned(), "Pigeon".to_owned())].into(), ..nowhere };
    let faults = world.app.setting_faults(&id, &nowhere).await.unwrap();
    assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["carriers[x]"]);
    nowhere.carriers = [("Brown trucks".to_owned(), "ups".to_owned())].into();
    assert!(world.app.setting_faults(&id, &nowhere).await.unwrap().is_empty());
    world.set_on(&id, |settings| settings.carriers.clone_from(&nowhere.carriers)).await;
    for (number, carrier, flagged) in
        [("K1", "royal-mail", false), ("K2", "Brown Trucks", false), ("K3", "Pigeon", true)]
    {
        let mut order = paper_order(number, "USD", "US", world.now());
        add_line(&mut order, "A", 1, 2999);
        channel.place(order);
        settle(&world).await;
        let store_id = world.woo.orders().iter().map(|order| order.id).max().unwrap();
        world.woo.ship(store_id, &[Tracking { provider: carrier.to_owned(), number: format!("1Z{number}") }]).unwrap();
        settle(&world).await;
        assert_eq!(channel.shipments_of(number).len(), 1, "{carrier}");
        let story = world.story(number).await;
        assert_eq!(story.iter().any(|line| line.contains("no carrier called")), flagged, "{story:?}");
    }
}

#[tokio::test]
async fn scenario_22_a_store_of_one_currency_refuses_others_from_the_start() {
    let one_currency = StoreCapabilities { any_currency: false, ..PAPER_STORE };
    let (world, store, channel, id) = with_store("USD", one_currency, "paper").await;
    let view = world.app.settings(&id).await.unwrap();
    assert_eq!(view.settings.currency, CurrencySettings::Refuse);
    let keep = view.offers.iter().find(|offer| offer.field == "currency" && offer.value == Some("keep")).unwrap();
    assert!(!keep.offered && keep.reason.is_some());
    let mut order = paper_order("P-22", "EUR", "DE", world.now());
    add_line(&mut order, "A", 1, 11_900);
    channel.place(order);
    settle(&world).await;
    assert!(store.orders().is_empty());
    let view = world.app.order(world.order_id("P-22").await).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.starts_with("EUR, store takes USD")));
}

#[tokio::test]
async fn an_unpaid_converted_order_is_paid_with_what_it_costs_in_the_store() {
    let (world, store, channel, id) = with_store("USD", PAPER_STORE, "paper").await;
    let at = "2026-11-18T00:00:00Z".parse().unwrap();
    let (from, to) = ("EUR".parse().unwrap(), "USD".parse().unwrap());
    let row = StatedRate { from, to, rate: "1.0850".parse().unwrap(), source: "ECB".to_owned(), at };
    world.set_on(&id, |settings| settings.currency = CurrencySettings::Convert { rates: vec![row] }).await;
    let mut order = paper_order("P-23", "EUR", "DE", world.now());
    add_line(&mut order, "A", 1, 11_900);
    order.payment = Payment::Unpaid;
    channel.place(order);
    settle(&world).await;
    assert_eq!((the_order(&store).held.total, the_order(&store).held.paid), (money(12_912, "USD"), false));
    channel.edit("P-23", |order| order.payment = Payment::Paid { at: None });
    settle(&world).await;
    assert!(the_order(&store).held.paid, "the store was told its own amount");
}

#[tokio::test]
async fn a_carrier_is_told_to_the_channel_by_the_name_that_the_merchant_mapped() {
    let (world, channel, id) = with_channel("USD", "amazon", AMAZON).await;
    world.set_on(&id, |settings| drop(settings.carriers.insert("UPS".to_owned(), "UPS_GROUND".to_owned()))).await;
    let mut order = paper_order("AM3", "USD", "US", world.now());
    add_line(&mut order, "A", 1, 2999);
    channel.place(order);
    settle(&world).await;
    let store_id = world.woo.orders()[0].id;
    world.woo.ship(store_id, &[Tracking { provider: "ups".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    settle(&world).await;
    let told = channel.shipments_of("AM3");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].tracking.as_ref().and_then(|tracking| tracking.carrier.as_deref()), Some("UPS_GROUND"));
}

#[tokio::test]
async fn links_are_made_by_barcode_where_exactly_one_product_matches() {
    let (world, store, channel, id) = with_store("USD", PAPER_STORE, "paper").await;
    for (sku, code) in [("D", "4006381333931"), ("E", "5012345678900"), ("F", "5012345678900")] {
        store.add_product(sku, Some(5));
        store.set_barcode(sku, code);
    }
    let mut one = listing("shop-d", true);
    one.barcode = Some(" 4006381333931 ".to_owned());
    let mut two = listing("shop-e", false);
    two.barcode = Some("5012345678900".to_owned());
    let mut none = listing("shop-g", true);
    none.barcode = Some("9780201379624".to_owned());
    let mut inactive = listing("shop-h", false);
    inactive.barcode = Some("4006381333931".to_owned());
    for listing in [one, two, none, inactive, listing("shop-i", true), listing("A", true)] {
        channel.list(listing);
    }
    let report = world.app.link_in_bulk(&id, MatchBy::Barcode).await.unwrap();
    assert_eq!(report.linked, ["4006381333931", "4006381333931"], "an inactive listing is linked too");
    assert_eq!(report.several_matches, ["5012345678900"]);
    assert_eq!(report.no_match, ["9780201379624"]);
    assert_eq!(report.no_key, ["Listing shop-i"]);
    assert_eq!(report.already_linked, 1);

    let mut order = paper_order("P-BAR", "USD", "US", world.now());
    add_line(&mut order, "shop-d", 1, 1000);
    channel.place(order);
    settle(&world).await;
    assert_eq!(the_order(&store).held.lines[0].product, Some("p-D".parse().unwrap()));
    assert_eq!(store.stock_of("D"), Some(4));
}
