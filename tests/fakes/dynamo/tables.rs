//! The tables as `template.yaml` defines them, so that tests and deployment cannot drift apart.

use std::sync::OnceLock;

use serde_json::{Value, json};

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The `CreateTable` and `UpdateTimeToLive` requests for `orders`, `links` and `settings`.
pub(super) fn requests() -> &'static [(Value, Option<Value>)] {
    static REQUESTS: OnceLock<Vec<(Value, Option<Value>)>> = OnceLock::new();
    REQUESTS.get_or_init(|| {
        let template: yaml_serde::Value = yaml_serde::from_str(TEMPLATE).expect("template.yaml is YAML");
        let tables = [("orders", "OrdersTable"), ("links", "LinksTable"), ("settings", "SettingsTable")];
        tables
            .into_iter()
            .map(|(name, resource)| request(name, &template["Resources"][resource]["Properties"]))
            .collect()
    })
}

fn request(name: &str, properties: &yaml_serde::Value) -> (Value, Option<Value>) {
    let properties: Value = serde_json::to_value(properties).expect("a table's properties are plain data");
    let mut create = json!({ "TableName": name });
    for field in ["BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
        if let Some(value) = properties.get(field) {
            create[field] = value.clone();
        }
    }
    if let Some(view) = properties.pointer("/StreamSpecification/StreamViewType") {
        create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
    }
    let expiry = properties
        .get("TimeToLiveSpecification")
        .map(|specification| json!({ "TableName": name, "TimeToLiveSpecification": specification }));
    (create, expiry)
}
