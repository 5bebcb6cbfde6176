//! Tokens: an hour, ninety days, and each refresh token good for one use.

use fakes::etsy::REFRESH_TOKEN;
use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::caller::{Caller, path};

#[tokio::test]
async fn a_refresh_token_is_spent_by_its_use() {
    let mut caller = Caller::start().await;
    let again = caller.refresh(REFRESH_TOKEN).await;
    assert_eq!((again.status, again.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    caller.renew().await;
    assert!(caller.token.starts_with("87654321.") && caller.refresh_token.starts_with("87654321."));
    assert_eq!(caller.get(&path("/users/me")).await.status, StatusCode::OK);
    assert_eq!((caller.fake.refreshes(), caller.fake.refused_tokens()), (2, 1));
}

#[tokio::test]
async fn a_token_lives_an_hour_and_a_refresh_token_ninety_days() {
    let mut caller = Caller::start().await;
    caller.fake.clock().advance(SignedDuration::from_mins(59));
    assert_eq!(caller.get(&path("/users/me")).await.status, StatusCode::OK);
    caller.fake.clock().advance(SignedDuration::from_mins(1));
    let ended = caller.get(&path("/users/me")).await;
    assert_eq!((ended.status, ended.error().as_str()), (StatusCode::UNAUTHORIZED, "invalid_token"));
    caller.fake.clock().advance(SignedDuration::from_hours(24 * 89));
    caller.renew().await;
    caller.fake.clock().advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(caller.refresh(&caller.refresh_token).await.error(), "invalid_grant");
}

#[tokio::test]
async fn withdrawn_access_spends_nothing() {
    let mut caller = Caller::start().await;
    caller.fake.faults().revoke();
    assert_eq!(caller.refresh(&caller.refresh_token).await.error(), "invalid_grant");
    caller.fake.faults().grant();
    caller.renew().await;
    assert_eq!(caller.get(&path("/users/me")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_its_address_and_is_good_once() {
    let caller = Caller::start().await;
    let (id, back) = (caller.fake.application().client_id.clone(), caller.fake.application().redirect_uri.clone());
    // <https://www.rfc-editor.org/rfc/rfc7636#appendix-B>
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let code = caller.fake.consent(challenge, &back);
    let exchange = async |verifier: &str, back: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", id.as_str()),
            ("redirect_uri", back),
            ("code", &code),
            ("code_verifier", verifier),
        ];
        caller.token_call(&form).await
    };
    assert_eq!(exchange("another verifier", &back).await.error(), "invalid_grant");
    assert_eq!(exchange(verifier, "https://elsewhere.example/").await.error(), "invalid_grant");
    assert_eq!(exchange(verifier, &back).await.json()["expires_in"], 3600);
    assert_eq!(exchange(verifier, &back).await.error(), "invalid_grant");
    assert_eq!(
        caller.token_call(&[("grant_type", "password"), ("client_id", &id)]).await.error(),
        "unsupported_grant_type"
    );
    assert_eq!(caller.token_call(&[("grant_type", "refresh_token")]).await.error(), "invalid_client");
}
