//! A channel's settings: offered, replaced as a whole, never overwritten unseen.

use axum::body::Body;
use axum::http::Request;
use domain::ConnectionId;
use serde_json::{Value, json};
use storage::Role;

use crate::Answer;
use crate::support::World;

async fn read(world: &World, id: &ConnectionId) -> Answer {
    world.get(&format!("/connections/{id}/settings")).await
}

async fn put(world: &World, id: &ConnectionId, if_match: Option<&str>, document: &Value) -> Answer {
    let mut request = Request::builder().method("PUT").uri(format!("/connections/{id}/settings"));
    if let Some(tag) = if_match {
        request = request.header("if-match", tag);
    }
    world.send(request.body(Body::from(document.to_string())).unwrap()).await
}

#[tokio::test]
async fn what_was_read_can_be_changed_and_put_back() {
    let world = World::new();
    let id = world.connected("shop-1", "shop", Role::Channel).await;
    let before = read(&world, &id).await;
    let mut document = before.ok(200)["settings"].clone();
    assert_eq!(document["auto_import"], "linked");
    document["skip_unpaid"] = json!(true);
    document["tax"]["rates"] = json!([{ "country": "DE", "basis_points": 1900, "label": "VAT" }]);
    let saved = put(&world, &id, Some(before.header("etag")), &document).await;
    assert_eq!(saved.ok(200)["settings"], document);
    assert_ne!(saved.header("etag"), before.header("etag"));
    let after = read(&world, &id).await;
    assert_eq!(after.ok(200), saved.json());
    assert_eq!(after.header("etag"), saved.header("etag"));
    assert_eq!(after.header("etag"), format!("\"{}\"", after.json()["version"]));
}

#[tokio::test]
async fn nothing_is_overwritten_unseen() {
    let world = World::new();
    let id = world.connected("shop-1", "shop", Role::Channel).await;
    let first = read(&world, &id).await;
    let document = first.ok(200)["settings"].clone();
    put(&world, &id, None, &document).await.problem(428);
    let mut mine = document.clone();
    mine["skip_unpaid"] = json!(true);
    let saved = put(&world, &id, Some(first.header("etag")), &mine).await;
    saved.ok(200);

    let mut theirs = document;
    theirs["auto_import"] = json!("off");
    let problem = put(&world, &id, Some(first.header("etag")), &theirs).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:stale-settings");
    assert_eq!(problem["settings"], saved.json()["settings"]);
    assert_eq!(problem["version"], saved.json()["version"]);
    assert_eq!(read(&world, &id).await.json(), saved.json());
    for tag in ["*", "W/\"1\"", "1", "\"one\"", ""] {
        assert_eq!(put(&world, &id, Some(tag), &theirs).await.problem(400)["field"], "If-Match");
    }
}

#[tokio::test]
async fn every_setting_out_of_range_is_named() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let before = read(&world, &id).await;
    let mut document = before.ok(200)["settings"].clone();
    document["inventory_sync"] = json!(false);
    document["skip_unpaid"] = json!(true);
    document["keep_order_number"] = json!(true);
    document["mails"]["receipt"] = json!(true);
    document["tax"]["rates"] = json!([{ "basis_points": 10_000, "label": "" }]);
    document["stock"] = json!({ "buffer": 10_001, "maximum": 0 });
    document["feedback"] = json!({ "after": "completed", "text": "<b>thanks</b>" });
    document["personal_data_days"] = json!(91);
    document["order_number_prefix"] = json!("x".repeat(21));
    document["shipping_methods"] = json!({ "": "First class" });
    document["carriers"] = json!({ "Royal Mail": "" });
    let problem = put(&world, &id, Some(before.header("etag")), &document).await.problem(422);
    let mut fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    let expected = [
        "carriers",
        "feedback",
        "feedback.text",
        "inventory_sync",
        "keep_order_number",
        "mails.receipt",
        "order_number_prefix",
        "personal_data_days",
        "shipping_methods",
        "skip_unpaid",
        "stock.buffer",
        "stock.maximum",
        "tax.rates",
        "tax.rates[0].basis_points",
        "tax.rates[0].label",
    ];
    assert_eq!(fields, expected);
    assert_eq!(read(&world, &id).await.json(), before.json());
}

#[tokio::test]
async fn a_setting_of_another_type_or_name_is_422_and_named() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let before = read(&world, &id).await;
    let whole = before.ok(200)["settings"].clone();
    for (pointer, value, field) in [
        ("auto_import", json!("sometimes"), "auto_import"),
        ("skip_unpaid", json!("yes"), "skip_unpaid"),
        ("colour", json!(1), "colour"),
        ("tax", json!({ "rates": [{ "basis_points": -1, "label": "x" }] }), "tax.rates[0].basis_points"),
    ] {
        let mut document = whole.clone();
        document[pointer] = value;
        let problem = put(&world, &id, Some(before.header("etag")), &document).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn a_document_that_leaves_something_out_resets_nothing() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let before = read(&world, &id).await;
    let mut document = before.ok(200)["settings"].clone();
    document.as_object_mut().unwrap().remove("send_when");
    document["tax"].as_object_mut().unwrap().remove("rates");
    document["skip_unpaid"] = json!(true);
    let problem = put(&world, &id, Some(before.header("etag")), &document).await.problem(422);
    let fields: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, [&json!("send_when"), &json!("tax.rates"), &json!("skip_unpaid")]);
    assert_eq!(read(&world, &id).await.json(), before.json());
}

#[tokio::test]
async fn a_setting_says_whether_the_platforms_offer_it_and_why_not() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let offers = read(&world, &id).await.ok(200)["offers"].clone();
    let offer = |field: &str| {
        offers
            .as_array()
            .unwrap()
            .iter()
            .find(|offer| offer["field"] == field)
            .unwrap_or_else(|| panic!("{offers}"))
            .clone()
    };
    assert_eq!(offer("skip_unpaid")["offered"], false);
    assert_eq!(offer("skip_unpaid")["reason"], "This channel only has paid orders");
    assert_eq!(
        offer("mails.customer_notifications"),
        json!({ "field": "mails.customer_notifications", "offered": true })
    );
    assert_eq!(offer("mails.receipt")["offered"], false);
}

#[tokio::test]
async fn a_main_store_has_no_channel_settings() {
    let world = World::new();
    let id = world.connected("shop-1", "shop", Role::MainStore).await;
    read(&world, &id).await.problem(404);
    put(&world, &id, Some("\"1\""), &json!({})).await.problem(404);
}

#[tokio::test]
async fn every_bound_of_every_field_is_one_refusal_that_names_the_field_and_what_is_allowed() {
    let world = World::new();
    let id = world.connected("shop-1", "shop", Role::Channel).await;
    let before = read(&world, &id).await;
    let whole = before.ok(200)["settings"].clone();
    let rate = |country: Value, points: u32, label: &str| json!([{ "country": country, "basis_points": points, "label": label }]);
    let rows = |n: usize| (0..n).map(|i| (format!("method {i}"), json!("Post"))).collect::<serde_json::Map<_, _>>();
    let taxes = (0..301).map(|i| json!({ "country": format!("{}{}", char::from(b'A' + u8::try_from(i / 26).unwrap()), char::from(b'A' + u8::try_from(i % 26).unwrap())), "basis_points": 1900, "label": "VAT" }));
    let convert = |from: &str, to: &str, rate: &str, source: &str| json!({ "mode": "convert", "rates": [{ "from": from, "to": to, "rate": rate, "source": source, "at": "2026-11-18T00:00:00Z" }] });
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        ("/tax/rates", rate(Value::Null, 10_000, "VAT"), "tax.rates[0].basis_points", "below 100 %"),
        ("/tax/rates", rate(Value::Null, 2_000, " "), "tax.rates[0].label", "1 to 100"),
        ("/tax/rates", rate(Value::Null, 2_000, &"x".repeat(101)), "tax.rates[0].label", "1 to 100"),
        ("/tax/rates", rate(json!("de"), 1_900, "VAT"), "tax.rates[0].country", "two capital letters"),
        ("/tax/rates", Value::Array(taxes.collect()), "tax.rates", "300 rows"),
        ("/shipping_methods", Value::Object(rows(301)), "shipping_methods", "300 rows"),
        ("/shipping_methods", json!({ "x": "" }), "shipping_methods", "1 to 100"),
        ("/carriers", Value::Object(rows(301)), "carriers", "300 rows"),
        ("/carriers", json!({ "x": "y".repeat(101) }), "carriers", "1 to 100"),
        ("/stock/buffer", json!(10_001), "stock.buffer", "between 0 and 10000"),
        ("/stock/maximum", json!(0), "stock.maximum", "between 1 and 100000"),
        ("/stock/maximum", json!(100_001), "stock.maximum", "between 1 and 100000"),
        ("/personal_data_days", json!(0), "personal_data_days", "1 to 90 days"),
        ("/personal_data_days", json!(91), "personal_data_days", "1 to 90 days"),
        ("/order_number_prefix", json!("EB-"), "order_number_prefix", "keep_order_number"),
        ("/currency", json!({ "mode": "convert", "rates": [] }), "currency.rates", "1 to "),
        ("/currency", convert("EUR", "EUR", "1.1", "ECB"), "currency.rates[0].to", "two different"),
        ("/currency", convert("EUR", "USD", "1.1", ""), "currency.rates[0].source", "1 to 100"),
        ("/currency", convert("EUR", "USD", "0", "ECB"), "currency", ""),
        ("/auto_import", json!("always"), "auto_import", "linked"),
        ("/send_when", json!("later"), "send_when", "paid"),
        ("/restock_refunds", json!("never"), "restock_refunds", "always"),
        ("/alerts/failed_import", json!("yes"), "alerts.failed_import", "boolean"),
        ("/mails/receipt", json!(1), "mails.receipt", "boolean"),
        ("/stock/buffer", json!(-1), "stock.buffer", "u32"),
    ];
    for (pointer, value, field, says) in cases {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is no setting: {whole}")) = value.clone();
        let answer = put(&world, &id, Some(before.header("etag")), &document).await.problem(422);
        let errors = answer["errors"].as_array();
        let found = errors.and_then(|errors| errors.iter().find(|error| error["field"] == field));
        let told = found.map_or_else(|| answer.to_string(), |error| error["detail"].to_string());
        assert!(found.is_some() || answer["field"] == field, "{pointer} {value}: {answer}");
        assert!(told.contains(says), "{pointer} {value}: {told}");
    }
    assert_eq!(read(&world, &id).await.json(), before.json(), "nothing of it was stored");
}
