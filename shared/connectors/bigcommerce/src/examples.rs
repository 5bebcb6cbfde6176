//! The vendor's own examples, read out of its description where that is at hand.

use std::path::PathBuf;

use serde_json::Value;

/// `None` without the descriptions: `$TRIBUTARY_SPECS`, else `../shared/specs` beside the workspace.
pub(crate) fn orders() -> Option<Vec<Value>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/specs");
    let folder = std::env::var_os("TRIBUTARY_SPECS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let text = std::fs::read_to_string(folder.join("bigcommerce/orders.v2.oas2.yml")).ok()?;
    let described: Value = yaml_serde::from_str(&text).unwrap();
    let mut found = Vec::new();
    gather(&described, &mut found);
    Some(found)
}

fn gather(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            let is_order =
                object.get("status_id").is_some_and(Value::is_number) && object.contains_key("total_inc_tax");
            if is_order && object.get("id").is_some_and(Value::is_number) {
                found.push(value.clone());
            }
            object.values().for_each(|value| gather(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, found)),
        _ => {}
    }
}
