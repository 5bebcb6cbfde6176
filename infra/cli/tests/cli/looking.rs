//! `connections`, `orders`, `why`, `report`, `costs`, `attention`: what only reads.

use domain::cost::{Consumed, Part};
use domain::trace::{Event, NotImported, TraceEntry};
use domain::{ConnectionId, ImportState};
use serde_json::json;
use storage::{Counting, Role};

use crate::served::Served;
use crate::support::orders::{gbp, order, stored};

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_listed_and_tested() {
    let (served, _) = Served::with_channel().await;
    let shown = served.prints(&["connections"]);
    assert!(shown.contains("My market-1") && shown.contains("main store") && shown.contains("shop-1"), "{shown}");
    assert_eq!(served.json(&["connections"])["connections"].as_array().unwrap().len(), 2);
    let works = served.prints(&["connections", "test", "my MARKET-1"]);
    assert_eq!(works, "my MARKET-1 works: it is the account account-of-market-1.\n");
    served.world.platforms.keep(&ConnectionId::new("market-1").unwrap(), &[("key", "wrong")]);
    let refused = served.refused(&["connections", "test", "market-1"]);
    assert_eq!(refused, "market-1 does not work: The platform does not know this key.\n");
    assert!(served.refused(&["connections", "test", "bazaar"]).contains("There is no connection `bazaar`"));
}

/// Three orders of one channel and one of another.
async fn four_orders(served: &Served, channel: &ConnectionId) -> Vec<String> {
    let other = served.world.connected("bazaar-1", "market", Role::Channel).await;
    let storage = &served.world.app.storage;
    let mut ids = Vec::new();
    for (number, at) in [(1, "2026-11-16T09:00:00Z"), (2, "2026-11-17T09:00:00Z"), (3, "2026-11-18T09:00:00Z")] {
        ids.push(stored(storage, order(channel, number, at)).await.to_string());
    }
    let mut failed = order(&other, 4, "2026-11-19T09:00:00Z");
    failed.import = ImportState::Failed { why: "The store has no such product.".to_owned(), refused: true };
    ids.push(stored(storage, failed).await.to_string());
    ids
}

fn numbers(shown: &serde_json::Value) -> Vec<u64> {
    shown["orders"].as_array().unwrap().iter().map(|row| row["number"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_by_tab_channel_days_and_words() {
    let (served, channel) = Served::with_channel().await;
    four_orders(&served, &channel).await;
    for (words, expected) in [
        (vec!["orders"], vec![4, 3, 2, 1]),
        (vec!["orders", "--tab", "error"], vec![4]),
        (vec!["orders", "--channel", "My market-1"], vec![3, 2, 1]),
        (vec!["orders", "--channel", "market-1", "--channel", "bazaar-1"], vec![4, 3, 2, 1]),
        (vec!["orders", "--from", "2026-11-17", "--to", "2026-11-18", "--time-zone", "Europe/London"], vec![3, 2]),
        (vec!["orders", "--search", "ch-2 mug"], vec![2]),
    ] {
        assert_eq!(numbers(&served.json(&words)), expected, "{words:?}");
    }
    let shown = served.prints(&["orders", "--tab", "error"]);
    for part in ["2026-11-19 09:00", "CH-4", "Mug, blue", "Zoë Müller", "42.48 GBP", "The store has no such product."]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(served.prints(&["orders", "--tab", "shipping"]), "No order.\n");
    let counts = served.prints(&["orders", "--counts"]);
    assert!(counts.contains("│ all           ┆      4 │") && counts.contains("│ error         ┆      1 │"), "{counts}");
    let unknown = served.refused(&["orders", "--search", "x"]);
    assert!(unknown.starts_with("Bad Request: ") && unknown.ends_with("(search)\n"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_come_page_by_page_or_all_at_once() {
    let (served, channel) = Served::with_channel().await;
    four_orders(&served, &channel).await;
    let first = served.run(&["orders", "--limit", "3"]);
    assert_eq!(first.code, 0);
    assert!(!first.out.contains("CH-1"), "{}", first.out);
    let cursor =
        first.err.split_whitespace().skip_while(|word| *word != "--cursor").nth(1).unwrap().trim_end_matches(',');
    assert_eq!(numbers(&served.json(&["orders", "--cursor", cursor])), [1]);
    assert_eq!(numbers(&served.json(&["orders", "--limit", "1", "--all"])), [4, 3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_tells_an_orders_story_by_any_of_its_numbers() {
    let (served, channel) = Served::with_channel().await;
    let mut unlinked = order(&channel, 42, "2026-11-18T09:00:00Z");
    let reason = NotImported::Unlinked { items: vec!["Mug, blue".to_owned()] };
    unlinked.import = ImportState::Waiting(reason.clone());
    unlinked.trace.push(TraceEntry { at: "2026-11-18T09:01:00Z".parse().unwrap(), event: Event::NotImported(reason) });
    let id = stored(&served.world.app.storage, unlinked).await.to_string();
    let told = served.prints(&["why", &id]);
    for part in [
        "Order 42: My market-1 CH-42, 42.48 GBP",
        "not in the main store",
        "2026-11-18 09:01  Not linked: Mug, blue.",
        "tributary link market-1 id:4711/blue 10",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for called in ["42", "CH-42", &id.to_lowercase()] {
        assert_eq!(served.prints(&["why", called]), told, "{called}");
    }
    assert_eq!(served.json(&["why", "42"])["number"], 42);
    assert_eq!(served.refused(&["why", "CH-43"]), "There is no order `CH-43`.\n");
    stored(&served.world.app.storage, order(&channel, 42, "2026-11-19T09:00:00Z")).await;
    let twins = served.refused(&["why", "42"]);
    assert!(twins.starts_with("2 orders go by 42") && twins.contains(&id), "{twins}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_a_table_csv_a_chart_or_json() {
    let (served, channel) = Served::with_channel().await;
    four_orders(&served, &channel).await;
    let range = ["--from", "2026-11-16", "--to", "2026-11-20"];
    let with = |more: &[&'static str]| [&["report"], &range[..], more].concat();
    let table = served.prints(&with(&["--channel", "My market-1"]));
    for part in ["2026-11-16 to 2026-11-20 (UTC)", "2026-11-18", "127.44 GBP"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(!table.contains("2026-11-19"), "another channel's: {table}");
    let csv = served.prints(&with(&["--csv"]));
    assert!(csv.starts_with("day,channel,channel_name,currency,count"), "{csv}");
    assert!(csv.contains("2026-11-16,market-1,My market-1,GBP,1,2,42.48"), "{csv}");
    let both = served.prints(&with(&["--chart"]));
    assert!(both.contains("Orders: 4") && both.contains("Total in GBP: 169.92"), "{both}");
    let orders = served.prints(&with(&["--chart=orders"]));
    assert!(orders.contains("Orders: 4") && !orders.contains("Total"), "{orders}");
    let canceled = served.prints(&with(&["--status", "canceled"]));
    assert_eq!(canceled, "2026-11-16 to 2026-11-20 (UTC): no order.\n");
    let products = served.prints(&with(&["--products"]));
    assert!(products.contains("MUG") && products.contains("159.92 GBP"), "{products}");
    assert_eq!(served.json(&with(&[]))["totals"]["overall"][0]["count"], 4);
    let last_month = served.json(&["report"]);
    assert_eq!((&last_month["from"], &last_month["to"]), (&json!("2026-10-22"), &json!("2026-11-20")));
    assert_eq!(served.json(&["report", "--days-from-today", "2"])["to"], "2026-11-21");
    let unknown = served.refused(&["report", "--status", "shipped"]);
    assert!(unknown.starts_with("Bad Request: A status is one of") && unknown.ends_with("(status)\n"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_a_table_or_json() {
    let (served, channel) = Served::with_channel().await;
    four_orders(&served, &channel).await;
    let counting = Counting { seed: 0, now: || "2026-11-20T10:00:00Z".parse().unwrap() };
    let (_, usage) = served.world.dynamo.counting(counting);
    usage.add(Consumed::default().with(Part::ApiRequests, 2_000_000));
    usage.note().await;
    let table = served.prints(&["costs"]);
    let four = "(UTC), 4 orders: 1750.000000 USD for a thousand.";
    for part in [four, "api requests", "7.000000", "Not in it:", "secrets: $0.40"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(!table.contains("queue requests"), "nothing of it: {table}");
    assert_eq!(served.json(&["costs", "--days", "1"])["from"], "2026-11-20");
}

#[tokio::test(flavor = "multi_thread")]
async fn attention_counts_what_needs_a_person_and_lists_it() {
    let (served, channel) = Served::with_channel().await;
    assert_eq!(served.prints(&["attention"]), "Nothing needs you.\n");
    let ids = four_orders(&served, &channel).await;
    let shown = served.prints(&["attention"]);
    assert!(
        shown.contains("error") && shown.contains("mend it, then sync") && shown.contains(&gbp(4248).to_string()),
        "{shown}"
    );
    let listed = served.prints(&["attention", "error"]);
    assert!(listed.contains(&ids[3]) && listed.contains("bazaar-1"), "{listed}");
    assert_eq!(served.json(&["attention", "error"])["orders"][0]["number"], 4);
    assert_eq!(served.prints(&["attention", "unlinked"]), "No order.\n");
}
