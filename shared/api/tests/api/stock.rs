//! What a channel would be told, starting it, and what is held.

use app::{Job, StockJob};
use domain::{ConnectionId, ProductId};
use serde_json::{Value, json};
use storage::{Hold, Role};

use crate::support::World;
use crate::support::orders::{order, stored};

/// A channel with two listings, one of them linked: two mugs make one.
async fn linked() -> (World, ConnectionId) {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    {
        let mut held = world.platforms.held.lock().unwrap();
        held.products = vec![("10", Some("MUG"))];
        held.listings = vec![("4711".to_owned(), Some("MUG")), ("4712".to_owned(), None)];
    }
    let link = json!({ "listing": "id:4711", "targets": [{ "product": "10", "sku": "MUG", "quantity": 2 }] });
    world.post(&format!("/connections/{channel}/links"), &link).await.ok(201);
    world.queue.take();
    (world, channel)
}

#[tokio::test]
async fn a_preview_shows_each_linked_listing_and_changes_nothing() {
    let (world, channel) = linked().await;
    let preview = world.get(&format!("/connections/{channel}/stock")).await.ok(200);
    assert_eq!(preview["state"], "not_started");
    assert!(preview["says"].as_str().unwrap().contains("start it"));
    let row = json!({
        "listing": "id:4711", "sku": "MUG", "title": "Listing 4711", "active": true,
        "quantity": null, "will_be": 2, "why": null,
    });
    assert_eq!((&preview["listings"], &preview["next"]), (&json!([row]), &Value::Null));
    assert_eq!(world.queue.take(), []);
    world.assert_no_platform_changed();
    world.get(&format!("/connections/{channel}/stock?cursor=nonsense")).await.problem(400);
}

#[tokio::test]
async fn starting_rings_for_every_linked_product_and_names_its_channel() {
    let (world, channel) = linked().await;
    let path = format!("/connections/{channel}/stock");
    for _ in 0..2 {
        let started = world.call("POST", &format!("{path}/start"), "").await.ok(202);
        assert_eq!((&started["state"], &started["products_rung"]), (&json!("on"), &json!(1)));
        let product_id = ProductId::new("10").unwrap();
        let job = StockJob { product_id, order_id: None, approved_for: Some(channel.clone()) };
        assert_eq!(world.queue.take(), [Job::Stock(job)]);
    }
    assert_eq!(world.get(&path).await.ok(200)["state"], "on");
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn a_channel_that_is_switched_off_or_the_main_store_cannot_be_started() {
    let (world, channel) = linked().await;
    world.call("POST", "/connections/shop-1/stock/start", "").await.problem(404);
    let (mut settings, version) = world.app.storage.settings.channel_settings(&channel).await.unwrap();
    settings.inventory_sync = false;
    settings.auto_import = domain::settings::AutoImport::Off;
    world.app.put_settings(&channel, settings, version).await.unwrap();
    let problem = world.call("POST", &format!("/connections/{channel}/stock/start"), "").await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:inventory-sync-is-off");
    assert_eq!(world.queue.take(), []);
}

#[tokio::test]
async fn what_waiting_orders_hold_is_shown_by_product_with_the_orders() {
    let (world, channel) = linked().await;
    let waiting = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let product = ProductId::new("10").unwrap();
    let hold = Hold { product, order: waiting, units: 3, applied: true };
    world.app.storage.links.hold(&hold).await.unwrap();
    let held = world.get("/stock/exposure").await.ok(200);
    assert_eq!(held["units"], 3);
    let product = &held["products"][0];
    assert_eq!((&product["product"], &product["sku"], &product["units"]), (&json!("10"), &json!("MUG"), &json!(3)));
    let shown = &product["orders"][0];
    assert_eq!(
        (&shown["id"], &shown["channel_order_number"], &shown["deducted"]),
        (&json!(waiting), &json!("CH-1"), &json!(true))
    );
}
