//! What needs a person, and the last night's comparison.

use app::ReconcileJob;
use domain::ImportState;
use domain::trace::NotImported;
use serde_json::{Value, json};
use storage::Role;

use crate::support::World;
use crate::support::orders::{order, stored};

fn kind<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == name).unwrap()
}

#[tokio::test]
async fn each_kind_says_how_many_worth_how_much_and_since_when() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let mut ids = Vec::new();
    for (number, at) in [(1, "2026-11-18T09:00:00Z"), (2, "2026-11-17T09:00:00Z"), (3, "2026-11-19T09:00:00Z")] {
        let mut failed = order(&channel, number, at);
        failed.import = ImportState::Failed { why: "No such product.".to_owned(), refused: true };
        if number == 3 {
            let yen = "JPY".parse().unwrap();
            failed.source.currency = yen;
            failed.source.buyer_total = domain::Money::from_minor(4248, yen);
        }
        ids.push(stored(&world.app.storage, failed).await.to_string());
    }
    let mut unlinked = order(&channel, 4, "2026-11-20T09:00:00Z");
    unlinked.import = ImportState::Waiting(NotImported::Unlinked { items: vec!["MUG".to_owned()] });
    let unlinked = stored(&world.app.storage, unlinked).await;
    stored(&world.app.storage, order(&channel, 5, "2026-11-20T10:00:00Z")).await;

    let answer = world.get("/attention").await.ok(200);
    let expected = json!({
        "kind": "error", "count": 3, "more": false,
        "worth": [{ "amount": "84.96", "currency": "GBP" }, { "amount": "4248", "currency": "JPY" }],
        "oldest": "2026-11-17T09:00:00Z",
        "orders": [ids[1], ids[0], ids[2]],
    });
    assert_eq!(*kind(&answer, "error"), expected);
    assert_eq!(kind(&answer, "unlinked")["orders"], json!([unlinked.to_string()]));
    for empty in ["unknown", "parked"] {
        let nothing = json!({ "kind": empty, "count": 0, "more": false, "worth": [], "oldest": null, "orders": [] });
        assert_eq!(*kind(&answer, empty), nothing);
    }
}

#[tokio::test]
async fn the_orders_of_a_kind_come_page_by_page() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for number in 1..=3 {
        let mut failed = order(&channel, number, &format!("2026-11-18T09:0{number}:00Z"));
        failed.import = ImportState::Failed { why: "No such product.".to_owned(), refused: true };
        stored(&world.app.storage, failed).await;
    }
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/attention/error?limit=2{cursor}")).await.ok(200);
        numbers.extend(page["orders"].as_array().unwrap().iter().map(|order| order["number"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(world.get("/attention/nonsense").await.problem(404)["status"], 404);
    assert_eq!(world.get("/attention/error?cursor=x").await.problem(400)["field"], "cursor");
}

#[tokio::test]
async fn the_newest_comparison_is_shown_as_far_as_it_is() {
    let world = World::new();
    assert_eq!(world.get("/reconcile").await.problem(404)["status"], 404);
    world.connected("market-1", "market", Role::Channel).await;
    world.app.reconcile(&ReconcileJob::default()).await.unwrap();
    let begun = world.get("/reconcile").await.ok(200);
    assert_eq!((&begun["finished_at"], &begun["parts_left"], &begun["parts"]), (&Value::Null, &json!(13), &json!([])));

    let run = begun["run"].as_str().unwrap().to_owned();
    for step in 0..=13 {
        world.app.reconcile(&ReconcileJob { run: Some(run.clone()), step, privacy: None }).await.unwrap();
    }
    let done = world.get("/reconcile").await.ok(200);
    assert_eq!((&done["parts_left"], done["parts"].as_array().unwrap().len()), (&json!(0), 13));
    assert_eq!(done["parts"][0]["channel"]["connection"], "market-1");
    assert_ne!(done["finished_at"], Value::Null);
}
