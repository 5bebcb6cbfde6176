//! Connecting, looking, testing, reconnecting, disconnecting.

use connect::ErrorKind;
use serde_json::{Value, json};
use storage::Role;

use crate::support::World;

const SECRET: &str = "hush-hush-4711";

pub fn market(account: &str) -> Value {
    json!({
        "platform": "market", "role": "channel", "name": " My market ", "settings": { "region": "GB" },
        "credentials": { "key": "right", "account": account, "webhook_secret": SECRET },
    })
}

fn shop(account: &str) -> Value {
    json!({
        "platform": "shop", "role": "main_store", "name": "My shop",
        "credentials": { "key": "right", "account": account },
    })
}

#[tokio::test]
async fn connecting_an_account_is_201_and_never_shows_its_credentials() {
    let world = World::new();
    let answer = world.post("/connections", &market("seller-1")).await;
    let made = answer.ok(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("connections/{id}"));
    assert_eq!(made["webhook_path"], format!("/webhooks/{id}"));
    for (field, value) in [
        ("platform", json!("market")),
        ("role", json!("channel")),
        ("name", json!("My market")),
        ("account", json!("seller-1")),
        ("settings", json!({ "region": "GB" })),
        ("state", json!("active")),
        ("connected_at", json!("2026-11-20T14:00:00Z")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert_eq!(world.platforms.kept().len(), 1);
    let one = world.get(&format!("/connections/{id}")).await;
    assert_eq!(one.ok(200), made);
    let all = world.get("/connections").await;
    assert_eq!(all.ok(200), json!({ "connections": [made] }));
    for text in [&answer.text, &one.text, &all.text] {
        assert!(!text.contains(SECRET) && !text.contains("credentials"), "{text}");
    }
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn an_unknown_platform_is_422_and_named() {
    let world = World::new();
    let mut body = market("seller-1");
    body["platform"] = json!("bazaar");
    let problem = world.post("/connections", &body).await.problem(422);
    assert_eq!((&problem["field"], &problem["detail"]), (&json!("platform"), &json!("There is no such platform.")));
}

#[tokio::test]
async fn a_role_that_the_platform_does_not_offer_is_422_and_named() {
    let world = World::new();
    let mut body = market("seller-1");
    body["role"] = json!("main_store");
    assert_eq!(world.post("/connections", &body).await.problem(422)["field"], "role");
    assert!(world.platforms.kept().is_empty());
}

#[tokio::test]
async fn a_name_out_of_range_is_422_and_named() {
    let world = World::new();
    for name in ["", "   ", &"x".repeat(101), "two\nlines"] {
        let mut body = market("seller-1");
        body["name"] = json!(name);
        assert_eq!(world.post("/connections", &body).await.problem(422)["field"], "name");
    }
}

#[tokio::test]
async fn an_account_is_connected_once() {
    let world = World::new();
    let first = world.post("/connections", &market("seller-1")).await.ok(201);
    let problem = world.post("/connections", &market("seller-1")).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:account-connected");
    assert_eq!(problem["connection_id"], first["id"]);
    world.post("/connections", &market("seller-2")).await.ok(201);
    assert_eq!(world.platforms.kept().len(), 2, "credentials of a refused connection are forgotten");
}

#[tokio::test]
async fn there_is_one_main_store() {
    let world = World::new();
    let first = world.post("/connections", &shop("shop-1")).await.ok(201);
    let problem = world.post("/connections", &shop("shop-2")).await.problem(409);
    assert_eq!(problem["type"], "urn:tributary:problem:main-store-connected");
    assert_eq!(problem["connection_id"], first["id"]);
}

#[tokio::test]
async fn a_wrong_key_is_422_in_the_connectors_words_and_nothing_is_kept() {
    let world = World::new();
    let mut body = market("seller-1");
    body["credentials"]["key"] = json!(SECRET);
    let answer = world.post("/connections", &body).await;
    let problem = answer.problem(422);
    assert_eq!(problem["type"], "urn:tributary:problem:connection-does-not-work");
    assert_eq!(problem["detail"], "The platform does not know this key.");
    assert!(!answer.text.contains(SECRET));
    assert!(world.platforms.kept().is_empty());
    assert_eq!(world.get("/connections").await.ok(200), json!({ "connections": [] }));
}

#[tokio::test]
async fn a_store_url_that_leads_to_a_private_address_is_422() {
    let world = World::new();
    for url in ["https://localhost/", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"] {
        let mut body = shop("shop-1");
        body["settings"] = json!({ "url": url });
        let problem = world.post("/connections", &body).await.problem(422);
        assert_eq!(problem["detail"], "This address leads to a private network, which is not allowed.", "{url}");
    }
    assert!(world.platforms.kept().is_empty());
}

#[tokio::test]
async fn a_platform_that_is_down_is_503_and_not_the_callers_fault() {
    let world = World::new();
    world.platforms.held.lock().unwrap().fails = Some(ErrorKind::Unavailable);
    let answer = world.post("/connections", &market("seller-1")).await;
    answer.problem(503);
    assert_eq!(answer.header("retry-after"), "60");
    assert!(world.platforms.kept().is_empty());
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_or_of_the_wrong_type_is_not_echoed() {
    let world = World::new();
    for credentials in
        [json!({ "key": 47_110_815 }), json!("47110815"), json!({ "key": ["47110815"] }), json!(["47110815"])]
    {
        let mut body = market("seller-1");
        body["credentials"] = credentials;
        let answer = world.post("/connections", &body).await;
        let problem = answer.problem(422);
        assert!(problem["field"].as_str().unwrap().starts_with("credentials"), "{problem}");
        assert!(!answer.text.contains("47110815"), "{problem}");
    }
    let answer = world.post("/connections", &json!("47110815")).await;
    answer.problem(422);
    assert!(!answer.text.contains("47110815"));
}

#[tokio::test]
async fn what_is_disconnected_is_gone_and_its_credentials_with_it() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let answer = world.call("DELETE", &format!("/connections/{id}"), "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    assert!(world.platforms.kept().is_empty());
    assert_eq!(world.get("/connections").await.ok(200), json!({ "connections": [] }));
    world.get(&format!("/connections/{id}")).await.problem(404);
    world.call("DELETE", &format!("/connections/{id}"), "").await.problem(404);
    world.post("/connections", &market("account-of-market-1")).await.ok(201);
}

#[tokio::test]
async fn an_unknown_connection_is_404() {
    let world = World::new();
    for (method, path) in [
        ("GET", "/connections/none"),
        ("DELETE", "/connections/none"),
        ("POST", "/connections/none/test"),
        ("POST", "/connections/none/reconnect"),
        ("GET", "/connections/none/settings"),
        ("PUT", "/connections/none/settings"),
        ("GET", "/connections/none/links"),
        ("POST", "/connections/none/links/by-sku"),
        ("DELETE", "/connections/none/links/sku:A"),
        ("GET", "/connections/none/unreadable-orders"),
    ] {
        world.call(method, path, "{}").await.problem(404);
    }
}

#[tokio::test]
async fn a_test_says_whether_the_connection_works_and_changes_nothing() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let path = format!("/connections/{id}/test");
    assert_eq!(world.post(&path, &json!({})).await.ok(200), json!({ "works": true, "account": "account-of-market-1" }));
    let before = world.get(&format!("/connections/{id}")).await.text;
    world.platforms.keep(&id, &[("key", "wrong")]);
    let answer = world.post(&path, &json!({})).await.ok(200);
    assert_eq!((&answer["works"], &answer["why"]), (&json!(false), &json!("The platform does not know this key.")));
    world.platforms.keep(&id, &[("key", "right"), ("account", "another")]);
    let answer = world.post(&path, &json!({})).await.ok(200);
    assert_eq!(answer["why"], "The credentials belong to another account: another.");
    assert_eq!(world.get(&format!("/connections/{id}")).await.text, before);
    assert!(world.queue.take().is_empty());
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn reconnecting_takes_new_credentials_of_the_same_account_and_polls() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    world.platforms.keep(&id, &[("key", "withdrawn")]);
    let path = format!("/connections/{id}/reconnect");
    let body = json!({ "credentials": { "key": "right", "account": "account-of-market-1" } });
    assert_eq!(world.post(&path, &body).await.ok(200)["state"], "active");
    assert_eq!(world.queue.take(), [app::Job::poll(id.clone())]);

    let problem = world.post(&path, &json!({ "credentials": { "key": "wrong" } })).await.problem(422);
    assert_eq!(problem["detail"], "The platform does not know this key.");
    let other = json!({ "credentials": { "key": "right", "account": "another" } });
    assert_eq!(world.post(&path, &other).await.problem(422)["field"], "credentials");
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn a_connection_shows_how_it_fares() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let at = crate::support::NOW.parse().unwrap();
    world.app.storage.settings.record_failure(&id, at, "The market does not answer.").await.unwrap();
    let why = "Access was withdrawn.".to_owned();
    let state = storage::ConnectionState::NeedsAttention { why: why.clone(), since: at };
    assert!(world.app.storage.settings.set_connection_state(&id, &state).await.unwrap());
    let shown = world.get(&format!("/connections/{id}")).await.ok(200);
    assert_eq!(shown["state"], "needs_attention");
    assert_eq!(shown["attention"], json!({ "at": crate::support::NOW, "why": why }));
    assert_eq!(shown["health"]["failing_since"], crate::support::NOW);
    assert_eq!(shown["health"]["last_failure"]["why"], "The market does not answer.");
    assert_eq!(shown["health"]["last_success"], Value::Null);
}

#[tokio::test]
async fn every_platform_is_listed_and_one_without_orders_says_why_it_cannot_be_synced() {
    let world = World::new();
    let answer = world.get("/platforms").await.ok(200);
    let names: Vec<&str> =
        answer["platforms"].as_array().unwrap().iter().map(|platform| platform["platform"].as_str().unwrap()).collect();
    assert_eq!(names, ["market", "plain-shop", "shop", "facebook-shops", "google-shopping"]);
    let of = |name: &str| &answer["platforms"][names.iter().position(|known| *known == name).unwrap()];
    assert_eq!((&of("market")["syncable"], of("market").get("main_store")), (&json!(true), None));
    assert!(of("shop")["channel"].is_object() && of("shop")["main_store"].is_object());
    for name in ["google-shopping", "facebook-shops"] {
        assert_eq!(of(name)["syncable"], json!(false));
        assert!(of(name)["reason"].as_str().unwrap().contains("no orders"), "{}", of(name));
    }
}
