//! The API's one document: put together from what each function says of itself, and held to the committed copy.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod document;
mod examples;
mod gateway;
mod routing;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Set it to write the committed copy anew.
const WRITE: &str = "TRIBUTARY_WRITE";

fn in_docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// What `GET /openapi.json` answers, and frontends make their clients of.
#[test]
fn the_committed_document_is_what_the_code_says() {
    let said = serde_json::to_string_pretty(&document::whole()).unwrap() + "\n";
    let path = in_docs("openapi.json");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let differs = said.lines().zip(committed.lines()).find(|(said, committed)| said != committed);
    assert!(
        said == committed,
        "docs/openapi.json is not what the code says; write it anew with \
         `{WRITE}=1 cargo test --profile local --workspace --test openapi`. First difference: {differs:?}"
    );
}

/// `docs/api.md` has a heading for each route: ``### `GET /connections` ``.
#[test]
fn every_route_has_its_place_in_the_words() {
    let words = std::fs::read_to_string(in_docs("api.md")).unwrap();
    let headings = words.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    // Webhooks are between the platforms and us, and described by them.
    let headings: BTreeSet<String> =
        headings.filter(|route| !route.contains("/webhooks/")).map(str::to_owned).collect();
    let document = document::whole();
    let routes: BTreeSet<String> =
        document::operations(&document).map(|(method, path, _)| format!("{} {path}", method.to_uppercase())).collect();
    assert!(routes.len() > 35, "{routes:?}");
    assert_eq!(headings, routes);
}

#[test]
fn every_answer_has_a_description_and_every_route_a_summary() {
    let document = document::whole();
    for (method, path, operation) in document::operations(&document) {
        let is_said = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
        assert!(is_said(&operation["summary"]), "{method} {path}");
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let answer = document::resolved(&document, answer);
            assert!(is_said(&answer["description"]), "{method} {path}: {status}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_type_is_used() {
    fn walk<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|inner| walk(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| walk(inner, found)),
            _ => {}
        }
    }
    let document = document::whole();
    let mut named = BTreeSet::new();
    walk(&document, &mut named);
    let types = document["components"]["schemas"].as_object().unwrap().keys();
    let types = types.map(|name| format!("#/components/schemas/{name}"));
    let answers = document["components"]["responses"].as_object().unwrap().keys();
    let there: BTreeSet<String> = types.chain(answers.map(|name| format!("#/components/responses/{name}"))).collect();
    assert_eq!(there, named.into_iter().map(str::to_owned).collect());
}

/// Rules and promises by their short names are for those who read the code.
#[test]
fn no_description_needs_the_code_to_be_understood() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                let text = object.get("description").and_then(Value::as_str).unwrap_or_default();
                if text.contains("[`") || text.split(|c: char| !c.is_alphanumeric()).any(document::is_rule) {
                    found.push(text.to_owned());
                }
                object.values().for_each(|inner| walk(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| walk(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&document::whole(), &mut found);
    assert_eq!(found, Vec::<String>::new());
}
