//! Who gets through the front door, and how far.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Answer, Stage, answered, on_stage};

/// Different in each run: a local cloud may have seen an earlier one.
fn address(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{name}-{now}@example.com")
}

async fn call_as(stage: &Stage, token: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let request = stage.aws.client.request(method, stage.url(path)).bearer_auth(token);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    answered(request).await
}

async fn token(stage: &Stage, name: &str, groups: &[&str]) -> String {
    let (pool, client) = (stage.output("UserPoolId"), stage.output("UserPoolClientId"));
    stage.aws.user_token(pool, client, &address(name), groups).await
}

#[test]
fn a_viewer_looks_and_changes_nothing() {
    on_stage(async |stage| {
        let viewer = token(stage, "viewer", &["viewer"]).await;
        let settings = format!("/connections/{}/settings", stage.ebay_id);
        for path in [
            "/connections",
            "/orders",
            "/attention",
            "/health",
            "/costs",
            "/reports/sales?days=1",
            "/reports/products?days=1",
            &settings,
        ] {
            let seen = call_as(stage, &viewer, Method::GET, path, None).await;
            assert_eq!(seen.status, 200, "{path}: {}", seen.json);
        }
        let connection = format!("/connections/{}", stage.ebay_id);
        for (method, path) in [
            (Method::POST, "/connections"),
            (Method::POST, "/orders/sync"),
            (Method::POST, "/orders/send"),
            (Method::PUT, &settings),
            (Method::DELETE, &connection),
        ] {
            let refused = call_as(stage, &viewer, method.clone(), path, Some(&json!({}))).await;
            assert_eq!(refused.status, 403, "{method} {path}: {}", refused.json);
            assert_eq!(refused.json["type"], "urn:tributary:problem:read-only", "{}", refused.json);
        }
        assert_eq!(stage.get(&connection).await["state"], "active");
    });
}

#[test]
fn who_is_in_both_groups_is_an_owner_and_who_is_in_neither_may_do_nothing() {
    on_stage(async |stage| {
        let both = token(stage, "both", &["viewer", "owner"]).await;
        let done = call_as(stage, &both, Method::POST, "/orders/sync", Some(&json!({"ids": []}))).await;
        assert_eq!(done.status, 422, "an empty list is refused for what it is: {}", done.json);
        let neither = token(stage, "neither", &[]).await;
        for path in ["/connections", "/orders", "/reports/sales?days=1"] {
            let refused = call_as(stage, &neither, Method::GET, path, None).await;
            assert_eq!(refused.status, 403, "{path}: {}", refused.json);
            assert_eq!(refused.json["type"], "urn:tributary:problem:no-role", "{}", refused.json);
        }
    });
}

#[test]
fn a_token_that_has_ended_or_is_of_another_pool_opens_nothing() {
    on_stage(async |stage| {
        let pool = stage.output("UserPoolId");
        let client = stage.aws.pool_client(pool, 2).await;
        let brief = stage.aws.user_token(pool, &client, &address("brief"), &["owner"]).await;
        let (other, its_client) = stage.aws.other_pool().await;
        let foreign = stage.aws.user_token(&other, &its_client, &address("stranger"), &[]).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        for (method, path) in
            [(Method::GET, "/connections"), (Method::POST, "/orders/sync"), (Method::GET, "/reports/sales?days=1")]
        {
            for (what, token) in [("ended", &brief), ("of another pool", &foreign)] {
                let refused = call_as(stage, token, method.clone(), path, None).await;
                assert_eq!(refused.status, 401, "{method} {path}, a token that is {what}: {}", refused.json);
            }
        }
    });
}

#[test]
fn a_page_of_the_parameters_origin_may_ask_beforehand_and_read_the_answers() {
    const PAGE: &str = "https://shop.example";
    on_stage(async |stage| {
        let paths = ["/connections", "/orders/sync", "/reports/sales?days=1"];
        let allowed = async |request: reqwest::RequestBuilder| {
            let answer = request.header("origin", PAGE).send().await.unwrap();
            let page =
                answer.headers().get("access-control-allow-origin").map(|page| page.to_str().unwrap().to_owned());
            (answer.status().as_u16(), page)
        };
        let request = |method, path: &str| stage.aws.client.request(method, stage.url(path));
        let preflight = async |path: &str| {
            allowed(request(Method::OPTIONS, path).header("access-control-request-method", "POST")).await
        };
        for path in paths {
            assert_eq!(preflight(path).await, (405, None), "{path}: the template's default is that no page may");
        }
        for function in ["serve-api", "serve-connections", "report-sales"] {
            let mut environment = stage.aws.environment(function).await;
            assert_eq!(environment["Variables"]["ALLOWED_ORIGIN"], "", "{function}");
            // What the template's parameter AllowedOrigin deploys.
            environment["Variables"]["ALLOWED_ORIGIN"] = json!(PAGE);
            stage.aws.set_environment(function, &environment).await;
        }
        let mut seen = Vec::new();
        for path in paths {
            seen.push((path, preflight(path).await));
            if path != "/orders/sync" {
                seen.push((path, allowed(stage.as_owner(request(Method::GET, path))).await));
            }
        }
        for function in ["serve-api", "serve-connections", "report-sales"] {
            let mut environment = stage.aws.environment(function).await;
            environment["Variables"]["ALLOWED_ORIGIN"] = json!("");
            stage.aws.set_environment(function, &environment).await;
        }
        for (path, answer) in seen {
            assert_eq!(answer, (200, Some(PAGE.to_owned())), "{path}");
        }
    });
}
