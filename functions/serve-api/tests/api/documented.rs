//! `docs/api.md` names every route that there is, and none that there is not.

use crate::support::World;

const DOCS: &str = include_str!("../../../../docs/api.md");
const ROUTES: &str = include_str!("../../src/lib.rs");

/// The headings of the routes: ``### `GET /connections` ``.
pub fn documented() -> Vec<(&'static str, &'static str)> {
    let heading = |line: &'static str| line.strip_prefix("### `")?.strip_suffix('`')?.split_once(' ');
    DOCS.lines().filter_map(heading).collect()
}

#[tokio::test]
async fn every_documented_route_exists() {
    let world = World::new();
    let mut tried = 0;
    for (method, path) in documented() {
        // Served by functions of their own.
        if path.starts_with("/webhooks") || path.starts_with("/reports") {
            continue;
        }
        let path =
            path.replace("{id}", "01KBTESTTESTTESTTESTTESTTE").replace("{kind}", "error").replace("{listing}", "sku:A");
        let path = if path.ends_with("/authorize") { "/connections/market/authorize".to_owned() } else { path };
        let answer = world.call(method, &path, "{}").await;
        assert_ne!(answer.status, 405, "{method} {path}");
        assert!(!answer.text.contains("nothing at this address"), "{method} {path}: {}", answer.text);
        tried += 1;
    }
    assert_eq!(tried, 39);
}

#[test]
fn every_route_is_documented() {
    let paths = ROUTES.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")?.split_once('"'));
    let paths: Vec<&str> = paths.map(|(path, _)| path).collect();
    assert_eq!(paths.len(), 34);
    for path in paths {
        let path = path.replace("{*listing}", "{listing}");
        assert!(documented().iter().any(|(_, known)| *known == path), "{path}");
    }
}
