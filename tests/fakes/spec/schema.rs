//! Makes a description's schemas fit for a JSON schema validator, and validates with them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::locked;

/// How closely a body is read. Descriptions are silent about null and about values that the vendor added since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// What we send: nothing beyond the description, no null that it does not allow.
    Sent,
    /// What the vendor answers: null, new enum values and new fields are accepted.
    Received,
    /// What a fake answers in the vendor's name: as `Received`, but no field that the description lacks.
    Imitated,
}

impl Reading {
    fn lenient(self) -> bool {
        self != Self::Sent
    }

    fn closed(self) -> bool {
        self != Self::Received
    }
}

/// Which JSON schema dialect a description's schema objects are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Swagger 2.0 and `OpenAPI` 3.0: close to draft 4, with `nullable`.
    Old,
    /// `OpenAPI` 3.1.
    New,
}

/// A schema ready for use, or why it cannot be.
type Compiled = Arc<Result<Validator, String>>;

/// The schemas of one description, compiled on first use.
#[derive(Debug)]
pub(super) struct Schemas {
    dialect: Dialect,
    /// `components` and `definitions`, which the references inside schemas point into.
    shared: Map<String, Value>,
    compiled: Mutex<HashMap<(Reading, String), Compiled>>,
}

impl Schemas {
    pub(super) fn new(document: &Value, dialect: Dialect) -> Self {
        let shared = ["components", "definitions"]
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), document.get(key)?.clone())))
            .collect();
        Self { dialect, shared, compiled: Mutex::default() }
    }

    /// What `value` breaks, as (JSON pointer, message). `name` identifies the schema within the description.
    pub(super) fn breaches(
        &self,
        name: &str,
        schema: &Value,
        reading: Reading,
        value: &Value,
    ) -> Vec<(String, String)> {
        match &*self.compiled(name, schema, reading) {
            Ok(validator) => {
                let error = |error: jsonschema::ValidationError<'_>| (error.instance_path().to_string(), short(&error));
                validator.iter_errors(value).map(error).collect()
            }
            Err(reason) => vec![(String::new(), format!("the description's own schema cannot be used: {reason}"))],
        }
    }

    fn compiled(&self, name: &str, schema: &Value, reading: Reading) -> Compiled {
        let key = (reading, name.to_owned());
        if let Some(known) = locked(&self.compiled).get(&key) {
            return Arc::clone(known);
        }
        let compiled = Arc::new(self.compile(schema, reading));
        locked(&self.compiled).insert(key, Arc::clone(&compiled));
        compiled
    }

    fn compile(&self, schema: &Value, reading: Reading) -> Result<Validator, String> {
        let mut shared = self.shared.clone();
        let mut added_to = BTreeSet::new();
        self.shared.values().chain([schema]).for_each(|held| find_added_to(held, &mut added_to));
        for (holder, held) in &mut shared {
            let schemas = if holder == "components" { held.get_mut("schemas") } else { Some(held) };
            for (name, schema) in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
                let part = if added_to.contains(name) { Part::Branch } else { Part::Whole };
                prepare(schema, reading, part);
            }
        }
        let mut schema = schema.clone();
        prepare(&mut schema, reading, Part::Whole);
        shared.insert("allOf".to_owned(), json!([schema]));
        let draft = match self.dialect {
            Dialect::Old => Draft::Draft4,
            Dialect::New => Draft::Draft202012,
        };
        jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(false)
            .build(&Value::Object(shared))
            .map_err(|error| error.to_string())
    }
}

fn short(error: &jsonschema::ValidationError<'_>) -> String {
    let text = error.to_string();
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

/// Whether a schema stands for itself or adds to another one, which then may hold more fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Branch,
}

/// The names of the schemas that another one adds to by `allOf`.
fn find_added_to(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let parts = object.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let names = parts.filter_map(|part| part.get("$ref")?.as_str()?.rsplit('/').next());
            found.extend(names.map(str::to_owned));
            object.values().for_each(|inner| find_added_to(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| find_added_to(inner, found)),
        _ => {}
    }
}

fn prepare(schema: &mut Value, reading: Reading, part: Part) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.contains_key("$ref") {
        return;
    }
    for key in ["properties", "patternProperties", "definitions", "$defs"] {
        for inner in object.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            prepare(inner, reading, Part::Whole);
        }
    }
    for key in ["items", "additionalProperties", "additionalItems"] {
        if let Some(inner) = object.get_mut(key) {
            prepare(inner, reading, Part::Whole);
        }
    }
    let mut composed = false;
    for key in ["allOf", "anyOf", "oneOf"] {
        for inner in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            composed = true;
            prepare(inner, reading, Part::Branch);
        }
    }
    // Some vendors write `required: true` on a property, which is no JSON schema.
    if object.get("required").is_some_and(|required| !required.is_array()) {
        object.remove("required");
    }
    if object.get("type").and_then(Value::as_str) == Some("file") {
        object.remove("type");
    }
    let nullable = object.remove("nullable") == Some(Value::Bool(true));
    if nullable || reading.lenient() {
        allow_null(object);
    }
    if reading.lenient() {
        object.remove("enum");
    }
    let described = object.contains_key("properties") && !object.contains_key("additionalProperties");
    if described && reading.closed() && part == Part::Whole && !composed {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

fn allow_null(object: &mut Map<String, Value>) {
    match object.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(one @ Value::String(_)) => *one = json!([one.take(), "null"]),
        _ => {}
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.push(Value::Null);
    }
}
