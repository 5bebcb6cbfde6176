//! What holds for every command: tries are bounded and safe, refusals and wrong calls have their exit codes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use app::Job;
use axum::http::StatusCode;

use crate::served::Served;
use crate::support::orders::{order, stored};

#[tokio::test(flavor = "multi_thread")]
async fn what_acts_is_tried_again_under_one_idempotency_key() {
    let (served, channel) = Served::with_channel().await;
    let id = stored(&served.world.app.storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    let sync = served.server.faults().on("POST */sync");
    sync.fail_next(StatusCode::SERVICE_UNAVAILABLE, Some(1));
    sync.drop_response(1);
    served.prints(&["sync", &id.to_string()]);
    served.prints(&["sync", &id.to_string()]);
    let calls = served.server.calls().to("POST */sync");
    let keys: Vec<&str> = calls.iter().filter_map(|call| call.header("idempotency-key")).collect();
    assert!(keys.len() >= 3, "{keys:?}");
    let (first, last) = keys.split_at(keys.len() - 1);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 1, "one command, one key: {keys:?}");
    assert_ne!(first[0], last[0], "another command, another key");
    assert!(keys.iter().all(|key| key.len() == 26), "{keys:?}");
    // Ringing twice is harmless: each job only names the order.
    assert!(served.world.queue.take().iter().all(|job| *job == Job::import(id)));
    assert!(served.server.calls().to("GET */connections").iter().all(|call| call.header("idempotency-key").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_stays_down_is_given_up_after_five_tries() {
    let (served, _) = Served::with_channel().await;
    let down = served.server.faults().on("GET */connections").fail_while(StatusCode::BAD_GATEWAY, None);
    assert_eq!(served.refused(&["connections"]), "Bad Gateway: 502 Bad Gateway\n");
    assert_eq!(served.server.calls().to("GET */connections").len(), 5);
    down.off();
    served.prints(&["connections"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_as_long_as_the_api_asks_unless_that_is_too_long() {
    let (served, _) = Served::with_channel().await;
    let connections = served.server.faults().on("GET */connections");
    // 409: the API is at the very request already, and says when to come again.
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::CONFLICT] {
        connections.fail_next(status, Some(2));
        let begun = Instant::now();
        served.prints(&["connections"]);
        assert!(begun.elapsed() >= Duration::from_secs(2), "{status}");
    }
    connections.fail_next(StatusCode::TOO_MANY_REQUESTS, Some(3600));
    assert!(served.refused(&["connections"]).starts_with("Too Many Requests"));
    assert_eq!(served.server.calls().to("GET */connections").len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_not_there_is_told_without_its_token() {
    let (served, _) = Served::with_channel().await;
    let environment = [("TRIBUTARY_API", "http://127.0.0.1:1/v1"), ("TRIBUTARY_TOKEN", "id-token-secret")];
    let run = served.bare(&environment, "", &["orders"]);
    assert_eq!(run.code, 1);
    assert!(run.err.starts_with("GET /v1/orders was not answered") && !run.err.contains("secret"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_call_ends_with_2_and_asks_nobody() {
    let served = Served::new().await;
    for words in [&["orders", "--tab", "lost"][..], &["why"], &["sync"], &["link", "market-1"], &["dance"], &[]] {
        assert_eq!(served.run(words).code, 2, "{words:?}");
    }
    let unknown_api = served.bare(&[], "", &["orders"]);
    assert_eq!(unknown_api.code, 2);
    assert!(unknown_api.err.starts_with("Which API?"), "{}", unknown_api.err);
    assert_eq!(served.server.calls().all().len(), 0);
}
