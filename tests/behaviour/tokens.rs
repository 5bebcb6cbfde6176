//! Access tokens that end: refreshed once, whoever notices first; keys that do not end are not bothered.

use std::sync::Arc;

use axum::http::StatusCode;
use connect::{ConnectError, Effect, ErrorKind};
use jiff::SignedDuration;

use crate::kit::{PATIENCE, Role};
use crate::ports::NoLimit;
use crate::suite::{Promise, promises};

pub fn promises<R: Role>() -> Vec<Promise<R>> {
    promises![
        an_expired_token_is_refreshed_once_under_50_concurrent_calls,
        a_token_that_ended_by_the_clock_is_refreshed_before_it_is_used,
        withdrawn_access_ends_after_one_refusal,
        a_token_server_that_is_down_is_temporary,
    ]
}

/// Fifty calls at once, by five workers, of every reading call in turn.
async fn fifty<R: Role>(role: &R) -> Vec<Result<(), ConnectError>> {
    let prepared = role.prepare().await;
    let reads: Vec<_> = R::operations().into_iter().filter(|operation| !operation.writes).collect();
    let workers: Vec<_> = (0..5).map(|_| role.within(PATIENCE, Arc::new(NoLimit))).collect();
    let calls = (0..50).map(|call| {
        let (read, worker) = (reads[call % reads.len()], Arc::clone(&workers[call % workers.len()]));
        let prepared = Arc::clone(&prepared);
        async move { read.run(worker, &prepared).await }
    });
    futures_util::future::join_all(calls).await
}

fn all_well(outcomes: Vec<Result<(), ConnectError>>) {
    for outcome in outcomes {
        outcome.unwrap();
    }
}

async fn an_expired_token_is_refreshed_once_under_50_concurrent_calls<R: Role>(role: R) {
    all_well(fifty(&role).await);
    let before = role.fake().refreshes();
    role.fake().faults().expire_token();
    role.fake().calls().clear();
    all_well(fifty(&role).await);
    let after = role.fake().refreshes();
    assert_eq!(after, before.map(|refreshes| refreshes + 1));
    if after.is_none() {
        let calls = role.fake().calls().all();
        let accepted = calls.iter().filter(|call| call.status.is_some_and(|status| status.is_success())).count();
        assert_eq!(accepted, calls.len(), "keys that do not expire were refused");
    }
}

async fn a_token_that_ended_by_the_clock_is_refreshed_before_it_is_used<R: Role>(role: R) {
    all_well(fifty(&role).await);
    let before = role.fake().refreshes();
    role.fake().clock().advance(SignedDuration::from_hours(24 * 7));
    role.fake().calls().clear();
    all_well(fifty(&role).await);
    assert_eq!(role.fake().refreshes(), before.map(|refreshes| refreshes + 1));
    let refused = role.fake().calls().all().into_iter().filter(|call| call.status == Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refused.count(), 0, "an old token was tried");
}

async fn withdrawn_access_ends_after_one_refusal<R: Role>(role: R) {
    let prepared = role.prepare().await;
    for operation in R::operations() {
        role.fake().faults().revoke();
        role.fake().calls().clear();
        let connector = role.within(PATIENCE, Arc::new(NoLimit));
        let error = operation.run(connector, &prepared).await.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::Unauthorized, Effect::None), "{error}");
        let calls = role.fake().calls().all();
        assert!(calls.len() <= 2, "{} made {} requests without access", operation.name, calls.len());
        // Given back, it works again without anybody's help.
        role.fake().faults().grant();
        operation.run(role.within(PATIENCE, Arc::new(NoLimit)), &prepared).await.unwrap();
    }
}

/// Whatever token server there is: nothing was sent to the platform itself, so there is no doubt.
async fn a_token_server_that_is_down_is_temporary<R: Role>(role: R) {
    let prepared = role.prepare().await;
    if role.fake().refreshes().is_none() {
        assert_eq!(role.fake().calls().count("*token*"), 0, "a platform without tokens was asked for one");
        return;
    }
    for operation in R::operations() {
        for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE, StatusCode::BAD_GATEWAY] {
            role.fake().faults().expire_token();
            role.fake().faults().on("POST *token").fail_next(status, Some(5));
            let error = operation.run(role.within(PATIENCE, Arc::new(NoLimit)), &prepared).await.unwrap_err();
            assert!(error.kind.is_temporary(), "{}: {error}", operation.name);
            assert_eq!((error.effect, error.retry_after), (Effect::None, Some(std::time::Duration::from_secs(5))));
        }
        operation.run(role.within(PATIENCE, Arc::new(NoLimit)), &prepared).await.unwrap();
    }
}
