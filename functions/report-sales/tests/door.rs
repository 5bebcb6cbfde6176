//! Who may ask for reports, and from which page.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../shared/api/tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod support;

use jiff::tz::TimeZone;
use lambda_http::http::{HeaderMap, StatusCode};
use lambda_http::{Body, Request};
use runtime::Origin;
use serde_json::{Value, json};
use support::World;
use tower::ServiceExt;

const SAMPLE: &str = include_str!("../../../events/report-sales/one-week.json");
const PAGE: &str = "https://shop.example";

/// The sample event as the members of these groups send it.
fn asked(method: &str, path: &str, groups: Option<&str>) -> Request {
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    event["httpMethod"] = json!(method);
    event["path"] = json!(path);
    let claims = event["requestContext"]["authorizer"]["claims"].as_object_mut().unwrap();
    match groups {
        Some(groups) => drop(claims.insert("cognito:groups".to_owned(), json!(groups))),
        None => drop(claims.remove("cognito:groups")),
    }
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

async fn answered(world: &World, page: Option<&str>, request: Request) -> (StatusCode, HeaderMap, Value) {
    let origin = page.map(|page| Origin::parse(page).unwrap());
    let zone = TimeZone::UTC;
    let service = report_sales::service(&world.app, &zone, origin.as_ref());
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    let body = match body {
        Body::Text(text) => serde_json::from_str(&text).unwrap(),
        _ => Value::Null,
    };
    (head.status, head.headers, body)
}

#[tokio::test]
async fn owners_and_viewers_see_reports_and_nobody_else_does() {
    let world = World::new();
    for path in ["/reports/sales", "/reports/products"] {
        for groups in ["owner", "viewer", "viewer,owner", "[accountants viewer]"] {
            let (status, _, body) = answered(&world, None, asked("GET", path, Some(groups))).await;
            assert_eq!(status, 200, "{path} {groups}: {body}");
        }
        for groups in [None, Some(""), Some("accountants")] {
            let (status, _, problem) = answered(&world, None, asked("GET", path, groups)).await;
            assert_eq!((status, &problem["type"]), (StatusCode::FORBIDDEN, &json!("urn:tributary:problem:no-role")));
            assert!(problem["detail"].as_str().unwrap().contains("ask whoever runs this Tributary"), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_page_may_ask_beforehand_and_read_reports_and_refusals() {
    let world = World::new();
    for path in ["/reports/sales", "/reports/products"] {
        for (method, groups, expected) in
            [("OPTIONS", None, 200), ("GET", Some("viewer"), 200), ("GET", None, 403), ("POST", Some("owner"), 405)]
        {
            let (status, headers, body) = answered(&world, Some(PAGE), asked(method, path, groups)).await;
            assert_eq!(status, expected, "{method} {path}: {body}");
            assert_eq!(headers["access-control-allow-origin"], PAGE, "{method} {path}");
        }
        let (status, headers, _) = answered(&world, None, asked("OPTIONS", path, None)).await;
        assert_eq!((status, headers.get("access-control-allow-origin")), (StatusCode::METHOD_NOT_ALLOWED, None));
    }
}
