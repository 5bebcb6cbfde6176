//! What the merchants' rules say of WooCommerce beyond the recordings: stock, mails, taxes, refunds, faults.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fakes::woocommerce::{MailKind, MoveReason, Status, Tracking, WooFake, WooShop};
use fakes::{PageShift, SimClock};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Answer, send};

async fn shop() -> WooFake {
    let clock = SimClock::starting_at("2026-11-18T09:00:00Z".parse().unwrap());
    start(WooShop::new().behind_tls().clock(clock)).await
}

async fn start(shop: WooShop) -> WooFake {
    let shop = shop.start().await.unwrap();
    shop.add_product("A", "Apron", Decimal::new(1999, 2), 50);
    shop
}

async fn ask(shop: &WooFake, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let keys = BASE64_STANDARD.encode(format!("{}:{}", shop.key(), shop.secret()));
    let headers = [("Authorization".to_owned(), format!("Basic {keys}"))];
    let target = format!("/wp-json/wc/v3{path}");
    send(shop.url(), method, &target, &headers, body.map(Value::to_string).as_deref()).await.unwrap()
}

async fn create(shop: &WooFake, order: Value) -> u64 {
    let answer = ask(shop, "POST", "/orders", Some(&order)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_u64().unwrap()
}

async fn put(shop: &WooFake, id: u64, change: Value) -> Value {
    let answer = ask(shop, "PUT", &format!("/orders/{id}"), Some(&change)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn line(quantity: i64) -> Value {
    json!([{"sku": "A", "quantity": quantity}])
}

#[tokio::test]
async fn stock_is_taken_once_when_the_order_is_paid_and_given_back_by_a_cancel() {
    let shop = shop().await;
    let id = create(&shop, json!({"line_items": line(3)})).await;
    assert_eq!(shop.stock("A"), Some(50), "a pending order takes nothing");
    for status in ["processing", "on-hold", "completed"] {
        put(&shop, id, json!({"status": status})).await;
        assert_eq!(shop.stock("A"), Some(47));
    }
    for _ in 0..2 {
        put(&shop, id, json!({"status": "cancelled"})).await;
        assert_eq!(shop.stock("A"), Some(50));
    }
    let reasons: Vec<MoveReason> = shop.movements("A").iter().map(|movement| movement.reason).collect();
    assert_eq!(reasons, [MoveReason::Order(id), MoveReason::Cancel(id)]);
}

#[tokio::test]
async fn a_line_that_was_deducted_before_is_not_deducted_again() {
    let shop = shop().await;
    let deducted = json!([{"sku": "A", "quantity": 2, "meta_data": [{"key": "_reduced_stock", "value": "2"}]}]);
    let id = create(&shop, json!({"status": "processing", "line_items": deducted})).await;
    assert_eq!(shop.stock("A"), Some(50));
    put(&shop, id, json!({"status": "cancelled"})).await;
    assert_eq!(shop.stock("A"), Some(52), "the cancel gives back what the line says");
}

#[tokio::test]
async fn a_pending_order_that_we_deducted_for_gives_back_by_itself() {
    let shop = shop().await;
    shop.set_stock("A", 47);
    let deducted = json!([{"sku": "A", "quantity": 3, "meta_data": [{"key": "_reduced_stock", "value": "3"}]}]);
    let meta = json!([{"key": "_order_stock_reduced", "value": "yes"}]);
    let id = create(&shop, json!({"line_items": deducted, "meta_data": meta})).await;
    assert!(shop.order_json(id).unwrap()["meta_data"].as_array().unwrap().is_empty(), "the flag is never shown");
    assert_eq!(shop.stock("A"), Some(47));
    put(&shop, id, json!({"status": "processing"})).await;
    assert_eq!(shop.stock("A"), Some(47), "paid: nothing is taken twice");
    put(&shop, id, json!({"status": "cancelled"})).await;
    assert_eq!(shop.stock("A"), Some(50));
}

#[tokio::test]
async fn set_paid_does_nothing_on_hold() {
    let shop = shop().await;
    let id = create(&shop, json!({"status": "on-hold", "line_items": line(1)})).await;
    let order = put(&shop, id, json!({"set_paid": true})).await;
    assert_eq!((&order["status"], &order["date_paid"]), (&json!("on-hold"), &Value::Null));
    assert_eq!(shop.mails().len(), 1, "the owner alone: the order has no address");
}

#[tokio::test]
async fn an_order_without_an_address_and_with_the_mark_mails_nobody() {
    let shop = shop().await;
    let marked = json!([{"key": "_new_order_email_sent", "value": "true"}]);
    let id = create(&shop, json!({"line_items": line(1), "meta_data": marked})).await;
    put(&shop, id, json!({"status": "processing"})).await;
    put(&shop, id, json!({"status": "completed"})).await;
    assert!(shop.mails().is_empty(), "{:?}", shop.mails());
}

#[tokio::test]
async fn an_order_with_an_address_mails_the_buyer_at_every_step() {
    let shop = shop().await;
    let order = json!({"status": "processing", "line_items": line(1), "billing": {"email": "buyer@mail.test"}});
    let id = create(&shop, order).await;
    shop.complete(id).unwrap();
    let sent: Vec<MailKind> = shop.mails().iter().map(|mail| mail.kind).collect();
    assert_eq!(sent, [MailKind::OwnerNewOrder, MailKind::Processing, MailKind::Completed]);
    assert!(shop.mails_to_buyers().iter().all(|mail| mail.to == "buyer@mail.test"));
}

#[tokio::test]
async fn an_empty_address_is_refused_and_null_is_none() {
    let shop = shop().await;
    let answer = ask(&shop, "POST", "/orders", Some(&json!({"billing": {"email": ""}}))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("rest_invalid_param")));
    create(&shop, json!({"billing": {"email": null}})).await;
    let answer = ask(&shop, "POST", "/orders", Some(&json!({"shipping": {"address_2": null}}))).await;
    assert_eq!(answer.json()["message"], "Invalid parameter(s): shipping");
}

#[tokio::test]
async fn the_shop_taxes_by_the_buyers_place() {
    let shop = shop().await;
    let order = |country: &str, state: &str, meta: Value| {
        json!({
            "line_items": [{"sku": "A", "quantity": 1, "subtotal": "40.00", "total": "40.00"}],
            "shipping": {"country": country, "state": state}, "meta_data": meta,
        })
    };
    let exempt = json!([{"key": "is_vat_exempt", "value": "yes"}]);
    for (country, state, meta, total) in [
        ("US", "CA", json!([]), "43.30"),
        ("GB", "", json!([]), "48.00"),
        ("US", "NY", json!([]), "40.00"),
        ("GB", "", exempt, "40.00"),
    ] {
        let id = create(&shop, order(country, state, meta)).await;
        assert_eq!(shop.order_json(id).unwrap()["total"], total, "{country} {state}");
    }
}

#[tokio::test]
async fn money_that_is_no_text_is_refused() {
    let shop = shop().await;
    let order = json!({"line_items": [{"sku": "A", "quantity": 1, "total": 40.0}]});
    let answer = ask(&shop, "POST", "/orders", Some(&order)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["data"]["params"]["line_items"], "line_items[0][total] is not of type string.");
}

#[tokio::test]
async fn older_shops_ignore_created_via() {
    for (shop, kept) in [(WooShop::new(), true), (WooShop::new().version_9_4(), false)] {
        let shop = start(shop.behind_tls()).await;
        create(&shop, json!({"created_via": "ref-1"})).await;
        create(&shop, json!({"created_via": "ref-2"})).await;
        let answer = ask(&shop, "GET", "/orders?created_via=ref-1&status=any", None).await.json();
        let listed: Vec<&Value> = answer.as_array().unwrap().iter().map(|order| &order["created_via"]).collect();
        let expected = if kept { vec!["ref-1"] } else { vec!["rest-api", "rest-api"] };
        assert_eq!(listed, expected);
    }
}

#[tokio::test]
async fn the_ledger_counts_creates_per_reference_also_when_deleted() {
    let shop = shop().await;
    let first = create(&shop, json!({"created_via": "ref-1"})).await;
    create(&shop, json!({"created_via": "ref-2"})).await;
    assert!(shop.duplicates().is_empty());
    ask(&shop, "DELETE", &format!("/orders/{first}?force=true"), None).await;
    let meta = json!([{"key": "_tributary_reference", "value": "ref-1"}]);
    let second = create(&shop, json!({"meta_data": meta})).await;
    assert_eq!(shop.duplicates(), [("ref-1".to_owned(), vec![first, second])]);
}

#[tokio::test]
async fn a_refund_moves_money_and_stock_only_where_asked() {
    let shop = shop().await;
    let order = json!({"payment_method": "stripe", "status": "processing", "line_items": line(3)});
    let id = create(&shop, order).await;
    let line_id = shop.order(id).unwrap().lines[0].id;
    let back = |restock: bool, pay: bool| {
        json!({
            "api_refund": pay, "api_restock": restock,
            "line_items": [{"id": line_id, "quantity": 1, "refund_total": 19.99}],
        })
    };
    let path = format!("/orders/{id}/refunds");
    assert_eq!(ask(&shop, "POST", &path, Some(&back(false, false))).await.status, 201);
    assert_eq!(shop.stock("A"), Some(47));
    assert_eq!(ask(&shop, "POST", &path, Some(&back(true, true))).await.status, 201);
    assert_eq!(shop.stock("A"), Some(48));
    let made: Vec<(bool, bool)> = shop.refunds().iter().map(|made| (made.gateway_called, made.restocked)).collect();
    assert_eq!(made, [(false, false), (true, true)]);
    shop.cancel(id).unwrap();
    assert_eq!(shop.stock("A"), Some(50), "the cancel gives back what the refund left");
}

#[tokio::test]
async fn tracking_is_in_the_plugins_meta() {
    let shop = shop().await;
    let id = shop.place_checkout_order(&json!({"set_paid": true, "line_items": line(1)})).unwrap();
    for number in ["TRK1", "TRK2"] {
        shop.ship(id, &[Tracking { provider: "Royal Mail".to_owned(), number: number.to_owned() }]).unwrap();
    }
    let order = ask(&shop, "GET", &format!("/orders/{id}"), None).await.json();
    assert_eq!((&order["created_via"], &order["status"]), (&json!("checkout"), &json!("processing")));
    let items = order["meta_data"][0]["value"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| &item["tracking_number"]).collect::<Vec<_>>(), ["TRK1", "TRK2"]);
    assert!(shop.creates().is_empty(), "a checkout is no create over the API");
}

#[tokio::test]
async fn pages_show_every_order_once_unless_one_leaves_the_window() {
    let shop = shop().await;
    for _ in 0..25 {
        create(&shop, json!({})).await;
    }
    let list = "/orders?orderby=modified&order=asc&per_page=100&modified_before=2026-11-18T10:00:00Z&page=";
    let read = async |page: usize| {
        let answer = ask(&shop, "GET", &format!("{list}{page}"), None).await;
        let ids = answer.json().as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect();
        let pages: usize = answer.header("x-wp-totalpages").unwrap().parse().unwrap();
        (ids, pages)
    };
    shop.faults().page_size(Some(10));
    let (mut seen, pages): (Vec<u64>, usize) = read(1).await;
    assert_eq!(pages, 3);
    for page in 2..=pages {
        seen.extend(read(page).await.0);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 25);

    shop.clock().advance(SignedDuration::from_hours(2));
    shop.faults().shift_pages(PageShift::Leaves);
    let (first, _) = read(1).await;
    let (second, _) = read(2).await;
    assert_eq!((first.len(), second.len()), (10, 10));
    let (third, _) = read(3).await;
    assert_eq!(third.len(), 4, "the order that left moved the others up by one");
    let shown: Vec<u64> = [first, second, third].concat();
    assert_eq!(seen.iter().filter(|id| !shown.contains(id)).count(), 1, "so that one was shown on no page");
}

#[tokio::test]
async fn young_orders_are_not_listed_yet() {
    let shop = shop().await;
    shop.faults().search_lag(SignedDuration::from_secs(90));
    let id = create(&shop, json!({"created_via": "ref-1"})).await;
    let found = async || ask(&shop, "GET", "/orders?created_via=ref-1", None).await.json().as_array().unwrap().len();
    assert_eq!(found().await, 0);
    assert_eq!(ask(&shop, "GET", &format!("/orders/{id}"), None).await.status, 200);
    shop.clock().advance(SignedDuration::from_secs(90));
    assert_eq!(found().await, 1);
}

#[tokio::test]
async fn trashed_orders_are_listed_only_when_asked_for() {
    let shop = shop().await;
    let id = create(&shop, json!({"status": "processing"})).await;
    ask(&shop, "DELETE", &format!("/orders/{id}"), None).await;
    for (status, count) in [("any", 0), ("trash", 1), ("processing", 0)] {
        let listed = ask(&shop, "GET", &format!("/orders?status={status}"), None).await.json();
        assert_eq!(listed.as_array().unwrap().len(), count, "{status}");
    }
    assert_eq!(shop.order(id).unwrap().status, Status::Trash);
    assert_eq!(ask(&shop, "DELETE", &format!("/orders/{id}"), None).await.status, 410);
}

#[tokio::test]
async fn a_plugins_status_is_taken_and_an_unknown_one_is_not() {
    let shop = start(WooShop::new().behind_tls().plugin_status("awaiting-pickup")).await;
    let id = create(&shop, json!({"status": "awaiting-pickup"})).await;
    assert_eq!(shop.order(id).unwrap().status, Status::Plugin("awaiting-pickup".to_owned()));
    assert_eq!(ask(&shop, "PUT", &format!("/orders/{id}"), Some(&json!({"status": "sent"}))).await.status, 400);
}

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A signed target, put together anew here, so that the fake's own reading is not compared with itself.
fn signed(shop: &WooFake, method: &str, path: &str, query: &[(&str, &str)], nonce: &str, secret: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let (key, now) = (shop.key(), shop.clock().now().as_second().to_string());
    let mut params = query.to_vec();
    params.extend([("oauth_consumer_key", key.as_str()), ("oauth_nonce", nonce), ("oauth_timestamp", &now)]);
    params.push(("oauth_signature_method", "HMAC-SHA256"));
    params.sort_unstable();
    let joined: Vec<String> =
        params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = joined.join("&");
    let base = format!("{method}&{}&{}", encode(&format!("{}{path}", shop.home())), encode(&query));
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
    mac.update(base.as_bytes());
    let signature = encode(&BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    format!("{path}?{query}&oauth_signature={signature}")
}

#[tokio::test]
async fn plain_http_needs_a_signature_for_the_configured_address() {
    let shop = start(WooShop::new().home("http://shop.example")).await;
    let path = "/wp-json/wc/v3/orders";
    let code = async |target: &str| {
        let answer = send(shop.url(), "GET", target, &[], None).await.unwrap();
        (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    let secret = shop.secret();
    let query = [("status[0]", "any"), ("search", "a b+c/ü")];
    let target = signed(&shop, "GET", path, &query, "nonce-1", &secret);
    assert_eq!(code(&target).await.0, 200);
    assert_eq!(code(&target).await, (401, "Invalid nonce - nonce has already been used.".to_owned()));
    let wrong = signed(&shop, "GET", path, &query, "nonce-2", "cs_wrong");
    assert_eq!(code(&wrong).await.1, "Invalid signature - provided signature does not match.");
    let partial = format!("{path}?oauth_consumer_key=x");
    assert!(code(&partial).await.1.starts_with("Missing OAuth parameters oauth_timestamp"));
    shop.faults().revoke();
    let revoked = signed(&shop, "GET", path, &[], "nonce-3", &secret);
    assert_eq!(code(&revoked).await, (401, "Consumer key is invalid.".to_owned()));
}

#[tokio::test]
async fn a_batch_sets_stock_entry_by_entry() {
    let shop = shop().await;
    let id = ask(&shop, "GET", "/products?sku=A", None).await.json()[0]["id"].clone();
    let batch = json!({"update": [{"id": id, "stock_quantity": 7}, {"id": 9999, "stock_quantity": 1}]});
    let answer = ask(&shop, "POST", "/products/batch", Some(&batch)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["update"][0]["stock_quantity"], 7);
    assert_eq!(answer.json()["update"][1]["error"]["code"], "woocommerce_rest_product_invalid_id");
    assert_eq!(shop.stock("A"), Some(7));
    let many: Vec<Value> = (0..101).map(|_| json!({"id": id})).collect();
    assert_eq!(ask(&shop, "POST", "/products/batch", Some(&json!({"update": many}))).await.status, 413);
}

#[tokio::test]
async fn a_slow_answer_is_late_and_whole() {
    let shop = WooShop::new().start().await.unwrap();
    let slow = shop.faults().answer_slowly(Duration::from_millis(20));
    let before = Instant::now();
    let answer = send(shop.url(), "GET", "/wp-json/", &[], None).await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(20));
    assert_eq!(answer.json()["home"], shop.home());
    slow.off();
}

#[tokio::test]
async fn a_shop_that_is_slow_to_act_acts_after_its_caller_gave_up() {
    let shop = shop().await;
    let gate = shop.faults().on("POST */orders").hold_next(1);
    let body = json!({"created_via": "ref-1"});
    let given_up = tokio::time::timeout(Duration::from_millis(50), ask(&shop, "POST", "/orders", Some(&body))).await;
    assert!(given_up.is_err());
    assert!(shop.orders().is_empty());
    gate.open();
    while shop.orders().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(shop.orders()[0].created_via, "ref-1");
}
