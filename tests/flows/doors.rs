//! The API's functions as API Gateway calls them, on a world's own tables, for an owner who is signed in.

use jiff::tz::TimeZone;
use lambda_http::Body;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, working};
use whole_api::whole_api;

#[path = "../world/whole_api.rs"]
mod whole_api;

const SAMPLE: &str = include_str!("../../events/report-sales/one-week.json");

/// What the API answered.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }
}

/// `path` without the stage.
pub async fn ask(world: &World, method: &str, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Answer {
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    let values: serde_json::Map<String, Value> =
        query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    (event["path"], event["httpMethod"]) = (json!(path), json!(method));
    event["requestContext"]["path"] = json!(format!("/v1{path}"));
    event["queryStringParameters"] = query.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    event["multiValueQueryStringParameters"] = Value::Object(values);
    if let Some(body) = body {
        event["body"] = json!(body["body"].to_string());
        event["multiValueHeaders"]["If-Match"] = json!([format!("\"{}\"", body["version"])]);
        event["multiValueHeaders"]["Content-Type"] = json!(["application/json"]);
    }
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = if path.starts_with("/reports/") {
        report_sales::handle(&world.unconnected, &TimeZone::UTC, &request).await
    } else {
        api::service(whole_api(&world.app), None).oneshot(request).await.unwrap()
    };
    let status = response.status().as_u16();
    let Body::Text(text) = response.into_body() else { panic!("an answer is text") };
    Answer { status, text }
}

pub async fn get(world: &World, path: &str, query: &[(&str, &str)]) -> Value {
    ask(world, "GET", path, query, None).await.ok().json()
}

/// What was sold on the worlds' first day, as a spreadsheet gets it.
pub async fn csv(world: &World, path: &str) -> String {
    let query = [("from", "2026-11-18"), ("to", "2026-11-18"), ("format", "csv")];
    ask(world, "GET", path, &query, None).await.ok().text
}

/// Changes the settings of a channel as a person does: as they were read, with this change.
pub async fn put_settings(world: &World, channel: &domain::ConnectionId, change: impl FnOnce(&mut Value)) -> Answer {
    let path = format!("/connections/{channel}/settings");
    let seen = get(world, &path, &[]).await;
    let mut settings = seen["settings"].clone();
    change(&mut settings);
    ask(world, "PUT", &path, &[], Some(&json!({"body": settings, "version": seen["version"]}))).await
}

/// What the settings say of this field, or of one of its values.
pub async fn offer(world: &World, channel: &domain::ConnectionId, field: &str, value: Option<&str>) -> (bool, String) {
    let seen = get(world, &format!("/connections/{channel}/settings"), &[]).await;
    let is_it = |offer: &&Value| offer["field"] == field && offer["value"].as_str() == value;
    let offer = seen["offers"].as_array().unwrap().iter().find(is_it).unwrap_or_else(|| panic!("{}", seen["offers"]));
    (offer["offered"].as_bool().unwrap(), offer["reason"].as_str().unwrap_or_default().to_owned())
}
