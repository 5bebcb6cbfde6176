//! Scenarios of main stores that can more than WooCommerce: tax that the channel owes, and marketing consent.

use connect::StoreCapabilities;
use domain::{Liable, Place, Tax, TaxKnowledge};
use jiff::SignedDuration;

use crate::paper::{money, with_store};
use crate::world::paper_channel::{add_line, paper_order, set_shipping};
use crate::world::paper_store::PAPER_STORE;

/// Shopify, as far as its capabilities go.
const SHOPIFY: StoreCapabilities = StoreCapabilities { channel_liable_tax: true, max_order_number: 255, ..PAPER_STORE };

#[tokio::test]
async fn scenario_9_the_channels_tax_is_booked_as_its_own_where_the_store_can_and_the_setting_asks() {
    for (asked, total, liable) in [(false, 4500, vec![]), (true, 4871, vec![371])] {
        let (world, store, channel, id) = with_store("USD", SHOPIFY, "ebay-us").await;
        world.set_on(&id, |settings| settings.tax.channel_liable = asked).await;
        let mut order = paper_order("P-9", "USD", "US", world.now());
        add_line(&mut order, "A", 1, 4000);
        set_shipping(&mut order, 500);
        let place = (Place::OnTop, Liable::Marketplace);
        let tax = Tax { amount: money(371, "USD"), place: place.0, liable: place.1, label: None, rate: None };
        order.lines[0].charge.taxes.push(tax);
        order.tax = TaxKnowledge::Known;
        order.buyer_total = money(4871, "USD");
        channel.place(order);
        world.pass(SignedDuration::from_mins(5)).await;
        world.replay().await;
        let booked = store.orders();
        assert_eq!((booked.len(), booked[0].held.total), (1, money(total, "USD")));
        let carried: Vec<i64> = booked[0].draft.channel_liable.iter().map(|tax| tax.amount.minor()).collect();
        assert_eq!((carried, booked[0].draft.taxes.len()), (liable, 0));
    }
}

#[tokio::test]
async fn scenario_13_the_line_bears_what_was_paid_and_not_what_the_marketplace_gave() {
    let (world, store, channel, _) = with_store("EUR", SHOPIFY, "market").await;
    let mut order = paper_order("P-13", "EUR", "DE", world.now());
    add_line(&mut order, "A", 3, 3000);
    add_line(&mut order, "B", 1, 2000);
    set_shipping(&mut order, 600);
    order.lines[0].charge.seller_discount = Some(money(500, "EUR"));
    order.lines[0].charge.marketplace_discount = Some(money(300, "EUR"));
    order.shipping.charge.marketplace_discount = Some(money(200, "EUR"));
    order.buyer_total = money(4600, "EUR");
    channel.place(order);
    world.pass(SignedDuration::from_mins(5)).await;
    let booked = store.orders();
    let nets: Vec<i64> = booked[0].held.lines.iter().map(|line| line.net.minor()).collect();
    assert_eq!((nets, booked[0].held.total), (vec![2500, 2000], money(5100, "EUR")));
    assert_eq!(booked[0].draft.lines[0].undiscounted, money(3000, "EUR"));
}

#[tokio::test]
async fn scenario_25_marketing_consent_is_never_claimed_behind_a_relay_address_and_the_setting_says_so() {
    let (world, store, channel, id) = with_store("GBP", SHOPIFY, "market").await;
    world.set_on(&id, |settings| settings.mails.marketing = true).await;
    let view = world.app.settings(&id).await.unwrap();
    let offer = view.offers.iter().find(|offer| offer.field == "mails.marketing").unwrap();
    assert!(offer.offered && offer.reason.unwrap().contains("forwarding address"), "{offer:?}");
    for (number, relay) in [("P-REAL", false), ("P-RELAY", true)] {
        let mut order = paper_order(number, "GBP", "GB", world.now());
        add_line(&mut order, "A", 1, 1999);
        order.buyer.email = Some("buyer@example.com".to_owned());
        order.buyer.email_is_relay = relay;
        channel.place(order);
        world.pass(SignedDuration::from_mins(5)).await;
    }
    let claimed: Vec<bool> = store.orders().iter().map(|booked| booked.draft.mails.marketing).collect();
    assert_eq!(claimed, [true, false]);
}
