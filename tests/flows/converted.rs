//! R17 after the import: an order that was converted goes on being told at the rate that it was created with.

use domain::settings::{CurrencySettings, StatedRate};
use fakes::ebay::{OrderSpec, RefundOf};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;

use crate::world::{Setup, World};

const ID: &str = "12-00220-00001";

async fn in_usd() -> World {
    World::with(Setup { shop: WooShop::new().currency("USD"), ..Setup::default() }).await
}

fn at_rate(rate: &str) -> CurrencySettings {
    let (from, to) = ("EUR".parse().unwrap(), "USD".parse().unwrap());
    let at = "2026-11-18T00:00:00Z".parse().unwrap();
    let rate = rate.parse().unwrap();
    CurrencySettings::Convert { rates: vec![StatedRate { from, to, rate, source: "ECB".to_owned(), at }] }
}

/// 119.00 EUR.
fn order() -> OrderSpec {
    OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 7900).line("B", 1, 4000)
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
}

fn total(world: &World) -> String {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()["total"].as_str().unwrap().to_owned()
}

fn refunded(world: &World) -> Vec<String> {
    world.woo.refunds().iter().map(|refund| refund.amount.to_string()).collect()
}

#[tokio::test]
async fn refunds_of_a_converted_order_come_to_the_stores_total_whatever_the_rate_is_by_then() {
    for later in [at_rate("1.2000"), CurrencySettings::Keep, CurrencySettings::Refuse] {
        let world = in_usd().await;
        world.set(|settings| settings.currency = at_rate("1.0850")).await;
        world.ebay.place(order());
        settle(&world).await;
        assert_eq!(total(&world), "129.12");
        world.set(|settings| settings.currency = later.clone()).await;

        // 7.00 EUR are 7.595 USD.
        world.ebay.refund(ID, RefundOf::Amount(700));
        settle(&world).await;
        world.replay().await;
        assert_eq!(refunded(&world), ["7.60"], "{later:?}");
        // 47.00 EUR are 50.995 USD, of which 7.60 are told.
        world.ebay.refund(ID, RefundOf::Amount(4000));
        settle(&world).await;
        world.ebay.refund(ID, RefundOf::Rest);
        settle(&world).await;
        world.replay().await;
        assert_eq!(refunded(&world), ["7.60", "43.40", "78.12"], "{later:?}: together 129.12");
        assert_eq!(world.woo.orders()[0].status.as_str(), "refunded");
        assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(50), Some(20)));
        assert!(world.order(ID).await.after.recorded.iter().all(|told| told.amount.currency().code() == "USD"));
    }
}

#[tokio::test]
async fn an_edit_of_a_converted_order_is_told_in_the_stores_currency_at_the_imports_rate() {
    let world = in_usd().await;
    world.set(|settings| settings.currency = at_rate("1.0850")).await;
    world.ebay.place(OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 10_000));
    settle(&world).await;
    assert_eq!(total(&world), "108.50");

    world.set(|settings| settings.currency = at_rate("1.2000")).await;
    world.advance(SignedDuration::from_mins(1));
    world.ebay.edit(ID, |order| order.lines[0].unit_price = 11_000);
    settle(&world).await;
    let told = world.order(ID).await.after.review.differences;
    assert!(told.iter().any(|what| what.contains("119.35 USD") && what.contains("108.50 USD")), "{told:?}");
    assert_eq!(total(&world), "108.50");
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_adopted_at_the_rate_that_it_was_sent_with() {
    let world = in_usd().await;
    world.set(|settings| settings.currency = at_rate("1.0850")).await;
    world.woo.faults().on("POST */orders").drop_response(1);
    world.ebay.place(order());
    world.pass(SignedDuration::from_mins(3)).await;
    let sent = world.order(ID).await.import;
    assert!(matches!(sent, domain::ImportState::Unknown { .. }), "{sent:?}");
    world.set(|settings| settings.currency = at_rate("1.2000")).await;
    world.pass(SignedDuration::from_mins(15)).await;
    assert_eq!(total(&world), "129.12");
    world.assert_no_duplicates();
    assert_eq!(world.order(ID).await.after.review.differences, Vec::<String>::new());
    let story = world.story(ID).await;
    assert!(story.iter().any(|line| line.contains("its answer was lost")), "{story:?}");
    assert!(story.iter().any(|line| line.contains("129.12 USD") && line.contains("1.0850")), "{story:?}");
}
