//! What the tables cost.

use serde_json::{Value, json};
use storage::{Counting, Role};

use crate::support::World;
use crate::support::orders::{order, stored};

#[tokio::test]
async fn what_was_measured_becomes_money_at_the_price_list_and_per_thousand_orders() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for number in 1..=4 {
        stored(&world.app.storage, order(&channel, number, "2026-11-18T09:00:00Z")).await;
    }
    // One that was placed before the range.
    stored(&world.app.storage, order(&channel, 5, "2026-10-01T09:00:00Z")).await;
    // A process that consumed two hundred write units today, and one that did last month.
    for (now, hundreds) in [("2026-11-20T10:00:00Z", 2), ("2026-10-01T10:00:00Z", 5)] {
        let counting = match now {
            "2026-11-20T10:00:00Z" => Counting { seed: 0, now: || "2026-11-20T10:00:00Z".parse().unwrap() },
            _ => Counting { seed: 0, now: || "2026-10-01T10:00:00Z".parse().unwrap() },
        };
        let storage = world.dynamo.counting(counting);
        for _ in 0..hundreds * 100 {
            storage.settings.take_numbers(1).await.unwrap();
        }
    }
    let costs = world.get("/costs").await.ok(200);
    assert_eq!(
        (&costs["from"], &costs["to"], &costs["orders"]),
        (&json!("2026-10-22"), &json!("2026-11-20"), &json!(4))
    );
    assert_eq!(costs["consumed"], json!({ "write_units": 200, "read_units": 0, "requests": 0 }));
    let usd = json!({ "writes": "0.000125", "reads": "0.000000", "total": "0.000125", "per_1000_orders": "0.031250" });
    assert_eq!(costs["usd"], usd);
    let prices = &costs["prices"];
    assert_eq!(
        (&prices["million_write_units"], &prices["million_read_units"]),
        (&json!("0.625000"), &json!("0.125000"))
    );
    assert!(prices["source"].as_str().unwrap().starts_with("https://aws.amazon.com/dynamodb/pricing"), "{prices}");
    assert!(costs["leaves_out"].as_array().unwrap().iter().any(|part| part.as_str().unwrap().contains("Lambda")));

    let longer = world.get("/costs?days=60").await.ok(200);
    assert_eq!((&longer["orders"], &longer["consumed"]["write_units"]), (&json!(5), &json!(700)));
    let today = world.get("/costs?days=1").await.ok(200);
    assert_eq!((&today["from"], &today["orders"]), (&json!("2026-11-20"), &json!(0)));
    assert_eq!(today["usd"]["per_1000_orders"], Value::Null, "no orders, no share");
}

#[tokio::test]
async fn days_out_of_range_are_400_and_named() {
    let world = World::new();
    for days in ["0", "367", "-1", "ten", ""] {
        assert_eq!(world.get(&format!("/costs?days={days}")).await.problem(400)["field"], "days");
    }
    assert_eq!(world.get("/costs?from=2026-11-01").await.problem(400)["field"], "from");
}
