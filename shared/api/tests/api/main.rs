//! Every route and every refusal, through the router, over the embedded `DynamoDB`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod attention;
mod backfill;
mod bad_input;
mod connections;
mod consent;
mod cors;
mod costs;
mod described;
mod dry_run;
mod gateway;
mod health;
mod idempotency;
mod links;
mod list;
mod orders;
mod people;
mod requests;
mod roles;
mod scenario_4;
mod settings;
mod stock;
#[path = "../support/mod.rs"]
mod support;
#[path = "../../../../tests/world/whole_api.rs"]
mod whole_api;
#[path = "../../../../tests/world/working.rs"]
mod working;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use support::World;
use tower::ServiceExt;
use whole_api::whole_api;
use working::working;

/// What the API answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem document of a refusal with this status.
    fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(
            problem["type"].is_string() && problem["title"].is_string() && problem["detail"].is_string(),
            "{problem}"
        );
        problem
    }

    /// The body of an answer with this status.
    fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        self.json()
    }
}

/// What API Gateway tells of the caller: the token's `sub`, and its groups as one text. No address, neither theirs nor the API's.
fn signed_in(sub: &str, groups: Option<&str>) -> RequestContext {
    let sample = include_str!("../../../../events/serve-connections/list-connections.json");
    let mut event: Value = serde_json::from_str(sample).unwrap();
    event["requestContext"]["stage"] = Value::Null;
    event["requestContext"]["domainName"] = Value::Null;
    let claims = &mut event["requestContext"]["authorizer"]["claims"];
    claims["sub"] = json!(sub);
    drop(claims.as_object_mut().unwrap().remove("email"));
    match groups {
        Some(groups) => claims["cognito:groups"] = json!(groups),
        None => drop(claims.as_object_mut().unwrap().remove("cognito:groups")),
    }
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    request.extensions().get::<RequestContext>().unwrap().clone()
}

impl World {
    /// Sends it as an owner, unless it says who sends it. Every answer, whatever the test is about, must be one that the
    /// API's document tells of.
    async fn send(&self, mut request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if request.extensions().get::<RequestContext>().is_none() {
            request.extensions_mut().insert(signed_in("owner-1", Some("owner")));
        }
        let response = whole_api(&self.app).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        described::check(&method, &path, &parts, &bytes);
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        self.send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "").await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string()).await
    }

    /// Nothing was changed at a platform.
    fn assert_no_platform_changed(&self) {
        assert_eq!(self.platforms.held.lock().unwrap().changes, Vec::<&str>::new());
    }
}
