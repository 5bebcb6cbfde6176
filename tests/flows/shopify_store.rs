//! The scenarios that need Shopify as the main store, on the real connector and its fake: mails, tax, packages, currencies.

use app::{ConnectionInput, MatchBy};
use connect::Credentials;
use domain::settings::{CurrencySettings, StatedRate, TaxRate};
use fakes::ebay::{Collector, LineSpec, OrderSpec};
use fakes::shopify::{ACCESS_TOKEN, MailKind, ShopifyFake, ShopifyShop};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use storage::{ConnectionState, Role};

use crate::world::World;

const ID: &str = "12-00001-00001";

/// The fixture with a Shopify shop in the WooCommerce's place; A, B and C are linked by their SKUs.
pub async fn on_shopify(currency: &str) -> (World, ShopifyFake) {
    let world = World::new().await;
    for connection in world.app.storage.settings.connections().await.unwrap() {
        if connection.role == Role::MainStore && connection.state == ConnectionState::Active {
            world.app.disconnect(&connection.id).await.unwrap();
        }
    }
    let shop = ShopifyShop::new().currency(currency).clock(world.clock.clone()).start().await.unwrap();
    shop.unmetered();
    for (sku, title, price, stock) in [("A", "Apple", 1999, 50), ("B", "Bag", 2500, 20), ("C", "Cup", 1000, 10)] {
        shop.add_product(sku, title, Decimal::new(price, 2), Some(stock));
    }
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let application = shop.application();
    let keys = [
        ("access_token", ACCESS_TOKEN),
        ("client_id", application.client_id.as_str()),
        ("client_secret", application.client_secret.as_str()),
    ];
    let input = ConnectionInput {
        platform: "shopify".parse().unwrap(),
        role: Role::MainStore,
        name: "The shop".to_owned(),
        settings: [text("shop", &shop.domain()), text("api_url", shop.url())].into(),
        credentials: Credentials(keys.map(|(name, value)| (name.to_owned(), value.into())).into()),
        webhooks_at: None,
    };
    world.app.connect(input).await.unwrap();
    for sku in ["A", "B"] {
        let key = domain::ListingKey::Sku(sku.parse().unwrap());
        world.app.unlink(&world.channel, &key).await.unwrap();
    }
    world.app.link_in_bulk(&world.channel, MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    (world, shop)
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

fn shown(shop: &ShopifyFake, id: u64) -> (Decimal, Option<i64>, Option<i64>) {
    (shop.total(id).presentment, shop.stock("A"), shop.stock("B"))
}

#[tokio::test]
async fn scenario_1_and_17_on_shopify_one_order_its_stock_and_each_package_once() {
    let (world, shop) = on_shopify("GBP").await;
    world.ebay.place(OrderSpec::new(ID).line("A", 2, 1999).line("B", 1, 2500).shipping(399));
    settle(&world).await;
    let order = shop.orders().remove(0);
    assert_eq!((shop.orders().len(), shown(&shop, order.id)), (1, (Decimal::new(6897, 2), Some(48), Some(19))));
    assert_eq!(order.transactions[0].gateway, "eBay");
    shop.ship(order.id, "Royal Mail", "RM123456785GB").unwrap();
    settle(&world).await;
    let told = world.ebay.fulfilments(ID);
    assert_eq!((told.len(), told[0].tracking.as_deref()), (1, Some("RM123456785GB")));
    assert!(shop.ledger().mails.iter().all(|mail| !mail.kind.to_buyer()), "{:?}", shop.ledger().mails);
    assert_eq!(shop.ledger().money_moved(), 0);
}

#[tokio::test]
async fn scenario_7_on_shopify_the_label_stands_on_the_tax_of_the_order() {
    let (world, shop) = on_shopify("GBP").await;
    let rate = TaxRate { country: Some("GB".to_owned()), basis_points: 2000, label: "VAT 20%".to_owned() };
    world.set(|settings| (settings.tax.rates, settings.tax.add_shipping_tax) = (vec![rate], true)).await;
    world.ebay.place(OrderSpec::new(ID).line("A", 2, 2500).line("B", 1, 1250).shipping(499));
    settle(&world).await;
    let order = shop.orders().remove(0);
    assert_eq!(shop.total(order.id).presentment, Decimal::new(6749, 2), "the total never changes");
    let titles: Vec<&str> = order.lines.iter().flat_map(|line| &line.taxes).map(|tax| tax.title.as_str()).collect();
    assert_eq!(titles, ["VAT 20%", "VAT 20%"]);
}

#[tokio::test]
async fn scenario_9_on_shopify_the_marketplaces_tax_is_marked_as_the_channels_where_it_is_wanted() {
    for (wanted, total) in [(false, 4500), (true, 4871)] {
        let (world, shop) = on_shopify("USD").await;
        world.set(|settings| settings.tax.channel_liable = wanted).await;
        let line = LineSpec::new("A", 1, 4000).shipping(500).tax("STATE_SALES_TAX", 371, Collector::Ebay);
        world.ebay.place(OrderSpec::new(ID).currency("USD".parse().unwrap()).line_of(line));
        settle(&world).await;
        let order = shop.orders().remove(0);
        assert_eq!(shop.total(order.id).presentment, Decimal::new(total, 2));
        // On the line and on the shipping, by what they cost.
        let taxes = order.lines.iter().flat_map(|line| &line.taxes).chain(order.shipping.iter().flat_map(|s| &s.taxes));
        let taxes: Vec<_> = taxes.map(|tax| (tax.amount.presentment, tax.channel_liable)).collect();
        let sum: Decimal = taxes.iter().map(|(amount, _)| amount).sum();
        assert_eq!(sum, Decimal::new(if wanted { 371 } else { 0 }, 2), "{taxes:?}");
        assert!(taxes.iter().all(|(_, liable)| *liable == Some(true)), "{taxes:?}");
    }
}

#[tokio::test]
async fn a18_and_a19_on_shopify_the_buyer_is_mailed_where_it_is_wanted_and_never_by_default() {
    for wanted in [false, true] {
        let (world, shop) = on_shopify("GBP").await;
        world.set(|settings| (settings.mails.receipt, settings.mails.fulfilment) = (wanted, wanted)).await;
        let mut order = OrderSpec::new(ID).line("A", 1, 1999);
        order.buyer.email = Some("ada@example.com".to_owned());
        let line = order.line_id(0);
        world.ebay.place(order);
        settle(&world).await;
        world.ebay.ship_by_label(ID, "RoyalMail", "RM1", &[(&line, 1)]);
        settle(&world).await;
        let kinds: Vec<MailKind> =
            shop.ledger().mails.iter().map(|mail| mail.kind).filter(|kind| kind.to_buyer()).collect();
        let meant: &[MailKind] =
            if wanted { &[MailKind::OrderConfirmation, MailKind::ShippingConfirmation] } else { &[] };
        assert_eq!(kinds, meant);
    }
}

#[tokio::test]
async fn an_unpaid_converted_order_is_paid_with_what_it_costs_in_the_store() {
    let (world, shop) = on_shopify("USD").await;
    let at = "2026-11-18T00:00:00Z".parse().unwrap();
    let (from, to) = ("EUR".parse().unwrap(), "USD".parse().unwrap());
    let row = StatedRate { from, to, rate: "1.0850".parse().unwrap(), source: "ECB".to_owned(), at };
    world.set(|settings| settings.currency = CurrencySettings::Convert { rates: vec![row] }).await;
    world.ebay.place(OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 11_900).unpaid());
    settle(&world).await;
    let order = shop.orders().remove(0);
    assert_eq!((shop.total(order.id).presentment, order.transactions.len()), (Decimal::new(12_912, 2), 0));
    world.ebay.pay(ID);
    settle(&world).await;
    let paid: Vec<_> = shop.orders()[0].transactions.iter().map(|paid| paid.amount.presentment).collect();
    assert_eq!(paid, [Decimal::new(12_912, 2)], "the store was told its own amount");
}
