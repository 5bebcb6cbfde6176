//! R5: a line whose product is no longer in the main store is not linked: told as such, and healed by another link.

use domain::head::Attention;
use domain::settings::AutoImport;
use domain::trace::NotImported;
use domain::{ImportState, Order};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::world::World;

const ID: &str = "12-00040-00001";

async fn with_a_deleted_product() -> World {
    let world = World::new().await;
    world.woo.delete_product("A");
    world
}

async fn placed(world: &World) -> Order {
    world.ebay.place(OrderSpec::new(ID).line("A", 1, 1999).line("B", 1, 2500).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.order(ID).await
}

#[tokio::test]
async fn an_order_whose_product_was_deleted_waits_as_unlinked_and_imports_once_it_has_another() {
    let world = with_a_deleted_product().await;
    let order = placed(&world).await;
    let ImportState::Waiting(NotImported::Unlinked { items }) = &order.import else { panic!("{:?}", order.import) };
    assert_eq!(items.len(), 1);
    assert!(items[0].starts_with("A (its product") && items[0].contains("no longer in the main store"), "{items:?}");
    assert_eq!(order.attention(), Some(Attention::Unlinked));
    assert_eq!((world.woo.creates().len(), world.events.named("OrderHasUnlinkedProducts")), (0, 1));
    assert_eq!(world.woo.stock("B"), Some(19), "its other line is held");

    world.link("A", "C", 1).await;
    world.drain().await;
    let stored = world.woo.orders();
    assert_eq!(stored.len(), 1);
    let json = world.woo.order_json(stored[0].id).unwrap();
    assert_eq!(json["total"], "48.98");
    assert_eq!(json["line_items"][0]["product_id"].to_string(), world.product("C").to_string());
    assert_eq!((world.woo.stock("B"), world.woo.stock("C")), (Some(19), Some(9)));
    let order = world.order(ID).await;
    assert_eq!((order.attention(), world.events.named("OrderDiffers")), (None, 0));
    world.replay().await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("C")), (1, Some(9)));
}

#[tokio::test]
async fn where_unlinked_lines_go_as_text_so_does_a_line_whose_product_was_deleted() {
    let world = with_a_deleted_product().await;
    world.set(|settings| settings.auto_import = AutoImport::All).await;
    let order = placed(&world).await;
    let stored = world.woo.orders();
    assert_eq!(stored.len(), 1);
    let json = world.woo.order_json(stored[0].id).unwrap();
    assert_eq!((&json["total"], &json["line_items"][0]["total"]), (&"48.98".into(), &"19.99".into()));
    assert_eq!((&json["line_items"][0]["product_id"], world.woo.stock("B")), (&0.into(), Some(19)));
    assert_eq!((order.attention(), world.events.named("OrderDiffers")), (None, 0));
}

#[tokio::test]
async fn products_that_are_there_are_asked_for_once_in_five_minutes() {
    let world = World::new().await;
    for n in 1..=20 {
        let sku = ["A", "B"][n % 2];
        world.ebay.place(OrderSpec::new(&format!("12-00041-{n:05}")).line(sku, 1, 1999));
    }
    world.pass(SignedDuration::from_mins(4)).await;
    assert_eq!(world.woo.orders().len(), 20);
    let by_id = |query: &Option<String>| query.as_deref().is_some_and(|query| query.contains("include="));
    let asked = world.woo.calls().all().iter().filter(|call| by_id(&call.query)).count();
    // Telling the channel what is left asks for the stock of each.
    assert_eq!(asked, 2 + 2);
}
