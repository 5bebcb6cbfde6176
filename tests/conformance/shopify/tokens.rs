//! Tokens as Shopify gives them: by a code, by a refresh token that is replaced, for an hour.

use fakes::shopify::{REFRESH_TOKEN, ShopifyFake};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::Caller;

async fn ask(caller: &Caller, members: &Value) -> (StatusCode, Value) {
    let application = caller.fake.application();
    let mut body = json!({"client_id": application.client_id, "client_secret": application.client_secret});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let url = format!("{}/admin/oauth/access_token", caller.fake.url());
    let request = caller.client.post(url).header("content-type", "application/json").body(body.to_string());
    let answered = request.send().await.unwrap();
    let status = answered.status();
    (status, serde_json::from_str(&answered.text().await.unwrap()).unwrap_or_default())
}

async fn works(caller: &Caller, token: &Value) -> bool {
    caller.send(token.as_str().unwrap(), &json!({"query": "{ shop { name } }"})).await.0 == StatusCode::OK
}

fn refresh(token: &Value) -> Value {
    json!({"grant_type": "refresh_token", "refresh_token": token})
}

fn advance(fake: &ShopifyFake, hours: i64) {
    fake.clock().advance(SignedDuration::from_hours(hours));
}

#[tokio::test]
async fn a_code_is_good_once_and_its_token_for_an_hour() {
    let caller = Caller::start().await;
    let code = caller.fake.consent();
    let (status, token) = ask(&caller, &json!({"code": code, "expiring": "1"})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&token["expires_in"], &token["refresh_token_expires_in"]), (&json!(3600), &json!(7_776_000)));
    assert!(works(&caller, &token["access_token"]).await);
    assert_eq!(ask(&caller, &json!({"code": code, "expiring": "1"})).await.0, StatusCode::BAD_REQUEST);
    advance(&caller.fake, 1);
    assert!(!works(&caller, &token["access_token"]).await);
    let (status, renewed) = ask(&caller, &refresh(&token["refresh_token"])).await;
    assert_eq!(status, StatusCode::OK);
    assert!(works(&caller, &renewed["access_token"]).await);
    assert_eq!(caller.fake.refreshes(), 1);
}

#[tokio::test]
async fn a_used_refresh_token_works_until_its_replacement_is_used() {
    let caller = Caller::start().await;
    let old = json!(REFRESH_TOKEN);
    let (_, lost) = ask(&caller, &refresh(&old)).await;
    let (status, kept) = ask(&caller, &refresh(&old)).await;
    assert_eq!(status, StatusCode::OK, "the first answer was lost");
    assert_ne!(lost["refresh_token"], kept["refresh_token"]);
    assert_eq!(ask(&caller, &refresh(&kept["refresh_token"])).await.0, StatusCode::OK);
    let (status, refused) = ask(&caller, &refresh(&old)).await;
    assert_eq!((status, &refused["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
}

#[tokio::test]
async fn without_expiry_there_is_no_refresh_token() {
    let caller = Caller::start().await;
    let (_, token) = ask(&caller, &json!({"code": caller.fake.consent()})).await;
    assert_eq!((token.get("expires_in"), token.get("refresh_token")), (None, None));
    advance(&caller.fake, 24 * 365);
    assert!(works(&caller, &token["access_token"]).await);
}

#[tokio::test]
async fn an_application_of_the_shops_own_gets_a_token_for_its_keys() {
    let caller = Caller::start().await;
    let (_, token) = ask(&caller, &json!({"grant_type": "client_credentials"})).await;
    assert_eq!(token["expires_in"], 86399);
    assert!(works(&caller, &token["access_token"]).await);
    let wrong = json!({"grant_type": "client_credentials", "client_secret": "wrong"});
    assert_eq!(ask(&caller, &wrong).await.0, StatusCode::BAD_REQUEST);
}
