//! An invocation of known length and memory counts what Lambda bills for it, and notes it when it is answered.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::sync::LazyLock;

use fakes::dynamo::Dynamo;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use storage::Counting;

use super::*;

const TODAY: Date = date(2026, 11, 20);

thread_local! {
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The test's own stopwatch.
fn watch() -> Instant {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    *BEGAN + PASSED.get()
}

fn pass(time: Duration) {
    PASSED.set(PASSED.get() + time);
}

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn bill(dynamo: &Dynamo, seed: u64, each: &[Part]) -> Bill {
    let (_, usage) = dynamo.counting(Counting { seed, now: noon });
    let each = each.iter().fold(Consumed::default(), |each, part| each.with(*part, 1));
    Bill { usage, memory_mib: 256, now: watch, each }
}

async fn noted(dynamo: &Dynamo) -> Consumed {
    dynamo.storage().settings.usage(TODAY, TODAY).await.unwrap()
}

#[tokio::test]
async fn sixteen_hundred_invocations_of_250_ms_with_256_mib_are_100_gb_seconds() {
    let dynamo = Dynamo::new();
    let bill = bill(&dynamo, 0, &[Part::FunctionRequests, Part::ApiRequests]);
    for invocation in 0..1_600 {
        let answered = bill.invocation(async { pass(Duration::from_millis(250)) });
        answered.await;
        let due = if invocation < 1_599 { 0 } else { 100 * 1_024 * 1_000 };
        if invocation % 400 == 399 {
            assert_eq!(noted(&dynamo).await.of(Part::FUNCTION_TIME), due, "{invocation}");
        }
    }
    let noted = noted(&dynamo).await;
    assert_eq!(Part::FUNCTION_TIME.price().units(noted.of(Part::FUNCTION_TIME)), 100);
    assert_eq!((noted.of(Part::FunctionRequests), noted.of(Part::ApiRequests)), (1_000, 1_600));
    assert_eq!(bill.usage.counted().of(Part::FunctionRequests), 600, "the rest is not forgotten");
}

#[tokio::test]
async fn begun_milliseconds_and_the_start_are_billed() {
    let dynamo = Dynamo::new();
    let bill = bill(&dynamo, 0, &[Part::FunctionRequests]);
    let began = watch();
    pass(Duration::from_micros(20_001));
    bill.started(began);
    assert_eq!(bill.usage.counted(), Consumed::default().with(Part::FUNCTION_TIME, 21 * 256), "no invocation yet");
    for micros in [0, 1, 1_000, 1_001] {
        bill.invocation(async { pass(Duration::from_micros(micros)) }).await;
    }
    let counted = bill.usage.counted();
    assert_eq!(counted.of(Part::FUNCTION_TIME), (21 + 1 + 1 + 2) * 256);
    assert_eq!((counted.of(Part::FunctionRequests), counted.of(Part::ApiRequests)), (4, 0));
}

#[tokio::test]
async fn nobody_waits_for_a_note() {
    let dynamo = Dynamo::new();
    let bill = bill(&dynamo, 999, &[Part::FunctionRequests]);
    let answer = bill.invocation(async {
        assert_eq!(dynamo.calls.all().len(), 0);
        "answered"
    });
    assert_eq!(answer.await, "answered");
    assert_eq!(dynamo.calls.count("*/settings/UpdateItem"), 1, "noted once it was answered");
    assert_eq!(noted(&dynamo).await.of(Part::FunctionRequests), 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_note_that_takes_too_long_is_given_up() {
    let dynamo = Dynamo::new();
    let slow = dynamo.faults.on("*/settings/UpdateItem").answer_slowly(Duration::from_secs(20));
    let bill = bill(&dynamo, 999, &[Part::FunctionRequests]);
    let began = tokio::time::Instant::now();
    assert_eq!(bill.invocation(async { "answered" }).await, "answered");
    assert_eq!(began.elapsed(), PATIENCE);
    slow.off();
    assert_eq!(bill.invocation(async { "answered" }).await, "answered", "and the next is as ever");
}

#[tokio::test]
async fn the_tables_are_reached_once_before_the_first_request_and_a_failure_stops_no_start() {
    let dynamo = Dynamo::new().without_retries();
    dynamo.faults.on("*/settings/GetItem").fail_next(axum::http::StatusCode::SERVICE_UNAVAILABLE, None);
    let storage = dynamo.storage();
    reach(&storage).await;
    assert!(storage.settings.reach().await.is_ok(), "the first attempt took the failure");
}

#[tokio::test(start_paused = true)]
async fn tables_that_do_not_answer_hold_a_start_up_for_a_second() {
    let dynamo = Dynamo::new();
    let _slow = dynamo.faults.on("*/settings/GetItem").answer_slowly(Duration::from_mins(1));
    let began = tokio::time::Instant::now();
    reach(&dynamo.storage()).await;
    assert_eq!(began.elapsed(), PATIENCE);
}
