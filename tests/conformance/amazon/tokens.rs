//! Login with Amazon: who gets a token, and how long it is good.

use fakes::amazon::REFRESH_TOKEN;
use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::caller::Caller;

const REDIRECT: &str = "https://tributary.example/oauth/callback";

#[tokio::test]
async fn a_token_is_good_for_an_hour() {
    let caller = Caller::unlimited().await;
    caller.fake.clock().advance(SignedDuration::from_mins(59));
    assert_eq!(caller.search(&[]).await.status, StatusCode::OK);
    caller.fake.clock().advance(SignedDuration::from_mins(1));
    let expired = caller.search(&[]).await;
    assert_eq!((expired.status, expired.error().as_str()), (StatusCode::FORBIDDEN, "Unauthorized"));
    assert_eq!(expired.json()["errors"][0]["details"], "The access token you provided has expired.");
}

#[tokio::test]
async fn what_is_not_known_gets_no_token() {
    let mut caller = Caller::unlimited().await;
    let refused = caller.refresh("Atzr|another").await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    let odd = caller.login(&[("grant_type", "password")]).await;
    assert_eq!((odd.status, odd.error().as_str()), (StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    caller.fake.faults().revoke();
    assert_eq!(caller.search(&[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(caller.refresh(REFRESH_TOKEN).await.error(), "invalid_grant");
    caller.fake.faults().grant();
    assert_eq!(caller.search(&[]).await.status, StatusCode::OK);
    caller.token = String::new();
    assert_eq!(caller.search(&[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_consent_is_worth_one_refresh_token_for_five_minutes() {
    let caller = Caller::unlimited().await;
    let redeem = async |code: &str, to: &str| {
        caller.login(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", to)]).await
    };
    let code = caller.fake.consent(REDIRECT);
    let granted = redeem(&code, REDIRECT).await;
    let refresh = granted.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(caller.refresh(&refresh).await.status, StatusCode::OK);
    assert_eq!(redeem(&code, REDIRECT).await.error(), "invalid_grant", "twice");
    let code = caller.fake.consent(REDIRECT);
    assert_eq!(redeem(&code, "https://elsewhere.example").await.error(), "invalid_grant");
    let code = caller.fake.consent(REDIRECT);
    caller.fake.clock().advance(SignedDuration::from_mins(6));
    assert_eq!(redeem(&code, REDIRECT).await.error(), "invalid_grant", "late");
}
