//! The document is the API: no answer that it does not tell of, no route of it that is not there.

use std::sync::LazyLock;

use axum::http::{Method, response};
use fakes::spec::{Reading, SpecSet};
use serde_json::Value;

use crate::support::World;

static API: LazyLock<SpecSet> = LazyLock::new(|| fakes::our_api().unwrap());

/// Fails on an answer that the document does not tell of: its status, its type or its content.
pub fn check(method: &Method, path: &str, answer: &response::Parts, body: &[u8]) {
    let (path, status) = (described(path), answer.status);
    let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
    if API.operation(method, &path).is_none() {
        assert!([403, 404, 405].contains(&status.as_u16()), "{method} {path} answers {status} and is not described");
        assert_eq!(kind, "application/problem+json", "{method} {path}");
        return;
    }
    // A page for people is a text that no type describes.
    if !kind.starts_with("text/html") {
        let faults = API.check_answer((method, &path), status, body, Reading::Sent);
        assert!(faults.is_empty(), "{method} {path}: {status}: {faults:#?}\n{}", String::from_utf8_lossy(body));
    }
    let expected = if status.is_success() { "application/json" } else { "application/problem+json" };
    assert!(
        body.is_empty() || [expected, "text/html; charset=utf-8"].contains(&kind),
        "{method} {path}: {status} {kind}"
    );
}

/// Method and path of every route that is described.
pub fn documented() -> Vec<(&'static str, &'static str)> {
    static ROUTES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let document = document();
        let paths = document["paths"].as_object().unwrap().iter();
        let routes = paths.flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        });
        routes.collect()
    });
    ROUTES.iter().map(|(method, path)| (method.as_str(), path.as_str())).collect()
}

/// The path with a listing as one segment.
fn described(path: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    if segments.len() > 5 && segments[1] == "connections" && segments[3] == "links" {
        segments.truncate(5);
    }
    segments.join("/")
}

#[tokio::test]
async fn every_described_route_answers() {
    let world = World::new();
    let document = document();
    let mut tried = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        // Served by a function of their own, and tried there.
        if template.starts_with("/reports") {
            continue;
        }
        let path = template.replace("{kind}", "error").replace("{listing}", "sku:A");
        let id = if path.ends_with("/authorize") { "market" } else { "01KBTESTTESTTESTTESTTESTTE" };
        for method in item.as_object().unwrap().keys() {
            let answer = world.call(&method.to_uppercase(), &path.replace("{id}", id), "{}").await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(!answer.text.contains("nothing at this address"), "{method} {path}: {}", answer.text);
            tried += 1;
        }
    }
    assert_eq!(tried, 40);
}

#[tokio::test]
async fn every_described_query_parameter_is_known() {
    let world = World::new();
    let document = document();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            if path.starts_with("/reports") || path == "/oauth/callback" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let path = path.replace("{kind}", "error").replace("{id}", "market-1");
            let answer = world.get(&format!("{path}?{name}=")).await;
            assert!(!answer.text.contains("There is no query parameter"), "{path}: {}", answer.text);
            tried += 1;
        }
    }
    assert_eq!(tried, 20);
}

#[tokio::test]
async fn the_document_is_served() {
    let served = World::new().get("/openapi.json").await.ok(200);
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served, document());
}

fn document() -> Value {
    serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap()
}
