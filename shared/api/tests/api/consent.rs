//! Connecting through the platform's consent page, and the webhooks that come with connecting.

use axum::http::StatusCode;
use connect::ErrorKind;
use serde_json::{Value, json};
use storage::Role;
use url::Url;

use crate::gateway::{event, text};
use crate::support::World;

const API: &str = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1";

fn asked() -> Value {
    json!({ "role": "channel", "name": "My market", "credentials": { "client_id": "app", "client_secret": "hush" } })
}

async fn answered(world: &World, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, String) {
    text(world, event(method, path, body.map(ToString::to_string).as_deref())).await
}

/// Asks for the page; gives its state.
async fn begun(world: &World, asked: &Value) -> String {
    let (status, body) = answered(world, "POST", "/connections/market/authorize", Some(asked)).await;
    assert_eq!(status, 201, "{body}");
    let page: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(page["until"], "2026-11-20T14:10:00Z");
    let page: Url = page["url"].as_str().unwrap().parse().unwrap();
    let query: std::collections::BTreeMap<_, _> = page.query_pairs().into_owned().collect();
    assert_eq!(query["redirect_uri"], format!("{API}/oauth/callback"));
    query["state"].clone()
}

async fn back(world: &World, query: &str) -> (StatusCode, String) {
    answered(world, "GET", &format!("/oauth/callback?{query}"), None).await
}

async fn connections(world: &World) -> Vec<Value> {
    world.get("/connections").await.ok(200)["connections"].as_array().unwrap().clone()
}

#[tokio::test]
async fn consent_connects_the_account_and_registers_its_webhooks() {
    let world = World::new();
    let state = begun(&world, &asked()).await;
    assert!(connections(&world).await.is_empty(), "nothing is connected before the person has agreed");
    let (status, page) = back(&world, &format!("state={state}&code=good&seller=seller-1")).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Connected."), "{page}");
    let made = connections(&world).await.remove(0);
    assert_eq!((&made["account"], &made["settings"]), (&json!("seller-1"), &json!({ "granted": "yes" })));
    assert_eq!(made["webhooks"], json!({ "registered": true }));
    let hook = format!("{API}/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(world.platforms.held.lock().unwrap().hooks, [hook]);
    let (status, _) = answered(&world, "DELETE", &format!("/connections/{}", made["id"].as_str().unwrap()), None).await;
    assert_eq!(status, 204);
    assert!(world.platforms.held.lock().unwrap().hooks.is_empty(), "disconnecting takes the webhooks back");
    assert!(world.platforms.kept().is_empty(), "and forgets the secret");
}

#[tokio::test]
async fn a_state_is_good_once_and_for_ten_minutes() {
    let world = World::new();
    let state = begun(&world, &asked()).await;
    let query = format!("state={state}&code=good&seller=seller-1");
    assert_eq!(back(&world, &query).await.0, 200);
    let (status, page) = back(&world, &query).await;
    assert_eq!(status, 410, "{page}");
    let late = begun(&world, &asked()).await;
    world.clock.move_on(std::time::Duration::from_mins(10));
    assert_eq!(back(&world, &format!("state={late}&code=good&seller=seller-2")).await.0, 410);
    for query in ["code=good", "state=made-up&code=good", ""] {
        assert_eq!(back(&world, query).await.0, 410, "{query}");
    }
    assert_eq!(connections(&world).await.len(), 1);
}

#[tokio::test]
async fn a_refused_or_failed_consent_connects_nothing_and_keeps_no_secret() {
    let world = World::new();
    let state = begun(&world, &asked()).await;
    assert_eq!(back(&world, &format!("state={state}&error=access_denied")).await.0, 403);
    let state = begun(&world, &asked()).await;
    let (status, page) = back(&world, &format!("state={state}&code=%3Cscript%3E")).await;
    assert_eq!(status, 422);
    assert!(page.contains("The market does not know this code.") && !page.contains("script"), "{page}");
    assert!(connections(&world).await.is_empty());
    assert!(world.platforms.kept().is_empty());
}

#[tokio::test]
async fn consent_gives_a_withdrawn_connection_its_access_back() {
    let world = World::new();
    let id = world.connected("market-1", "market", Role::Channel).await;
    let mut again = asked();
    again["reconnects"] = json!(id);
    let state = begun(&world, &again).await;
    let (status, page) = back(&world, &format!("state={state}&code=good&seller=somebody-else")).await;
    assert_eq!(status, 422, "{page}");
    let state = begun(&world, &again).await;
    let (status, page) = back(&world, &format!("state={state}&code=good&seller=account-of-market-1")).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(world.platforms.kept(), std::slice::from_ref(&id), "no secret is left of the round trip");
    let only = connections(&world).await;
    assert_eq!((only.len(), &only[0]["id"], &only[0]["state"]), (1, &json!(id), &json!("active")));
}

#[tokio::test]
async fn a_platform_without_a_consent_page_and_a_foreign_connection_are_422() {
    let world = World::new();
    let mut shop = asked();
    shop["role"] = json!("main_store");
    let (status, body) = answered(&world, "POST", "/connections/shop/authorize", Some(&shop)).await;
    assert_eq!((status.as_u16(), body.contains("has no consent page")), (422, true), "{body}");
    world.connected("shop-1", "shop", Role::MainStore).await;
    let mut foreign = asked();
    foreign["reconnects"] = json!("shop-1");
    let (status, body) = answered(&world, "POST", "/connections/market/authorize", Some(&foreign)).await;
    assert_eq!((status.as_u16(), body.contains("reconnects")), (422, true), "{body}");
    assert_eq!(world.platforms.kept().len(), 1, "nothing is kept of what was refused");
}

#[tokio::test]
async fn a_platform_that_takes_no_webhooks_just_now_is_connected_all_the_same() {
    let world = World::new();
    let state = begun(&world, &asked()).await;
    assert_eq!(back(&world, &format!("state={state}&code=good&seller=seller-1")).await.0, 200);
    world.platforms.held.lock().unwrap().fails = Some(ErrorKind::Unavailable);
    world.app.renew_webhooks().await.unwrap();
    let told = &connections(&world).await[0]["webhooks"];
    assert_eq!(*told, json!({ "registered": false, "why_not": "The platform does not answer." }));
    world.platforms.held.lock().unwrap().fails = None;
    world.app.renew_webhooks().await.unwrap();
    assert_eq!(connections(&world).await[0]["webhooks"], json!({ "registered": true }));
}
