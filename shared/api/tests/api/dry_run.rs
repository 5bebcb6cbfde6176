//! Dry runs over the API: their shape, and what cannot be asked.

use domain::link::Target;
use domain::{Link, ListingKey, ProductId};
use serde_json::{Value, json};
use storage::Role;

use crate::orders::{imported, with_channel};
use crate::support::orders::{order, stored};

#[tokio::test]
async fn a_dry_run_shows_request_stock_and_mails() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    world.platforms.held.lock().unwrap().products = vec![("10", Some("MUG"))];
    let target = Target { product: ProductId::new("10").unwrap(), sku: None, quantity: 1, weight: 1 };
    let listing = ListingKey::listing("4711", Some("blue"));
    let link = Link { tax_rate: None, connection: channel.clone(), listing, targets: vec![target] };
    world.app.storage.links.put(&link).await.unwrap();
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let run = world.get(&format!("/orders/{id}/dry-run")).await.ok(200);
    let off = ["receipt", "fulfilment", "marketing", "customer_notifications", "suppress_owner_mail"];
    let mails: serde_json::Map<String, Value> = off.iter().map(|name| ((*name).to_owned(), json!(false))).collect();
    let expected = json!({
        "id": id.to_string(),
        "would": "import",
        "why": null,
        "request": { "reference": format!("trib-{id}-1"), "total": "42.48" },
        "total": { "amount": "42.48", "currency": "GBP" },
        "mails": mails,
        "stock": [{ "product": "10", "units": -2, "in_store": 5 }],
    });
    assert_eq!(run, expected);
    world.assert_no_platform_changed();
    assert!(world.queue.take().is_empty());
    let never = order(&channel, 9, "2026-11-18T09:00:00Z").id;
    world.get(&format!("/orders/{never}/dry-run")).await.problem(404);
}

#[tokio::test]
async fn a_dry_run_over_past_orders_comes_page_by_page_with_counts() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let settings = world.get(&format!("/connections/{channel}/settings")).await.ok(200)["settings"].clone();
    for number in 1..=201 {
        stored(&world.app.storage, order(&channel, number, "2026-11-18T09:00:00Z")).await;
    }
    stored(&world.app.storage, imported(&channel, 500)).await;
    let mut body = json!({ "connection": channel, "from": "2026-11-18", "to": "2026-11-18", "settings": settings });
    let first = world.post("/orders/dry-run", &body).await.ok(200);
    body["after"] = first["next"].clone();
    let second = world.post("/orders/dry-run", &body).await.ok(200);
    assert_eq!(second["next"], Value::Null);
    let count = |page: &Value| page["orders"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (200, 2));
    let waits = |page: &Value| page["counts"]["wait"].as_u64().unwrap();
    assert_eq!(waits(&first) + waits(&second), 202, "nothing is linked here");
    assert_eq!(first["differ"].as_u64().unwrap() + second["differ"].as_u64().unwrap(), 1, "the imported one");
    // The day is another in another zone.
    body = json!({ "connection": channel, "from": "2026-11-17", "to": "2026-11-17", "time_zone": "America/Adak", "settings": settings });
    assert_eq!(count(&world.post("/orders/dry-run", &body).await.ok(200)), 200);
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_of_past_orders_is_named() {
    let (world, channel) = with_channel().await;
    let settings = world.get(&format!("/connections/{channel}/settings")).await.ok(200)["settings"].clone();
    let whole = json!({ "connection": channel, "from": "2026-11-01", "to": "2026-11-18", "settings": settings });
    assert_eq!(world.post("/orders/dry-run", &whole).await.problem(409)["type"], "urn:tributary:problem:no-main-store");
    world.connected("shop-1", "shop", Role::MainStore).await;
    let mut faulty = settings.clone();
    faulty["inventory_sync"] = json!(false);
    let mut short = settings.clone();
    short.as_object_mut().unwrap().remove("auto_import");
    for (field, value, named) in [
        ("to", json!("2026-10-31"), "to"),
        ("from", json!("2026-08-18"), "from"),
        ("from", json!("2016-11-18"), "from"),
        ("from", json!("2026-11-18T09:00"), "from"),
        ("to", json!("yesterday"), "to"),
        ("time_zone", json!("Europe/Atlantis"), "time_zone"),
        ("settings", faulty, "inventory_sync"),
        ("settings", short, "settings.auto_import"),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        assert_eq!(world.post("/orders/dry-run", &body).await.problem(422)["field"], named, "{body}");
    }
    let mut body = whole.clone();
    body["connection"] = json!("nobody");
    world.post("/orders/dry-run", &body).await.problem(404);
    world.post("/orders/dry-run", &whole).await.ok(200);
}
