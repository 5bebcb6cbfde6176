//! Puts the functions' descriptions together, with what holds for every route.

use serde_json::{Map, Value, json};

use crate::gateway;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document that is put as a whole, and what it holds.
const SETTINGS: [&str; 6] =
    ["ChannelSettings", "TaxSettings", "MailSettings", "AlertSettings", "StockSettings", "FeedbackSettings"];

/// What each function says of itself.
pub fn functions() -> [(&'static str, Value); 4] {
    [
        ("serve-api", serve_api::described()),
        ("serve-connections", serve_connections::described()),
        ("ask-platforms", ask_platforms::described()),
        ("report-sales", report_sales::described()),
    ]
    .map(|(function, described)| (function, serde_json::to_value(described).unwrap()))
}

/// The whole document.
pub fn whole() -> Value {
    let mut document = json!({ "paths": {}, "components": { "schemas": {} } });
    for (_, function) in functions() {
        merge(&mut document, &function);
    }
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Tributary",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Every channel's orders, once, in your main store. Nothing of a shop's is changed at a platform by a \
                        request: an account is tested when it is connected, listings and products are read for linking, \
                        everything else is queued. Bodies hold at most 1,000,000 bytes. Query parameters and fields that \
                        a route does not have are refused.",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{
        "url": "https://{host}/v1",
        "description": "The stack's output `ApiUrl`.",
        "variables": { "host": { "default": "api.example" } },
    }]);
    document["components"]["securitySchemes"] = json!({ "Cognito": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An ID token of the stack's Cognito user pool, good for an hour.",
    } });
    document["security"] = json!([{ "Cognito": [] }]);
    // A refusal may say more than every refusal says (RFC 9457, 3.2).
    document["components"]["schemas"]["Problem"]["additionalProperties"] = json!(true);
    for name in SETTINGS {
        nothing_left_out(&mut document["components"]["schemas"][name]);
    }
    document["components"]["schemas"]["GatewayAnswer"] = gateway::schema();
    document["components"]["responses"] = Value::Object(gateway::shared_answers());
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for operation in
            METHODS.iter().filter_map(|method| Some((*method, item.get(method)?.clone()))).collect::<Vec<_>>()
        {
            item[operation.0] = completed(operation.0, path, operation.1);
        }
    }
    without_rules(&mut document);
    crate::examples::put_into(&mut document);
    document
}

/// In storage a setting that is missing has its default; who puts the document leaves out only what may be null.
fn nothing_left_out(schema: &mut Value) {
    let fields = schema["properties"].as_object_mut().unwrap();
    let defaults = fields.iter_mut().filter_map(|(name, field)| {
        let default = field.as_object_mut().unwrap().remove("default")?;
        (!default.is_null()).then(|| json!(name))
    });
    let required: Value = defaults.collect();
    schema["required"] = required;
}

/// Adds the other's routes and types. Types of one name must be the same.
fn merge(document: &mut Value, other: &Value) {
    for part in ["/paths", "/components/schemas"] {
        let (whole, added) = (document.pointer_mut(part).unwrap(), other.pointer(part).unwrap().as_object().unwrap());
        for (name, value) in added {
            let before = whole.as_object_mut().unwrap().insert(name.clone(), value.clone());
            assert!(before.is_none_or(|before| before == *value), "two descriptions of {part}/{name}");
        }
    }
}

/// The route with the answers that every route has: those of the functions, and those of the gateway in front of them.
fn completed(method: &str, path: &str, mut operation: Value) -> Value {
    let is_open = operation.get("security").is_some();
    if is_open {
        operation["security"] = json!([]);
    }
    let has_body = operation.get("requestBody").is_some();
    let takes_key = method == "post" && path != gateway::READS_BY_POST;
    if takes_key {
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(gateway::idempotency_key()),
            None => operation["parameters"] = json!([gateway::idempotency_key()]),
        }
    }
    let answers = operation["responses"].as_object_mut().unwrap();
    if takes_key && let Some(Value::String(says)) = answers.get_mut("409").map(|answer| &mut answer["description"]) {
        says.push(' ');
        says.push_str(gateway::KEY_IN_THE_WAY);
    }
    for (status, answer) in answers.iter_mut() {
        if status.as_str() >= "400" && answer.get("content").is_none() {
            answer["content"] = gateway::problem();
        }
    }
    let is_named = path.contains('{');
    assert!(!is_named || answers.contains_key("404"), "{path} says nothing of ids that name nothing");
    for (status, name) in gateway::answers_of(is_open, has_body, takes_key) {
        answers.entry(status).or_insert_with(|| json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    operation
}

/// Whether a word names a rule or a promise: R2, A23.
pub fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix(['A', 'B', 'E', 'R']).unwrap_or_default();
    !number.is_empty() && number.len() < 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Leaves out of the descriptions what the code's comments say for those who know its rules: `R2: ...`, `... (R19).`
fn without_rules(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(text)) = object.get_mut("description") {
                let is_list = |text: &str| text.split(", ").all(is_rule);
                if let Some((_, rest)) = text.split_once(": ").filter(|(rules, _)| is_list(rules)) {
                    let mut letters = rest.chars();
                    *text = letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap();
                }
                while let Some((before, rest)) = text.split_once(" (")
                    && let Some((rules, after)) = rest.split_once(')')
                    && is_list(rules)
                {
                    *text = format!("{before}{after}");
                }
            }
            object.values_mut().for_each(without_rules);
        }
        Value::Array(list) => list.iter_mut().for_each(without_rules),
        _ => {}
    }
}

/// Method, path and description of every route.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths: &Map<String, Value> = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let of = move |method: &&'static str| Some((*method, path.as_str(), item.get(*method)?));
        METHODS.iter().filter_map(of)
    })
}

/// Follows a reference within the document.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
