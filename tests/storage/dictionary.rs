//! The preset dictionary holds every word that serde writes, so that no field is paid for in full.

use std::collections::BTreeSet;

use domain::stock::StockState;
use domain::trace::Event;
use serde_json::Value;

use crate::samples::{complete, ebay_source, imported, package, stock, trace_of};

const DICTIONARY: &str = include_str!("../../shared/storage/src/dictionary-1.txt");

fn keys_in(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.insert(key.clone());
                keys_in(value, keys);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys_in(value, keys)),
        _ => {}
    }
}

#[test]
fn every_field_name_of_an_order_is_in_the_dictionary() {
    let order = complete();
    let ebay = ebay_source(1, 1);
    let parts = [
        serde_json::to_value(&order.source),
        serde_json::to_value(&ebay),
        serde_json::to_value(&order.import),
        serde_json::to_value(imported(1)),
        serde_json::to_value(order.store),
        serde_json::to_value(&order.stock),
        serde_json::to_value(&order.packages),
        serde_json::to_value([package()]),
        serde_json::to_value(&order.trace),
        serde_json::to_value(trace_of(vec![Event::Imported { number: "1".into() }])),
        serde_json::to_value(stock(&ebay, StockState::Taken)),
    ];
    let mut keys = BTreeSet::new();
    for part in parts {
        keys_in(&part.unwrap(), &mut keys);
    }
    assert!(keys.len() > 60, "the samples use the fields: {keys:?}");
    let missing: Vec<_> = keys.iter().filter(|key| !DICTIONARY.contains(&format!("\"{key}\":"))).collect();
    assert!(missing.is_empty(), "a new dictionary (and format byte) is due: {missing:?}");
}
