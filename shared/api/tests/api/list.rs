//! The list's tabs, counts, filters and search, before and after the pages are written; and what cannot be asked.

use domain::stock::StockState;
use domain::{Cancel, ImportState, Order, OrderId};
use serde_json::{Value, json};
use storage::Role;

use crate::orders::imported;
use crate::support::World;
use crate::support::orders::{order, stored};

/// One order for each tab, the newest last.
async fn one_of_each(world: &World) -> Vec<OrderId> {
    let market = world.connected("market-1", "market", Role::Channel).await;
    let shop = world.connected("shop-1", "shop", Role::Channel).await;
    let mut canceled = order(&market, 1, "2026-10-31T23:30:00Z");
    canceled.source.cancel = Cancel::Canceled;
    let failed = |mut order: Order| {
        order.import = ImportState::Failed { why: "No.".to_owned(), refused: true };
        order
    };
    let mut completed = imported(&market, 3);
    completed.store.completed = true;
    let mut as_text = imported(&market, 4);
    as_text.stock.clear();
    let mut unknown = imported(&shop, 5);
    unknown.stock[0].state = StockState::Unknown;
    let mut ids = Vec::new();
    for order in [canceled, failed(order(&shop, 2, "2026-11-01T00:00:00Z")), completed, as_text, unknown] {
        ids.push(stored(&world.app.storage, order).await);
    }
    ids.sort_unstable();
    ids
}

/// Our numbers of the orders that a list shows, in its order.
fn numbers(page: &Value) -> Vec<u64> {
    page["orders"].as_array().unwrap().iter().map(|row| row["number"].as_u64().unwrap()).collect()
}

fn sorted(page: &Value) -> Vec<u64> {
    let mut numbers = numbers(page);
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn tabs_filters_and_search_say_the_same_from_the_orders_and_from_their_pages() {
    let world = World::new();
    let ids = one_of_each(&world).await;
    for folded in [false, true] {
        for (query, expected) in [
            ("tab=all", &[1, 2, 3, 4, 5][..]),
            ("tab=ready_to_ship", &[2, 4, 5]),
            ("tab=shipping", &[]),
            ("tab=completed", &[3]),
            ("tab=canceled", &[1]),
            ("tab=unlinked", &[4]),
            ("tab=error", &[2, 5]),
            ("channel=shop-1", &[2, 5]),
            ("channel=shop-1,market-1", &[1, 2, 3, 4, 5]),
            ("tab=error&channel=market-1", &[]),
            ("from=2026-11-01&to=2026-11-01", &[2]),
            ("from=2026-11-01&to=2026-11-01&time_zone=Europe/Berlin", &[1, 2]),
            ("tab=canceled&from=2026-11-01&to=2026-11-01&time_zone=Europe/Berlin", &[1]),
            ("tab=canceled&from=2026-11-01&to=2026-11-01", &[]),
            ("search=CH-4", &[4]),
            ("search=zoe%20mug", &[1, 2, 3, 4, 5]),
            ("search=zoe&tab=unlinked", &[4]),
            ("search=mug&channel=shop-1&from=2026-11-18&to=2026-11-18", &[5]),
            ("search=815", &[3, 4, 5]),
            ("search=nobody", &[]),
        ] {
            let page = world.get(&format!("/orders?{query}")).await.ok(200);
            assert_eq!(sorted(&page), expected, "{query} {folded}");
            assert_eq!((&page["next"], &page["looked_back_to"]), (&Value::Null, &Value::Null), "{query}");
        }
        let counts = world.get("/orders/counts").await.ok(200);
        let expected = json!({
            "all": 5, "ready_to_ship": 3, "shipping": 0, "completed": 1, "canceled": 1, "unlinked": 1, "error": 2,
        });
        assert_eq!(counts, json!({ "as_of": crate::support::NOW, "tabs": expected }));
        let counts = world.get("/orders/counts?channel=shop-1&from=2026-11-18&to=2026-11-18").await.ok(200);
        assert_eq!((&counts["tabs"]["all"], &counts["tabs"]["error"]), (&json!(1), &json!(1)));
        world.app.log_changes(&ids).await.unwrap();
        world.app.fold().await.unwrap();
    }
}

#[tokio::test]
async fn a_list_comes_newest_first_and_page_by_page() {
    let world = World::new();
    one_of_each(&world).await;
    world.app.fold().await.unwrap();
    let whole = numbers(&world.get("/orders?search=mug").await.ok(200));
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/orders?search=mug&limit=2{cursor}")).await.ok(200);
        paged.extend(numbers(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((paged.len(), &paged), (5, &whole));
    assert_eq!(paged[3..], [2, 1]);
    // A cursor of one list says nothing about another.
    for other in ["", "tab=error", "search=mugs", "search=mug&tab=error", "search=mug&channel=shop-1"] {
        let problem = world.get(&format!("/orders?{other}{cursor}&limit=2")).await.problem(400);
        assert_eq!(problem["field"], "cursor", "{other}");
    }
}

#[tokio::test]
async fn an_order_that_changed_shows_what_it_is_and_leaves_the_tab_that_it_left() {
    let world = World::new();
    let ids = one_of_each(&world).await;
    world.app.fold().await.unwrap();
    let id = *ids.iter().find(|id| id.created_at().to_string() == "2026-11-01T00:00:00Z").unwrap();
    let failed = world.app.storage.orders.get(id).await.unwrap().unwrap();
    let left = ImportState::Received;
    let change = storage::Change { import: Some(left), ..storage::Change::default() };
    world.app.storage.orders.update(&failed, change).await.unwrap();
    // The log was not told yet: the row is left out by its head, the count is as of earlier.
    assert_eq!(sorted(&world.get("/orders?tab=error").await.ok(200)), [5]);
    assert_eq!(world.get("/orders/counts").await.ok(200)["tabs"]["error"], 2);
    world.app.log_changes(&[id]).await.unwrap();
    assert_eq!(world.get("/orders/counts").await.ok(200)["tabs"]["error"], 1);
}

#[tokio::test]
async fn what_cannot_be_listed_is_400_and_named() {
    let world = World::new();
    one_of_each(&world).await;
    let long = format!("search={}", "x".repeat(10_000));
    for (query, field) in [
        ("tab=everything", "tab"),
        ("tab=", "tab"),
        ("search=a", "search"),
        ("search=", "search"),
        ("search=%23", "search"),
        (long.as_str(), "search"),
        ("channel=nobody", "channel"),
        ("channel=shop-1,", "channel"),
        ("from=2026-11-02&to=2026-11-01", "to"),
        ("from=1926-11-02&to=2026-11-01", "from"),
        ("from=2026-11-02", "to"),
        ("to=2026-11-02", "from"),
        ("from=yesterday&to=2026-11-02", "from"),
        ("from=2026-11-01&to=2026-11-31", "to"),
        ("from=2026-11-01&to=2026-11-02&time_zone=Europe/Atlantis", "time_zone"),
        ("limit=201", "limit"),
        ("limit=0", "limit"),
        ("cursor=AAAA", "cursor"),
        ("before=01KABRAGT0ZBG8W2QJ4P1C7V5N", "before"),
        ("tab=all&tab=error", "tab"),
    ] {
        assert_eq!(world.get(&format!("/orders?{query}")).await.problem(400)["field"], field, "{query}");
    }
    for (query, field) in [("tab=all", "tab"), ("from=2026-11-02&to=2026-11-01", "to"), ("channel=x", "channel")] {
        assert_eq!(world.get(&format!("/orders/counts?{query}")).await.problem(400)["field"], field, "{query}");
    }
}
