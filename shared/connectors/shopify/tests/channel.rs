//! The connector as a channel against the fake shop, its tokens, its throttle, its webhooks and its consent.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::consent::ConsentAsk;
use connect::{Effect, ErrorKind, Incoming, QuantityUpdate, SalesChannel, Window};
use connector_shopify::{CONSENT, Shopify};
use domain::shipment::Tracking;
use domain::totals::totals;
use domain::{ChannelOrder, Fulfilment, ListingKey};
use fakes::shopify::{ACCESS_TOKEN, MailKind, OrderSpec, ShopifyFake, demo_orders};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use shop::{connected, package, renewing};

fn today(shop: &ShopifyFake) -> Window {
    Window { from: shop.clock().now() - SignedDuration::from_hours(24 * 50), to: shop.clock().now() }
}

fn readable(incoming: Incoming) -> ChannelOrder {
    match incoming {
        Incoming::Order(order) => order,
        Incoming::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

async fn one(channel: &Shopify, id: u64) -> ChannelOrder {
    readable(channel.order(&id.to_string().parse().unwrap()).await.unwrap())
}

#[tokio::test]
async fn every_order_of_the_demo_adds_up_to_the_cent() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    let placed: Vec<u64> = demo_orders("GBP").iter().map(|spec| shop.place(spec)).collect();
    shop.clock().advance(SignedDuration::from_mins(5));
    let read = channel.orders_placed(&today(&shop), None).await.unwrap();
    assert!(!placed.is_empty());
    for id in placed {
        let order = one(&channel, id).await;
        totals(&order).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    assert!(read.items.iter().all(|incoming| matches!(incoming, Incoming::Order(_))));
}

/// Scenario 16: one box of three is taken back with its money; the edit of a line takes its price along.
#[tokio::test]
async fn units_that_went_back_are_read_with_their_quantity() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    let id = shop.place(&OrderSpec::new("GBP").line("A", 3, 4500).shipping(0));
    let line = shop.order(id).unwrap().lines[0].id;
    let refund = json!({
        "refundLineItems": [{"lineItemId": format!("gid://shopify/LineItem/{line}"), "quantity": 1, "restockType": "CANCEL"}],
        "transactions": [{
            "orderId": ShopifyFake::gid(id), "kind": "REFUND", "gateway": "shopify_payments", "amount": "45.00",
            "parentId": format!("gid://shopify/OrderTransaction/{}", shop.order(id).unwrap().transactions[0].id),
        }],
    });
    assert_eq!(shop.refund(id, &refund), None);
    let order = one(&channel, id).await;
    assert_eq!((order.refunds.len(), order.refunds[0].amount.minor(), order.refunds[0].quantity), (1, 4500, Some(1)));
    assert_eq!((order.lines[0].quantity, order.buyer_total.minor()), (3, 13_500));
    totals(&order).unwrap();
}

/// Scenario 17, as the channel: tracking is updated once, whatever is asked again.
#[tokio::test]
async fn tracking_is_updated_once() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    let id = shop.place(&OrderSpec::new("GBP").line("A", 3, 1999).line("B", 1, 2500).shipping(399));
    let order = one(&channel, id).await;
    let (a, b) = (order.lines[0].id.to_string(), order.lines[1].id.to_string());
    channel.ship(&order, &package(Some("1Z 999 AA1"), &[(&a, 2)])).await.unwrap();
    channel.ship(&order, &package(Some("JD014"), &[(&a, 1), (&b, 1)])).await.unwrap();
    assert_eq!(one(&channel, id).await.fulfilment, Fulfilment::Shipped);
    let new = Tracking { number: "1Z999AA9".into(), carrier: Some("UPS".into()) };
    for _ in 0..2 {
        channel.edit_tracking(&order.id, "1Z999AA1", &new).await.unwrap();
    }
    assert_eq!(shop.calls().count("POST */FulfillmentTrackingInfoUpdate"), 1);
    assert_eq!(shop.packages(id), [vec!["1Z999AA9".to_owned()], vec!["JD014".to_owned()]]);
    let unknown = channel.edit_tracking(&order.id, "NEVER", &Tracking { number: "X1".into(), carrier: None }).await;
    assert_eq!(unknown.unwrap_err().kind, ErrorKind::NotFound);
    let about_packages = [MailKind::ShippingConfirmation, MailKind::ShippingUpdate];
    assert!(shop.ledger().mails.iter().all(|mail| !about_packages.contains(&mail.kind)));
}

#[tokio::test]
async fn a_package_of_more_than_is_left_is_refused_for_certain() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    let order = one(&channel, shop.place(&OrderSpec::new("GBP").line("A", 2, 1999))).await;
    let line = order.lines[0].id.to_string();
    let error = channel.ship(&order, &package(Some("AA1"), &[(&line, 3)])).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
}

#[tokio::test]
async fn quantities_of_what_is_not_tracked_are_refused_and_the_others_set() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    shop.add_product("GIFT", "A gift card", "10.00".parse().unwrap(), None);
    let update =
        |sku: &str, quantity| QuantityUpdate { listing: ListingKey::Sku(sku.parse().unwrap()), sku: None, quantity };
    let answers = channel.set_quantities(&[update("GIFT", 3), update("A", 7), update("a", 9)]).await.unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    assert_eq!(kinds, [Some(ErrorKind::Unsupported), None, Some(ErrorKind::NotFound)]);
    assert_eq!(shop.stock("A"), Some(7));
}

/// The refresh token rotates: the newest one is used, again and again.
#[tokio::test]
async fn an_expiring_token_is_renewed_by_the_newest_refresh_token() {
    let shop = shop::shop().await;
    let channel = renewing(&shop);
    for round in 1..4 {
        channel.account().await.unwrap();
        assert_eq!(shop.refreshes(), round);
        shop.clock().advance(SignedDuration::from_hours(2));
    }
    // The keys alone will do for an app of the owner's own organisation.
    let app = shop.application();
    let own = shop::with(&shop, &[("client_id", &app.client_id), ("client_secret", &app.client_secret)]);
    own.account().await.unwrap();
    assert_eq!(shop.refreshes(), 4);
    let wrong = shop::with(&shop, &[("client_id", "x"), ("client_secret", &app.client_secret)]);
    let error = wrong.account().await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::ConfigInvalid, Effect::None));
}

/// HTTP 200, THROTTLED: a limit with its wait, computed from the bucket; and every answer says how the bucket stands.
#[tokio::test]
async fn a_dry_bucket_says_how_long_to_stay_away() {
    let clock = fakes::SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap());
    let shop = fakes::shopify::ShopifyShop::new().clock(clock).start().await.unwrap();
    let budget = Arc::new(shop::Endless::default());
    let config = shop::config(&shop, &[("access_token", ACCESS_TOKEN)]);
    let channel = Shopify::new(&config, shop::http(budget.clone()), Arc::new(shop::Tokens::default())).unwrap();
    channel.account().await.unwrap();
    let told = budget.0.lock().unwrap().pop().unwrap();
    assert_eq!((told.burst, told.per_hour), (Some(2000), Some(360_000)));
    assert!(told.left.unwrap() < 2000);
    shop.set_points(0);
    let error = channel.orders(&today(&shop), None).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::RateLimited, Effect::None));
    let wait = error.retry_after.unwrap();
    assert!(wait.as_secs() >= 1, "{wait:?}");
    shop.clock().advance(SignedDuration::try_from(wait).unwrap());
    channel.orders(&today(&shop), None).await.unwrap();
}

#[tokio::test]
async fn webhooks_are_subscribed_mended_and_taken_back() {
    let shop = shop::shop().await;
    let channel = connected(&shop);
    let to = "https://tributary.example/webhooks/shop-1".parse().unwrap();
    let other = "https://tributary.example/webhooks/shop-2".parse().unwrap();
    channel.subscribe(&other).await.unwrap();
    for _ in 0..2 {
        channel.subscribe(&to).await.unwrap();
        assert_eq!(shop.subscriptions().len(), 12);
    }
    for _ in 0..2 {
        channel.unsubscribe(&to).await.unwrap();
        assert_eq!(shop.subscriptions().len(), 6);
    }
    connect::MainStore::subscribe(&channel, &to).await.unwrap();
    assert_eq!(shop.subscriptions().len(), 13);
}

/// The consent's answer is believed by its signature, and buys credentials that work.
#[tokio::test]
async fn a_consent_buys_credentials_that_renew_themselves() {
    let shop = shop::shop().await;
    let app = shop.application().clone();
    let config = shop::config(&shop, &[("client_id", &app.client_id), ("client_secret", &app.client_secret)]);
    let redirect_uri = "https://tributary.example/oauth/callback".parse().unwrap();
    let ask = ConsentAsk { config: &config, state: "state-1", redirect_uri: &redirect_uri, verifier: "v" };
    let signed = |code: &str, domain: &str| {
        let mut query: BTreeMap<String, String> =
            [("code", code), ("shop", domain), ("state", "state-1"), ("timestamp", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let message = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(app.client_secret.as_bytes()).unwrap();
        mac.update(message.as_bytes());
        let signature = mac.finalize().into_bytes();
        let hex = signature.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        query.insert("hmac".into(), hex);
        query
    };
    let http = shop::http(Arc::default());
    let code = shop.consent();
    let good = signed(&code, &shop.domain());
    let mut forged = good.clone();
    forged.insert("code".into(), "stolen".into());
    for (query, kind) in [
        (forged, ErrorKind::Unauthorized),
        (signed(&code, "evil.myshopify.com"), ErrorKind::ConfigInvalid),
        (signed("", &shop.domain()), ErrorKind::Unauthorized),
        (signed("never-given", &shop.domain()), ErrorKind::Unauthorized),
    ] {
        let error = (CONSENT.redeem)(&http, &ask, &query).await.unwrap_err();
        assert_eq!((error.kind, error.effect), (kind, Effect::None), "{error}");
    }
    let granted = (CONSENT.redeem)(&http, &ask, &good).await.unwrap();
    assert_eq!(granted.settings["shop"], shop.domain());
    let refresh: &SecretString = &granted.credentials.0["refresh_token"];
    let keys = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", &app.client_secret),
        ("refresh_token", refresh.expose_secret()),
    ];
    shop::with(&shop, &keys).account().await.unwrap();
    assert!(!format!("{granted:?} {ask:?}").contains(refresh.expose_secret()));
}
