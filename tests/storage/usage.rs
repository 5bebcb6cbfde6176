//! What processes consume is noted in steps, by the day, and nothing waits for it.

use std::time::Duration;

use axum::http::StatusCode;
use fakes::dynamo::Dynamo;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;
use storage::{Counting, Operation, Storage};

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn next_noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A process whose count of write units begins there, and whose other counts begin at nothing.
fn process(dynamo: &Dynamo, begins: u64, now: fn() -> Timestamp) -> Storage {
    dynamo.counting(Counting { seed: begins * 500, now })
}

/// So many writes of one unit.
async fn write(storage: &Storage, times: usize) {
    for _ in 0..times {
        storage.settings.take_numbers(1).await.unwrap();
    }
}

async fn noted(dynamo: &Dynamo, first: Date, last: Date) -> Operation {
    dynamo.storage().settings.usage(first, last).await.unwrap()
}

#[tokio::test]
async fn each_hundred_write_units_are_one_note_of_one_unit() {
    let dynamo = Dynamo::new();
    let (today, storage) = (date(2026, 11, 20), process(&dynamo, 0, noon));
    write(&storage, 99).await;
    assert_eq!(noted(&dynamo, today, today).await, Operation::default());
    write(&storage, 1).await;
    assert_eq!(noted(&dynamo, today, today).await, Operation { write_units: 100, ..Operation::default() });
    // The note itself was a unit, too.
    write(&storage, 99).await;
    assert_eq!(noted(&dynamo, today, today).await.write_units, 200);
    let items = dynamo.items("settings");
    assert_eq!(items.iter().filter(|item| item["pk"]["S"] == "USAGE").count(), 1, "one item a day");
}

#[tokio::test]
async fn of_processes_that_end_in_the_middle_of_a_step_nothing_is_lost_on_average() {
    let dynamo = Dynamo::new();
    for begins in 0..100 {
        write(&process(&dynamo, begins, noon), 7).await;
    }
    let today = date(2026, 11, 20);
    assert_eq!(noted(&dynamo, today, today).await.write_units, 700, "each place within a step once: what was consumed");
}

#[tokio::test]
async fn reads_and_requests_are_counted_as_well() {
    let dynamo = Dynamo::new();
    let storage = dynamo.counting(Counting { seed: 0, now: noon });
    for _ in 0..1_000 {
        // A strongly consistent read of one item, or of none, is a unit.
        storage.settings.channel_settings(&domain::ConnectionId::new("c").unwrap()).await.unwrap();
    }
    let today = date(2026, 11, 20);
    let noted = noted(&dynamo, today, today).await;
    assert_eq!((noted.half_read_units, noted.write_units), (2_000, 0));
    assert_eq!(noted.calls, 1_000);
}

#[tokio::test]
async fn days_are_kept_apart_and_added_up() {
    let dynamo = Dynamo::new();
    write(&process(&dynamo, 0, noon), 100).await;
    write(&process(&dynamo, 0, next_noon), 100).await;
    write(&process(&dynamo, 0, next_noon), 100).await;
    let (first, second) = (date(2026, 11, 20), date(2026, 11, 21));
    assert_eq!(noted(&dynamo, first, first).await.write_units, 100);
    assert_eq!(noted(&dynamo, second, second).await.write_units, 200);
    assert_eq!(noted(&dynamo, first, second).await.write_units, 300);
    assert_eq!(noted(&dynamo, date(2026, 11, 22), date(2026, 12, 1)).await, Operation::default());
    let day = dynamo.items("settings").into_iter().find(|item| item["sk"]["S"] == "2026-11-20").unwrap();
    let ends: i64 = day["ttl"]["N"].as_str().map(|text| text.parse().unwrap()).unwrap();
    let kept = Duration::from_secs((ends - noon().as_second()).try_into().unwrap());
    assert!(kept >= Duration::from_hours(24 * 366), "a year can be looked back over");
}

#[tokio::test]
async fn a_note_that_cannot_be_written_fails_no_call() {
    let dynamo = Dynamo::new().without_retries();
    let storage = process(&dynamo, 99, noon);
    storage.settings.put_oauth_state("s", &Value::Null, noon(), Duration::from_secs(1)).await.unwrap();
    let other = process(&dynamo, 99, noon);
    dynamo.faults.on("*/settings/UpdateItem").fail_next(StatusCode::SERVICE_UNAVAILABLE, None);
    other.settings.put_oauth_state("t", &Value::Null, noon(), Duration::from_secs(1)).await.unwrap();
    let today = date(2026, 11, 20);
    assert_eq!(noted(&dynamo, today, today).await.write_units, 100, "the first was noted, the second is lost");
}
