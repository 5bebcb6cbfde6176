//! Asks for a report as API Gateway does, and holds every answer to the API's document.

use fakes::spec::Reading;
use jiff::tz::TimeZone;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request};
use serde_json::{Value, json};

use crate::support::World;

pub const SAMPLE: &str = include_str!("../../../../events/report-sales/one-week.json");

pub async fn answered(world: &World, zone: &str, request: &Request) -> (StatusCode, Value) {
    let zone = TimeZone::get(zone).unwrap();
    let response = report_sales::handle(&world.app, &zone, request).await;
    let kind = if response.status().is_success() { "application/json" } else { "application/problem+json" };
    assert_eq!(response.headers()["content-type"], kind);
    let status = response.status();
    let Body::Text(text) = response.into_body() else { return (status, Value::Null) };
    // Every answer, whatever the test is about, must be one that the API's document tells of.
    let (method, path) = (request.method(), request.uri().path().trim_start_matches("/v1"));
    let faults = fakes::our_api().unwrap().check_answer((method, path), status, text.as_bytes(), Reading::Sent);
    assert!(faults.is_empty(), "{method} {path}: {status}: {faults:#?}");
    (status, serde_json::from_str(&text).unwrap())
}

/// The sample event with these query parameters in place of its own.
pub fn asking(query: &[(&str, &str)]) -> Request {
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    let mut values = json!({});
    for (name, value) in query {
        match values[name].as_array_mut() {
            Some(earlier) => earlier.push(json!(value)),
            None => values[name] = json!([value]),
        }
    }
    event["queryStringParameters"] = json!(query.iter().copied().collect::<std::collections::BTreeMap<_, _>>());
    event["multiValueQueryStringParameters"] = values;
    lambda_http::request::from_str(&event.to_string()).unwrap()
}
