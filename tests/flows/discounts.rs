//! Scenario 13, whose discount, on Shopify as the main store: the price of each line is what was paid for it, never a code that
//! Shopify would spread over all of them, and a package of a line that stands as two covers both.

use std::sync::Arc;

use domain::shipment::ShippedLine;
use fakes::ebay::{LineSpec, OrderSpec};
use fakes::shopify::{Order, ShopifyFake};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::paper::money;
use crate::shopify_store::on_shopify;
use crate::world::World;
use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, listing, paper_order, set_shipping};

const ID: &str = "12-00013-00001";

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

/// On eBay. The discount that eBay gives, 300 on A and 200 on the shipping, does not show in the seller's order.
fn on_ebay() -> OrderSpec {
    let a = LineSpec::new("A", 3, 1000).discount(500).shipping(600);
    OrderSpec::new(ID).line_of(a).line("B", 1, 2000).ebay_discount(500)
}

/// The one order of the shop, with its lines at what was paid for them.
fn the_order(shop: &ShopifyFake) -> Order {
    let order = shop.orders().remove(0);
    assert_eq!((shop.orders().len(), shop.total(order.id).presentment), (1, Decimal::new(5100, 2)));
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            (line.sku.clone().unwrap(), line.quantity, line.unit.presentment.to_string(), line.allocations.len())
        })
        .collect();
    let is = |sku: &str, units: i64, price: &str| (sku.to_owned(), units, price.to_owned(), 0);
    assert_eq!(lines, [is("A", 2, "8.33"), is("A", 1, "8.34"), is("B", 1, "20.00")]);
    assert_eq!(
        (order.discounts.len(), order.shipping[0].price.presentment),
        (0, Decimal::new(600, 2)),
        "never one code"
    );
    order
}

#[tokio::test]
async fn scenario_13_on_shopify_the_lines_bear_what_was_paid_and_a_package_sent_on_ebay_covers_both_lines_of_a() {
    let (world, shop) = on_shopify("GBP").await;
    assert_eq!((on_ebay().sums(true).total, on_ebay().sums(true).buyer_paid), (5100, 4600));
    world.ebay.place(on_ebay());
    settle(&world).await;
    let order = the_order(&shop);
    assert_eq!((shop.stock("A"), shop.stock("B")), (Some(47), Some(19)));
    world.ebay.ship_by_label(ID, "RoyalMail", "RM1", &[(&on_ebay().line_id(0), 3)]);
    settle(&world).await;
    let held = shop.order(order.id).unwrap();
    let [package] = held.fulfillments.as_slice() else { panic!("{:?}", held.fulfillments) };
    let covered: Vec<(u64, i64)> = package.lines.iter().map(|(_, line, units)| (*line, *units)).collect();
    assert_eq!(covered, [(order.lines[0].id, 2), (order.lines[1].id, 1)]);
    assert_eq!(
        (shop.packages(order.id), held.fulfillment_status()),
        (vec![vec!["RM1".to_owned()]], "PARTIALLY_FULFILLED")
    );
}

#[tokio::test]
async fn scenario_13_a_package_of_both_lines_of_a_in_shopify_is_one_of_three_on_ebay() {
    let (world, shop) = on_shopify("GBP").await;
    world.ebay.place(on_ebay());
    settle(&world).await;
    let order = the_order(&shop);
    shop.ship_units(order.id, 3, "Royal Mail", "RM2").unwrap();
    settle(&world).await;
    let told = world.ebay.fulfilments(ID);
    let [package] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((package.tracking.as_deref(), &package.lines[..]), (Some("RM2"), &[(on_ebay().line_id(0), 3)][..]));
    let kept = world.order(ID).await.packages;
    assert_eq!(kept[0].shipment.lines, [ShippedLine { line: on_ebay().line_id(0).parse().unwrap(), quantity: 3 }]);
}

/// No connector's platform tells what the marketplace pays: on a channel of paper.
#[tokio::test]
async fn scenario_13_on_shopify_what_the_marketplace_pays_is_told_and_in_the_total() {
    let (world, shop) = on_shopify("GBP").await;
    let channel = Arc::new(PaperChannel::new("seller-1", PAPER_CHANNEL, world.clock.clone()));
    for sku in ["A", "B"] {
        channel.list(listing(sku, true));
    }
    let id = world.add_channel("market", channel.clone()).await;
    world.app.link_in_bulk(&id, app::MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    let mut order = paper_order("P-13", "GBP", "GB", world.now());
    add_line(&mut order, "A", 3, 3000);
    add_line(&mut order, "B", 1, 2000);
    set_shipping(&mut order, 600);
    order.lines[0].charge.seller_discount = Some(money(500, "GBP"));
    order.lines[0].charge.marketplace_discount = Some(money(300, "GBP"));
    order.shipping.charge.marketplace_discount = Some(money(200, "GBP"));
    order.buyer_total = money(4600, "GBP");
    channel.place(order);
    settle(&world).await;
    let order = the_order(&shop);
    assert!(order.attributes.iter().any(|(_, fact)| fact.as_deref() == Some("5.00 GBP")), "{:?}", order.attributes);
}
