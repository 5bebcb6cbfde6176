//! Cuts the answer to what was asked for: aliases, fragments, `__typename`, and the pages of connections.
//!
//! What the fake renders is JSON with every field that it serves. A list that is a connection is `{"__nodes": [..]}`;
//! one object out of several, chosen by an argument, is `{"__by": "<argument>", "__values": {..}}`; the metafield of a
//! namespace and key is `{"__metafields": [..]}`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::errors::Problem;
use super::graphql::{Scope, Wanted};
use crate::spec::Violation;

/// <https://shopify.dev/docs/api/usage/pagination-graphql>.
const LARGEST_PAGE: u64 = 250;

pub(super) struct Projection<'s, 'd> {
    pub scope: &'s Scope<'d>,
    /// Fields that the schema has and this fake has not.
    pub unserved: Vec<Violation>,
}

impl Projection<'_, '_> {
    /// The answer to one field, out of what was rendered for it.
    pub fn field(&mut self, wanted: &Wanted<'_>, value: &Value) -> Result<Value, Problem> {
        match value {
            Value::Array(items) => {
                let items = chosen(self.scope, wanted, items);
                items.into_iter().map(|item| self.field(wanted, item)).collect()
            }
            Value::Object(fields) => {
                if let Some(Value::Array(nodes)) = fields.get("__nodes") {
                    let page = page(nodes, &self.scope.arguments(wanted.field), wanted.field.name.as_str())?;
                    let kind = fields.get("__typename").cloned().unwrap_or_default();
                    return self.object(wanted, &page.with_kind(kind));
                }
                if let (Some(Value::String(by)), Some(values)) = (fields.get("__by"), fields.get("__values")) {
                    let key = self.scope.arguments(wanted.field).get(by.as_str()).cloned().unwrap_or_default();
                    let value = key.as_str().and_then(|key| values.get(key)).unwrap_or(&Value::Null);
                    return self.field(wanted, value);
                }
                if let Some(Value::Array(all)) = fields.get("__metafields") {
                    let arguments = self.scope.arguments(wanted.field);
                    let given = |name: &str| arguments.get(name).cloned().unwrap_or_default();
                    let (namespace, key) = (given("namespace"), given("key"));
                    let found = all.iter().find(|field| field["namespace"] == namespace && field["key"] == key);
                    return self.field(wanted, found.unwrap_or(&Value::Null));
                }
                self.object(wanted, fields)
            }
            _ => Ok(value.clone()),
        }
    }

    fn object(&mut self, wanted: &Wanted<'_>, fields: &Map<String, Value>) -> Result<Value, Problem> {
        // A patch may have put an object where a scalar is asked for.
        if wanted.selections.is_empty() {
            return Ok(Value::Object(fields.clone()));
        }
        let kind = fields.get("__typename").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut answer = Map::new();
        for inner in self.scope.collect(&wanted.selections, &kind) {
            let name = inner.field.name.as_str();
            let Some(value) = fields.get(name) else {
                return Err(self.unserved(&kind, name, &inner));
            };
            answer.insert(inner.key.clone(), self.field(&inner, value)?);
        }
        Ok(Value::Object(answer))
    }

    fn unserved(&mut self, kind: &str, name: &str, inner: &Wanted<'_>) -> Problem {
        if self.scope.schema.is_some() {
            self.unserved.push(Violation {
                operation: format!("{kind}.{name}"),
                place: "selection".to_owned(),
                message: "this fake does not serve the field".to_owned(),
            });
        }
        Problem::new(format!("Field '{name}' doesn't exist on type '{kind}'"))
            .code("undefinedField")
            .at(self.scope.place(inner.field))
            .with("typeName", json!(kind))
            .with("fieldName", json!(name))
    }
}

/// A plain list is cut by `first`; the quantities of an inventory level by their names.
fn chosen<'v>(scope: &Scope<'_>, wanted: &Wanted<'_>, items: &'v [Value]) -> Vec<&'v Value> {
    let arguments = scope.arguments(wanted.field);
    let names = arguments.get("names").and_then(Value::as_array);
    let named = |item: &&Value| names.is_none_or(|names| names.contains(&item["name"]));
    let first = arguments.get("first").and_then(Value::as_u64).and_then(|first| usize::try_from(first).ok());
    items.iter().filter(named).take(first.unwrap_or(usize::MAX)).collect()
}

/// A page of a connection, as its fields.
#[derive(Debug)]
pub(super) struct Page(Map<String, Value>);

impl Page {
    fn with_kind(self, kind: Value) -> Map<String, Value> {
        let mut fields = self.0;
        fields.insert("__typename".to_owned(), kind);
        fields
    }

    pub fn json(self, kind: &str) -> Value {
        Value::Object(self.with_kind(json!(kind)))
    }

    /// `nodes`: of this page alone.
    pub fn new(nodes: &[Value], cursors: &[String], before: bool, after: bool) -> Self {
        let edge = |(node, cursor): (&Value, &String)| json!({"__typename": "Edge", "cursor": cursor, "node": node});
        let edges: Vec<Value> = nodes.iter().zip(cursors).map(edge).collect();
        let page_info = json!({
            "__typename": "PageInfo",
            "hasNextPage": after,
            "hasPreviousPage": before,
            "startCursor": cursors.first(),
            "endCursor": cursors.last(),
        });
        let fields = [("nodes", json!(nodes)), ("edges", json!(edges)), ("pageInfo", page_info)];
        Self(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
    }
}

/// What a connection was asked for: `first` or `last`, one of them.
pub(super) fn size(arguments: &Map<String, Value>, field: &str) -> Result<(u64, bool), Problem> {
    let given =
        |name: &str| arguments.get(name).filter(|value| !value.is_null()).map(|value| value.as_i64().unwrap_or(-1));
    let (count, forward) = match (given("first"), given("last")) {
        (Some(first), None) => (first, true),
        (None, Some(last)) => (last, false),
        (None, None) => {
            return Err(Problem::new("you must provide one of first or last").code("BAD_REQUEST").path(&[field]));
        }
        (Some(_), Some(_)) => {
            let message = "providing both first and last is not supported";
            return Err(Problem::new(message).code("BAD_REQUEST").path(&[field]));
        }
    };
    let name = if forward { "first" } else { "last" };
    match u64::try_from(count) {
        Ok(count) if count <= LARGEST_PAGE => Ok((count, forward)),
        Ok(_) => Err(Problem::new(format!("{name} cannot exceed {LARGEST_PAGE}")).code("BAD_REQUEST").path(&[field])),
        Err(_) => {
            Err(Problem::new(format!("{name} must be greater than or equal to 0")).code("BAD_REQUEST").path(&[field]))
        }
    }
}

fn page(nodes: &[Value], arguments: &Map<String, Value>, field: &str) -> Result<Page, Problem> {
    let (count, forward) = size(arguments, field)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let reverse = arguments.get("reverse").and_then(Value::as_bool).unwrap_or(false);
    let mut all: Vec<(String, &Value)> =
        nodes.iter().enumerate().map(|(index, node)| (cursor(&node_key(node, index)), node)).collect();
    if reverse {
        all.reverse();
    }
    let at = |name: &str| {
        let wanted = arguments.get(name).and_then(Value::as_str)?;
        all.iter().position(|(cursor, _)| cursor == wanted)
    };
    let start = at("after").map_or(0, |index| index + 1);
    let end = at("before").unwrap_or(all.len()).max(start);
    let window = &all[start..end];
    let (skipped, shown) = if forward {
        (0, &window[..count.min(window.len())])
    } else {
        let skipped = window.len().saturating_sub(count);
        (skipped, &window[skipped..])
    };
    let cursors: Vec<String> = shown.iter().map(|(cursor, _)| cursor.clone()).collect();
    let shown: Vec<Value> = shown.iter().map(|(_, node)| (*node).clone()).collect();
    let before = start + skipped > 0;
    let after = start + skipped + shown.len() < all.len();
    Ok(Page::new(&shown, &cursors, before, after))
}

fn node_key(node: &Value, index: usize) -> Value {
    node.get("id").cloned().unwrap_or_else(|| json!(index))
}

/// Opaque to callers.
pub(super) fn cursor(key: &Value) -> String {
    BASE64_STANDARD.encode(key.to_string())
}

pub(super) fn key_of(cursor: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64_STANDARD.decode(cursor).ok()?).ok()
}
