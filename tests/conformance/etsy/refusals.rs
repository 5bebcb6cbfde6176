//! What Etsy refuses, the fake refuses: without the keys, without a number, too often.

use fakes::etsy::ReceiptSpec;
use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::caller::{Caller, of_shop, path};

#[tokio::test]
async fn every_call_needs_both_keys() {
    let mut caller = Caller::start().await;
    let good = caller.key.clone();
    for (key, error) in [
        (good.split(':').next().unwrap(), "Shared secret is required in x-api-key header."),
        ("a:b", "API key not found or not active, or incorrect shared secret for API key."),
    ] {
        key.clone_into(&mut caller.key);
        let refused = caller.get(&path("/users/me")).await;
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::FORBIDDEN, error));
    }
    caller.key = good;
    assert_eq!(caller.get(&path("/users/me")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_described_is_refused_and_kept() {
    let caller = Caller::start().await;
    caller.fake.place(ReceiptSpec::new(5).line("A", 1, 100));
    let odd = [
        of_shop("/receipts?limit=101"),
        of_shop("/receipts?min_created=5"),
        of_shop("/receipts?sort_on=name"),
        of_shop("/receipts?page=2"),
        of_shop("/listings?state=gone"),
    ];
    for path in &odd {
        assert_eq!(caller.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(caller.track(5, &[("tracking_number", "1Z")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(caller.get(&path("/no/such/thing")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(caller.fake.violations().len(), odd.len() + 2);
    assert_eq!(caller.fake.told(5), []);
}

#[tokio::test]
async fn a_package_needs_an_order_that_can_take_it() {
    let caller = Caller::start().await;
    let number = [("tracking_code", "1Z"), ("carrier_name", "ups")];
    assert_eq!(caller.track(9, &number).await.status, StatusCode::NOT_FOUND);
    caller.fake.place(ReceiptSpec::new(1).line("A", 1, 100).canceled());
    caller.fake.place(ReceiptSpec::new(2).line("A", 1, 100).unpaid());
    for id in [1, 2] {
        assert_eq!(caller.track(id, &number).await.status, StatusCode::BAD_REQUEST, "{id}");
    }
    let mut american = ReceiptSpec::new(3).line("A", 1, 1001);
    "US".clone_into(&mut american.buyer.country);
    caller.fake.place(american);
    assert_eq!(caller.track(3, &[]).await.error(), "A tracking number is required");
    assert_eq!(caller.track(3, &number).await.status, StatusCode::OK);
    // An unknown carrier: sent, but without the number.
    caller.fake.place(ReceiptSpec::new(4).line("A", 1, 100));
    let odd = caller.track(4, &[("tracking_code", "1Z"), ("carrier_name", "FAKE CARRIER")]).await.json();
    assert_eq!((&odd["is_shipped"], odd["shipments"].as_array().unwrap().len()), (&true.into(), 0));
    assert_eq!(caller.fake.told(4).len(), 1);
    assert_eq!(caller.fake.violations(), []);
}

#[tokio::test]
async fn limits_are_told_and_kept_a_second_and_a_sliding_day() {
    let caller = Caller::start().await;
    caller.fake.limit(2, 5);
    let me = path("/users/me");
    let first = caller.get(&me).await;
    let told = ["x-limit-per-second", "x-remaining-this-second", "x-limit-per-day", "x-remaining-today"];
    assert_eq!(told.map(|name| first.header(name)), [Some("2"), Some("1"), Some("5"), Some("4")]);
    assert_eq!(caller.get(&me).await.status, StatusCode::OK);
    let over = caller.get(&me).await;
    assert_eq!((over.status, over.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("1")));
    assert_eq!(over.header("x-remaining-today"), None);
    for _ in 0..3 {
        caller.fake.clock().advance(SignedDuration::from_secs(1));
        assert_eq!(caller.get(&me).await.status, StatusCode::OK);
    }
    caller.fake.clock().advance(SignedDuration::from_secs(1));
    let spent = caller.get(&me).await;
    assert_eq!(spent.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = spent.header("retry-after").unwrap().parse().unwrap();
    caller.fake.clock().advance(SignedDuration::from_hours(2));
    // The token has ended meanwhile, but calls count all the same.
    assert_eq!(caller.get(&me).await.status, StatusCode::TOO_MANY_REQUESTS);
    caller.fake.clock().advance(SignedDuration::from_secs(wait));
    assert_eq!(caller.get(&me).await.status, StatusCode::UNAUTHORIZED);
}
