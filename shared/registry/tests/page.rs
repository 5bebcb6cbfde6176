//! The tables of `docs/connectors.md` say what the connectors' constants say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use serde_json::Value;
use tributary_registry as registry;

const PAGE: &str = include_str!("../../../docs/connectors.md");

/// Platform (in lower case) -> field -> what the page says.
fn table(head: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = PAGE.lines().skip_while(|line| !line.starts_with(&format!("| {head} |")));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let platforms: Vec<String> = cells(lines.next().unwrap()).into_iter().skip(1).collect();
    let mut told: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for line in lines.skip(1).take_while(|line| line.starts_with('|')) {
        let mut row = cells(line).into_iter();
        let field = row.next().unwrap();
        for (platform, cell) in platforms.iter().zip(row) {
            told.entry(platform.to_lowercase()).or_default().insert(field.clone(), cell);
        }
    }
    told
}

/// A value as the page writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "none".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(names) if names.is_empty() => "any".to_owned(),
        Value::Array(_) => "its own names".to_owned(),
        Value::Object(_) => panic!("a capability of this shape has no place on the page: {value}"),
    }
}

fn constants(role: impl Fn(&str) -> Option<Value>) -> BTreeMap<String, BTreeMap<String, String>> {
    let named = registry::platforms().filter_map(|name| {
        let fields = role(name)?.as_object().unwrap().clone();
        Some((name.to_owned(), fields.iter().map(|(field, value)| (field.clone(), written(value))).collect()))
    });
    named.collect()
}

#[test]
fn the_page_shows_every_capability_of_every_platform_as_it_is() {
    let of = |name: &str| registry::capabilities(&name.parse().unwrap(), &BTreeMap::new()).unwrap();
    let channels = constants(|name| of(name).0.map(|can| serde_json::to_value(can).unwrap()));
    assert_eq!(table("as a channel"), channels);
    let stores = constants(|name| of(name).1.map(|can| serde_json::to_value(can).unwrap()));
    assert_eq!(table("as a main store"), stores);
}
