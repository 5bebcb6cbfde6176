//! Tokens: how they are had, how long they live, what they allow, and how access is withdrawn.

use fakes::ebay::REFRESH_TOKEN;
use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::caller::{Caller, ORDERS};

#[tokio::test]
async fn a_token_lives_two_hours_and_a_refresh_gives_another() {
    let mut caller = Caller::start().await;
    caller.fake.clock().advance(SignedDuration::from_mins(119));
    assert_eq!(caller.get(ORDERS, &[]).await.status, StatusCode::OK);
    caller.fake.clock().advance(SignedDuration::from_mins(1));
    let expired = caller.get(ORDERS, &[]).await;
    assert_eq!((expired.status, expired.error()), (StatusCode::UNAUTHORIZED, "1001".to_owned()));
    let fresh = caller.refresh(REFRESH_TOKEN, "").await.json();
    assert_eq!((&fresh["expires_in"], &fresh["token_type"]), (&7200.into(), &"User Access Token".into()));
    assert!(fresh.get("refresh_token").is_none(), "a refresh token does not rotate");
    fresh["access_token"].as_str().unwrap().clone_into(&mut caller.token);
    assert_eq!(caller.get(ORDERS, &[]).await.status, StatusCode::OK);
    assert_eq!(caller.fake.refreshes(), 2);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_a_revoked_grant_gives_none() {
    let caller = Caller::start().await;
    caller.fake.faults().expire_token();
    assert_eq!(caller.get(ORDERS, &[]).await.error(), "1001");
    assert_eq!(caller.refresh(REFRESH_TOKEN, "").await.status, StatusCode::OK);
    caller.fake.faults().revoke();
    let refused = caller.refresh(REFRESH_TOKEN, "").await;
    assert_eq!((refused.status, refused.error()), (StatusCode::BAD_REQUEST, "invalid_grant".to_owned()));
    assert_eq!(caller.fake.refused_tokens(), 1);
    caller.fake.faults().grant();
    assert_eq!(caller.refresh(REFRESH_TOKEN, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_allows_only_its_scopes() {
    let mut caller = Caller::start().await;
    let scope = "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly";
    let token = caller.refresh(REFRESH_TOKEN, scope).await.json();
    token["access_token"].as_str().unwrap().clone_into(&mut caller.token);
    assert_eq!(caller.get(ORDERS, &[]).await.status, StatusCode::OK);
    let shipping = caller.ship_lines("12-00000-00000", "X1", &[("1", 1)]).await;
    assert_eq!((shipping.status, shipping.error()), (StatusCode::FORBIDDEN, "1100".to_owned()));
    assert_eq!(caller.get("/sell/inventory/v1/inventory_item", &[]).await.error(), "1100");
    assert_eq!(
        caller.refresh(REFRESH_TOKEN, "https://api.ebay.com/oauth/api_scope/sell.marketing").await.error(),
        "invalid_scope"
    );
    caller.token.clear();
    assert_eq!(caller.get(ORDERS, &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_consent_is_exchanged_once_for_a_refresh_token() {
    let caller = Caller::start().await;
    let (code, ru_name) = (caller.fake.consent(), caller.fake.application().ru_name.clone());
    let exchange = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &ru_name)];
    let wrong = caller.token_call(&[exchange[0], exchange[1], ("redirect_uri", "elsewhere")]).await;
    assert_eq!(wrong.error(), "invalid_grant");
    let given = caller.token_call(&exchange).await.json();
    assert_eq!(given["refresh_token_expires_in"], 47_304_000);
    assert_eq!(caller.refresh(given["refresh_token"].as_str().unwrap(), "").await.status, StatusCode::OK);
    assert_eq!(caller.token_call(&exchange).await.error(), "invalid_grant");
    assert_eq!(caller.token_call(&[("grant_type", "password")]).await.error(), "unsupported_grant_type");
    assert_eq!(caller.refresh("made up", "").await.error(), "invalid_grant");
}
