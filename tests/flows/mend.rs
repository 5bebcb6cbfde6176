//! R3: what the store made of an order is compared with what was meant, mended in place once, and told where it remains.

use domain::status::{DotColor, dot};
use domain::{ImportState, Order};
use fakes::ebay::OrderSpec;
use fakes::woocommerce::Meddling;
use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::world::World;

const ID: &str = "12-00030-00001";

fn order_1() -> OrderSpec {
    OrderSpec::new(ID).line("A", 2, 2500).line("B", 1, 2500).shipping(399)
}

/// The plugins that the shop may have.
fn plugins() -> Vec<Meddling> {
    vec![
        Meddling::CataloguePrice,
        Meddling::Fee { name: "Handling".to_owned(), total: Decimal::new(150, 2) },
        Meddling::Gift { name: "A free pen".to_owned(), total: Decimal::ZERO },
        Meddling::Gift { name: "A pen".to_owned(), total: Decimal::new(99, 2) },
        Meddling::OwnTax,
    ]
}

async fn imported(world: &World) -> Order {
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    let order = world.order(ID).await;
    assert!(matches!(order.import, ImportState::Imported { .. }), "{:?}", order.import);
    order
}

fn puts(world: &World) -> usize {
    world.woo.calls().all().iter().filter(|call| call.method == "PUT" && call.path.contains("/orders/")).count()
}

#[tokio::test]
async fn a_difference_found_at_read_back_is_mended_in_place_and_never_by_a_second_create() {
    for plugin in plugins() {
        let world = World::new().await;
        world.woo.meddle(plugin.clone(), false);
        let order = imported(&world).await;
        let stored = world.woo.orders();
        assert_eq!((stored.len(), world.woo.creates().len(), puts(&world)), (1, 1, 1), "{plugin:?}");
        let json = world.woo.order_json(stored[0].id).unwrap();
        assert_eq!((&json["total"], &json["total_tax"]), (&"78.99".into(), &"0.00".into()), "{plugin:?}");
        assert_eq!(json["line_items"].as_array().unwrap().len(), 2, "{plugin:?}");
        assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)), "{plugin:?}");
        assert!(world.woo.mails_to_buyers().is_empty());
        assert_eq!((order.after.review.differences.len(), order.attention()), (0, None), "{plugin:?}");
        assert_eq!(dot(&order).color, DotColor::Green);
        let story = world.story(ID).await.join("\n");
        assert!(story.contains("It was corrected there in place"), "{plugin:?}: {story}");
        assert_eq!(world.events.named("OrderDiffers"), 0);
    }
}

#[tokio::test]
async fn what_one_attempt_could_not_mend_is_an_error_with_both_figures() {
    let world = World::new().await;
    world.woo.meddle(Meddling::Fee { name: "Handling".to_owned(), total: Decimal::new(150, 2) }, true);
    let order = imported(&world).await;
    assert_eq!((world.woo.creates().len(), puts(&world)), (1, 1), "one attempt");
    assert_eq!(order.attention(), Some(domain::head::Attention::Error));
    let differences = order.after.review.differences.join("\n");
    assert!(differences.contains("80.49") && differences.contains("78.99"), "{differences}");
    assert_eq!(world.events.named("OrderDiffers"), 1);
    assert_eq!(world.woo.stock("A"), Some(48));
}

#[tokio::test]
async fn an_adopted_order_is_mended_too() {
    let world = World::new().await;
    world.woo.meddle(Meddling::CataloguePrice, false);
    world.woo.faults().on("POST */orders").drop_response(1);
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(20)).await;
    let stored = world.woo.orders();
    assert_eq!((stored.len(), world.woo.creates().len(), puts(&world)), (1, 1, 1));
    assert_eq!(world.woo.order_json(stored[0].id).unwrap()["total"], "78.99");
    let story = world.story(ID).await.join("\n");
    assert!(story.contains("although its answer was lost") && story.contains("corrected there in place"), "{story}");
}

#[tokio::test]
async fn mending_that_gets_no_answer_loses_neither_the_order_nor_the_difference() {
    let world = World::new().await;
    world.woo.meddle(Meddling::CataloguePrice, false);
    world.woo.faults().on("PUT */orders/*").drop_request(1);
    let order = imported(&world).await;
    assert_eq!((world.woo.orders().len(), world.woo.creates().len()), (1, 1));
    assert_eq!(order.attention(), Some(domain::head::Attention::Error));
    let differences = order.after.review.differences.join("\n");
    assert!(differences.contains("68.97") && differences.contains("78.99"), "{differences}");
}
