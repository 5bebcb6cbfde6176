//! What people and programs get wrong most: each refusal says which field it is.

use serde_json::json;
use storage::Role;

use crate::support::World;

#[tokio::test]
async fn a_query_that_cannot_be_is_400_and_names_its_parameter() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for n in 1..4 {
        crate::support::orders::stored(
            &world.app.storage,
            crate::support::orders::order(&channel, n, "2026-11-18T09:00:00Z"),
        )
        .await;
    }
    let page = world.get("/orders?limit=1&search=mug").await.ok(200);
    let cursor = page["next"].as_str().unwrap();
    let long = "x".repeat(10_000);
    for (query, field) in [
        ("tab=returns".to_owned(), "tab"),
        ("from=2026-11-20&to=2026-11-01".to_owned(), "to"),
        ("from=1926-11-20&to=2026-11-20".to_owned(), "from"),
        (format!("limit=1&search=cup&cursor={cursor}"), "cursor"),
        (format!("limit=1&cursor={cursor}"), "cursor"),
        ("from=2026-11-01&to=2026-11-02&time_zone=Europe/Atlantis".to_owned(), "time_zone"),
        ("time_zone=Europe/Atlantis".to_owned(), "time_zone"),
        ("search=m".to_owned(), "search"),
        (format!("search={long}"), "search"),
    ] {
        let problem = world.get(&format!("/orders?{query}")).await.problem(400);
        assert_eq!((&problem["field"], &problem["errors"][0]["field"]), (&json!(field), &json!(field)), "{query}");
        // What was sent is not sent back by the kilobyte.
        assert!(problem.to_string().len() < 1_000, "{query}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_400_and_says_so() {
    let world = World::new();
    for body in ["", "ids=1", "{\"ids\": [", "\u{feff}{}"] {
        let problem = world.call("POST", "/orders/sync", body).await.problem(400);
        assert_eq!(problem["field"], "body", "{problem}");
    }
}

#[tokio::test]
async fn days_in_a_body_that_cannot_be_are_422_and_named() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for (from, to, zone, field) in [
        ("2026-11-20", "2026-11-01", "UTC", "to"),
        ("1926-11-20", "2026-11-20", "UTC", "from"),
        ("2026-11-01", "2026-11-02", "Europe/Atlantis", "time_zone"),
        ("2026-11-31", "2026-12-01", "UTC", "from"),
    ] {
        let asked = json!({ "from": from, "to": to, "time_zone": zone, "dry_run": true });
        let problem = world.post(&format!("/connections/{channel}/backfill"), &asked).await.problem(422);
        assert_eq!(problem["field"], field, "{asked}");
    }
}

/// Amounts that contradict each other are told where they stand, also while nothing is imported.
#[tokio::test]
async fn totals_that_cannot_be_worked_out_say_why() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let mut order = crate::support::orders::order(&channel, 1, "2026-11-18T09:00:00Z");
    order.source.buyer_total = crate::support::orders::gbp(1);
    let id = crate::support::orders::stored(&world.app.storage, order).await;
    let totals = world.get(&format!("/orders/{id}")).await.ok(200)["totals"].clone();
    assert_eq!(totals["store"], json!(null));
    assert!(totals["why"].as_str().unwrap().contains("0.01 GBP"), "{totals}");
}
