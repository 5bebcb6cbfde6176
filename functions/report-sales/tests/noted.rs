//! The whole function as Lambda runs it: the tables are reached before the first request, and what it consumes is noted after an
//! answer and before the next one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use fakes::{Base, FakeServer, Listener, SimClock};
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../events/report-sales/one-week.json");
/// So many requests of the API are a step: wherever the process begins to count, one note is due.
const STEP: usize = 200;
const NEXT: &str = "GET */runtime/invocation/next";

/// Lambda's Runtime API with so many requests of a stranger, and a table that takes every note.
async fn lambda() -> FakeServer {
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    event["requestContext"]["authorizer"]["claims"].as_object_mut().unwrap().remove("cognito:groups");
    let (event, given) = (Arc::<str>::from(event.to_string()), Arc::new(AtomicUsize::new(0)));
    let next = move || {
        let (event, number) = (Arc::clone(&event), given.fetch_add(1, Ordering::Relaxed));
        async move {
            if number >= STEP {
                std::future::pending::<()>().await;
            }
            let headers = [
                ("lambda-runtime-aws-request-id", format!("request-{number}")),
                ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
                ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned()),
            ];
            (headers, event.to_string()).into_response()
        }
    };
    let taken = async || ([("content-type", "application/x-amz-json-1.0")], "{}");
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(async || StatusCode::ACCEPTED))
        .route("/", post(taken));
    let base = Base::new(SimClock::real(), |_| ("application/json", "{}".to_owned()));
    Listener::bind().await.unwrap().serve(router, base)
}

/// Ended with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}

fn started(lambda: &FakeServer) -> Running {
    let mut function = Command::new(env!("CARGO_BIN_EXE_report-sales"));
    function.env_clear().stdout(Stdio::null()).stderr(Stdio::null());
    let names = ["ORDERS_TABLE", "LINKS_TABLE", "SETTINGS_TABLE", "EVENT_BUS", "SECRET_PREFIX"];
    let queues =
        ["POLLS", "ORDERS", "FULFILMENTS", "STOCK", "ALERTS", "RECONCILES"].map(|name| format!("{name}_QUEUE_URL"));
    function.envs(names.map(|name| (name, name.to_lowercase())));
    function.envs(queues.map(|name| (name, lambda.url().to_owned())));
    function.envs([
        ("AWS_LAMBDA_RUNTIME_API", lambda.url().trim_start_matches("http://")),
        ("AWS_ENDPOINT_URL", lambda.url()),
        ("AWS_LAMBDA_FUNCTION_NAME", "report-sales"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("ALLOW_PRIVATE_HOSTS", "true"),
        ("TIME_ZONE", "UTC"),
    ]);
    Running(function.spawn().unwrap())
}

/// So many requests were asked for.
async fn asked_for(lambda: &FakeServer, requests: usize) {
    let all = async {
        while lambda.calls().count(NEXT) < requests {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), all).await.unwrap();
}

#[tokio::test]
async fn the_tables_are_reached_before_the_first_request_is_asked_for() {
    let lambda = lambda().await;
    let function = started(&lambda);
    asked_for(&lambda, 1).await;
    drop(function);
    let calls = lambda.calls().all();
    assert_eq!(calls[0].json().unwrap()["Key"]["pk"], json!({ "S": "NOTHING" }));
    assert!(calls[1].path.ends_with("/next"), "{}", calls[1].path);
}

#[tokio::test]
async fn a_note_follows_an_answer_and_comes_before_the_next_request_is_asked_for() {
    let lambda = lambda().await;
    let function = started(&lambda);
    asked_for(&lambda, STEP + 1).await;
    drop(function);
    let calls = lambda.calls().all();
    // The first call reaches the tables.
    let notes: Vec<usize> = (1..calls.len()).filter(|place| calls[*place].path == "/").collect();
    let of_api =
        |place: &&usize| calls[**place].json().is_some_and(|note| note["ExpressionAttributeNames"]["#a"] == "a");
    let noted: Vec<&usize> = notes.iter().filter(of_api).collect();
    assert_eq!(noted.len(), 1, "one step of {STEP} requests");
    let note = calls[*noted[0]].json().unwrap();
    assert_eq!(note["ExpressionAttributeValues"][":add_a"], json!({ "N": "200" }));
    assert_eq!(note["Key"]["pk"], json!({ "S": "USAGE" }));
    for place in notes {
        let (before, after) = (&calls[place - 1].path, &calls[place + 1].path);
        assert!(before.ends_with("/response"), "noted after {before}");
        assert!(after.ends_with("/next"), "noted before {after}");
    }
}
