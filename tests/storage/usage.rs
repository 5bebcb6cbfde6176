//! What processes consume is noted in steps, by the day, and nothing waits for it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use domain::cost::{Consumed, Part};
use fakes::dynamo::Dynamo;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;
use storage::{Counting, Storage, Usage};
use yaml_serde::Value as Template;

/// What is noted at once of each part: halves of read units, and milliseconds times MiB.
const STEPS: [(Part, u64); Part::EVERY.len()] = [
    (Part::TableWrites, 100),
    (Part::TableReads, 2_000),
    (Part::TableRequests, 500),
    (Part::FunctionRequests, 1_000),
    (Part::FunctionTimeArm, 102_400_000),
    (Part::FunctionTimeX86, 102_400_000),
    (Part::ApiRequests, 200),
    (Part::QueueRequests, 500),
    (Part::Events, 100),
    (Part::SecretRequests, 500),
];

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn next_noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A process whose counts begin there.
fn process(dynamo: &Dynamo, begins: u64, now: fn() -> Timestamp) -> (Storage, Usage) {
    dynamo.counting(Counting { seed: begins, now })
}

/// So many writes of one unit, with a look after each whether a step is full.
async fn write((storage, usage): &(Storage, Usage), times: usize) {
    for _ in 0..times {
        storage.settings.take_numbers(1).await.unwrap();
        usage.note().await;
    }
}

async fn noted(dynamo: &Dynamo, first: Date, last: Date) -> Consumed {
    dynamo.storage().settings.usage(first, last).await.unwrap()
}

#[tokio::test]
async fn each_hundred_write_units_are_one_note_of_one_unit() {
    let dynamo = Dynamo::new();
    let (today, process) = (date(2026, 11, 20), process(&dynamo, 0, noon));
    write(&process, 99).await;
    assert_eq!(noted(&dynamo, today, today).await, Consumed::default());
    write(&process, 1).await;
    assert_eq!(noted(&dynamo, today, today).await, Consumed::default().with(Part::TableWrites, 100));
    // The note itself was a unit, too.
    write(&process, 99).await;
    assert_eq!(noted(&dynamo, today, today).await.of(Part::TableWrites), 200);
    let items = dynamo.items("settings");
    assert_eq!(items.iter().filter(|item| item["pk"]["S"] == "USAGE").count(), 1, "one item a day");
}

#[tokio::test]
async fn calls_are_counted_and_nothing_is_written_before_it_is_asked_for() {
    let dynamo = Dynamo::new();
    let (storage, usage) = process(&dynamo, 0, noon);
    for _ in 0..500 {
        storage.settings.take_numbers(1).await.unwrap();
    }
    assert!(dynamo.items("settings").iter().all(|item| item["pk"]["S"] != "USAGE"), "no call waits for a note");
    usage.note().await;
    let today = date(2026, 11, 20);
    let full = Consumed::default().with(Part::TableWrites, 500).with(Part::TableRequests, 500);
    assert_eq!(noted(&dynamo, today, today).await, full, "all that was full, in one note");
}

#[tokio::test]
async fn of_processes_that_end_in_the_middle_of_a_step_nothing_is_lost_on_average() {
    let dynamo = Dynamo::new();
    for begins in 0..100 {
        write(&process(&dynamo, begins, noon), 7).await;
    }
    let today = date(2026, 11, 20);
    let noted = noted(&dynamo, today, today).await;
    assert_eq!(noted.of(Part::TableWrites), 700, "each place within a step once: what was consumed");
}

#[tokio::test]
async fn of_no_part_is_anything_lost_on_average() {
    for (part, step) in STEPS {
        let dynamo = Dynamo::new();
        for place in 0..100 {
            let (_, usage) = process(&dynamo, place * step / 100, noon);
            // Several steps and a part of one.
            usage.add(Consumed::default().with(part, step * 235 / 100));
            usage.note().await;
        }
        let today = date(2026, 11, 20);
        assert_eq!(noted(&dynamo, today, today).await.of(part), step * 235, "{part:?}");
    }
}

#[tokio::test]
async fn a_note_holds_whole_steps_of_every_part() {
    let dynamo = Dynamo::new();
    let (_, usage) = process(&dynamo, 0, noon);
    let all =
        |by: fn(u64) -> u64| STEPS.iter().fold(Consumed::default(), |sum, (part, step)| sum.with(*part, by(*step)));
    usage.add(all(|step| step - 1));
    usage.note().await;
    let today = date(2026, 11, 20);
    assert_eq!(noted(&dynamo, today, today).await, Consumed::default(), "none is full");
    usage.add(all(|step| step + 1));
    usage.note().await;
    assert_eq!(noted(&dynamo, today, today).await, all(|step| step * 2));
    assert_eq!(dynamo.calls.count("*/settings/UpdateItem"), 1);
}

#[tokio::test]
async fn reads_and_requests_are_counted_as_well() {
    let dynamo = Dynamo::new();
    let (storage, usage) = process(&dynamo, 0, noon);
    for _ in 0..1_000 {
        // A strongly consistent read of one item, or of none, is a unit.
        storage.settings.channel_settings(&domain::ConnectionId::new("c").unwrap()).await.unwrap();
        usage.note().await;
    }
    let today = date(2026, 11, 20);
    let noted = noted(&dynamo, today, today).await;
    assert_eq!((noted.of(Part::TableReads), noted.of(Part::TableWrites)), (2_000, 0));
    assert_eq!(noted.of(Part::TableRequests), 1_000);
}

#[tokio::test]
async fn days_are_kept_apart_and_added_up() {
    let dynamo = Dynamo::new();
    write(&process(&dynamo, 0, noon), 100).await;
    write(&process(&dynamo, 0, next_noon), 100).await;
    write(&process(&dynamo, 0, next_noon), 100).await;
    let (first, second) = (date(2026, 11, 20), date(2026, 11, 21));
    assert_eq!(noted(&dynamo, first, first).await.of(Part::TableWrites), 100);
    assert_eq!(noted(&dynamo, second, second).await.of(Part::TableWrites), 200);
    assert_eq!(noted(&dynamo, first, second).await.of(Part::TableWrites), 300);
    assert_eq!(noted(&dynamo, date(2026, 11, 22), date(2026, 12, 1)).await, Consumed::default());
    let day = dynamo.items("settings").into_iter().find(|item| item["sk"]["S"] == "2026-11-20").unwrap();
    let ends: i64 = day["ttl"]["N"].as_str().map(|text| text.parse().unwrap()).unwrap();
    let kept = Duration::from_secs((ends - noon().as_second()).try_into().unwrap());
    assert!(kept >= Duration::from_hours(24 * 366), "a year can be looked back over");
}

/// The name in `!GetAtt Name.Arn`.
fn named(value: &Template) -> &str {
    let Template::Tagged(tagged) = value else { return "" };
    tagged.value.as_str().unwrap_or_default().trim_end_matches(".Arn")
}

#[test]
fn every_function_may_write_its_note() {
    let template: Template = yaml_serde::from_str(include_str!("../../template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let functions: Vec<&Template> =
        resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function").collect();
    assert_eq!(functions.len(), 15);
    for function in functions {
        let role = named(&function["Properties"]["Role"]);
        let policies = template["Resources"][role]["Properties"]["Policies"].as_sequence().unwrap();
        let statements =
            policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
        let mut noting = statements.filter(|statement| {
            let updates =
                statement["Action"].as_sequence().unwrap().iter().any(|action| action == "dynamodb:UpdateItem");
            updates && named(&statement["Resource"]) == "SettingsTable"
        });
        assert!(noting.next().is_some(), "{role} may not note what it consumes");
    }
}

/// What is logged on this thread.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_note_that_cannot_be_written_fails_no_call_and_is_told_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _listening = tracing::subscriber::set_default(lines);
    let told = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let dynamo = Dynamo::new().without_retries();
    let (storage, usage) = process(&dynamo, 99, noon);
    storage.settings.put_oauth_state("s", &Value::Null, noon(), Duration::from_secs(1)).await.unwrap();
    usage.note().await;
    assert!(!told().contains("usage.note"), "{}", told());
    let (storage, usage) = process(&dynamo, 99, noon);
    storage.settings.put_oauth_state("t", &Value::Null, noon(), Duration::from_secs(1)).await.unwrap();
    dynamo.faults.on("*/settings/UpdateItem").fail_next(StatusCode::SERVICE_UNAVAILABLE, None);
    usage.note().await;
    let today = date(2026, 11, 20);
    assert_eq!(
        noted(&dynamo, today, today).await.of(Part::TableWrites),
        100,
        "the first was noted, the second is lost"
    );
    let told = told();
    let lines: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["level"] == "WARN")
        .collect();
    assert_eq!(lines.len(), 1, "{told}");
    assert_eq!(
        (&lines[0]["fields"]["operation"], &lines[0]["fields"]["kind"]),
        (&"usage.note".into(), &"Unavailable".into())
    );
}
