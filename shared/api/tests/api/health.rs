//! How each connection fares.

use std::time::Duration;

use domain::ImportState;
use domain::trace::NotImported;
use serde_json::{Value, json};
use storage::{Bucket, BucketTold, ConnectionState, Cursor, Role};

use crate::support::orders::{order, stored};
use crate::support::{NOW, World};

fn connection<'a>(health: &'a Value, id: &str) -> &'a Value {
    health["connections"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()
}

#[tokio::test]
async fn each_channel_shows_its_last_poll_its_lag_and_up_to_when_it_was_read() {
    let world = World::new();
    let settings = &world.app.storage.settings;
    let polled = world.connected("market-1", "market", Role::Channel).await;
    let never = world.connected("market-2", "market", Role::Channel).await;
    let store = world.connected("shop-1", "shop", Role::MainStore).await;
    let now = world.app.clock.now();
    let until = "2026-11-20T13:58:00Z".parse().unwrap();
    settings.take_cursor(&polled, "h", now + Duration::from_mins(1), now).await.unwrap().unwrap();
    let cursor = Cursor { position: Some(until), ..Cursor::default() };
    assert!(settings.advance_cursor(&polled, "h", &cursor).await.unwrap());
    for read in [&polled, &store] {
        settings.record_success(read, now).await.unwrap();
    }
    world.clock.move_on(Duration::from_secs(1799));
    let health = world.get("/health").await.ok(200);
    assert_eq!((&health["as_of"], &health["worst_lag_seconds"]), (&json!("2026-11-20T14:29:59Z"), &json!(1799)));
    let seen = connection(&health, polled.as_str());
    for (field, value) in [
        ("platform", json!("market")),
        ("role", json!("channel")),
        ("name", json!("My market-1")),
        ("state", json!("active")),
        ("last_poll", json!(NOW)),
        ("lag_seconds", json!(1799)),
        ("stalled", json!(false)),
        ("read_until", json!("2026-11-20T13:58:00Z")),
        ("failing_since", Value::Null),
        ("why", Value::Null),
    ] {
        assert_eq!(seen[field], value, "{field}");
    }
    let new = connection(&health, never.as_str());
    assert_eq!(
        (&new["last_poll"], &new["read_until"], &new["lag_seconds"]),
        (&Value::Null, &Value::Null, &json!(1799))
    );

    // Half an hour is the threshold at which the owner is told.
    world.clock.move_on(Duration::from_secs(1));
    let health = world.get("/health").await.ok(200);
    assert_eq!(connection(&health, polled.as_str())["stalled"], true);
    assert_eq!(connection(&health, store.as_str())["stalled"], false, "a main store has no orders to be behind with");

    // What a person must reconnect is told of by itself, and is not the most overdue.
    for channel in [&polled, &never] {
        let state = ConnectionState::NeedsAttention { why: "Access was withdrawn.".to_owned(), since: now };
        assert!(settings.set_connection_state(channel, &state).await.unwrap());
    }
    let health = world.get("/health").await.ok(200);
    let seen = connection(&health, polled.as_str());
    assert_eq!((&seen["state"], &seen["why"]), (&json!("needs_attention"), &json!("Access was withdrawn.")));
    assert_eq!((&seen["stalled"], &health["worst_lag_seconds"]), (&json!(false), &json!(0)));
}

#[tokio::test]
async fn a_channel_that_does_not_answer_says_since_when_and_why() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let (settings, now) = (&world.app.storage.settings, world.app.clock.now());
    settings.record_failure(&channel, now, "The market does not answer.").await.unwrap();
    settings.pause(&channel, now + Duration::from_mins(2)).await.unwrap();
    let health = world.get("/health").await.ok(200);
    let seen = connection(&health, channel.as_str());
    assert_eq!((&seen["failing_since"], &seen["why"]), (&json!(NOW), &json!("The market does not answer.")));
    assert_eq!(seen["paused_until"], "2026-11-20T14:02:00Z");
    settings.record_success(&channel, now).await.unwrap();
    let health = world.get("/health").await.ok(200);
    let well = connection(&health, channel.as_str());
    assert_eq!((&well["failing_since"], &well["why"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn each_channel_shows_its_own_orders_that_need_a_person() {
    let world = World::new();
    let first = world.connected("market-1", "market", Role::Channel).await;
    let second = world.connected("shop-2", "shop", Role::Channel).await;
    let store = world.connected("shop-1", "shop", Role::MainStore).await;
    for (channel, number, at) in
        [(&first, 1, "2026-11-18T09:00:00Z"), (&first, 2, "2026-11-17T09:00:00Z"), (&second, 3, "2026-11-19T09:00:00Z")]
    {
        let mut failed = order(channel, number, at);
        failed.import = ImportState::Failed { why: "No such product.".to_owned(), refused: true };
        stored(&world.app.storage, failed).await;
    }
    let mut unlinked = order(&second, 4, "2026-11-20T09:00:00Z");
    unlinked.import = ImportState::Waiting(NotImported::Unlinked { items: vec!["MUG".to_owned()] });
    stored(&world.app.storage, unlinked).await;
    stored(&world.app.storage, order(&second, 5, "2026-11-20T10:00:00Z")).await;

    let health = world.get("/health").await.ok(200);
    let kind = |channel: &str, name: &str| {
        let kinds = connection(&health, channel)["needs_a_person"].as_array().unwrap().clone();
        kinds.into_iter().find(|one| one["kind"] == name).unwrap()
    };
    let of = |count: u32, amount: &str, oldest: &str, name: &str| {
        let worth = json!([{ "amount": amount, "currency": "GBP" }]);
        json!({ "kind": name, "count": count, "more": false, "worth": worth, "oldest": oldest })
    };
    let none = |name: &str| json!({ "kind": name, "count": 0, "more": false, "worth": [], "oldest": null });
    assert_eq!(kind(first.as_str(), "error"), of(2, "84.96", "2026-11-17T09:00:00Z", "error"));
    assert_eq!(kind(first.as_str(), "unlinked"), none("unlinked"));
    assert_eq!(kind(second.as_str(), "error"), of(1, "42.48", "2026-11-19T09:00:00Z", "error"));
    assert_eq!(kind(second.as_str(), "unlinked"), of(1, "42.48", "2026-11-20T09:00:00Z", "unlinked"));
    for channel in [&first, &second] {
        for name in ["unknown", "parked"] {
            assert_eq!(kind(channel.as_str(), name), none(name));
        }
    }
    assert_eq!(connection(&health, store.as_str())["needs_a_person"], json!([]));
}

#[tokio::test]
async fn the_calls_that_are_left_are_those_of_this_moment() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let (settings, now) = (&world.app.storage.settings, world.app.clock.now());
    let calls = async || connection(&world.get("/health").await.ok(200), channel.as_str())["calls"].clone();
    assert_eq!(calls().await, json!([]), "nobody has called yet");
    let searches = Bucket { name: "searchOrders", capacity: 20, per_hour: 20 };
    settings.take_calls(&channel, 15, searches, now).await.unwrap();
    settings.take_calls(&channel, 100, Bucket { name: "calls", capacity: 1_000, per_hour: 60_000 }, now).await.unwrap();
    let left = |searches: u32, calls: u32| {
        json!([
            { "allowance": "calls", "left": calls, "of": 1_000, "per_hour": 60_000 },
            { "allowance": "searchOrders", "left": searches, "of": 20, "per_hour": 20 },
        ])
    };
    assert_eq!(calls().await, left(5, 900));
    world.clock.move_on(Duration::from_mins(6));
    assert_eq!(calls().await, left(7, 1_000), "what flowed in since counts");
    // The platform knows better than we.
    let told = BucketTold { at_most: Some(0), capacity: Some(40), per_hour: Some(60) };
    settings.tell_calls(&channel, searches, told, world.app.clock.now()).await.unwrap();
    let shown = calls().await;
    assert_eq!(shown[1], json!({ "allowance": "searchOrders", "left": 0, "of": 40, "per_hour": 60 }));
}

#[tokio::test]
async fn what_was_disconnected_is_not_shown() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.call("DELETE", &format!("/connections/{channel}"), "").await;
    let health = world.get("/health").await.ok(200);
    assert_eq!((&health["connections"], &health["worst_lag_seconds"]), (&json!([]), &json!(0)));
}
