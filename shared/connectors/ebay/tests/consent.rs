//! The seller's consent against the fake of eBay.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::BTreeMap;

use connect::{ConsentAsk, ErrorKind, SalesChannel};
use fakes::SimClock;
use fakes::ebay::EbayFake;

#[tokio::test]
async fn the_sellers_consent_is_worth_a_refresh_token_once() {
    let fake = EbayFake::start(SimClock::real()).await.unwrap();
    let mut config = shop::config(&fake);
    config.credentials.0.remove("refresh_token");
    config.settings.insert("ru_name".to_owned(), fake.application().ru_name.clone());
    let redirect_uri = "https://tributary.example/v1/oauth/callback".parse().unwrap();
    let ask = ConsentAsk { config: &config, state: "one-use", redirect_uri: &redirect_uri, verifier: "unused" };
    let page = (connector_ebay::CONSENT.page)(&ask).unwrap();
    let query: BTreeMap<_, _> = page.query_pairs().into_owned().collect();
    assert_eq!((page.path(), query["state"].as_str()), ("/oauth2/authorize", "one-use"));
    assert_eq!(query["redirect_uri"], fake.application().ru_name, "eBay wants its own name of the address");

    let http = shop::http();
    let answer = [("code".to_owned(), fake.consent())].into();
    let granted = (connector_ebay::CONSENT.redeem)(&http, &ask, &answer).await.unwrap();
    let mut connected = config.clone();
    connected.credentials.0.extend(granted.credentials.0);
    shop::connected_with(&connected).account().await.unwrap();

    let again = (connector_ebay::CONSENT.redeem)(&http, &ask, &answer).await.unwrap_err();
    let refused = (connector_ebay::CONSENT.redeem)(&http, &ask, &BTreeMap::new()).await.unwrap_err();
    assert_eq!((again.kind, refused.kind), (ErrorKind::Unauthorized, ErrorKind::Unauthorized));
}
