//! Backfills over the API: what cannot be asked, and that asking only queues.

use app::Job;
use domain::BackfillId;
use serde_json::{Value, json};
use storage::Role;

use crate::orders::with_channel;

#[tokio::test]
async fn a_backfill_is_202_shows_where_it_is_and_is_one_however_often_asked_for() {
    let (world, channel) = with_channel().await;
    let path = format!("/connections/{channel}/backfill");
    world.get(&path).await.problem(404);
    let body = json!({ "from": "2026-10-01", "to": "2026-10-31", "time_zone": "Europe/London", "dry_run": true });
    assert_eq!(world.post(&path, &body).await.problem(409)["type"], "urn:tributary:problem:no-main-store");
    world.connected("shop-1", "shop", Role::MainStore).await;
    let begun = world.post(&path, &body).await.ok(202);
    assert_eq!((&begun["from"], &begun["to"]), (&json!("2026-09-30T23:00:00Z"), &json!("2026-11-01T00:00:00Z")));
    assert_eq!((&begun["state"], &begun["dry_run"], &begun["imports"]), (&json!("running"), &json!(true), &json!(0)));
    assert_eq!(world.post(&path, &body).await.ok(202), begun);
    assert_eq!(world.get(&path).await.ok(200), begun);
    let id = BackfillId::new(begun["id"].as_str().unwrap()).unwrap();
    let job = Job::backfill(channel.clone(), id);
    assert_eq!(world.queue.take(), [job.clone(), job]);
    let mut other = body.clone();
    other["to"] = json!("2026-10-30");
    assert_eq!(world.post(&path, &other).await.problem(409)["type"], "urn:tributary:problem:backfill-runs");
    let undo = json!({ "backfill": { "connection": channel, "id": begun["id"] }, "dry_run": true });
    assert_eq!(world.post("/orders/undo", &undo).await.problem(409)["type"], "urn:tributary:problem:backfill-runs");
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn a_backfill_of_ten_years_backwards_or_of_the_future_is_422_and_named() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let path = format!("/connections/{channel}/backfill");
    for (from, to, field) in [
        ("2016-11-01", "2026-10-31", "from"),
        ("2016-11-01", "2016-11-30", "from"),
        ("2026-10-31", "2026-10-01", "to"),
        ("2027-01-01", "2027-01-31", "from"),
        ("October", "2026-10-31", "from"),
        ("2026-10-01", "2026-10-31T00:00", "to"),
    ] {
        let body = json!({ "from": from, "to": to, "dry_run": false });
        assert_eq!(world.post(&path, &body).await.problem(422)["field"], field, "{body}");
    }
    let body = json!({ "from": "2026-10-01", "to": "2026-10-31" });
    assert_eq!(world.post(&path, &body).await.problem(422)["field"], "dry_run");
    world
        .post("/connections/nobody/backfill", &json!({ "from": "2026-10-01", "to": "2026-10-31", "dry_run": true }))
        .await
        .problem(404);
    world
        .post("/connections/shop-1/backfill", &json!({ "from": "2026-10-01", "to": "2026-10-31", "dry_run": true }))
        .await
        .problem(404);
    let undo = |ids: Value, backfill: Value| json!({ "ids": ids, "backfill": backfill, "dry_run": true });
    let unknown = json!({ "connection": channel, "id": "01NEVER" });
    world.post("/orders/undo", &undo(Value::Null, unknown.clone())).await.problem(404);
    assert_eq!(world.post("/orders/undo", &undo(Value::Null, Value::Null)).await.problem(422)["field"], "ids");
    assert_eq!(world.post("/orders/undo", &undo(json!([]), unknown)).await.problem(422)["field"], "ids");
    assert!(world.queue.take().is_empty());
}
