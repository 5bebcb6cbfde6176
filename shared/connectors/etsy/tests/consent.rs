//! The seller's consent, from the page's address to what is kept with the connection.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::{ConnectError, ConsentAsk, ErrorKind, Granted, SalesChannel};
use connector_etsy::CONSENT;
use fakes::SimClock;
use fakes::etsy::{EtsyFake, SHOP_ID};
use secrecy::ExposeSecret;
use shop::{config, connected_with, http};
use url::Url;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn fake() -> EtsyFake {
    EtsyFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap()
}

/// The page that the seller is sent to, as its parts.
fn page(fake: &EtsyFake, redirect_uri: &Url) -> (String, BTreeMap<String, String>) {
    let mut config = config(fake, &[]);
    config.credentials.0.remove("refresh_token");
    config.settings.remove("shop_id");
    let ask = ConsentAsk { config: &config, state: "state-1", redirect_uri, verifier: VERIFIER };
    let url = (CONSENT.page)(&ask).unwrap();
    (url.path().to_owned(), url.query_pairs().into_owned().collect())
}

async fn redeem(fake: &EtsyFake, redirect_uri: &Url, query: &[(&str, &str)]) -> Result<Granted, ConnectError> {
    let config = config(fake, &[]);
    let ask = ConsentAsk { config: &config, state: "state-1", redirect_uri, verifier: VERIFIER };
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (CONSENT.redeem)(&http(Arc::default()), &ask, &query).await
}

#[tokio::test]
async fn a_consent_becomes_a_connection_of_its_shop() {
    let fake = fake().await;
    let back: Url = fake.application().redirect_uri.parse().unwrap();
    let (path, asked) = page(&fake, &back);
    assert_eq!(path, "/oauth/connect");
    let asked_for = |name: &str| asked[name].as_str();
    assert_eq!((asked_for("response_type"), asked_for("state")), ("code", "state-1"));
    assert_eq!(asked_for("client_id"), fake.application().client_id);
    assert_eq!(asked_for("scope"), "transactions_r transactions_w listings_r listings_w shops_r");
    assert_eq!(asked_for("code_challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(asked_for("code_challenge_method"), "S256");

    let code = fake.consent(asked_for("code_challenge"), asked_for("redirect_uri"));
    let granted = redeem(&fake, &back, &[("code", &code)]).await.unwrap();
    assert_eq!(granted.settings["shop_id"], SHOP_ID.to_string());
    let mut config = config(&fake, &[]);
    config.credentials.0.extend(granted.credentials.0);
    assert!(config.credentials.0["refresh_token"].expose_secret().starts_with("87654321."));
    assert_eq!(connected_with(&config, Arc::default()).account().await.unwrap().id.as_str(), SHOP_ID.to_string());
    // The code is good once.
    assert_eq!(redeem(&fake, &back, &[("code", &code)]).await.unwrap_err().kind, ErrorKind::Unauthorized);
}

#[tokio::test]
async fn etsys_own_page_is_the_default() {
    let fake = fake().await;
    let mut config = config(&fake, &[]);
    config.settings.remove("api_url");
    let back: Url = "https://tributary.example/oauth".parse().unwrap();
    let ask = ConsentAsk { config: &config, state: "s", redirect_uri: &back, verifier: VERIFIER };
    assert!(
        (CONSENT.page)(&ask).unwrap().as_str().starts_with("https://www.etsy.com/oauth/connect?response_type=code")
    );
}

#[tokio::test]
async fn a_refusal_or_another_pages_code_grants_nothing() {
    let fake = fake().await;
    let back: Url = fake.application().redirect_uri.parse().unwrap();
    let refused = redeem(&fake, &back, &[("error", "access_denied"), ("state", "x")]).await.unwrap_err();
    assert_eq!((refused.kind, refused.context.as_str()), (ErrorKind::Unauthorized, "access_denied"));
    assert_eq!(redeem(&fake, &back, &[]).await.unwrap_err().context, "no code");
    let code = fake.consent("the challenge of another verifier", back.as_str());
    let error = redeem(&fake, &back, &[("code", &code)]).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unauthorized, connect::Effect::None));
}
