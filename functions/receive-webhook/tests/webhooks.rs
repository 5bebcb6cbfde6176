//! Webhooks as API Gateway hands them over: taken, refused, or answered so that they are sent again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../shared/api/tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod support;
#[path = "../../../tests/world/working.rs"]
mod working;

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::Job;
use domain::ConnectionId;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use storage::Role;
use support::World;

const GENUINE: &str = include_str!("../../../events/receive-webhook/woocommerce-order-updated.json");
const FORGED: &str = include_str!("../../../events/receive-webhook/woocommerce-wrong-signature.json");

/// The channel that the sample events are for, with the secret that they are signed with.
async fn listening(world: &World) -> ConnectionId {
    let id = world.connected("woocommerce-01jd4vj5s0d9", "shop", Role::Channel).await;
    world.platforms.keep(&id, &[("key", "right"), ("webhook_secret", "a webhook secret")]);
    id
}

async fn handled(world: &World, event: &str) -> StatusCode {
    let request = lambda_http::request::from_str(event).unwrap();
    receive_webhook::handle(&working::working::<{ receive_webhook::WORK }>(&world.app), &request).await.status()
}

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut event = serde_json::from_str(GENUINE).unwrap();
    change(&mut event);
    event.to_string()
}

#[tokio::test]
async fn a_genuine_webhook_is_200_and_brings_the_next_poll_forward() {
    let world = World::new();
    let id = listening(&world).await;
    assert_eq!(handled(&world, GENUINE).await, 200);
    assert_eq!(world.queue.take(), [Job::poll(id)]);
}

#[tokio::test]
async fn a_burst_of_webhooks_is_one_poll() {
    let world = World::new();
    let id = listening(&world).await;
    for _ in 0..20 {
        assert_eq!(handled(&world, GENUINE).await, 200);
        world.clock.move_on(Duration::from_millis(10));
    }
    assert_eq!(world.queue.take(), [Job::poll(id.clone())]);
    world.clock.move_on(Duration::from_secs(5));
    assert_eq!(handled(&world, GENUINE).await, 200);
    assert_eq!(world.queue.take(), [Job::poll(id)]);
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_queues_nothing() {
    let world = World::new();
    listening(&world).await;
    assert_eq!(handled(&world, FORGED).await, 401);
    let unsigned = changed(|event| {
        for headers in ["headers", "multiValueHeaders"] {
            event[headers].as_object_mut().unwrap().remove("X-WC-Webhook-Signature");
        }
    });
    assert_eq!(handled(&world, &unsigned).await, 401);
    // One blank more in the body: the signature is over the bytes, not over what they mean.
    let body = "eyJpZCI6NzI3LCJzdGF0dXMiOiJjb21wbGV0ZWQiLCJudW1iZXIiOiI3MjcifSA=";
    assert_eq!(handled(&world, &changed(|event| event["body"] = json!(body))).await, 401);
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn an_unknown_connection_is_404_and_queues_nothing() {
    let world = World::new();
    assert_eq!(handled(&world, GENUINE).await, 404);
    listening(&world).await;
    for id in [json!({ "connection_id": "another" }), json!({ "connection_id": "" }), json!({})] {
        assert_eq!(handled(&world, &changed(|event| event["pathParameters"] = id)).await, 404);
    }
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_disconnected_connection_takes_no_webhook() {
    let world = World::new();
    let id = listening(&world).await;
    world.app.disconnect(&id).await.unwrap();
    assert_eq!(handled(&world, GENUINE).await, 404);
}

#[tokio::test]
async fn a_body_over_one_megabyte_is_413_before_anything_is_asked() {
    let world = World::new();
    listening(&world).await;
    let before = world.dynamo.calls.all().len();
    let long = changed(|event| {
        event["body"] = json!("x".repeat(1_000_001));
        event["isBase64Encoded"] = json!(false);
    });
    assert_eq!(handled(&world, &long).await, 413);
    assert_eq!(world.dynamo.calls.all().len(), before);
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_queue_or_table_that_fails_is_500_so_that_the_sender_delivers_again() {
    let world = World::without_retries();
    let id = listening(&world).await;
    world.dynamo.faults.on("*").fail_next(StatusCode::SERVICE_UNAVAILABLE, None);
    assert_eq!(handled(&world, GENUINE).await, 500);
    assert!(world.queue.take().is_empty());
    assert_eq!(handled(&world, GENUINE).await, 200);
    assert_eq!(world.queue.take(), [Job::poll(id)]);
}

#[tokio::test]
async fn a_hint_that_could_not_be_queued_is_500() {
    let world = World::new();
    listening(&world).await;
    world.queue.fails.store(true, Ordering::Relaxed);
    assert_eq!(handled(&world, GENUINE).await, 500);
}
