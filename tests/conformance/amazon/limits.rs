//! Every operation has its own bucket, at the rate and burst of its description.

use fakes::amazon::{DESCRIPTIONS, LIMITS, OrderSpec};
use fakes::spec::{Reading, SpecSet, specs_folder};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::caller::{Caller, ORDERS};

#[tokio::test]
async fn what_is_beyond_the_burst_is_refused_until_the_rate_allows_it() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::start().await;
    caller.fake.place(OrderSpec::new("202-0000000-0000001").line("A", 1, 1999));
    caller.fake.clock().advance(SignedDuration::from_mins(5));
    for _ in 0..20 {
        let found = caller.search(&[]).await;
        assert_eq!((found.status, found.rate.as_deref()), (StatusCode::OK, Some("0.0056")));
    }
    let refused = caller.search(&[]).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::TOO_MANY_REQUESTS, "QuotaExceeded"));
    assert_eq!(refused.rate.as_deref(), Some("0.0056"));
    let breaches = specs.check_answer((&Method::GET, ORDERS), refused.status, &refused.body, Reading::Imitated);
    assert!(breaches.is_empty(), "{breaches:?}");
    // Another operation has a bucket of its own.
    assert_eq!(caller.get(&format!("{ORDERS}/202-0000000-0000001"), &[]).await.status, StatusCode::OK);
    caller.fake.clock().advance(SignedDuration::from_secs(178));
    assert_eq!(caller.search(&[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    caller.fake.clock().advance(SignedDuration::from_secs(1));
    assert_eq!(caller.search(&[]).await.status, StatusCode::OK);
    assert_eq!(caller.search(&[]).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn the_limits_are_the_described_ones() {
    let Some(folder) = specs_folder() else { return eprintln!("no API descriptions here: skipped") };
    let mut checked = 0;
    for file in DESCRIPTIONS {
        let document: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let calls = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
        for call in calls {
            let Some(limit) = LIMITS.iter().find(|limit| call["operationId"] == limit.operation) else { continue };
            // Orders v0 has a `getOrder` of its own.
            if file == "amazon/ordersV0.json" && limit.operation == "getOrder" {
                continue;
            }
            let text = call["description"].as_str().unwrap();
            let rate = limit.rate.trim_end_matches(".0");
            assert!(text.contains(&format!("| {rate} | {} |", limit.burst)), "{}", limit.operation);
            checked += 1;
        }
    }
    assert_eq!(checked, LIMITS.len());
}
