//! Shopify as a channel, on the real connector and its fake: units that are canceled, and numbers that change.

use domain::link::Target;
use domain::{ConnectionId, Link, ListingKey, Sku};
use fakes::shopify::{MailKind, OrderSpec, ShopifyFake};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;
use serde_json::json;

use crate::privacy::connect_shopify;
use crate::world::{Setup, World};

async fn with_shopify(currency: &str) -> (World, ShopifyFake, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let (shop, id) = connect_shopify(&world, currency).await;
    (world, shop, id)
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
}

async fn store_id(world: &World, order: u64) -> u64 {
    world.order(&order.to_string()).await.import.store_order().unwrap().as_str().parse().unwrap()
}

/// The shop's people take one unit of the order's first line back, with its money.
pub fn take_one_back(shop: &ShopifyFake, id: u64, amount: &str) {
    let order = shop.order(id).unwrap();
    let refund = json!({
        "refundLineItems": [{
            "lineItemId": format!("gid://shopify/LineItem/{}", order.lines[0].id), "quantity": 1, "restockType": "CANCEL",
        }],
        "transactions": [{
            "orderId": ShopifyFake::gid(id), "kind": "REFUND", "gateway": "shopify_payments", "amount": amount,
            "parentId": format!("gid://shopify/OrderTransaction/{}", order.transactions[0].id),
        }],
    });
    assert_eq!(shop.refund(id, &refund), None);
}

#[tokio::test]
async fn scenario_16_from_shopify_one_of_three_boxes_is_canceled_and_its_products_come_back_once() {
    let (world, shop, id) = with_shopify("USD").await;
    shop.add_product("GIFTBOX", "Gift box", rust_decimal::Decimal::new(4500, 2), Some(50));
    let target = |sku: &str, quantity, weight| Target { product: world.product(sku), sku: None, quantity, weight };
    let listing = ListingKey::Sku(Sku::new("GIFTBOX").unwrap());
    let targets = vec![target("A", 2, 1000), target("B", 1, 2500)];
    world.app.link(Link { connection: id, listing, targets, tax_rate: None }).await.unwrap();
    let sold = shop.place(&OrderSpec::new("USD").line("GIFTBOX", 3, 4500));
    settle(&world).await;
    let store_id = store_id(&world, sold).await;
    let json = world.woo.order_json(store_id).unwrap();
    let line = |n: usize| (json["line_items"][n]["quantity"].clone(), json["line_items"][n]["total"].clone());
    assert_eq!((line(0), line(1)), ((6.into(), "60.00".into()), (3.into(), "75.00".into())));
    let stock = || (world.woo.stock("A"), world.woo.stock("B"));
    assert_eq!((&json["total"], stock()), (&"135.00".into(), (Some(44), Some(17))));

    take_one_back(&shop, sold, "45.00");
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(), (Some(46), Some(18)));
    let refunds = world.woo.order(store_id).unwrap().refunds;
    let [refund] = refunds.as_slice() else { panic!("{refunds:?}") };
    let lines: Vec<_> = refund.lines.iter().map(|l| (l.line.quantity, l.line.total.to_string())).collect();
    assert_eq!((refund.amount.to_string().as_str(), refund.paid_back), ("45.00", false));
    // Left: A 6000 - 2000 and B 7500 - 2500, 9000 in all.
    assert_eq!(lines, [(-2, "-20.00".to_owned()), (-1, "-25.00".to_owned())]);

    // The rest is canceled: what came back before does not come back again.
    shop.cancel(sold);
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(), (Some(50), Some(20)));
}

/// One package of the store's order, as Advanced Shipment Tracking notes it.
fn package(world: &World, store_id: u64, number: &str) {
    let items = json!([{
        "tracking_provider": "ups", "custom_tracking_provider": "", "custom_tracking_link": "",
        "tracking_number": number, "date_shipped": world.now().as_second().to_string(), "tracking_id": "p1",
    }]);
    world.woo.set_order_meta(store_id, "_wc_shipment_tracking_items", &items).unwrap();
}

#[tokio::test]
async fn scenario_17_on_shopify_as_the_channel_a_number_that_changes_is_updated_once() {
    let (world, shop, _) = with_shopify("GBP").await;
    let sold = shop.place(&OrderSpec::new("GBP").line("A", 2, 1999));
    settle(&world).await;
    let store_id = store_id(&world, sold).await;
    package(&world, store_id, "1Z999AA1");
    settle(&world).await;
    assert_eq!(shop.packages(sold), [["1Z999AA1"]]);
    package(&world, store_id, "1Z999AA9");
    settle(&world).await;
    world.replay().await;
    assert_eq!(shop.packages(sold), [["1Z999AA9"]]);
    assert_eq!(shop.calls().count("POST */FulfillmentTrackingInfoUpdate"), 1);
    let about_packages = [MailKind::ShippingConfirmation, MailKind::ShippingUpdate];
    assert!(shop.ledger().mails.iter().all(|mail| !about_packages.contains(&mail.kind)));
}
