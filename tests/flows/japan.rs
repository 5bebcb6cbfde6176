//! Scenario 11: Amazon in Japan, two rates, into a WooCommerce and into a Shopify shop of yen; no amount has decimals anywhere.

use domain::ListingKey;
use domain::settings::TaxRate;
use fakes::Call;
use fakes::amazon::{LineSpec, ListedItem, MARKETPLACES, OrderSpec};
use fakes::woocommerce::WooShop;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::amazon::{connect_amazon, settle};
use crate::doors::{csv, get};
use crate::shopify_store::on_shopify;
use crate::world::{Setup, World};

const ORDER: &str = "250-0000011-0000011";

/// Amazon's Japanese marketplace, A at the default rate of 10 % and C as food at 8 %, and the order of the scenario.
async fn sold_in_japan(world: &World) {
    let (amazon, id) = connect_amazon(world, "fe", MARKETPLACES[2]).await;
    for (sku, title) in [("A", "Apple"), ("C", "Tea")] {
        amazon
            .list(ListedItem { marketplace_ids: vec![MARKETPLACES[2].to_owned()], ..ListedItem::new(sku, title, 50) });
    }
    world.app.link_in_bulk(&id, app::MatchBy::Sku).await.unwrap();
    let food = [ListingKey::Sku("C".parse().unwrap())];
    let mut food = world.app.storage.links.get_many(&id, &food).await.unwrap().remove(0);
    food.tax_rate = Some(800.try_into().unwrap());
    world.app.link(food).await.unwrap();
    let rate = TaxRate { country: None, basis_points: 1000, label: "10 %".to_owned() };
    world.set_on(&id, |settings| (settings.tax.rates, settings.tax.add_shipping_tax) = (vec![rate], true)).await;
    world.advance(jiff::SignedDuration::from_mins(5));

    let mut order = OrderSpec::new(ORDER).currency("JPY".parse().unwrap()).marketplace(MARKETPLACES[2]);
    order.address = Some(json!({
        "name": "Hanako Example", "addressLine1": "1-1 Example", "city": "Chiyoda", "stateOrRegion": "Tokyo",
        "postalCode": "100-0001", "countryCode": "JP", "phone": "0312345678",
    }));
    let apple = || LineSpec::new("A", 1, 333);
    let order = order.line_of(apple().shipping(550)).line_of(apple()).line_of(apple()).line("C", 1, 1080);
    assert_eq!(order.total(), 2629);
    amazon.place(order);
    settle(world).await;
    world.replay().await;
}

/// Texts that are numbers with a point, wherever they stand; a rate is not an amount.
fn with_decimals(value: &Value, found: &mut Vec<String>) {
    let is_decimal = |text: &str| text.contains('.') && text.parse::<Decimal>().is_ok();
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "rate").for_each(|(_, field)| with_decimals(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| with_decimals(value, found)),
        Value::String(text) if is_decimal(text) => found.push(text.clone()),
        Value::Number(number) if number.is_f64() => found.push(number.to_string()),
        _ => {}
    }
}

fn decimals_in(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    with_decimals(value, &mut found);
    found
}

/// What the API and both CSVs say of the order.
async fn assert_told_in_whole_yen(world: &World) {
    let row = &get(world, "/orders", &[]).await["orders"][0];
    assert_eq!(row["total"], json!({"amount": "2629", "currency": "JPY"}));
    let order = get(world, &format!("/orders/{}", row["id"].as_str().unwrap()), &[]).await;
    let report = get(world, "/reports/sales", &[("from", "2026-11-18"), ("to", "2026-11-18")]).await;
    for told in [row, &order, &report] {
        assert!(told.to_string().contains("\"2629\""), "{told}");
        assert_eq!(decimals_in(told), Vec::<String>::new(), "{told}");
    }
    let sales = csv(world, "/reports/sales").await;
    let products = csv(world, "/reports/products").await;
    assert!(sales.contains(",JPY,1,4,2629,0,0,0,2629,"), "{sales}");
    for cell in [sales, products].iter().flat_map(|text| text.split([',', '\r', '\n'])) {
        assert!(cell.parse::<Decimal>().is_err() || !cell.contains('.'), "{cell}");
    }
}

#[tokio::test]
async fn scenario_11_from_amazon_in_japan_into_woocommerce() {
    let world = World::with(Setup { shop: WooShop::new().currency("JPY"), ..Setup::default() }).await;
    sold_in_japan(&world).await;
    assert_eq!(world.woo.orders().len(), 1);
    let held = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    // The ledger of a shop as it is set up at first, which writes yen with two decimals of its own.
    assert_eq!((&held["total"], &held["total_tax"]), (&"2629.00".into(), &"0.00".into()));
    let sent = world.woo.calls().to("POST */orders").iter().find_map(Call::json).unwrap();
    assert_eq!(decimals_in(&sent), Vec::<String>::new(), "{sent}");
    let of = |list: &str, field: &str| -> Vec<String> {
        sent[list].as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    };
    // 333 - 31, 333 - 30, 333 - 30, 1080 - 80, 550 - 50: net 2408.
    assert_eq!(of("line_items", "total"), ["302", "303", "303", "1000"]);
    assert_eq!(of("shipping_lines", "total"), ["500"]);
    let fees: Vec<_> = of("fee_lines", "name").into_iter().zip(of("fee_lines", "total")).collect();
    assert_eq!(fees, [("10 %".to_owned(), "141".to_owned()), ("8 %".to_owned(), "80".to_owned())]);
    assert_told_in_whole_yen(&world).await;
}

#[tokio::test]
async fn scenario_11_from_amazon_in_japan_into_shopify() {
    let (world, shop) = on_shopify("JPY").await;
    sold_in_japan(&world).await;
    let order = shop.orders().remove(0);
    assert_eq!((shop.orders().len(), shop.total(order.id).presentment), (1, Decimal::from(2629)));
    let taxes = |line: &[fakes::shopify::Tax]| -> Vec<(String, Decimal)> {
        line.iter().map(|tax| (tax.title.clone(), tax.amount.presentment)).collect()
    };
    let at = |title: &str, yen: i64| vec![(title.to_owned(), Decimal::from(yen))];
    let lines: Vec<_> = order.lines.iter().map(|line| taxes(&line.taxes)).collect();
    assert_eq!(lines, [at("10 %", 31), at("10 %", 30), at("10 %", 30), at("8 %", 80)]);
    assert_eq!(taxes(&order.shipping[0].taxes), at("10 %", 50));
    let sent = shop.calls().to("POST */OrderCreate").iter().find_map(Call::json).unwrap();
    assert_eq!(decimals_in(&sent["variables"]), Vec::<String>::new(), "{sent}");
    assert_told_in_whole_yen(&world).await;
}
