//! The events that API Gateway sends, as `lambda_http` reads them.

use app::Job;
use domain::ImportState;
use domain::trace::Event;
use lambda_http::Body;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use storage::Role;
use tower::ServiceExt;

use crate::support::World;
use crate::support::orders::{order, stored};
use crate::whole_api::whole_api;

/// A sample event, changed.
pub fn event(method: &str, path: &str, body: Option<&str>) -> lambda_http::Request {
    let sample = include_str!("../../../../events/serve-connections/list-connections.json");
    let mut event: Value = serde_json::from_str(sample).unwrap();
    event["httpMethod"] = json!(method);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    event["path"] = json!(path);
    let query: serde_json::Map<_, _> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), json!([value])))
        .collect();
    event["multiValueQueryStringParameters"] = json!(query);
    event["body"] = json!(body);
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

pub async fn text(world: &World, request: lambda_http::Request) -> (StatusCode, String) {
    let response = api::service(whole_api(&world.app), None).oneshot(request).await.unwrap();
    let status = response.status();
    let Body::Text(text) = response.into_body() else { panic!("an answer is text") };
    (status, text)
}

async fn answered(world: &World, request: lambda_http::Request) -> (StatusCode, Value) {
    let (status, text) = text(world, request).await;
    (status, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn every_sample_event_finds_its_route() {
    let world = World::new();
    for (sample, status) in [
        (include_str!("../../../../events/serve-connections/list-connections.json"), 200),
        (include_str!("../../../../events/serve-api/list-orders.json"), 200),
        // The order of the sample does not exist here, and it is the order that is missed.
        (include_str!("../../../../events/ask-platforms/one-order.json"), 404),
    ] {
        let (answered, body) = answered(&world, lambda_http::request::from_str(sample).unwrap()).await;
        assert_eq!(answered, status, "{body}");
        assert_ne!(body["detail"], "There is nothing at this address.");
    }
}

#[tokio::test]
async fn a_path_is_understood_with_and_without_its_stage() {
    let world = World::new();
    for path in ["/connections", "/v1/connections"] {
        let (status, body) = answered(&world, event("GET", path, None)).await;
        assert_eq!((status, body), (StatusCode::OK, json!({ "connections": [] })), "{path}");
    }
    let (status, _) = answered(&world, event("GET", "/v2/connections", None)).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn who_is_signed_in_stands_in_the_trace_of_what_they_asked_for() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    let mut failed = order(&channel, 1, "2026-11-18T09:00:00Z");
    failed.import = ImportState::Failed { why: "The store refused it.".to_owned(), refused: true };
    let id = stored(&world.app.storage, failed).await;
    let (status, body) = answered(&world, event("POST", &format!("/orders/{id}/sync"), None)).await;
    assert_eq!(status, 202, "{body}");
    assert_eq!(world.queue.take(), [Job::import(id)]);
    let trace = world.app.storage.orders.get(id).await.unwrap().unwrap().trace;
    let asked = Event::Asked { by: "owner@example.com".to_owned(), what: "sync".to_owned() };
    assert!(trace.iter().any(|entry| entry.event == asked), "{trace:?}");
}
