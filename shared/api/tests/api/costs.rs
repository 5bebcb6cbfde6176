//! What the orders cost in the cloud.

use domain::cost::{Consumed, Part};
use serde_json::{Value, json};
use storage::{Counting, Role};

use crate::support::World;
use crate::support::orders::{order, stored};

/// A line of the bill: part, unit, quantity, USD, and USD for a million units.
fn line(part: &Value) -> (&str, &str, u64, &str, &str) {
    let text = |name: &str| part[name].as_str().unwrap();
    (text("part"), text("unit"), part["quantity"].as_u64().unwrap(), text("usd"), text("usd_per_million"))
}

#[tokio::test]
async fn what_was_measured_becomes_money_at_the_price_list_and_per_thousand_orders() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    for number in 1..=4 {
        stored(&world.app.storage, order(&channel, number, "2026-11-18T09:00:00Z")).await;
    }
    // One that was placed before the range.
    stored(&world.app.storage, order(&channel, 5, "2026-10-01T09:00:00Z")).await;
    // A process that consumed something of every part today, and one that did last month.
    let mut consumed = Consumed::default();
    for part in Part::EVERY {
        // In steps, all of which are noted; time is counted in milliseconds times MiB.
        let steps = if part.price().unit == "GB-seconds" { 102_400_000 } else { 2_000 };
        consumed = consumed.with(part, steps);
    }
    let october = Consumed::default().with(Part::TableWrites, 500);
    let (_, today) = world.dynamo.counting(Counting { seed: 0, now: || "2026-11-20T10:00:00Z".parse().unwrap() });
    let (_, before) = world.dynamo.counting(Counting { seed: 0, now: || "2026-10-01T10:00:00Z".parse().unwrap() });
    for (usage, consumed) in [(today, consumed), (before, october)] {
        usage.add(consumed);
        usage.note().await;
    }
    let costs = world.get("/costs").await.ok(200);
    assert_eq!(
        (&costs["from"], &costs["to"], &costs["orders"]),
        (&json!("2026-10-22"), &json!("2026-11-20"), &json!(4))
    );
    let parts: Vec<(&str, &str, u64, &str, &str)> = costs["parts"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        parts,
        [
            ("table_writes", "write units", 2_000, "0.001250", "0.625000"),
            ("table_reads", "read units", 1_000, "0.000125", "0.125000"),
            ("table_requests", "requests", 2_000, "0.000000", "0.000000"),
            ("function_requests", "requests", 2_000, "0.000400", "0.200000"),
            ("function_time_arm", "GB-seconds", 100, "0.001333", "13.333400"),
            ("function_time_x86", "GB-seconds", 100, "0.001667", "16.666700"),
            ("api_requests", "requests", 2_000, "0.007000", "3.500000"),
            ("queue_requests", "requests", 2_000, "0.000800", "0.400000"),
            ("events", "events", 2_000, "0.002000", "1.000000"),
            ("secret_requests", "requests", 2_000, "0.010000", "5.000000"),
        ]
    );
    assert_eq!(costs["usd"], json!({ "total": "0.024575", "per_1000_orders": "6.143753" }));
    assert_eq!(costs["prices"], json!({ "region": "us-east-1", "since": "2024-11-01" }));
    for part in costs["parts"].as_array().unwrap() {
        let source = part["source"].as_str().unwrap();
        assert!(source.starts_with("https://aws.amazon.com/") && source.contains("/pricing/"), "{part}");
    }
    for left_out in ["reading and emptying of the queues", "secrets: $0.40", "logs", "mails", "free tier"] {
        let is_named = |part: &Value| part.as_str().unwrap().contains(left_out);
        assert!(costs["leaves_out"].as_array().unwrap().iter().any(is_named), "{left_out}");
    }

    let longer = world.get("/costs?days=60").await.ok(200);
    assert_eq!((&longer["orders"], &longer["parts"][0]["quantity"]), (&json!(5), &json!(2_500)));
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
