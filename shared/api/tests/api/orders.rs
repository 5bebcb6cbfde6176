//! The list, one order with its story, packages by hand, what could not be read.

use app::Job;
use domain::link::Target;
use domain::shipment::{Origin, Package, Push, Tracking};
use domain::stock::{LineStock, StockState};
use domain::trace::NotImported;
use domain::{ConnectionId, ImportState, LineId, Link, ListingKey, Order, ProductId, Shipment, StoreOrderId};
use serde_json::{Value, json};
use storage::{Kept, Role, UnreadableOrder};

use crate::support::World;
use crate::support::orders::{order, stored};

pub async fn with_channel() -> (World, ConnectionId) {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    (world, channel)
}

/// An imported order whose stock the store took.
pub fn imported(channel: &ConnectionId, number: u64) -> Order {
    let mut order = order(channel, number, "2026-11-18T09:00:00Z");
    order.import = ImportState::Imported {
        store_order: StoreOrderId::new("815").unwrap(),
        number: "815".to_owned(),
        at: "2026-11-18T09:01:00Z".parse().unwrap(),
    };
    order.store.paid = true;
    order.stock = vec![LineStock {
        line: LineId::new("line-1").unwrap(),
        product: ProductId::new("10").unwrap(),
        units: 2,
        state: StockState::Taken,
        restored: 0,
        of: 0,
    }];
    order
}

#[tokio::test]
async fn orders_come_newest_first_and_page_by_page() {
    let (world, channel) = with_channel().await;
    let mut ids = Vec::new();
    for (number, created_at) in [(1, "2026-09-30T23:59:59Z"), (2, "2026-10-01T00:00:00Z"), (3, "2026-11-18T09:00:00Z")]
    {
        ids.push(stored(&world.app.storage, order(&channel, number, created_at)).await.to_string());
    }
    let first = world.get("/orders?limit=2").await.ok(200);
    let shown = |page: &Value| -> Vec<String> {
        page["orders"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(shown(&first), [ids[2].clone(), ids[1].clone()]);
    let next = first["next"].as_str().unwrap();
    // An order that comes in meanwhile neither moves the rest nor comes twice.
    stored(&world.app.storage, order(&channel, 4, "2026-11-19T09:00:00Z")).await;
    let second = world.get(&format!("/orders?limit=2&cursor={next}")).await.ok(200);
    assert_eq!(shown(&second), [ids[0].clone()]);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(world.get("/orders?cursor=yesterday").await.problem(400)["field"], "cursor");
}

#[tokio::test]
async fn a_row_tells_what_the_list_shows() {
    let (world, channel) = with_channel().await;
    let mut order = imported(&channel, 7);
    order.source.buyer_note = Some("Ring twice".to_owned());
    order.source.gift_message = Some("For Ada".to_owned());
    order.source.warnings = vec!["The channel gave no phone number.".to_owned()];
    let id = stored(&world.app.storage, order).await;
    let rows = world.get("/orders").await.ok(200);
    let expected = json!({ "orders": [{
        "id": id.to_string(),
        "number": 7,
        "order_date": "2026-11-18T09:00:00Z",
        "dot": { "color": "green", "units_held": 2, "units": 2 },
        "status": "ready_to_ship",
        "refund": "none",
        "channel": {
            "connection_id": "market-1", "name": "My market-1", "platform": "market", "order_number": "CH-7",
        },
        "skus": ["MUG"],
        "items": ["Mug, blue"],
        "buyer": "Zoë Müller",
        "buyer_note": "Ring twice",
        "gift_message": "For Ada",
        "warnings": ["The channel gave no phone number."],
        "total": { "amount": "42.48", "currency": "GBP" },
        "store_order_number": "815",
        "push": { "state": "sent", "why": null },
        "error": null,
    }], "next": null, "as_of": crate::support::NOW, "looked_back_to": null });
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn amounts_have_the_decimals_of_their_currency() {
    let (world, channel) = with_channel().await;
    let mut yen = order(&channel, 1, "2026-11-18T09:00:00Z");
    yen.source.currency = "JPY".parse().unwrap();
    let money = |minor| domain::Money::from_minor(minor, yen.source.currency);
    yen.source.buyer_total = money(4248);
    yen.source.lines[0].charge = domain::Charge::plain(money(3998));
    yen.source.shipping.charge = domain::Charge::plain(money(250));
    stored(&world.app.storage, yen).await;
    let rows = world.get("/orders").await.ok(200);
    assert_eq!(rows["orders"][0]["total"], json!({ "amount": "4248", "currency": "JPY" }));
}

#[tokio::test]
async fn an_order_shows_both_sides_its_lines_and_its_story() {
    let (world, channel) = with_channel().await;
    let listing = ListingKey::listing("4711", Some("blue"));
    let target = Target { product: ProductId::new("10").unwrap(), sku: None, quantity: 1, weight: 1 };
    let link = Link { connection: channel.clone(), listing, targets: vec![target], tax_rate: None };
    world.app.storage.links.put(&link).await.unwrap();
    let mut order = imported(&channel, 7);
    order.packages = vec![Package {
        key: "t:1Z999".to_owned(),
        origin: Origin::Store,
        shipment: Shipment {
            remote_id: Some("p1".to_owned()),
            tracking: Some(Tracking { number: "1Z999".to_owned(), carrier: Some("UPS".to_owned()) }),
            shipped_at: Some("2026-11-19T10:00:00Z".parse().unwrap()),
            lines: Vec::new(),
        },
        push: Push::Refused { reason: "The channel does not take this carrier.".to_owned() },
    }];
    let id = stored(&world.app.storage, order).await;
    let shown = world.get(&format!("/orders/{id}")).await.ok(200);
    assert_eq!(shown["error"], "The channel does not take this carrier.");
    assert_eq!(shown["channel_side"]["order_id"], "c-7");
    assert_eq!(shown["channel_side"]["payment"], "paid");
    assert_eq!(shown["channel_side"]["ship_to"]["last_name"], "Müller");
    assert_eq!(shown["store_side"]["import"], "imported");
    assert_eq!(shown["store_side"]["order_id"], "815");
    assert_eq!(shown["store_side"]["imported_at"], "2026-11-18T09:01:00Z");
    assert_eq!(shown["store_side"]["reference"], format!("trib-{id}-1"));
    assert_eq!(shown["totals"]["store"], json!({ "amount": "42.48", "currency": "GBP" }));
    let line = &shown["lines"][0];
    assert_eq!(line["gross"], json!({ "amount": "39.98", "currency": "GBP" }));
    assert_eq!(
        line["link"],
        json!({ "listing": "id:4711/blue", "targets": [{ "product": "10", "quantity": 1, "weight": 1 }] })
    );
    assert_eq!(line["stock"], json!([{ "line": "line-1", "product": "10", "units": 2, "state": "taken" }]));
    assert_eq!(shown["packages"][0]["push"], "refused");
    assert_eq!(shown["packages"][0]["tracking"], json!({ "number": "1Z999", "carrier": "UPS" }));
    let told = json!({ "at": "2026-11-18T09:01:00Z", "text": "Imported into the main store as order 815." });
    assert_eq!(shown["trace"], json!([told]));
}

#[tokio::test]
async fn an_order_that_waits_says_why_on_top() {
    let (world, channel) = with_channel().await;
    let mut waiting = order(&channel, 1, "2026-11-18T09:00:00Z");
    waiting.import = ImportState::Waiting(NotImported::Unlinked { items: vec!["Mug, blue".to_owned()] });
    let id = stored(&world.app.storage, waiting).await;
    let shown = world.get(&format!("/orders/{id}")).await.ok(200);
    assert!(shown["error"].as_str().unwrap().starts_with("Not linked: Mug, blue."), "{shown}");
    assert_eq!(shown["store_side"]["import"], "waiting");
    assert_eq!(shown["lines"][0]["link"], Value::Null);
    assert_eq!(shown["dot"]["color"], "red");
}

#[tokio::test]
async fn an_unlinked_item_says_whether_the_store_has_its_product_and_what_to_do() {
    let (world, channel) = with_channel().await;
    let mut waiting = order(&channel, 1, "2026-11-18T09:00:00Z");
    waiting.import = ImportState::Waiting(NotImported::Unlinked { items: vec!["MUG".to_owned()] });
    let mut nameless = waiting.source.lines[0].clone();
    (nameless.id, nameless.sku) = (LineId::new("line-2").unwrap(), None);
    waiting.source.lines.push(nameless);
    let id = stored(&world.app.storage, waiting).await;
    let lines = async || world.get(&format!("/orders/{id}")).await.ok(200)["lines"].clone();
    let told = |line: &Value| {
        let text = line["unlinked"]["text"].as_str().unwrap().to_owned();
        (line["unlinked"]["cause"].as_str().unwrap().to_owned(), text)
    };

    // No main store yet: what is certain is said, and that the rest is not known.
    let (cause, text) = told(&lines().await[0]);
    assert!(cause == "not_known" && text.contains("could not be found out"), "{cause}: {text}");
    world.connected("shop-1", "shop", Role::MainStore).await;
    let (cause, text) = told(&lines().await[0]);
    assert!(cause == "no_product" && text.contains("no product with the SKU MUG. Add it there"), "{cause}: {text}");

    world.platforms.held.lock().unwrap().products = vec![("10", Some("MUG"))];
    let shown = lines().await;
    let (cause, text) = told(&shown[0]);
    assert!(cause == "not_linked" && text.contains("(Product 10), but this listing is not linked"), "{cause}: {text}");
    assert_eq!(shown[0]["unlinked"]["product"], "10");
    assert_eq!(told(&shown[1]).0, "no_sku");

    world.platforms.held.lock().unwrap().fails = Some(connect::ErrorKind::Unavailable);
    assert_eq!(told(&lines().await[0]).0, "not_known");
    world.platforms.held.lock().unwrap().fails = None;

    let listing = ListingKey::listing("4711", Some("blue"));
    let target = Target { product: ProductId::new("10").unwrap(), sku: None, quantity: 1, weight: 1 };
    let link = Link { connection: channel, listing, targets: vec![target], tax_rate: None };
    world.app.storage.links.put(&link).await.unwrap();
    assert_eq!(lines().await[0]["unlinked"], Value::Null);
}

#[tokio::test]
async fn an_unknown_order_is_404() {
    let (world, channel) = with_channel().await;
    let never = order(&channel, 9, "2026-11-18T09:00:00Z").id;
    for id in [never.to_string(), "nonsense".to_owned()] {
        world.get(&format!("/orders/{id}")).await.problem(404);
        world.post(&format!("/orders/{id}/sync"), &json!({})).await.problem(404);
        world.post(&format!("/orders/{id}/send"), &json!({})).await.problem(404);
        world.post(&format!("/orders/{id}/shipments"), &json!({ "lines": [] })).await.problem(404);
    }
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_package_by_hand_is_queued_once() {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, imported(&channel, 1)).await;
    let path = format!("/orders/{id}/shipments");
    let body = json!({ "tracking": { "number": " 1Z-999 ", "carrier": "UPS" }, "lines": [{ "line": "line-1", "quantity": 2 }] });
    assert_eq!(world.post(&path, &body).await.ok(202), json!({ "id": id.to_string(), "queued": true }));
    world.post(&path, &body).await.ok(202);
    let packages = world.get(&format!("/orders/{id}")).await.ok(200)["packages"].clone();
    assert_eq!(packages.as_array().unwrap().len(), 1, "{packages}");
    assert_eq!(packages[0]["tracking"], json!({ "number": "1Z-999", "carrier": "UPS" }));
    assert_eq!((&packages[0]["origin"], &packages[0]["push"]), (&json!("person"), &json!("wanted")));
    assert!(world.queue.take().iter().all(|job| *job == Job::fulfil(id)));
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn a_package_that_cannot_be_is_422_and_named() {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, imported(&channel, 1)).await;
    let path = format!("/orders/{id}/shipments");
    let line = |line: &str, quantity: u32| json!({ "line": line, "quantity": quantity });
    for (body, field) in [
        (json!({ "lines": [line("line-9", 1)] }), "lines"),
        (json!({ "lines": [line("line-1", 3)] }), "lines"),
        (json!({ "lines": [line("line-1", 0)] }), "lines"),
        (json!({ "lines": [line("line-1", 1), line("line-1", 1)] }), "lines[1].line"),
        (json!({ "tracking": { "number": "---" }, "lines": [] }), "tracking.number"),
        (json!({ "tracking": { "number": "1Z", "carrier": " " }, "lines": [] }), "tracking.carrier"),
        (json!({ "tracking": { "carrier": "UPS" }, "lines": [] }), "tracking.number"),
        (json!({ "tracking": null }), "lines"),
    ] {
        assert_eq!(world.post(&path, &body).await.problem(422)["field"], field, "{body}");
    }
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn an_order_that_is_not_in_the_store_takes_no_package() {
    let (world, channel) = with_channel().await;
    let id = stored(&world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let problem = world.post(&format!("/orders/{id}/shipments"), &json!({ "lines": [] })).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:not-imported");
}

#[tokio::test]
async fn an_order_that_could_not_be_read_is_shown_without_its_bytes() {
    let (world, channel) = with_channel().await;
    let unreadable = UnreadableOrder {
        connection: channel.clone(),
        remote_id: Some("c-13".to_owned()),
        raw: b"{\"name\": \"Zoe\"".to_vec(),
        cut: false,
        why: "The market sent an order without a total.".to_owned(),
        context: "missing field `total`".to_owned(),
        seen_at: crate::support::NOW.parse().unwrap(),
    };
    assert_eq!(world.app.storage.orders.put_unreadable(&unreadable).await.unwrap(), Kept::New);
    let shown = world.get(&format!("/connections/{channel}/unreadable-orders")).await.ok(200);
    let expected = json!({ "orders": [{
        "channel_order_id": "c-13", "why": "The market sent an order without a total.", "bytes": 14,
        "seen_at": crate::support::NOW,
    }], "next": null });
    assert_eq!(shown, expected);
}
