//! `Idempotency-Key`: sent again is answered again, and nothing is done twice.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use app::Job;
use axum::body::Body;
use axum::http::Request;
use domain::OrderId;
use serde_json::{Value, json};

use crate::connections::market;
use crate::described::documented;
use crate::orders::with_channel;
use crate::support::World;
use crate::support::orders::{order, stored};
use crate::{Answer, signed_in};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

fn keyed(user: &str, key: &str, path: &str, body: &str) -> Request<Body> {
    let request = Request::post(path).header("idempotency-key", key).extension(signed_in(user, Some("owner")));
    request.body(Body::from(body.to_owned())).unwrap()
}

impl World {
    async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(keyed("owner-1", key, path, &body.to_string())).await
    }
}

/// A world with an order, and the path that syncs it.
async fn to_sync() -> (World, OrderId, String) {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    (world, id, format!("/orders/{id}/sync"))
}

fn assert_replayed(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    for header in ["content-type", "location", "etag"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_eq!((again.header("idempotent-replayed"), first.header("idempotent-replayed")), ("true", ""));
}

#[tokio::test]
async fn a_request_sent_again_is_answered_again_and_done_once() {
    let (world, id, path) = to_sync().await;
    let first = world.post_once(KEY, &path, &json!({})).await;
    first.ok(202);
    assert_eq!(world.queue.take(), [Job::import(id)]);
    for key in [KEY, &format!("\"{KEY}\"")] {
        assert_replayed(&world.post_once(key, &path, &json!({})).await, &first);
    }
    assert!(world.queue.take().is_empty(), "nothing is done twice");
    // Without a key, and with a new one, it is done again, as ever.
    world.post(&path, &json!({})).await.ok(202);
    world.post_once("another-key", &path, &json!({})).await.ok(202);
    assert_eq!(world.queue.take(), [Job::import(id), Job::import(id)]);
}

#[tokio::test]
async fn an_account_connected_twice_with_one_key_is_answered_201_twice() {
    let world = World::new();
    let first = world.post_once(KEY, "/connections", &market("seller-1")).await;
    first.ok(201);
    assert!(first.header("location").starts_with("connections/"), "{:?}", first.headers);
    assert_replayed(&world.post_once(KEY, "/connections", &market("seller-1")).await, &first);
    assert_eq!(world.platforms.kept().len(), 1);
    for item in world.dynamo.items("settings") {
        assert!(!format!("{item:?}").contains(KEY), "neither the key nor the body is kept");
    }
}

#[tokio::test]
async fn a_key_with_another_request_is_422_and_does_nothing() {
    let (world, id, path) = to_sync().await;
    world.post_once(KEY, &path, &json!({})).await.ok(202);
    world.queue.take();
    for (path, body) in [
        (path.clone(), json!({ "other": 1 })),
        (format!("/orders/{id}/send"), json!({})),
        ("/orders/sync".to_owned(), json!({ "ids": [id] })),
    ] {
        let problem = world.post_once(KEY, &path, &body).await.problem(422);
        assert_eq!(problem["type"], "urn:tributary:problem:idempotency-key-reused", "{path}");
        assert_eq!(problem["field"], "Idempotency-Key");
    }
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_key_is_its_users_own() {
    let (world, id, path) = to_sync().await;
    for user in ["owner-1", "owner-2"] {
        let answer = world.send(keyed(user, KEY, &path, "{}")).await;
        answer.ok(202);
        assert_eq!(answer.header("idempotent-replayed"), "");
    }
    assert_eq!(world.queue.take(), [Job::import(id), Job::import(id)]);
}

#[tokio::test]
async fn a_failure_of_ours_is_not_remembered() {
    let (world, id, path) = to_sync().await;
    world.queue.fails.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        world.post_once(KEY, &path, &json!({})).await.problem(503);
    }
    world.queue.fails.store(false, Ordering::Relaxed);
    let first = world.post_once(KEY, &path, &json!({})).await;
    first.ok(202);
    assert_replayed(&world.post_once(KEY, &path, &json!({})).await, &first);
    assert_eq!(world.queue.take(), [Job::import(id)]);
}

#[tokio::test]
async fn a_mistake_is_remembered_and_what_was_only_in_the_way_is_not() {
    let (world, id, _) = to_sync().await;
    let no_ids = world.post_once("mistake", "/orders/sync", &json!({ "ids": [] })).await;
    no_ids.problem(422);
    assert_replayed(&world.post_once("mistake", "/orders/sync", &json!({ "ids": [] })).await, &no_ids);

    // An account that stands in the way may be disconnected.
    let first = world.post("/connections", &market("seller-1")).await.ok(201);
    world.post_once(KEY, "/connections", &market("seller-1")).await.problem(409);
    world.call("DELETE", &format!("/connections/{}", first["id"].as_str().unwrap()), "").await;
    world.post_once(KEY, "/connections", &market("seller-1")).await.ok(201);

    // An order that is not there yet may come.
    let absent = id.to_string().replacen("01", "00", 1);
    for _ in 0..2 {
        let answer = world.post_once("absent", &format!("/orders/{absent}/sync"), &json!({})).await;
        answer.problem(404);
        assert_eq!(answer.header("idempotent-replayed"), "");
    }
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_is_409_and_says_when_to_ask_again() {
    let (world, id, path) = to_sync().await;
    let gate = world.dynamo.faults.on("*/orders/*").hold_next(1);
    let first = world.post_once(KEY, &path, &Value::Null);
    let mut first = pin!(first);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut first).await.is_err(), "it is held up");
    let second = world.post_once(KEY, &path, &Value::Null).await;
    assert_eq!(second.problem(409)["type"], "urn:tributary:problem:request-runs");
    assert_eq!(second.header("retry-after"), "2");
    // Another request with that key is wrong whether or not the first has ended.
    world.post_once(KEY, &path, &json!({ "other": 1 })).await.problem(422);
    gate.open();
    let first = first.await;
    first.ok(202);
    assert_replayed(&world.post_once(KEY, &path, &Value::Null).await, &first);
    assert_eq!(world.queue.take(), [Job::import(id)]);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let (world, id, path) = to_sync().await;
    let path = &path;
    let all = (0..8).map(|_| world.post_once(KEY, path, &Value::Null));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(world.queue.take(), [Job::import(id)]);
    let done = answers.iter().filter(|answer| answer.status == 202 && answer.header("idempotent-replayed").is_empty());
    assert_eq!(done.count(), 1);
    let statuses: BTreeSet<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert!(statuses.is_subset(&BTreeSet::from([202, 409])), "{statuses:?}");
}

#[tokio::test]
async fn a_process_that_dies_before_it_acts_blocks_its_key_for_a_minute() {
    let (world, id, path) = to_sync().await;
    let _gate = world.dynamo.faults.on("*/orders/*").hold_next(1);
    {
        let dying = pin!(world.post_once(KEY, &path, &Value::Null));
        assert!(tokio::time::timeout(Duration::from_millis(300), dying).await.is_err());
    }
    world.post_once(KEY, &path, &Value::Null).await.problem(409);
    world.clock.move_on(Duration::from_secs(59));
    world.post_once(KEY, &path, &Value::Null).await.problem(409);
    assert!(world.queue.take().is_empty());
    world.clock.move_on(Duration::from_secs(1));
    let done = world.post_once(KEY, &path, &Value::Null).await;
    done.ok(202);
    assert_replayed(&world.post_once(KEY, &path, &Value::Null).await, &done);
    assert_eq!(world.queue.take(), [Job::import(id)]);
}

#[tokio::test]
async fn a_process_that_dies_after_it_acted_leaves_the_routes_own_guard() {
    let world = World::new();
    let _gate = world.dynamo.faults.on("*/settings/UpdateItem").hold_next(1);
    let body = market("seller-1");
    {
        let dying = pin!(world.post_once(KEY, "/connections", &body));
        assert!(tokio::time::timeout(Duration::from_millis(500), dying).await.is_err());
    }
    let all = world.get("/connections").await.ok(200);
    let [made] = all["connections"].as_array().unwrap().as_slice() else { panic!("it had acted: {all}") };
    world.clock.move_on(Duration::from_mins(1));
    let problem = world.post_once(KEY, "/connections", &body).await.problem(409);
    assert_eq!(problem["connection_id"], made["id"], "it says what the first had made");
    assert_eq!(world.get("/connections").await.ok(200)["connections"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_is_remembered_for_a_day() {
    let (world, id, path) = to_sync().await;
    world.post_once(KEY, &path, &json!({})).await.ok(202);
    world.clock.move_on(Duration::from_hours(24) - Duration::from_secs(1));
    assert_eq!(world.post_once(KEY, &path, &json!({})).await.header("idempotent-replayed"), "true");
    world.clock.move_on(Duration::from_secs(1));
    assert_eq!(world.post_once(KEY, &path, &json!({})).await.header("idempotent-replayed"), "");
    assert_eq!(world.queue.take(), [Job::import(id), Job::import(id)]);
}

#[tokio::test]
async fn an_answer_too_long_to_keep_is_not_given_again_and_nothing_is_done_twice() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", storage::Role::MainStore).await;
    let listings = (0..6_000).map(|number| (format!("A-VERY-LONG-SKU-{number}"), None));
    world.platforms.held.lock().unwrap().listings = listings.collect();
    let path = format!("/connections/{channel}/links/by-sku");
    let first = world.post_once(KEY, &path, &json!({})).await;
    first.ok(200);
    assert!(first.text.len() > 100_000, "{}", first.text.len());
    let problem = world.post_once(KEY, &path, &json!({})).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:answer-not-kept");
    assert!(problem["detail"].as_str().unwrap().contains("answered with 200"), "{problem}");
}

#[tokio::test]
async fn the_address_of_a_consent_page_is_kept_nowhere() {
    let world = World::new();
    let body =
        json!({ "role": "channel", "name": "My market", "credentials": { "client_id": "app", "client_secret": "x" } });
    let ask = async || {
        let mut event = crate::gateway::event("POST", "/connections/market/authorize", Some(&body.to_string()));
        event.headers_mut().insert("idempotency-key", KEY.parse().unwrap());
        crate::gateway::text(&world, event).await
    };
    let (status, page) = ask().await;
    assert_eq!(status, 201, "{page}");
    let page: Value = serde_json::from_str(&page).unwrap();
    let page: url::Url = page["url"].as_str().unwrap().parse().unwrap();
    let state = page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    for item in world.dynamo.items("settings") {
        assert!(!format!("{item:?}").contains(&state));
    }
    let (status, problem) = ask().await;
    assert_eq!(status, 409);
    assert!(problem.contains("urn:tributary:problem:answer-not-kept"), "{problem}");
    assert_eq!(world.platforms.kept().len(), 1, "nothing is begun twice");
}

#[tokio::test]
async fn a_key_out_of_bounds_is_400_on_every_post_that_acts() {
    let world = World::new();
    let posts = documented().into_iter().filter(|(method, path)| *method == "POST" && !path.starts_with("/webhooks"));
    let mut refused = 0;
    for (_, path) in posts {
        let path = path.replace("{id}", "01KBTESTTESTTESTTESTTESTTE");
        for key in ["", "\"\"", "two words", "\u{e9}", "tab\there", &"x".repeat(256)] {
            let answer = world.send(keyed("owner-1", key, &path, "{}")).await;
            if path == "/orders/dry-run" {
                assert_ne!(answer.status, 400, "it does not act: the header means nothing");
                continue;
            }
            assert_eq!(answer.problem(400)["field"], "Idempotency-Key", "{path} {key:?}");
            refused += 1;
        }
    }
    assert!(refused >= 16 * 6, "{refused}");
    let twice = Request::post("/orders/sync").header("idempotency-key", "a").header("idempotency-key", "b");
    let twice = world.send(twice.body(Body::from("{\"ids\": []}")).unwrap()).await;
    assert_eq!(twice.problem(400)["field"], "Idempotency-Key");
    let longest = world.post_once(&"x".repeat(255), "/orders/sync", &json!({ "ids": [] })).await;
    assert_eq!(longest.problem(422)["field"], "ids");
}

#[tokio::test]
async fn other_methods_take_no_notice_of_a_key() {
    let (world, channel) = with_channel().await;
    let path = format!("/connections/{channel}");
    for (method, status) in [("GET", 200), ("GET", 200), ("DELETE", 204), ("DELETE", 404)] {
        let request = Request::builder().method(method).uri(&path).header("idempotency-key", "two words");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{method}");
    }
}

#[tokio::test]
async fn a_viewer_learns_nothing_from_an_owners_key() {
    let (world, _, path) = to_sync().await;
    world.post_once(KEY, &path, &json!({})).await.ok(202);
    let request = Request::post(&path).header("idempotency-key", KEY).extension(signed_in("owner-1", Some("viewer")));
    world.send(request.body(Body::from("{}")).unwrap()).await.problem(403);
}
