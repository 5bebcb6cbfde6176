//! Sync and Send, one or many: who is answered what, and that nothing but the queue is touched.

use app::Job;
use domain::settings::AutoImport;
use domain::{Cancel, ImportState};
use serde_json::{Value, json};
use storage::Role;

use crate::orders::{imported, with_channel};
use crate::support::orders::{order, stored};

#[tokio::test]
async fn sync_queues_and_touches_no_platform() {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let answer = world.post(&format!("/orders/{id}/sync"), &json!({})).await.ok(202);
    assert_eq!(answer, json!({ "id": id.to_string(), "queued": true }));
    assert_eq!(world.queue.take(), [Job::import(id)]);
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn sync_of_many_answers_for_each() {
    let (world, channel) = with_channel().await;
    let known = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let never = order(&channel, 2, "2026-11-18T09:00:00Z").id;
    let ids = json!({ "ids": [known.to_string(), never.to_string(), known.to_string()] });
    let expected = json!({ "results": [
        { "id": known.to_string(), "queued": true },
        { "id": never.to_string(), "queued": false, "why": "There is no such order." },
    ] });
    assert_eq!(world.post("/orders/sync", &ids).await.ok(202), expected);
    assert_eq!(world.queue.take(), [Job::import(known)]);
}

#[tokio::test]
async fn sync_takes_1_to_200_orders() {
    let (world, channel) = with_channel().await;
    let id = order(&channel, 1, "2026-11-18T09:00:00Z").id.to_string();
    assert_eq!(world.post("/orders/sync", &json!({ "ids": [] })).await.problem(422)["field"], "ids");
    assert_eq!(world.post("/orders/sync", &json!({ "ids": vec![&id; 201] })).await.problem(422)["field"], "ids");
    assert_eq!(world.post("/orders/sync", &json!({ "ids": [id, "x"] })).await.problem(422)["field"], "ids[1]");
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn send_keeps_the_wish_queues_and_touches_no_platform() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let path = format!("/orders/{id}/send");
    let queued = json!({ "id": id.to_string(), "answer": "queued" });
    assert_eq!(world.post(&path, &json!({})).await.ok(202), queued);
    let first = world.app.storage.orders.get(id).await.unwrap().unwrap().by_hand.send;
    assert_eq!(first.as_ref().map(|asked| asked.by.as_str()), Some("Somebody"));
    assert_eq!(world.post(&path, &json!({})).await.ok(202), queued);
    assert_eq!(world.app.storage.orders.get(id).await.unwrap().unwrap().by_hand.send, first, "kept once");
    assert_eq!(world.queue.take(), [Job::import(id), Job::import(id)]);
    let shown = world.get(&format!("/orders/{id}")).await.ok(200);
    assert_eq!(shown["trace"][0]["text"], "Somebody asked: Send.");
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn send_of_many_answers_for_each() {
    let (world, channel) = with_channel().await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let waits = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let there = stored(&world.app.storage, imported(&channel, 2)).await;
    let mut canceled = order(&channel, 3, "2026-11-18T09:00:00Z");
    canceled.source.cancel = Cancel::Canceled;
    let canceled = stored(&world.app.storage, canceled).await;
    let mut wrong = order(&channel, 4, "2026-11-18T09:00:00Z");
    wrong.source.buyer_total = crate::support::orders::gbp(4249);
    let wrong = stored(&world.app.storage, wrong).await;
    let never = order(&channel, 5, "2026-11-18T09:00:00Z").id;
    let ids: Vec<String> = [waits, there, canceled, wrong, never].iter().map(ToString::to_string).collect();
    let answer = world.post("/orders/send", &json!({ "ids": ids })).await.ok(202);
    let told: Vec<&str> = answer["results"].as_array().unwrap().iter().map(|r| r["answer"].as_str().unwrap()).collect();
    assert_eq!(told, ["queued", "already_imported", "refused", "refused", "not_found"], "{answer}");
    assert_eq!(answer["results"][1]["store_order_number"], "815");
    assert_eq!(answer["results"][2]["why"], "The order was canceled on the channel before it was imported.");
    assert!(answer["results"][3]["why"].as_str().unwrap().contains("contradict"), "{answer}");
    assert_eq!(world.queue.take(), [Job::import(waits)]);
    world.assert_no_platform_changed();
    for (id, status) in [(there, 200), (canceled, 409), (wrong, 409)] {
        assert_eq!(world.post(&format!("/orders/{id}/send"), &json!({})).await.status, status);
    }
}

#[tokio::test]
async fn scenario_4d_send_on_a_mixed_order_is_refused_for_the_reason_that_the_setting_gives() {
    let (world, channel) = with_channel().await;
    world.connected("plain-1", "plain-shop", Role::MainStore).await;
    let settings = world.get(&format!("/connections/{channel}/settings")).await.ok(200);
    let offer = settings["offers"].as_array().unwrap().iter().find(|offer| offer["value"] == "all").unwrap();
    assert_eq!(offer["offered"], false);
    // Nothing is linked here: its line could go as text only.
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let problem = world.post(&format!("/orders/{id}/send"), &json!({})).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:cannot-be-sent");
    let says = problem["detail"].as_str().unwrap();
    assert!(says.starts_with(offer["reason"].as_str().unwrap()), "{says}");
    let kept = world.app.storage.orders.get(id).await.unwrap().unwrap();
    assert_eq!((kept.by_hand, kept.import), (domain::ByHand::default(), ImportState::Received));
    assert!(world.queue.take().is_empty());

    let mut document = settings["settings"].clone();
    document["auto_import"] = json!(AutoImport::All);
    let request = axum::http::Request::builder()
        .method("PUT")
        .uri(format!("/connections/{channel}/settings"))
        .header("if-match", format!("\"{}\"", settings["version"]))
        .body(document.to_string().into())
        .unwrap();
    assert_eq!(world.send(request).await.problem(422)["field"], "auto_import");
}

#[tokio::test]
async fn without_a_main_store_nothing_can_be_sent() {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let problem = world.post(&format!("/orders/{id}/send"), &json!({})).await.problem(409);
    assert_eq!(problem["detail"], "No main store is connected.");
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn send_takes_1_to_200_orders() {
    let (world, channel) = with_channel().await;
    let id = order(&channel, 1, "2026-11-18T09:00:00Z").id.to_string();
    for ids in [json!([]), json!(vec![&id; 201])] {
        assert_eq!(world.post("/orders/send", &json!({ "ids": ids })).await.problem(422)["field"], "ids");
    }
    assert_eq!(world.post("/orders/send", &json!({ "ids": [id, "x"] })).await.problem(422)["field"], "ids[1]");
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_row_says_whether_the_order_was_sent_and_what_stands_against_it() {
    let (world, channel) = with_channel().await;
    let unlinked = domain::trace::NotImported::Unlinked { items: vec!["MUG".to_owned()] };
    let states = [
        (ImportState::Received, "not_sent", None),
        (ImportState::Waiting(domain::trace::NotImported::ImportIsOff), "not_sent", Some("press Send")),
        (ImportState::Waiting(unlinked), "error", Some("Not linked: MUG")),
        (ImportState::Failed { why: "No such product.".to_owned(), refused: true }, "error", Some("No such product.")),
        (ImportState::Left(domain::trace::NotImported::Canceled), "not_sent", Some("canceled")),
        (imported(&channel, 1).import, "sent", None),
    ];
    for (number, (import, state, why)) in (1..).zip(states) {
        let mut order = order(&channel, number, "2026-11-18T09:00:00Z");
        order.import = import;
        stored(&world.app.storage, order).await;
        let rows = world.get("/orders").await.ok(200);
        let row = rows["orders"].as_array().unwrap().iter().find(|row| row["number"] == number).unwrap();
        assert_eq!(row["push"]["state"], state, "{row}");
        match why {
            Some(why) => assert!(row["push"]["why"].as_str().unwrap().contains(why), "{row}"),
            None => assert_eq!(row["push"]["why"], Value::Null),
        }
    }
}

#[tokio::test]
async fn undo_shows_the_list_first_and_then_queues() {
    let (world, channel) = with_channel().await;
    let there = stored(&world.app.storage, imported(&channel, 1)).await;
    let waits = stored(&world.app.storage, order(&channel, 2, "2026-11-18T09:00:00Z")).await;
    let never = order(&channel, 3, "2026-11-18T09:00:00Z").id;
    let mut body = json!({ "ids": [there, waits, never], "dry_run": true });
    let preview = world.post("/orders/undo", &body).await.ok(200);
    let expected = json!([
        { "id": there.to_string(), "answer": "cancel_in_store", "store_order_number": "815", "back": { "10": 2 } },
        { "id": waits.to_string(), "answer": "leave_out" },
        { "id": never.to_string(), "answer": "not_found", "why": "There is no such order." },
    ]);
    assert_eq!((&preview["results"], &preview["acts_on"]), (&expected, &json!(2)));
    assert!(world.queue.take().is_empty());
    assert_eq!(world.app.storage.orders.get(there).await.unwrap().unwrap().by_hand, domain::ByHand::default());
    body["dry_run"] = json!(false);
    for _ in 0..2 {
        assert_eq!(world.post("/orders/undo", &body).await.ok(202)["results"], expected);
        assert_eq!(world.queue.take(), [Job::import(there), Job::import(waits)]);
    }
    assert_eq!(world.post(&format!("/orders/{there}/send"), &json!({})).await.status, 200);
    let problem = world.post(&format!("/orders/{there}/reimport"), &json!({})).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:busy", "it is being undone");
    let fresh = stored(&world.app.storage, imported(&channel, 4)).await;
    let problem = world.post(&format!("/orders/{fresh}/reimport"), &json!({})).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:order-stands");
    world.post(&format!("/orders/{never}/reimport"), &json!({})).await.problem(404);
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn undo_takes_1_to_200_orders_and_must_say_whether_it_is_a_dry_run() {
    let (world, channel) = with_channel().await;
    let id = order(&channel, 1, "2026-11-18T09:00:00Z").id.to_string();
    for ids in [json!([]), json!(vec![&id; 201])] {
        let body = json!({ "ids": ids, "dry_run": false });
        assert_eq!(world.post("/orders/undo", &body).await.problem(422)["field"], "ids");
    }
    assert_eq!(world.post("/orders/undo", &json!({ "ids": [id] })).await.problem(422)["field"], "dry_run");
}
