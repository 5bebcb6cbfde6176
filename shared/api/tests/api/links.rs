//! Linking by hand and by SKU.

use std::time::Duration;

use app::Job;
use domain::{ConnectionId, ListingKey, ProductId};
use serde_json::{Value, json};
use storage::Role;

use crate::support::World;
use crate::support::orders::{order, stored};

async fn linkable() -> (World, ConnectionId) {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let products = vec![("10", Some("MUG")), ("11", Some("CUP")), ("12", Some("TWIN")), ("13", Some("TWIN"))];
    world.platforms.held.lock().unwrap().products = products;
    (world, channel)
}

fn mug() -> Value {
    json!({ "listing": "id:4711/blue", "targets": [{ "product": "10", "quantity": 2, "weight": 1 }] })
}

#[tokio::test]
async fn a_link_is_201_and_rings_for_the_orders_that_waited() {
    let (world, channel) = linkable().await;
    let waiting = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let key = ListingKey::listing("4711", Some("blue"));
    world.app.storage.links.wait(waiting, &channel, &[key]).await.unwrap();
    let path = format!("/connections/{channel}/links");
    let made = world.post(&path, &mug()).await.ok(201);
    assert_eq!(made, json!({ "link": mug(), "orders_rung": 1 }));
    let product = ProductId::new("10").unwrap();
    assert_eq!(world.queue.take(), [Job::import(waiting), Job::stock(product, None)]);
    assert_eq!(world.get(&path).await.ok(200), json!({ "links": [mug()], "next": null }));
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn links_come_in_pages_to_the_end() {
    let (world, channel) = linkable().await;
    let path = format!("/connections/{channel}/links");
    for i in 0..5 {
        let link = json!({ "listing": format!("id:{i}/a b"), "targets": [{ "product": "10", "quantity": 1 }] });
        world.post(&path, &link).await.ok(201);
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    let mut used = String::new();
    for _ in 0..10 {
        let page = world.get(&format!("{path}?limit=2{next}")).await.ok(200);
        let links = page["links"].as_array().unwrap();
        assert!(links.len() <= 2);
        seen.extend(links.iter().map(|link| link["listing"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next"].as_str() else { break };
        cursor.clone_into(&mut used);
        next = format!("&cursor={cursor}");
    }
    seen.sort();
    assert_eq!(seen, ["id:0/a b", "id:1/a b", "id:2/a b", "id:3/a b", "id:4/a b"]);
    // Another list's cursor is none of this one.
    let problem = world.get(&format!("/connections/{channel}/unreadable-orders?cursor={used}")).await.problem(400);
    assert_eq!(problem["field"], "cursor");
}

#[tokio::test]
async fn a_cursor_that_no_list_gave_is_400_and_named() {
    let (world, channel) = linkable().await;
    for list in ["links", "unreadable-orders"] {
        for cursor in ["", "nonsense", &"x".repeat(3_000)] {
            let problem = world.get(&format!("/connections/{channel}/{list}?cursor={cursor}")).await.problem(400);
            assert_eq!(problem["field"], "cursor");
        }
    }
}

#[tokio::test]
async fn a_link_to_a_product_that_does_not_exist_is_422() {
    let (world, channel) = linkable().await;
    let path = format!("/connections/{channel}/links");
    let body = json!({ "listing": "sku:MUG", "targets": [{ "product": "99", "quantity": 1 }] });
    let problem = world.post(&path, &body).await.problem(422);
    assert_eq!(
        (&problem["field"], &problem["detail"]),
        (&json!("targets"), &json!("The main store has no product 99."))
    );
    assert_eq!(world.get(&path).await.ok(200)["links"], json!([]));
}

#[tokio::test]
async fn a_link_that_cannot_be_is_422_and_named() {
    let (world, channel) = linkable().await;
    let path = format!("/connections/{channel}/links");
    for (body, field) in [
        (json!({ "listing": "id:1", "targets": [] }), "targets"),
        (json!({ "listing": "id:1", "targets": [{ "product": "10", "quantity": 0 }] }), "targets"),
        (json!({ "listing": "4711", "targets": [] }), "listing"),
        (json!({ "listing": "id:1", "targets": [{ "product": "10" }] }), "targets[0].quantity"),
        (json!({ "listing": "id:1", "targets": [{ "product": "10", "quantity": -1 }] }), "targets[0].quantity"),
    ] {
        assert_eq!(world.post(&path, &body).await.problem(422)["field"], field, "{body}");
    }
}

#[tokio::test]
async fn linking_needs_a_channel_and_a_main_store() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let path = format!("/connections/{channel}/links");
    assert_eq!(world.post(&path, &mug()).await.problem(409)["type"], "urn:tributary:problem:no-main-store");
    world.call("POST", &format!("{path}/by-sku"), "").await.problem(409);
    let store = world.connected("shop-1", "shop", Role::MainStore).await;
    world.post(&format!("/connections/{store}/links"), &mug()).await.problem(404);
    world.get(&format!("/connections/{store}/links")).await.problem(404);
}

#[tokio::test]
async fn a_store_that_is_let_alone_for_a_moment_is_no_missing_store() {
    let (world, channel) = linkable().await;
    let store = ConnectionId::new("shop-1").unwrap();
    let until = world.app.clock.now() + Duration::from_secs(7);
    world.app.storage.settings.pause(&store, until).await.unwrap();
    let path = format!("/connections/{channel}/links");
    for path in [path.clone(), format!("{path}/by-sku")] {
        let answer = world.post(&path, &mug()).await;
        assert_eq!(answer.header("retry-after"), "7", "{path}");
        answer.problem(503);
    }
}

#[tokio::test]
async fn a_link_is_deleted_by_its_percent_encoded_key() {
    let (world, channel) = linkable().await;
    let path = format!("/connections/{channel}/links");
    // API Gateway leaves the key as it was sent; a gateway that decodes it is understood too.
    for key in ["id%3A4711%2Fblue", "id:4711/blue"] {
        world.post(&path, &mug()).await.ok(201);
        let answer = world.call("DELETE", &format!("{path}/{key}"), "").await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        assert_eq!(world.get(&path).await.ok(200)["links"], json!([]));
    }
    assert_eq!(world.call("DELETE", &format!("{path}/id%3Anever"), "").await.status, 204);
    world.call("DELETE", &format!("{path}/neither-id-nor-sku"), "").await.problem(404);
}

#[tokio::test]
async fn linking_by_sku_says_what_stayed_open() {
    let (world, channel) = linkable().await;
    let listing = |id: &str, sku| (id.to_owned(), sku);
    world.platforms.held.lock().unwrap().listings = vec![
        listing("4711/blue", Some("MUG")),
        listing("2", Some("CUP")),
        listing("3", Some("TWIN")),
        listing("4", Some("NONE")),
        listing("5", None),
    ];
    let path = format!("/connections/{channel}/links");
    world.post(&path, &mug()).await.ok(201);
    let report = world.call("POST", &format!("{path}/by-sku"), "").await.ok(200);
    let expected = json!({
        "linked": ["CUP"], "already_linked": 1, "no_key": ["Listing 5"], "no_match": ["NONE"],
        "several_matches": ["TWIN"], "orders_rung": 0,
    });
    assert_eq!(report, expected);
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn a_platform_that_fails_while_linking_is_told_in_its_words() {
    use connect::ErrorKind;
    for (kind, status) in [
        (ErrorKind::RateLimited, 503),
        (ErrorKind::Unavailable, 503),
        (ErrorKind::Timeout, 504),
        (ErrorKind::Network, 502),
        (ErrorKind::Unauthorized, 409),
        (ErrorKind::Decode, 502),
    ] {
        let (world, channel) = linkable().await;
        world.platforms.held.lock().unwrap().fails = Some(kind);
        let problem = world.post(&format!("/connections/{channel}/links"), &mug()).await.problem(status);
        assert_eq!(problem["detail"], "The platform does not answer.");
    }
}
