//! Owners, viewers and people in neither group, on every route.

use axum::body::Body;
use axum::http::Request;
use domain::ImportState;
use serde_json::json;
use storage::Role;

use crate::described::documented;
use crate::support::World;
use crate::support::orders::{order, stored};
use crate::{Answer, signed_in};

/// The one POST that writes nothing.
const READS_BY_POST: (&str, &str) = ("POST", "/orders/dry-run");
/// The one route without a token.
const OPEN: (&str, &str) = ("GET", "/oauth/callback");

impl World {
    async fn call_as(&self, groups: Option<&str>, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).extension(signed_in("someone", groups));
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// Every route of this function, with ids that lead nowhere.
fn routes() -> Vec<(&'static str, String)> {
    let own =
        documented().into_iter().filter(|(_, path)| !path.starts_with("/webhooks") && !path.starts_with("/reports"));
    own.map(|(method, path)| {
        let path = path.replace("{id}", "01KBTESTTESTTESTTESTTESTTE").replace("{kind}", "error");
        (method, path.replace("{listing}", "sku:A"))
    })
    .collect()
}

#[tokio::test]
async fn a_viewer_is_refused_on_every_route_that_acts_and_on_no_other() {
    let world = World::new();
    let (mut acting, mut reading) = (0, 0);
    for (method, path) in routes() {
        for groups in ["viewer", "viewer,accountants", "[viewer]"] {
            let answer = world.call_as(Some(groups), method, &path, "{}").await;
            if method == "GET" || (method, path.as_str()) == READS_BY_POST {
                assert_ne!(answer.status, 403, "{method} {path}: {}", answer.text);
                reading += 1;
            } else {
                let problem = answer.problem(403);
                assert_eq!(problem["type"], "urn:tributary:problem:read-only", "{method} {path}");
                assert!(problem["detail"].as_str().unwrap().contains("ask an owner"), "{problem}");
                acting += 1;
            }
        }
    }
    assert!(acting >= 18 * 3 && reading >= 18 * 3, "{acting} {reading}");
    assert!(world.queue.take().is_empty());
    world.assert_no_platform_changed();
}

#[tokio::test]
async fn who_is_in_neither_group_may_not_even_look_and_reads_what_to_do() {
    let world = World::new();
    for groups in [None, Some(""), Some("accountants"), Some("Owner"), Some("[]")] {
        for (method, path) in routes() {
            if (method, path.as_str()) == OPEN {
                continue;
            }
            let problem = world.call_as(groups, method, &path, "{}").await.problem(403);
            assert_eq!(problem["type"], "urn:tributary:problem:no-role", "{method} {path}");
            assert!(problem["detail"].as_str().unwrap().contains("ask whoever runs this Tributary"), "{problem}");
        }
    }
}

#[tokio::test]
async fn an_owner_is_refused_nowhere() {
    let world = World::new();
    for groups in ["owner", "viewer,owner", "[owner viewer]"] {
        for (method, path) in routes() {
            let answer = world.call_as(Some(groups), method, &path, "{}").await;
            assert!(!answer.text.contains("urn:tributary:problem:read-only"), "{method} {path}");
            assert!(!answer.text.contains("urn:tributary:problem:no-role"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_answer_of_a_consent_page_needs_no_token() {
    let world = World::new();
    let answer = world.call_as(None, "GET", "/oauth/callback?state=unknown&code=1", "").await;
    assert_eq!(answer.status, 410, "{}", answer.text);
    // Only that: no other method, and nothing below or beside it.
    for (method, path) in [("POST", "/oauth/callback"), ("GET", "/oauth/callback/"), ("GET", "/oauth/callbacks")] {
        world.call_as(None, method, path, "{}").await.problem(403);
    }
}

#[tokio::test]
async fn a_viewer_sees_what_an_owner_sees() {
    let world = World::new();
    let channel = world.connected("market-1", "market", Role::Channel).await;
    world.connected("shop-1", "shop", Role::MainStore).await;
    let mut failed = order(&channel, 1, "2026-11-18T09:00:00Z");
    failed.import = ImportState::Failed { why: "The store refused it.".to_owned(), refused: true };
    let id = stored(&world.app.storage, failed).await;
    for path in [
        "/platforms".to_owned(),
        "/connections".to_owned(),
        format!("/connections/{channel}"),
        format!("/connections/{channel}/settings"),
        format!("/connections/{channel}/links"),
        "/orders".to_owned(),
        "/orders/counts".to_owned(),
        format!("/orders/{id}"),
        "/attention".to_owned(),
        "/attention/error".to_owned(),
        "/stock/exposure".to_owned(),
    ] {
        let seen = world.call_as(Some("viewer"), "GET", &path, "").await.ok(200);
        assert_eq!(seen, world.get(&path).await.ok(200), "{path}");
    }
    let past = json!({
        "connection": channel, "from": "2026-11-01", "to": "2026-11-20",
        "settings": world.get(&format!("/connections/{channel}/settings")).await.json()["settings"],
    });
    world.call_as(Some("viewer"), "POST", "/orders/dry-run", &past.to_string()).await.ok(200);
    world.call_as(Some("viewer"), "POST", &format!("/orders/{id}/sync"), "").await.problem(403);
    assert!(world.queue.take().is_empty(), "nothing was queued");
    // Asking only what an undo would do is the owner's too: the address decides, not the body.
    let undo = json!({ "ids": [id], "dry_run": true });
    world.call_as(Some("viewer"), "POST", "/orders/undo", &undo.to_string()).await.problem(403);
}
