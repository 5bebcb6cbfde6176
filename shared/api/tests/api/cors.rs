//! Pages in a browser: which may call, and what they may read.

use axum::http::{HeaderMap, StatusCode};
use lambda_http::request::RequestContext;
use runtime::Origin;
use tower::ServiceExt;

use crate::described::documented;
use crate::gateway::event;
use crate::support::World;
use crate::whole_api::whole_api;

const PAGE: &str = "https://shop.example";

async fn answered(world: &World, page: Option<&str>, request: lambda_http::Request) -> (StatusCode, HeaderMap) {
    let origin = page.map(|page| Origin::parse(page).unwrap());
    let service = api::service(whole_api(&world.app), origin.as_ref());
    let (head, _) = service.oneshot(request).await.unwrap().into_parts();
    (head.status, head.headers)
}

/// What a browser asks beforehand, without a token.
fn preflight(path: &str, method: &str) -> lambda_http::Request {
    let mut request = event("OPTIONS", path, None);
    if let Some(RequestContext::ApiGatewayV1(context)) = request.extensions_mut().get_mut::<RequestContext>() {
        context.authorizer = lambda_http::aws_lambda_events::apigw::ApiGatewayRequestAuthorizer::default();
    }
    let headers = request.headers_mut();
    headers.remove("authorization");
    headers.insert("origin", PAGE.parse().unwrap());
    headers.insert("access-control-request-method", method.parse().unwrap());
    headers.insert("access-control-request-headers", "authorization,idempotency-key".parse().unwrap());
    request
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_browser_may_ask_beforehand_on_every_route_and_needs_no_token() {
    let world = World::new();
    for (method, path) in documented() {
        let path = path.replace("{id}", "01KBTESTTESTTESTTESTTESTTE").replace("{listing}", "sku:A");
        let (status, headers) = answered(&world, Some(PAGE), preflight(&path, method)).await;
        assert_eq!(status, 200, "{method} {path}");
        assert_eq!(text(&headers, "access-control-allow-origin"), Some(PAGE), "{method} {path}");
        let methods = text(&headers, "access-control-allow-methods").unwrap();
        assert!(methods.split(',').any(|allowed| allowed == method), "{method} {path}: {methods}");
        let allowed = text(&headers, "access-control-allow-headers").unwrap();
        for header in ["authorization", "content-type", "if-match", "idempotency-key"] {
            assert!(allowed.split(',').any(|name| name == header), "{header}: {allowed}");
        }
        assert_eq!(text(&headers, "access-control-max-age"), Some("7200"));
        assert_eq!(
            text(&headers, "access-control-allow-credentials"),
            None,
            "the token is in a header, not in a cookie"
        );
    }
}

#[tokio::test]
async fn every_answer_says_which_page_may_read_it_refusals_too() {
    let world = World::new();
    let stranger = || {
        let mut request = event("GET", "/connections", None);
        request.extensions_mut().insert(crate::signed_in("nobody", None));
        request
    };
    for (request, expected) in [
        (event("GET", "/connections", None), 200),
        (event("POST", "/orders/sync", Some("{")), 400),
        (stranger(), 403),
        (event("GET", "/nothing/here", None), 404),
        (event("PATCH", "/connections", None), 405),
        (event("POST", "/orders/sync", Some("{\"ids\": []}")), 422),
    ] {
        let (status, headers) = answered(&world, Some(PAGE), request).await;
        assert_eq!(status, expected);
        assert_eq!(text(&headers, "access-control-allow-origin"), Some(PAGE), "{expected}");
        let exposed = text(&headers, "access-control-expose-headers").unwrap();
        for header in ["etag", "location", "retry-after", "idempotent-replayed"] {
            assert!(exposed.split(',').any(|name| name == header), "{header}: {exposed}");
        }
    }
}

#[tokio::test]
async fn without_the_parameter_no_page_may() {
    let world = World::new();
    let (status, headers) = answered(&world, None, preflight("/connections", "POST")).await;
    assert_eq!((status, text(&headers, "access-control-allow-origin")), (StatusCode::METHOD_NOT_ALLOWED, None));
    let (status, headers) = answered(&world, None, event("GET", "/connections", None)).await;
    assert_eq!((status, text(&headers, "access-control-allow-origin")), (StatusCode::OK, None));
}
