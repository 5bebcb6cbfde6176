//! What holds for every route: unknown routes and parameters, bodies that are none, failures of ours.

use std::sync::atomic::Ordering;

use serde_json::json;
use storage::Role;

use crate::support::World;

#[tokio::test]
async fn an_unknown_route_is_404() {
    let world = World::new();
    for path in ["/", "/nothing", "/orders/x/y/z", "/connections/"] {
        world.get(path).await.problem(404);
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let world = World::new();
    let answer = world.call("PATCH", "/connections", "{}").await;
    answer.problem(405);
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    world.call("GET", "/connections/x/links/by-sku", "").await.problem(405);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_400() {
    let world = World::new();
    for body in ["", "{", "{\"ids\": 1} and more", "<xml/>", "{\"ids\": [\u{0}]}"] {
        world.call("POST", "/orders/sync", body).await.problem(400);
    }
    // Wrong in its shape first, and not JSON later on.
    world.call("POST", "/orders/sync", "{\"ids\": 1,").await.problem(400);
}

#[tokio::test]
async fn a_body_over_one_megabyte_is_413() {
    let world = World::new();
    let body = format!("{{\"ids\": [\"{}\"]}}", "x".repeat(1_000_000));
    world.call("POST", "/orders/sync", &body).await.problem(413);
    let just_not = format!("{{\"ids\": []{}}}", " ".repeat(1_000_000 - 11));
    assert_eq!(just_not.len(), 1_000_000);
    world.call("POST", "/orders/sync", &just_not).await.problem(422);
}

#[tokio::test]
async fn an_unknown_query_parameter_is_400_and_named() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for path in
        ["/connections", "/orders", &format!("/connections/{channel}/links"), &format!("/connections/{channel}")]
    {
        let problem = world.get(&format!("{path}?page=2")).await.problem(400);
        assert_eq!(problem["field"], "page");
    }
    let problem = world.get("/orders?limit=1&limit=2").await.problem(400);
    assert_eq!(problem["field"], "limit");
}

#[tokio::test]
async fn a_limit_out_of_range_is_400_and_named() {
    let world = World::new();
    for limit in ["0", "201", "-1", "ten", ""] {
        let problem = world.get(&format!("/orders?limit={limit}")).await.problem(400);
        assert_eq!(problem["field"], "limit");
    }
    world.get("/orders?limit=200").await.ok(200);
}

#[tokio::test]
async fn a_field_that_is_missing_unknown_or_of_another_type_is_422_and_named() {
    let world = World::new();
    for (body, field) in [
        (json!({ "role": "channel", "name": "n", "credentials": {} }), "platform"),
        (json!({ "platform": "market", "role": "channel", "name": "n" }), "credentials"),
        (json!({ "platform": "market", "role": "channel", "name": 7, "credentials": {} }), "name"),
        (json!({ "platform": "market", "role": "pos", "name": "n", "credentials": {} }), "role"),
        (json!({ "platform": "", "role": "channel", "name": "n", "credentials": {} }), "platform"),
        (json!({ "platform": "market", "role": "channel", "name": "n", "credentials": {}, "color": 1 }), "color"),
        (
            json!({ "platform": "market", "role": "channel", "name": "n", "credentials": {}, "settings": { "a": 1 } }),
            "settings.a",
        ),
    ] {
        let problem = world.post("/connections", &body).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    world.post("/connections", &json!("text")).await.problem(422);
}

#[tokio::test]
async fn tables_that_do_not_answer_are_503_and_leave_no_inner_text() {
    let world = World::without_retries();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.dynamo.faults.on("*").fail_next(axum::http::StatusCode::SERVICE_UNAVAILABLE, None);
    let answer = world.get(&format!("/connections/{channel}")).await;
    let problem = answer.problem(503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(problem["detail"], "This cannot be done just now; try again in a moment.");
    world.get(&format!("/connections/{channel}")).await.ok(200);
}

#[tokio::test]
async fn a_queue_that_does_not_answer_is_503() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.queue.fails.store(true, Ordering::Relaxed);
    let path = format!("/connections/{channel}/reconnect");
    world.post(&path, &json!({})).await.problem(503);
}
