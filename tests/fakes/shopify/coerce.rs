//! Checks the variables of a request against their types, and says what is wrong as Shopify does.
//!
//! `Variable $order of type OrderCreateOrderInput! was provided invalid value for lineItems.0.quantity (Expected value
//! to not be null)`: code `INVALID_VARIABLE`, with the problems one by one.

use apollo_compiler::Name;
use apollo_compiler::ast::Type;
use apollo_compiler::schema::ExtendedType;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::errors::Problem;
use super::graphql::Scope;
use super::schema::AdminSchema;

/// <https://shopify.dev/docs/api/usage/limits#input-limits>.
const LONGEST_INPUT: usize = 250;

#[derive(Debug)]
struct Wrong {
    path: Vec<String>,
    why: String,
}

pub(super) fn check(scope: &Scope<'_>, schema: &AdminSchema) -> Vec<Problem> {
    let mut problems = Vec::new();
    for variable in &scope.operation.variables {
        let given = scope.variables().get(&*variable.name);
        let value = given.unwrap_or(&Value::Null);
        let mut found = Vec::new();
        let mut path = Vec::new();
        inspect(schema, &variable.ty, value, &mut path, &mut found);
        if found.is_empty() {
            continue;
        }
        let list = |wrong: &Wrong| {
            let path = wrong.path.join(".");
            if path.is_empty() { format!("({})", wrong.why) } else { format!("{path} ({})", wrong.why) }
        };
        let reasons: Vec<String> = found.iter().map(list).collect();
        let named = format!("Variable ${} of type {} was provided invalid value", variable.name, variable.ty);
        let whole = found.iter().all(|wrong| wrong.path.is_empty());
        let message = if whole { named } else { format!("{named} for {}", reasons.join(", ")) };
        let shown = |wrong: &Wrong| json!({"path": wrong.path, "explanation": wrong.why});
        problems.push(
            Problem::new(message)
                .code("INVALID_VARIABLE")
                .at(scope.place(variable))
                .with("value", value.clone())
                .with("problems", found.iter().map(shown).collect()),
        );
    }
    problems
}

fn inspect(schema: &AdminSchema, ty: &Type, value: &Value, path: &mut Vec<String>, found: &mut Vec<Wrong>) {
    if value.is_null() {
        if ty.is_non_null() {
            found.push(Wrong { path: path.clone(), why: "Expected value to not be null".to_owned() });
        }
        return;
    }
    if ty.is_list() {
        let one = [value.clone()];
        let items: &[Value] = value.as_array().map_or(&one, Vec::as_slice);
        if items.len() > LONGEST_INPUT {
            let why = format!("The input array size of {} is greater than the maximum allowed of 250.", items.len());
            found.push(Wrong { path: path.clone(), why });
        }
        for (index, item) in items.iter().enumerate() {
            path.push(index.to_string());
            inspect(schema, ty.item_type(), item, path, found);
            path.pop();
        }
        return;
    }
    let name = ty.inner_named_type().as_str();
    let mut wrong = |why: String| found.push(Wrong { path: path.clone(), why });
    match schema.kind(name) {
        Some(ExtendedType::Enum(kind)) => {
            if value.as_str().is_none_or(|word| !kind.values.contains_key(word)) {
                let known: Vec<&str> = kind.values.keys().map(Name::as_str).collect();
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                wrong(format!("Expected \"{shown}\" to be one of: {}", known.join(", ")));
            }
        }
        Some(ExtendedType::InputObject(_)) => object(schema, name, value, path, found),
        _ => {
            if let Some(why) = scalar(name, value) {
                wrong(why);
            }
        }
    }
}

fn object(schema: &AdminSchema, name: &str, value: &Value, path: &mut Vec<String>, found: &mut Vec<Wrong>) {
    let (Some(kind), Some(given)) = (schema.input(name), value.as_object()) else {
        found.push(Wrong { path: path.clone(), why: format!("Expected {value} to be a key-value object.") });
        return;
    };
    if kind.directives.has("oneOf") && given.values().filter(|value| !value.is_null()).count() != 1 {
        let why = format!("'{name}' requires exactly one argument, but {} were provided.", given.len());
        found.push(Wrong { path: path.clone(), why });
    }
    for field in given.keys().filter(|field| !kind.fields.contains_key(field.as_str())) {
        path.push(field.clone());
        found.push(Wrong { path: path.clone(), why: format!("Field is not defined on {name}") });
        path.pop();
    }
    for (field, defined) in &kind.fields {
        let value = given.get(field.as_str());
        if value.is_none() && defined.default_value.is_some() {
            continue;
        }
        path.push(field.to_string());
        inspect(schema, &defined.ty, value.unwrap_or(&Value::Null), path, found);
        path.pop();
    }
}

fn scalar(name: &str, value: &Value) -> Option<String> {
    let text = value.as_str();
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<Decimal>().is_ok(),
        Value::Number(_) => true,
        _ => false,
    };
    let fits = match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "String" => value.is_string(),
        "ID" => value.is_string() || value.is_i64() || value.is_u64(),
        "Decimal" | "Money" => number(value),
        "DateTime" => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        "URL" => text.is_some_and(|text| text.parse::<url::Url>().is_ok()),
        _ => true,
    };
    if fits {
        return None;
    }
    Some(match (name, text) {
        ("Money", Some(text)) => format!("invalid money '{text}'"),
        ("DateTime", Some(text)) => format!("invalid DateTime '{text}'"),
        ("URL", Some(text)) => format!("Invalid url '{text}'"),
        ("Decimal", Some(text)) => format!("invalid decimal '{text}'"),
        _ => format!("Could not coerce value {value} to {name}"),
    })
}
