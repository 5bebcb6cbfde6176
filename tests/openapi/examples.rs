//! The examples of `docs/api.md`, each beside the type that it is of: an example that fits none fails.

use std::collections::BTreeMap;

use fakes::spec::{Reading, Spec, SpecSet};
use serde_json::{Value, json};

use crate::document::resolved;

const WORDS: &str = include_str!("../../docs/api.md");

/// The JSON blocks below each route's heading.
fn blocks() -> BTreeMap<&'static str, Vec<Value>> {
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for section in WORDS.split("\n### `").skip(1) {
        let (route, rest) = section.split_once('`').unwrap();
        // The next chapter's words are none of the route's.
        let rest = rest.split("\n## ").next().unwrap_or_default();
        let texts = rest.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
        for text in texts.filter(|text| !text.contains("\"...\"")) {
            let block = serde_json::from_str(text).unwrap_or_else(|error| panic!("{route}: {error}: {text}"));
            found.entry(route).or_default().push(block);
        }
    }
    found
}

/// Where a route's description has an example: its answer when all went well, and what it is sent.
fn places(document: &Value, route: &str) -> Vec<String> {
    let (method, path) = route.split_once(' ').unwrap();
    let item = format!("/paths/{}/{}", path.replace('~', "~0").replace('/', "~1"), method.to_lowercase());
    let Some(operation) = document.pointer(&item) else { return Vec::new() };
    let answers = operation["responses"].as_object().unwrap().keys().filter(|status| status.starts_with('2'));
    let answers = answers.map(|status| format!("{item}/responses/{status}/content/application~1json"));
    let refusals = operation["responses"].as_object().unwrap().keys().filter(|status| status.starts_with('4'));
    let refusals = refusals.map(|status| format!("{item}/responses/{status}/content/application~1problem+json"));
    let places = answers.chain([format!("{item}/requestBody/content/application~1json")]).chain(refusals);
    places.filter(|place| document.pointer(place).is_some()).collect()
}

/// Puts each example where it fits.
pub fn put_into(document: &mut Value) {
    let spec = SpecSet::from(Spec::from_document(document.clone()).unwrap());
    for (route, blocks) in blocks() {
        if route.contains("/webhooks/") {
            continue;
        }
        for block in blocks {
            let mut why = Vec::new();
            let fits = places(document, route).into_iter().find(|place| {
                let media = document.pointer(place).unwrap();
                let faults = faults(document, &spec, media, &block);
                why.extend(faults.iter().cloned());
                faults.is_empty()
            });
            let place = fits.unwrap_or_else(|| panic!("`{route}` has no place for {block}: {why:#?}"));
            // Several answers of one shape: the first is the example of them all.
            document.pointer_mut(&place).unwrap().as_object_mut().unwrap().entry("example").or_insert(block);
        }
    }
}

fn faults(document: &Value, spec: &SpecSet, media: &Value, block: &Value) -> Vec<String> {
    let name = media["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let Some(name) = name else { return vec!["a type without a name".to_owned()] };
    assert!(resolved(document, &media["schema"]).is_object());
    spec.check_named(name, block, Reading::Sent).iter().map(ToString::to_string).collect()
}

#[test]
fn an_example_that_does_not_fit_is_named() {
    let document = crate::document::whole();
    let spec = SpecSet::from(Spec::from_document(document.clone()).unwrap());
    let media = json!({ "schema": { "$ref": "#/components/schemas/NewShipment" } });
    let fits = |block: Value| faults(&document, &spec, &media, &block).is_empty();
    assert!(fits(json!({ "lines": [{ "line": "1", "quantity": 1 }] })));
    assert!(!fits(json!({ "lines": [{ "line": "1" }] })));
    assert!(!fits(json!({ "lines": [], "colour": "red" })));
}
