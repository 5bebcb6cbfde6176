//! Sale reports over stored orders: rows, totals, ranges in the owner's zone, and every refusal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../shared/api/tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod support;

mod asked;

use asked::{SAMPLE, answered, asking};
use domain::{Cancel, Charge, ConnectionId, Currency, Liable, Money, Order, Payment, Place, Refund, Tax};
use jiff::tz::TimeZone;
use lambda_http::RequestExt;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use storage::Role;
use support::World;
use support::orders::{gbp, order, stored};

async fn report(world: &World, query: &[(&str, &str)]) -> Value {
    let (status, body) = answered(world, "UTC", &asking(query)).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn refused(world: &World, query: &[(&str, &str)]) -> Value {
    let (status, problem) = answered(world, "UTC", &asking(query)).await;
    assert_eq!(status, 400, "{query:?}: {problem}");
    assert_eq!((&problem["status"], &problem["type"]), (&json!(400), &json!("about:blank")));
    problem
}

fn pounds(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "GBP" })
}

async fn two_channels(world: &World) -> (ConnectionId, ConnectionId) {
    (world.connected("market-1", "market", Role::Channel).await, world.connected("shop-1", "shop", Role::Channel).await)
}

/// The same order in another currency without decimals.
fn in_yen(mut order: Order) -> Order {
    let currency: Currency = "JPY".parse().unwrap();
    let yen = |minor| Money::from_minor(minor, currency);
    order.source.currency = currency;
    order.source.buyer_total = yen(5500);
    order.source.lines[0].charge = Charge::plain(yen(5000));
    order.source.shipping.charge = Charge::plain(yen(500));
    order
}

#[tokio::test]
async fn rows_and_totals_say_what_was_sold_and_what_came_back() {
    let world = World::new();
    let (market, shop) = two_channels(&world).await;
    let storage = &world.app.storage;
    let at = "2026-11-18T09:00:00Z";
    stored(storage, order(&market, 1, at)).await;
    let mut canceled = order(&market, 2, at);
    canceled.source.cancel = Cancel::Canceled;
    stored(storage, canceled).await;
    let mut unpaid = order(&market, 3, at);
    unpaid.source.payment = Payment::Unpaid;
    stored(storage, unpaid).await;
    let mut refunded = order(&market, 4, at);
    refunded.source.refunds = vec![Refund { id: "r1".into(), amount: gbp(1000), at: None, line: None, quantity: None }];
    stored(storage, refunded).await;
    let mut taxed = order(&market, 5, at);
    let tax = |minor, place, liable| Tax { amount: gbp(minor), place, liable, label: None, rate: None };
    taxed.source.lines[0].charge.taxes =
        vec![tax(300, Place::OnTop, Liable::Marketplace), tax(666, Place::Included, Liable::Seller)];
    taxed.source.buyer_total = gbp(4548);
    stored(storage, taxed).await;
    stored(storage, order(&shop, 6, at)).await;
    stored(storage, in_yen(order(&shop, 7, "2026-11-19T09:00:00Z"))).await;

    let body = report(&world, &[("from", "2026-11-18"), ("to", "2026-11-19")]).await;
    assert_eq!(
        (&body["from"], &body["to"], &body["time_zone"]),
        (&json!("2026-11-18"), &json!("2026-11-19"), &json!("UTC"))
    );
    let first = json!({
        "day": "2026-11-18", "channel": "market-1", "channel_name": "My market-1", "currency": "GBP", "count": 5, "units": 10,
        "gross": pounds("212.40"), "canceled": pounds("42.48"), "unpaid": pounds("42.48"), "refunds": pounds("10.00"),
        "net": pounds("117.44"), "tax": pounds("6.66"), "collected_tax": pounds("3.00"),
        "fulfilled_by_channel": pounds("0.00"),
    });
    assert_eq!(body["rows"][0], first);
    let keys = |rows: &Value| -> Vec<String> {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
        let key =
            |row| format!("{} {} {} {}", text(row, "day"), text(row, "channel"), text(row, "currency"), row["count"]);
        rows.as_array().unwrap().iter().map(key).collect()
    };
    assert_eq!(
        keys(&body["rows"]),
        ["2026-11-18 market-1 GBP 5", "2026-11-18 shop-1 GBP 1", "2026-11-19 shop-1 JPY 1"]
    );
    assert_eq!(keys(&body["totals"]["by_channel"]), ["- market-1 GBP 5", "- shop-1 GBP 1", "- shop-1 JPY 1"]);
    assert_eq!(keys(&body["totals"]["overall"]), ["- - GBP 6", "- - JPY 1"]);
    assert_eq!(body["totals"]["overall"][0]["gross"], pounds("254.88"));
    assert_eq!(body["totals"]["overall"][1]["gross"], json!({ "amount": "5500", "currency": "JPY" }));
}

#[tokio::test]
async fn a_day_is_the_owners_day_also_when_clocks_change() {
    let world = World::new();
    let (market, _) = two_channels(&world).await;
    // Berlin's 25 October 2026 has 25 hours: 24 October 22:00 UTC to 25 October 23:00 UTC.
    for (number, at) in [
        (1, "2026-10-24T21:59:59.999Z"),
        (2, "2026-10-24T22:00:00Z"),
        (3, "2026-10-25T22:59:59.999Z"),
        (4, "2026-10-25T23:00:00Z"),
    ] {
        stored(&world.app.storage, order(&market, number, at)).await;
    }
    let day = [("from", "2026-10-25"), ("to", "2026-10-25")];
    let berlin = report(&world, &[day[0], day[1], ("time_zone", "Europe/Berlin")]).await;
    assert_eq!(berlin["rows"][0]["count"], 2);
    assert_eq!(berlin["time_zone"], "Europe/Berlin");
    // The zone of the deployment, where none is asked for.
    let (_, own) = answered(&world, "Europe/Berlin", &asking(&day)).await;
    assert_eq!(own["rows"], berlin["rows"]);
    assert_eq!(report(&world, &day).await["rows"][0]["count"], 2);
    let days = report(&world, &[("from", "2026-10-24"), ("to", "2026-10-26"), ("time_zone", "Europe/Berlin")]).await;
    let counts: Vec<&Value> = days["rows"].as_array().unwrap().iter().map(|row| &row["count"]).collect();
    assert_eq!(counts, [&json!(1), &json!(2), &json!(1)]);
}

#[tokio::test]
async fn ranges_may_be_days_up_to_today_or_from_today_on() {
    // The clock shows 2026-11-20T14:00Z: in Auckland it is the 21st already.
    let world = World::new();
    for (query, zone, from, to) in [
        (("days", "1"), "UTC", "2026-11-20", "2026-11-20"),
        (("days", "7"), "UTC", "2026-11-14", "2026-11-20"),
        (("days", "366"), "UTC", "2025-11-20", "2026-11-20"),
        (("days_from_today", "3"), "UTC", "2026-11-20", "2026-11-22"),
        (("days", "7"), "Pacific/Auckland", "2026-11-15", "2026-11-21"),
    ] {
        let body = report(&world, &[query, ("time_zone", zone)]).await;
        assert_eq!((&body["from"], &body["to"]), (&json!(from), &json!(to)), "{query:?} {zone}");
        assert_eq!(body["rows"], json!([]));
    }
}

#[tokio::test]
async fn a_report_of_some_channels_leaves_the_others_out() {
    let world = World::new();
    let (market, shop) = two_channels(&world).await;
    stored(&world.app.storage, order(&market, 1, "2026-11-18T09:00:00Z")).await;
    stored(&world.app.storage, order(&shop, 2, "2026-11-18T09:00:00Z")).await;
    let week = ("days", "7");
    let channels = |body: &Value| -> Vec<String> {
        body["rows"].as_array().unwrap().iter().map(|row| row["channel"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(channels(&report(&world, &[week, ("channel", "shop-1")]).await), ["shop-1"]);
    let both = report(&world, &[week, ("channel", "shop-1"), ("channel", "market-1")]).await;
    assert_eq!(channels(&both), ["market-1", "shop-1"]);
    assert_eq!(refused(&world, &[week, ("channel", "bazaar")]).await["field"], "channel");
}

#[tokio::test]
async fn orders_of_a_disconnected_channel_stay_in_the_report() {
    let world = World::new();
    let (market, _) = two_channels(&world).await;
    stored(&world.app.storage, order(&market, 1, "2026-11-18T09:00:00Z")).await;
    world.app.disconnect(&market).await.unwrap();
    let body = report(&world, &[("days", "7")]).await;
    assert_eq!((&body["rows"][0]["channel"], &body["rows"][0]["count"]), (&json!("market-1"), &json!(1)));
    assert_eq!(body["rows"][0].get("channel_name"), None);
}

#[tokio::test]
async fn a_range_that_cannot_be_is_400_and_named() {
    let world = World::new();
    for (query, field) in [
        (&[("from", "2026-11-20"), ("to", "2026-11-19")][..], "from"),
        (&[("from", "2025-11-19"), ("to", "2026-11-20")], "to"),
        (&[("from", "2026-11-20")], "to"),
        (&[("to", "2026-11-20")], "from"),
        (&[], "from"),
        (&[("days", "7"), ("from", "2026-11-20"), ("to", "2026-11-20")], "from"),
        (&[("days", "7"), ("days_from_today", "7")], "from"),
        (&[("from", "20.11.2026"), ("to", "2026-11-20")], "from"),
        (&[("from", "2026-02-29"), ("to", "2026-03-01")], "from"),
        (&[("from", "2026-11-19"), ("to", "2026-11-20T10:00")], "to"),
        (&[("from", "-9999-01-01"), ("to", "2026-11-20")], "from"),
        (&[("days", "0")], "days"),
        (&[("days", "367")], "days"),
        (&[("days_from_today", "a few")], "days_from_today"),
        (&[("days", "7"), ("time_zone", "Europe/Atlantis")], "time_zone"),
        (&[("days", "7"), ("time_zone", "")], "time_zone"),
        (&[("days", "7"), ("days", "8")], "days"),
        (&[("days", "7"), ("channel", "")], "channel"),
        (&[("days", "7"), ("currency", "EUR")], "currency"),
        (&[("days", "7"), ("status", "shipped")], "status"),
        (&[("days", "7"), ("format", "pdf")], "format"),
        (&[("days", "7"), ("limit", "2")], "limit"),
        (&[("from", "1926-11-20"), ("to", "2026-11-20")], "to"),
    ] {
        assert_eq!(refused(&world, query).await["field"], field, "{query:?}");
    }
}

#[tokio::test]
async fn the_longest_range_is_a_leap_year() {
    let world = World::new();
    report(&world, &[("from", "2028-01-01"), ("to", "2028-12-31")]).await;
}

#[tokio::test]
async fn the_sample_event_is_understood() {
    let world = World::new();
    let request = lambda_http::request::from_str(SAMPLE).unwrap();
    assert!(!request.query_string_parameters().is_empty());
    let (status, body) = answered(&world, "UTC", &request).await;
    assert_eq!((status, &body["from"], &body["to"]), (StatusCode::OK, &json!("2026-11-14"), &json!("2026-11-20")));
}

#[tokio::test]
async fn tables_that_do_not_answer_are_told_without_inner_text() {
    let world = World::without_retries();
    world.dynamo.faults.on("*").fail_next(StatusCode::SERVICE_UNAVAILABLE, None);
    let (status, problem) = answered(&world, "UTC", &asking(&[("days", "7")])).await;
    assert_eq!((status, &problem["title"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("Service Unavailable")));
}

async fn scenario_23() -> World {
    let world = World::new();
    let (market, _) = two_channels(&world).await;
    let usd: Currency = "USD".parse().unwrap();
    let eur: Currency = "EUR".parse().unwrap();
    let sold = |number: u64, at: &str, minor: i64, currency: Currency| {
        let mut order = order(&market, number, at);
        order.source.currency = currency;
        order.source.buyer_total = Money::from_minor(minor, currency);
        order.source.lines[0].charge = Charge::plain(Money::from_minor(minor, currency));
        order.source.shipping.charge = Charge::plain(Money::zero(currency));
        order
    };
    let mut orders = vec![
        sold(1, "2026-11-01T03:59:59Z", 1000, usd),
        sold(2, "2026-11-01T04:00:00Z", 2000, usd),
        sold(3, "2026-11-02T04:59:59Z", 3000, usd),
        sold(4, "2026-11-02T05:00:00Z", 4000, usd),
        sold(5, "2026-11-01T15:00:00Z", 5000, usd),
        sold(6, "2026-11-01T16:00:00Z", 6000, usd),
        sold(7, "2026-11-01T17:00:00Z", 7000, usd),
        sold(8, "2026-11-01T18:00:00Z", 8000, eur),
    ];
    orders[4].source.cancel = Cancel::Canceled;
    orders[5].source.payment = Payment::Unpaid;
    let at = "2026-11-05T12:00:00Z".parse().ok();
    let amount = Money::from_minor(2500, usd);
    orders[6].source.refunds = vec![Refund { id: "r1".into(), amount, at, line: None, quantity: None }];
    for order in orders {
        stored(&world.app.storage, order).await;
    }
    world
}

#[tokio::test]
async fn scenario_23_from_the_orders_and_from_their_pages() {
    let world = scenario_23().await;
    let day = [("from", "2026-11-01"), ("to", "2026-11-01")];
    let asked = |zone: &'static str| [day[0], day[1], ("time_zone", zone)];
    let figures = |row: &Value| {
        let amount = |name: &str| row[name]["amount"].as_str().unwrap().to_owned();
        let amounts = ["gross", "canceled", "unpaid", "refunds", "net"].map(amount);
        (row["currency"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap(), amounts)
    };
    let is = |code: &str, count: u64, amounts: [&str; 5]| (code.to_owned(), count, amounts.map(str::to_owned));
    for _ in 0..2 {
        let new_york = report(&world, &asked("America/New_York")).await;
        assert_eq!(figures(&new_york["rows"][0]), is("EUR", 1, ["80.00", "0.00", "0.00", "0.00", "80.00"]));
        assert_eq!(figures(&new_york["rows"][1]), is("USD", 5, ["230.00", "50.00", "60.00", "25.00", "95.00"]));
        let berlin = report(&world, &asked("Europe/Berlin")).await;
        assert_eq!(figures(&berlin["rows"][1]), is("USD", 5, ["210.00", "50.00", "60.00", "25.00", "75.00"]));
        let mut canceled = asked("America/New_York").to_vec();
        canceled.push(("status", "canceled"));
        let canceled = report(&world, &canceled).await;
        assert_eq!(canceled["rows"].as_array().unwrap().len(), 1);
        assert_eq!(figures(&canceled["rows"][0]), is("USD", 1, ["50.00", "50.00", "0.00", "0.00", "0.00"]));
        let by_status: Vec<_> = new_york["totals"]["by_status"].as_array().unwrap().iter().collect();
        let count = |status: &str, currency: &str| {
            let of = |row: &&&Value| row["status"] == status && row["currency"] == currency;
            by_status.iter().find(of).map_or(0, |row| row["count"].as_u64().unwrap())
        };
        assert_eq!(
            (count("canceled", "USD"), count("awaiting_payment", "USD"), count("ready_to_ship", "USD")),
            (1, 1, 3)
        );
        assert_eq!(count("ready_to_ship", "EUR"), 1);
        world.app.fold().await.unwrap();
    }
}

#[tokio::test]
async fn every_described_route_answers_and_no_other() {
    let world = World::new();
    let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    let routes = document["paths"].as_object().unwrap().keys().filter(|path| path.starts_with("/reports/"));
    let mut tried = Vec::new();
    for path in routes {
        let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
        event["path"] = json!(path);
        let (status, body) =
            answered(&world, "UTC", &lambda_http::request::from_str(&event.to_string()).unwrap()).await;
        assert_eq!(status, 200, "{path}: {body}");
        tried.push(path);
    }
    assert_eq!(tried, ["/reports/products", "/reports/sales"]);
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    event["path"] = json!("/reports/taxes");
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    assert_eq!(report_sales::handle(&world.app, &TimeZone::UTC, &request).await.status(), 404);
}
