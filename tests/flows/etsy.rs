//! Etsy as the channel, on the real connector and its fake: coupon, gift wrap, messages, Etsy's own tax, and cancels that
//! its list does not show.

use app::{ConnectionInput, MatchBy};
use domain::ConnectionId;
use domain::settings::TaxRate;
use fakes::ebay::OrderSpec;
use fakes::etsy::{EtsyFake, Listing, REFRESH_TOKEN, ReceiptSpec, RefundOf, SHOP_ID};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;
use serde_json::Value;
use storage::Role;

use crate::world::{Setup, World, credentials};

const ET: u64 = 3_100_000_001;

/// The fixture with Etsy beside eBay, its listings A and B linked by their SKUs.
pub async fn with_etsy(currency: &str) -> (World, EtsyFake, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let etsy = EtsyFake::start(world.clock.clone()).await.unwrap();
    for (id, sku) in [(1_000_001, "A"), (1_000_002, "B")] {
        etsy.list(Listing::single(id, sku, sku, 1999, 50));
    }
    let application = etsy.application();
    let settings = [("api_url", etsy.url().to_owned()), ("shop_id", SHOP_ID.to_string())];
    let input = ConnectionInput {
        platform: "etsy".parse().unwrap(),
        role: Role::Channel,
        name: "Etsy".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        credentials: credentials(&[
            ("client_id", &application.client_id),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ]),
        webhooks_at: None,
    };
    let id = world.app.connect(input).await.unwrap().id;
    world.app.link_in_bulk(&id, MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    (world, etsy, id)
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

fn woo_json(world: &World) -> Value {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()
}

#[tokio::test]
async fn scenario_14_on_etsy_coupon_gift_wrap_free_shipping_and_messages() {
    let (world, etsy, id) = with_etsy("EUR").await;
    let rate = TaxRate { country: Some("DE".to_owned()), basis_points: 1900, label: "MwSt".to_owned() };
    world.set_on(&id, |settings| (settings.tax.rates, settings.tax.add_shipping_tax) = (vec![rate], true)).await;
    let sold = ReceiptSpec::new(ET).line("A", 2, 1500).line("B", 1, 2200).discount(520).gift_wrap(350);
    let sold = sold.without_email().note("please hurry").gift_message("happy birthday");
    assert_eq!(sold.grandtotal(), 5030);
    etsy.place(sold);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"50.30".into(), &"0.00".into()));
    assert_eq!((&json["line_items"][0]["total"], &json["line_items"][1]["total"]), (&"22.69".into(), &"16.64".into()));
    // Gift wrap without its tax, and the tax of all: 431 + 316 + 56.
    let fees: Vec<_> = json["fee_lines"].as_array().unwrap().iter().map(|fee| (&fee["name"], &fee["total"])).collect();
    assert_eq!(fees, [(&"Gift wrap".into(), &"2.94".into()), (&"MwSt".into(), &"8.03".into())]);
    let source = world.order(&ET.to_string()).await.source;
    let discounts: Vec<_> = source.lines.iter().map(|line| line.charge.seller_discount.unwrap().minor()).collect();
    assert_eq!((discounts, source.tax), (vec![300, 220], domain::TaxKnowledge::Unknown));
    let shipping = &json["shipping_lines"][0];
    assert_eq!((&shipping["method_title"], &shipping["total"]), (&"Standard Shipping".into(), &"0.00".into()));
    let note = json["customer_note"].as_str().unwrap();
    assert!(note.contains("please hurry") && note.contains("happy birthday"), "{note}");
    assert_eq!((&json["customer_id"], &json["billing"]["email"]), (&0.into(), &"".into()), "nobody was made up");
    assert!(world.woo.customers().is_empty());
}

/// The fixture with the stock of both channels started, and Etsy's listing of A at the store's 50.
async fn with_stock() -> (World, EtsyFake) {
    let (world, etsy, id) = with_etsy("GBP").await;
    for channel in [&world.channel, &id] {
        world.app.start_stock(channel).await.unwrap();
    }
    world.pass(SignedDuration::from_mins(2)).await;
    assert_eq!(etsy.for_sale("A"), Some(50));
    (world, etsy)
}

#[tokio::test]
async fn scenario_1_on_etsy_the_listing_follows_an_order_of_ebays_and_ebay_gets_nothing_but_quantities() {
    let (world, etsy) = with_stock().await;
    let writes = || -> Vec<String> {
        let calls = world.ebay.calls().all();
        let writes = calls.iter().filter(|call| call.method != "GET" && !call.path.contains("/oauth2/token"));
        writes.map(|call| call.path.clone()).collect()
    };
    let before = writes().len();
    world.ebay.place(OrderSpec::new("12-00001-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399));
    settle(&world).await;
    world.pass(SignedDuration::from_mins(2)).await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
    assert_eq!((etsy.for_sale("A"), etsy.for_sale("B")), (Some(48), Some(19)));
    let told = writes().split_off(before);
    assert!(!told.is_empty() && told.iter().all(|path| path.contains("update_price_quantity")), "{told:?}");
}

#[tokio::test]
async fn scenario_21_on_etsy_the_listing_shows_less_while_the_store_is_down_and_no_less_afterwards() {
    let (world, etsy) = with_stock().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
    }
    assert_eq!((world.woo.orders().len(), etsy.for_sale("A")), (0, Some(47)));
    world.pass(SignedDuration::from_mins(45)).await;
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("A"), etsy.for_sale("A")), (3, Some(47), Some(47)));
}

#[tokio::test]
async fn scenario_9_on_etsy_the_sales_tax_that_etsy_keeps_stays_out() {
    let (world, etsy, _) = with_etsy("USD").await;
    let sold = ReceiptSpec::new(ET).currency("USD".parse().unwrap()).line("A", 1, 4000).shipping(500).sales_tax(371);
    etsy.place(sold);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"45.00".into(), &"0.00".into()));
    assert!(json["meta_data"].to_string().contains("3.71 USD"), "what Etsy keeps is told: {}", json["meta_data"]);
    assert_eq!(world.order(&ET.to_string()).await.source.buyer_total.minor(), 4871);
}

#[tokio::test]
async fn a_cancel_that_etsys_list_hides_is_found_by_looking_again() {
    let (world, etsy, _) = with_etsy("EUR").await;
    etsy.cancels_move_the_time(false);
    etsy.place(ReceiptSpec::new(ET).line("A", 2, 1500));
    settle(&world).await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (1, Some(48)));
    etsy.cancel(ET);
    // Every order has its turn within four hours.
    world.pass(SignedDuration::from_hours(5)).await;
    world.replay().await;
    assert_eq!((woo_json(&world)["status"].as_str(), world.woo.stock("A")), (Some("cancelled"), Some(50)));
}

#[tokio::test]
async fn scenario_15_on_etsy_a_refund_by_amount_is_recorded_and_moves_stock_only_when_all_is_back() {
    let (world, etsy, _) = with_etsy("EUR").await;
    etsy.place(ReceiptSpec::new(ET).line("A", 2, 3000).shipping(500));
    settle(&world).await;
    etsy.refund(ET, RefundOf::Amount(700));
    // Every order has its turn within four hours.
    world.pass(SignedDuration::from_hours(5)).await;
    let refunded = |world: &World| {
        let refunds = woo_json(world)["refunds"].as_array().unwrap().clone();
        refunds.iter().map(|refund| refund["total"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((refunded(&world), world.woo.stock("A")), (vec!["-7.00".to_owned()], Some(48)));
    etsy.refund(ET, RefundOf::Rest);
    world.pass(SignedDuration::from_hours(5)).await;
    world.replay().await;
    assert_eq!((refunded(&world).len(), world.woo.stock("A")), (2, Some(50)));
}
