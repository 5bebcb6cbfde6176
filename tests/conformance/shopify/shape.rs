//! Checks JSON against the types of the schema: every member is a field of its type, null only where it may be, enums
//! and numbers as they are described.

use std::collections::BTreeSet;

use apollo_compiler::ast::Type;
use apollo_compiler::schema::ExtendedType;
use fakes::shopify::AdminSchema;
use serde_json::{Map, Value};

/// What is wrong with a value of this type, each with its place.
pub fn wrong(schema: &AdminSchema, ty: &Type, value: &Value, place: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    inspect(schema, ty, value, place, &mut found);
    found
}

fn inspect(schema: &AdminSchema, ty: &Type, value: &Value, place: &str, found: &mut BTreeSet<String>) {
    if value.is_null() {
        if ty.is_non_null() {
            found.insert(format!("{place}: null, and is a {ty}"));
        }
        return;
    }
    if ty.is_list() {
        let Some(items) = value.as_array() else {
            found.insert(format!("{place}: {value}, and is a {ty}"));
            return;
        };
        for item in items {
            inspect(schema, ty.item_type(), item, &format!("{place}[]"), found);
        }
        return;
    }
    let name = ty.inner_named_type().as_str();
    match schema.kind(name) {
        Some(ExtendedType::Enum(kind)) => {
            if value.as_str().is_none_or(|word| !kind.values.contains_key(word)) {
                found.insert(format!("{place}: {value} is no {name}"));
            }
        }
        Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_)) => {
            match value.as_object() {
                Some(fields) => object(schema, name, fields, place, found),
                None => {
                    found.insert(format!("{place}: {value} is no {name}"));
                }
            }
        }
        Some(_) => {
            if !scalar(name, value) {
                found.insert(format!("{place}: {value} is no {name}"));
            }
        }
        None => {
            found.insert(format!("{place}: {name} is no type"));
        }
    }
}

fn object(schema: &AdminSchema, name: &str, fields: &Map<String, Value>, place: &str, found: &mut BTreeSet<String>) {
    // One of several, or one by its key: each of them is of the type.
    for marker in ["__values", "__metafields"] {
        if let Some(values) = fields.get(marker) {
            let all: Vec<&Value> = match values {
                Value::Object(values) => values.values().collect(),
                Value::Array(values) => values.iter().collect(),
                _ => Vec::new(),
            };
            for value in all {
                object(schema, name, value.as_object().unwrap(), place, found);
            }
            return;
        }
    }
    let own = fields.get("__typename").and_then(Value::as_str).unwrap_or(name);
    if own != name && !schema.schema().is_subtype(name, own) {
        found.insert(format!("{place}: {own} is no {name}"));
        return;
    }
    for (field, value) in fields {
        if field == "__nodes" {
            let nodes = schema.field(own, "nodes").unwrap();
            inspect(schema, nodes, value, &format!("{place}.nodes"), found);
        } else if !field.starts_with("__") {
            match schema.field(own, field) {
                Some(ty) => inspect(schema, ty, value, &format!("{own}.{field}"), found),
                None => {
                    found.insert(format!("{own}.{field} is not in the schema"));
                }
            }
        }
    }
}

fn scalar(name: &str, value: &Value) -> bool {
    let text = value.as_str();
    match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "UnsignedInt64" => text.is_some_and(|text| text.parse::<u64>().is_ok()),
        "Decimal" | "Money" => text.is_some_and(|text| text.parse::<rust_decimal::Decimal>().is_ok()),
        "DateTime" => text.is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()),
        "ID" => text.is_some_and(|text| text.starts_with("gid://shopify/")),
        "URL" => text.is_some_and(|text| text.parse::<url::Url>().is_ok()),
        _ => value.is_string(),
    }
}
