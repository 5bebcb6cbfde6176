//! Reads the operations out of an `OpenAPI` document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::Dialect;

/// One described call.
#[derive(Debug)]
pub struct Operation {
    /// The vendor's `operationId`, or "GET /path" where there is none.
    pub id: String,
    pub method: String,
    /// The path as described, without the base path: `/order/{orderId}`.
    pub template: String,
    /// The OAuth scopes of which one is needed; empty where the description says nothing.
    pub scopes: Vec<String>,
    pub(super) segments: Vec<Segment>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    /// By status: "200", "4XX", "default". `None`: no JSON schema is given.
    pub(super) responses: BTreeMap<String, Option<Value>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    Variable,
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) required: bool,
    pub(super) schema: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    /// A field of a form body (Swagger 2.0).
    Form,
}

#[derive(Debug)]
pub(super) struct Body {
    pub(super) required: bool,
    /// Schema by content type.
    pub(super) content: BTreeMap<String, Value>,
}

pub(super) struct Description {
    pub(super) base_path: String,
    pub(super) dialect: Dialect,
    pub(super) operations: Vec<Operation>,
}

pub(super) fn read(document: &Value) -> Result<Description, String> {
    let swagger = document.get("swagger").is_some();
    let version = document.get("openapi").and_then(Value::as_str);
    let dialect = match version {
        Some(version) if version.starts_with("3.1") => Dialect::New,
        Some(_) => Dialect::Old,
        None if swagger => Dialect::Old,
        None => return Err("neither `openapi` nor `swagger` is given".to_owned()),
    };
    let paths = document.get("paths").and_then(Value::as_object).ok_or("no `paths`")?;
    let mut operations = Vec::new();
    for (template, item) in paths {
        let shared = item.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        for method in ["get", "put", "post", "delete", "patch", "head", "options"] {
            if let Some(call) = item.get(method) {
                operations.push(operation(document, template, method, &shared, call));
            }
        }
    }
    Ok(Description { base_path: base_path(document), dialect, operations })
}

fn operation(document: &Value, template: &str, method: &str, shared: &[Value], call: &Value) -> Operation {
    let method = method.to_uppercase();
    let own = call.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut parameters = Vec::new();
    let mut body = call.get("requestBody").map(|body| request_body(resolve(document, body)));
    for described in own.iter().chain(shared) {
        let described = resolve(document, described);
        let required = described.get("required") == Some(&Value::Bool(true));
        let place = match text(described, "in").as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "formData" => Place::Form,
            "body" => {
                let schema = described.get("schema").cloned().unwrap_or_default();
                body = Some(Body { required, content: [("application/json".to_owned(), schema)].into() });
                continue;
            }
            _ => continue,
        };
        // Swagger 2.0 has the schema's keywords on the parameter itself.
        let schema = resolve(document, described.get("schema").unwrap_or(described)).clone();
        let name = text(described, "name");
        if !parameters.iter().any(|known: &Parameter| known.name == name && known.place == place) {
            parameters.push(Parameter { name, place, required, schema });
        }
    }
    let responses = call.get("responses").and_then(Value::as_object).into_iter().flatten();
    Operation {
        id: call
            .get("operationId")
            .and_then(Value::as_str)
            .map_or_else(|| format!("{method} {template}"), str::to_owned),
        segments: segments(template),
        template: template.to_owned(),
        scopes: scopes(call),
        parameters,
        body,
        responses: responses
            .map(|(status, answer)| (status.clone(), answer_schema(resolve(document, answer))))
            .collect(),
        method,
    }
}

fn request_body(body: &Value) -> Body {
    let content = body.get("content").and_then(Value::as_object).into_iter().flatten();
    Body {
        required: body.get("required") == Some(&Value::Bool(true)),
        content: content
            .map(|(kind, media)| (kind.clone(), media.get("schema").cloned().unwrap_or_default()))
            .collect(),
    }
}

fn answer_schema(answer: &Value) -> Option<Value> {
    if let Some(schema) = answer.get("schema") {
        return Some(schema.clone());
    }
    let content = answer.get("content")?.as_object()?;
    let (_, media) = content.iter().find(|(kind, _)| kind.contains("json"))?;
    media.get("schema").cloned()
}

fn scopes(call: &Value) -> Vec<String> {
    let alternatives = call.get("security").and_then(Value::as_array).into_iter().flatten();
    alternatives
        .filter_map(Value::as_object)
        .flat_map(|alternative| alternative.values().filter_map(Value::as_array).flatten())
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The path of the first server, its variables at their defaults, or Swagger 2.0's `basePath`; without a slash at the end.
fn base_path(document: &Value) -> String {
    let Some(server) = document.get("servers").and_then(|servers| servers.get(0)) else {
        return text(document, "basePath").trim_end_matches('/').to_owned();
    };
    let mut url = text(server, "url");
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), &text(variable, "default"));
    }
    let after_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    path.trim_end_matches('/').to_owned()
}

pub(super) fn segments(template: &str) -> Vec<Segment> {
    let segment = |text: &str| {
        if text.starts_with('{') { Segment::Variable } else { Segment::Literal(text.to_owned()) }
    };
    template.split('/').skip(1).map(segment).collect()
}

/// Follows a local `$ref`, as often as it takes.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    match target.and_then(|pointer| document.pointer(pointer)) {
        Some(target) if !std::ptr::eq(target, value) => resolve(document, target),
        _ => value,
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
