//! Who we are to Amazon: tokens, consent, limits, and what is never shown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect::{ConsentAsk, Effect, ErrorKind, SalesChannel};
use connector_amazon::{Amazon, CONSENT};
use fakes::SimClock;
use fakes::amazon::{AmazonFake, ListedItem, OrderSpec, REFRESH_TOKEN, SELLER_ID, STORE_NAME};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use url::Url;

use crate::connection::{self, Noted, connected};
use crate::listings::update;
use crate::{number, one, package, shop, today};

#[tokio::test]
async fn the_account_is_checked_against_its_marketplaces() {
    let (fake, amazon) = shop().await;
    let account = amazon.account().await.unwrap();
    assert_eq!((account.id.as_str(), account.name.as_str()), (SELLER_ID, STORE_NAME));
    let mut config = connection::config(&fake);
    config.settings.insert("marketplace_ids".to_owned(), "A1F83G8C2ARO7P,A13V1IB3VIYZZH".to_owned());
    let other =
        Amazon::new(&config, connection::http(Arc::new(Noted::default())), Arc::new(connection::tokens())).unwrap();
    let wrong = other.account().await.unwrap_err();
    assert_eq!((wrong.kind, wrong.effect), (ErrorKind::ConfigInvalid, Effect::None));
    assert_eq!(wrong.public_message, "This Amazon account does not sell in the marketplace A13V1IB3VIYZZH.");
}

#[tokio::test]
async fn every_call_counts_against_its_own_allowance_and_passes_on_what_it_is_told() {
    let fake = AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let (amazon, noted) = connected(&fake);
    let spec = OrderSpec::new(&number(1)).line("A", 1, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    fake.list(ListedItem::new("A", "Item A", 1));
    amazon.account().await.unwrap();
    amazon.orders(&today(&fake), None).await.unwrap();
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    amazon.listings(None).await.unwrap();
    amazon.set_quantities(&[update("A", 5)]).await.unwrap().remove(0).unwrap();
    let taken = noted.taken.lock().unwrap().clone();
    let expected = [
        ("calls", 1),
        ("confirmShipment", 1),
        ("getListingsItem", 1),
        ("getMarketplaceParticipations", 1),
        ("getOrder", 2),
        ("patchListingsItem", 1),
        ("searchListingsItems", 1),
        ("searchOrders", 1),
    ];
    assert_eq!(taken, expected.into());
    let told = noted.told.lock().unwrap();
    assert_eq!(told["searchOrders"].per_hour, Some(20));
    assert_eq!(told["confirmShipment"].per_hour, Some(7200));
    assert_eq!(told.len(), 7);
}

#[tokio::test]
async fn amazons_own_limit_says_how_long_to_stay_away() {
    let (fake, amazon) = shop().await;
    for _ in 0..20 {
        amazon.orders(&today(&fake), None).await.unwrap();
    }
    let limited = amazon.orders(&today(&fake), None).await.unwrap_err();
    assert_eq!((limited.kind, limited.effect), (ErrorKind::RateLimited, Effect::None));
    assert_eq!(limited.retry_after, Some(Duration::from_secs(179)));
    fake.clock().advance(SignedDuration::from_secs(179));
    amazon.orders(&today(&fake), None).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_repeated_once() {
    let (fake, amazon) = shop().await;
    amazon.account().await.unwrap();
    fake.faults().expire_token();
    amazon.account().await.unwrap();
    assert_eq!((fake.refreshes(), fake.calls().count("GET /sellers/*")), (2, 3));
    fake.faults().revoke();
    let revoked = amazon.account().await.unwrap_err();
    assert_eq!((revoked.kind, revoked.effect), (ErrorKind::Unauthorized, Effect::None));
    assert_eq!(fake.calls().count("GET /sellers/*"), 4);
    fake.faults().grant();
    for _ in 0..2 {
        fake.faults().on("GET *").fail_next("403".parse().unwrap(), None);
    }
    let refused = amazon.account().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthorized);
    assert_eq!(fake.calls().count("GET /sellers/*"), 6, "a role that is missing is asked for twice, not for ever");
}

#[tokio::test]
async fn a_consent_is_worth_a_connection() {
    let (fake, _) = shop().await;
    let mut config = connection::config(&fake);
    config.credentials.0.remove("refresh_token");
    config.settings.remove("seller_id");
    let redirect_uri = Url::parse("https://tributary.example/oauth/callback").unwrap();
    let ask = ConsentAsk { config: &config, state: "s", redirect_uri: &redirect_uri, verifier: "v" };
    let http = connection::http(Arc::new(Noted::default()));
    let code = fake.consent(redirect_uri.as_str());
    let query = |code: &str| -> BTreeMap<String, String> {
        let query = [("spapi_oauth_code", code), ("selling_partner_id", SELLER_ID), ("state", "s")];
        query.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    };
    let granted = (CONSENT.redeem)(&http, &ask, &query(&code)).await.unwrap();
    assert_eq!(granted.settings["seller_id"], SELLER_ID);
    let refresh = granted.credentials.0["refresh_token"].clone();
    assert_ne!(refresh.expose_secret(), REFRESH_TOKEN);
    config.settings.extend(granted.settings);
    config.credentials.0.extend(granted.credentials.0);
    let amazon = Amazon::new(&config, http.clone(), Arc::new(connection::tokens())).unwrap();
    assert_eq!(amazon.account().await.unwrap().id.as_str(), SELLER_ID);

    let ask = ConsentAsk { config: &config, state: "s", redirect_uri: &redirect_uri, verifier: "v" };
    let twice = (CONSENT.redeem)(&http, &ask, &query(&code)).await.unwrap_err();
    assert_eq!((twice.kind, twice.effect), (ErrorKind::Unauthorized, Effect::None));
    for missing in ["spapi_oauth_code", "selling_partner_id"] {
        let mut query = query("SPAPICODE");
        query.remove(missing);
        let refused = (CONSENT.redeem)(&http, &ask, &query).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::ConfigInvalid, Effect::None), "{missing}");
    }
    assert!(!format!("{twice:?}").contains(&code));
}

#[tokio::test]
async fn no_secret_and_no_buyer_is_in_any_error_or_debug() {
    let (fake, amazon) = shop().await;
    fake.unlimited();
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100));
    fake.clock().advance(SignedDuration::from_mins(5));
    let mut shown = vec![format!("{amazon:?}"), format!("{:?}", connection::config(&fake))];
    let window = today(&fake);
    for status in ["400", "401", "403", "404", "409", "429", "500", "503"] {
        for _ in 0..2 {
            fake.faults().on("GET *").fail_next(status.parse().unwrap(), None);
        }
        let error = amazon.orders(&window, None).await.unwrap_err();
        shown.push(format!("{error} {error:?}"));
        fake.faults().clear();
    }
    fake.faults().malformed_next();
    shown.push(format!("{:?}", amazon.orders(&window, None).await.unwrap_err()));
    fake.faults().revoke();
    shown.push(format!("{:?}", connected(&fake).0.account().await.unwrap_err()));
    let app = fake.application();
    let tokens: Vec<String> = fake.tokens().into_iter().map(|grant| grant.access_token).collect();
    for shown in shown {
        for secret in [REFRESH_TOKEN, &app.client_secret, "Ada", "Example Street", "marketplace.amazon"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!tokens.iter().any(|token| shown.contains(token.as_str())), "{shown}");
    }
}
