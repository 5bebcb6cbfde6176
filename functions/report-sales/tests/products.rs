//! What was sold of each product, page by page; and both reports as CSV.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../../shared/api/tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod support;

mod asked;

use asked::{answered, asking};
use domain::{Cancel, ConnectionId};
use jiff::tz::TimeZone;
use lambda_http::Body;
use serde_json::{Value, json};
use storage::Role;
use support::World;
use support::orders::{order, stored};

fn pounds(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "GBP" })
}

async fn two_channels(world: &World) -> (ConnectionId, ConnectionId) {
    (world.connected("market-1", "market", Role::Channel).await, world.connected("shop-1", "shop", Role::Channel).await)
}

async fn csv(world: &World, query: &[(&str, &str)], path: &str) -> String {
    let mut request = asking(query);
    *request.uri_mut() = format!("https://api.example{path}").parse().unwrap();
    let response = report_sales::handle(&world.app, &TimeZone::UTC, &request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let Body::Text(text) = response.into_body() else { panic!("no text") };
    text
}

#[tokio::test]
async fn a_report_is_csv_as_well() {
    let world = World::new();
    let (market, _) = two_channels(&world).await;
    let mut named = order(&market, 1, "2026-11-18T09:00:00Z");
    named.source.lines[0].title = "=Mug, \"blue\"".to_owned();
    named.source.lines[0].sku = None;
    stored(&world.app.storage, named).await;
    let query = [("from", "2026-11-18"), ("to", "2026-11-18"), ("format", "csv")];
    let expected = "day,channel,channel_name,currency,count,units,gross,canceled,unpaid,refunds,net,tax,collected_tax,\
                    fulfilled_by_channel\r\n\
                    2026-11-18,market-1,My market-1,GBP,1,2,42.48,0.00,0.00,0.00,42.48,0.00,0.00,0.00\r\n";
    assert_eq!(csv(&world, &query, "/reports/sales").await, expected);
    let expected = "sku,name,currency,orders,units,revenue\r\n,\"'=Mug, \"\"blue\"\"\",GBP,1,2,39.98\r\n";
    assert_eq!(csv(&world, &query, "/reports/products").await, expected);
}

#[tokio::test]
async fn products_come_by_what_was_sold_of_them_page_by_page() {
    let world = World::new();
    let (market, shop) = two_channels(&world).await;
    for (number, sku, quantity, channel) in [
        (1, "MUG", 2, &market),
        (2, "CUP", 5, &market),
        (3, "MUG", 1, &shop),
        (4, "JUG", 1, &shop),
        (5, "POT", 9, &shop),
    ] {
        let mut sold = order(channel, number, &format!("2026-11-18T09:00:0{number}Z"));
        sold.source.lines[0].sku = domain::Sku::new(sku).ok();
        sold.source.lines[0].title = format!("{sku} of order {number}");
        sold.source.lines[0].quantity = quantity;
        if sku == "POT" {
            sold.source.cancel = Cancel::Canceled;
        }
        stored(&world.app.storage, sold).await;
    }
    let ask = async |query: &[(&str, &str)]| {
        let mut request = asking(&[&[("days", "7")], query].concat());
        *request.uri_mut() = "https://api.example/reports/products".parse().unwrap();
        answered(&world, "UTC", &request).await
    };
    for _ in 0..2 {
        let (status, first) = ask(&[("limit", "2")]).await;
        assert_eq!(status, 200, "{first}");
        let mug =
            json!({ "sku": "MUG", "name": "MUG of order 3", "orders": 2, "units": 3, "revenue": pounds("79.96") });
        assert_eq!((&first["products"][0]["sku"], &first["products"][1]), (&json!("CUP"), &mug));
        let next = first["next"].as_str().unwrap();
        let (_, second) = ask(&[("limit", "2"), ("cursor", next)]).await;
        assert_eq!((&second["products"][0]["sku"], &second["next"]), (&json!("JUG"), &Value::Null));
        let (_, canceled) = ask(&[("status", "canceled")]).await;
        assert_eq!((&canceled["products"][0]["sku"], &canceled["products"][1]), (&json!("POT"), &Value::Null));
        for (query, field) in [
            (&[("cursor", next), ("status", "canceled")][..], "cursor"),
            (&[("cursor", "2")], "cursor"),
            (&[("limit", "0")], "limit"),
            (&[("limit", "201")], "limit"),
            (&[("format", "xml")], "format"),
            (&[("status", "lost")], "status"),
        ] {
            let (status, problem) = ask(query).await;
            assert_eq!((status.as_u16(), &problem["field"]), (400, &json!(field)), "{query:?}");
        }
        world.app.fold().await.unwrap();
    }
}
