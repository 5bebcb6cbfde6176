//! What goes wrong on the way: of every call, the kind of its error, its effect, and how long to stay away.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use connect::{ConnectError, Effect, ErrorKind};
use fakes::{Fault, Faults};

use crate::kit::{PATIENCE, Role, Told, UsedUp};
use crate::operations::Operation;
use crate::ports::NoLimit;
use crate::subject::{Future, Subject};
use crate::suite::Promise;

/// What the slow platform takes, and how long we wait for it: the answer never comes in time.
const SLOW: Duration = Duration::from_mins(10);
const DEADLINE: Duration = Duration::from_millis(500);

/// One call and the fake that it is made to.
struct Case<R: Role> {
    role: R,
    operation: Operation<R>,
}

/// Which of the call's requests goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Write,
}

type Attempt<R> = fn(Case<R>) -> Future<'static, ()>;

pub fn promises<R: Role>(subject: &Subject) -> Vec<Promise<R>> {
    let missing: [(&str, Attempt<R>); 1] = [("is_refused_as_unsupported", |case| Box::pin(missing(case)))];
    let offered: [(&str, Attempt<R>); 8] = [
        ("a_rate_limit_says_how_long_to_stay_away", |case| Box::pin(rate_limit(case))),
        ("an_outage_is_temporary", |case| Box::pin(outage(case))),
        ("a_slow_answer_is_a_timeout_within_the_deadline", |case| Box::pin(slow(case))),
        ("a_closed_port_is_a_network_error_without_effect", |case| Box::pin(closed(case))),
        ("a_lost_answer_leaves_doubt_only_about_writes", |case| Box::pin(lost(case))),
        ("withdrawn_access_is_unauthorized", |case| Box::pin(withdrawn(case))),
        ("a_cut_answer_is_decode", |case| Box::pin(cut(case))),
        ("a_used_up_budget_sends_nothing", |case| Box::pin(used_up(case))),
    ];
    let mut promises = Vec::new();
    for operation in R::operations() {
        let attempts = if R::can(subject, operation.name) { &offered[..] } else { &missing[..] };
        for &(name, attempt) in attempts {
            let trial = move |role| attempt(Case { role, operation });
            promises.push(Promise::new(format!("{}::{name}", operation.name), trial));
        }
    }
    promises
}

impl<R: Role> Case<R> {
    /// The call's requests that can go wrong, each tried by itself.
    fn places(&self) -> &'static [Place] {
        if self.operation.writes { &[Place::First, Place::Write] } else { &[Place::First] }
    }

    /// Makes the call while the requests of that place meet what `harm` does to them, and gives its error.
    async fn failing(&self, place: Place, deadline: Duration, harm: impl Fn(&Faults)) -> ConnectError {
        self.attempted(place, deadline, harm).await.unwrap_err()
    }

    async fn attempted(&self, place: Place, deadline: Duration, harm: impl Fn(&Faults)) -> Result<(), ConnectError> {
        let prepared = self.role.prepare().await;
        let fake = self.role.fake();
        let faults = fake.faults();
        match place {
            Place::First => harm(faults),
            Place::Write => ["POST *", "PUT *", "PATCH *", "DELETE *"].iter().for_each(|on| harm(&faults.on(on))),
        }
        fake.calls().clear();
        let connector = self.role.within(deadline, Arc::new(NoLimit));
        let outcome = self.operation.run(connector, &prepared).await;
        faults.clear();
        outcome
    }

    /// Whether the last request that left us may have changed something.
    fn wrote(&self) -> bool {
        self.role.fake().calls().all().last().is_some_and(|call| call.method != Method::GET)
    }

    /// Doubt about what was written, certainty about what was read.
    fn assert_doubt(&self, error: &ConnectError, place: Place) {
        let expected = if self.wrote() { Effect::Possible } else { Effect::None };
        assert_eq!(error.effect, expected, "{place:?}: {error}");
    }
}

async fn rate_limit<R: Role>(case: Case<R>) {
    for &place in case.places() {
        let error =
            case.failing(place, PATIENCE, |faults| faults.fail_next(StatusCode::TOO_MANY_REQUESTS, Some(7))).await;
        assert_eq!((error.kind, error.effect), (ErrorKind::RateLimited, Effect::None), "{place:?}: {error}");
        assert_eq!(error.retry_after, Some(Duration::from_secs(7)), "{place:?}");
        let error = case.failing(place, PATIENCE, |faults| faults.fail_next(StatusCode::TOO_MANY_REQUESTS, None)).await;
        assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, None), "{place:?}");
    }
    // The other workers hear of it too.
    let prepared = case.role.prepare().await;
    let told = Arc::new(Told::default());
    case.role.fake().faults().fail_next(StatusCode::TOO_MANY_REQUESTS, Some(9));
    let limited = case.operation.run(case.role.within(PATIENCE, told.clone()), &prepared).await.unwrap_err();
    assert_eq!(limited.kind, ErrorKind::RateLimited);
    assert_eq!(*told.0.lock().unwrap(), [Duration::from_secs(9)]);
}

async fn outage<R: Role>(case: Case<R>) {
    for status in [500, 502, 503, 504] {
        for &place in case.places() {
            let status = StatusCode::from_u16(status).unwrap();
            let error = case.failing(place, PATIENCE, |faults| faults.fail_next(status, None)).await;
            assert!(error.kind.is_temporary(), "{place:?} {status}: {error}");
            case.assert_doubt(&error, place);
        }
    }
    let error = case
        .failing(Place::First, PATIENCE, |faults| faults.fail_next(StatusCode::SERVICE_UNAVAILABLE, Some(600)))
        .await;
    assert!(error.kind.is_temporary(), "{error}");
    assert_eq!(error.retry_after, Some(Duration::from_mins(10)));
}

async fn slow<R: Role>(case: Case<R>) {
    for &place in case.places() {
        let failing = case.failing(place, DEADLINE, |faults| drop(faults.answer_slowly(SLOW)));
        let error = tokio::time::timeout(SLOW / 2, failing).await.unwrap();
        assert_eq!(error.kind, ErrorKind::Timeout, "{place:?}: {error}");
        // On a machine that is slow itself the request may not have left: then there may be doubt without need.
        if case.wrote() || !case.operation.writes {
            case.assert_doubt(&error, place);
        }
    }
}

async fn closed<R: Role>(case: Case<R>) {
    let prepared = case.role.prepare().await;
    let (nobody, _held) = case.role.nobody();
    let error = case.operation.run(nobody, &prepared).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Network, Effect::None), "{error}");
}

async fn lost<R: Role>(case: Case<R>) {
    for fault in [Fault::DropRequest, Fault::DropResponse] {
        for &place in case.places() {
            let error = case.failing(place, PATIENCE, |faults| drop(faults.always(fault.clone()))).await;
            assert_eq!(error.kind, ErrorKind::Network, "{fault:?} {place:?}: {error}");
            case.assert_doubt(&error, place);
            let writes = case.role.fake().calls().all().iter().filter(|call| call.method != Method::GET).count();
            assert!(writes <= 1, "{fault:?}: a write whose answer was lost was sent {writes} times");
        }
    }
}

async fn withdrawn<R: Role>(case: Case<R>) {
    let error = case.failing(Place::First, PATIENCE, Faults::revoke).await;
    assert_eq!((error.kind, error.effect), (ErrorKind::Unauthorized, Effect::None), "{error}");
    assert!(error.kind.needs_reconnect());
}

async fn cut<R: Role>(case: Case<R>) {
    for &place in case.places() {
        let outcome = case.attempted(place, PATIENCE, Faults::malformed_next).await;
        if case.wrote() && case.role.fake().bodiless().contains(&case.operation.name) {
            assert!(outcome.is_ok(), "there was no body to be cut: {outcome:?}");
            continue;
        }
        let error = outcome.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Decode, "{place:?}: {error}");
        case.assert_doubt(&error, place);
    }
}

async fn used_up<R: Role>(case: Case<R>) {
    let prepared = case.role.prepare().await;
    case.role.fake().calls().clear();
    let connector = case.role.within(PATIENCE, Arc::new(UsedUp(Duration::from_secs(30))));
    let error = case.operation.run(connector, &prepared).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::RateLimited, Effect::None), "{error}");
    assert_eq!(error.retry_after, Some(Duration::from_secs(30)));
    assert_eq!(case.role.fake().calls().all().len(), 0);
}

async fn missing<R: Role>(case: Case<R>) {
    let prepared = case.role.prepare().await;
    case.role.fake().calls().clear();
    let connector = case.role.within(PATIENCE, Arc::new(NoLimit));
    let error = case.operation.run(connector, &prepared).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unsupported, Effect::None), "{error}");
    assert_eq!(case.role.fake().calls().all().len(), 0, "something was sent for what the platform lacks");
}
