//! Checks requests and answers against vendors' `OpenAPI` descriptions (2.0, 3.0, 3.1; JSON or YAML), and says what was covered.

mod description;
mod schema;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Once};

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

pub use description::Operation;
use description::{Parameter, Place, Segment};
pub use schema::Reading;
use schema::Schemas;

use crate::locked;

/// The folder with the vendors' descriptions: `$TRIBUTARY_SPECS`, else `../shared/specs` beside the workspace.
/// `None`, said once on stderr by [`SpecSet::load`], where it is absent: then nothing is checked.
pub fn specs_folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("TRIBUTARY_SPECS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs"),
    };
    folder.is_dir().then_some(folder)
}

/// A departure from a description, readable on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The vendor's name of the call, or method and path where there is no such call.
    pub operation: String,
    /// "query limit", "body /lineItems/0/quantity", "path", "status".
    pub place: String,
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}: {}", self.operation, self.place, self.message)
    }
}

/// A request as it reached a fake.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    pub method: &'a Method,
    /// With the base path, percent-encoded as sent.
    pub path: &'a str,
    /// The query's pairs, decoded.
    pub query: &'a [(String, String)],
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// How often an operation was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    pub requests: usize,
    /// Checked answers, by status.
    pub answers: BTreeMap<u16, usize>,
}

/// One description, with a count of what was checked against it through this value.
#[derive(Debug)]
pub struct Spec {
    shared: Arc<Shared>,
    uses: Mutex<BTreeMap<String, Uses>>,
}

/// What is read once in a process, however many fakes check against it.
#[derive(Debug)]
struct Shared {
    base_path: String,
    operations: Vec<Operation>,
    schemas: Schemas,
    document: Value,
}

static SAID: Once = Once::new();
static READ: LazyLock<Mutex<HashMap<PathBuf, Arc<Shared>>>> = LazyLock::new(Mutex::default);

impl Spec {
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let mut read = locked(&READ);
        if let Some(shared) = read.get(path) {
            return Ok(Self { shared: Arc::clone(shared), uses: Mutex::default() });
        }
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let is_yaml = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        let read_as = if is_yaml {
            yaml_serde::from_slice(&bytes).map_err(|error| error.to_string())
        } else {
            serde_json::from_slice(&bytes).map_err(|error| error.to_string())
        };
        let document: Value = read_as.map_err(|error| format!("{}: {error}", path.display()))?;
        let spec = Self::from_document(document).map_err(|reason| format!("{}: {reason}", path.display()))?;
        read.insert(path.to_owned(), Arc::clone(&spec.shared));
        Ok(spec)
    }

    pub fn from_document(document: Value) -> Result<Self, String> {
        let description = description::read(&document)?;
        let shared = Arc::new(Shared {
            schemas: Schemas::new(&document, description.dialect),
            base_path: description.base_path,
            operations: description.operations,
            document,
        });
        Ok(Self { shared, uses: Mutex::default() })
    }

    pub fn operations(&self) -> &[Operation] {
        &self.shared.operations
    }

    /// The described call that a request is, by method and path; literal segments win over variable ones.
    pub fn operation(&self, method: &Method, path: &str) -> Option<&Operation> {
        let segments: Vec<&str> = path.strip_prefix(self.shared.base_path.as_str())?.split('/').skip(1).collect();
        let fits = |operation: &&Operation| operation.method == method.as_str() && fits(&operation.segments, &segments);
        let variables = |operation: &&Operation| operation.segments.iter().filter(|s| **s == Segment::Variable).count();
        self.shared.operations.iter().filter(fits).min_by_key(variables)
    }

    fn check_request(&self, operation: &Operation, sent: &Sent<'_>) -> Vec<Violation> {
        locked(&self.uses).entry(operation.id.clone()).or_default().requests += 1;
        let mut found = Vec::new();
        let mut broken = |place: String, message: String| {
            found.push(Violation { operation: operation.id.clone(), place, message });
        };
        for (name, _) in sent.query {
            let plain = name.trim_end_matches("[]");
            if !operation.parameters.iter().any(|p| p.place == Place::Query && p.name.trim_end_matches("[]") == plain) {
                broken(format!("query {name}"), "is not described".to_owned());
            }
        }
        for parameter in &operation.parameters {
            let place = match parameter.place {
                Place::Query => format!("query {}", parameter.name),
                // The content type is judged with the body; the authorisation by the fake itself.
                Place::Header if !is_standard_header(&parameter.name) => format!("header {}", parameter.name),
                _ => continue,
            };
            let values = values_of(parameter, sent);
            if values.is_empty() && parameter.required {
                broken(place.clone(), "is required".to_owned());
            }
            for value in values {
                let value = typed(&parameter.schema, &value);
                let name = format!("{} {place}", operation.id);
                for (_, message) in self.shared.schemas.breaches(&name, &parameter.schema, Reading::Sent, &value) {
                    broken(place.clone(), message);
                }
            }
        }
        for (place, message) in self.body_breaches(operation, sent) {
            broken(place, message);
        }
        found
    }

    fn body_breaches(&self, operation: &Operation, sent: &Sent<'_>) -> Vec<(String, String)> {
        let one = |message: &str| vec![("body".to_owned(), message.to_owned())];
        let Some(body) = &operation.body else {
            return if sent.body.is_empty() { Vec::new() } else { one("a body is not described") };
        };
        if sent.body.is_empty() {
            return if body.required { one("is required") } else { Vec::new() };
        }
        let content_type = sent.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(schema) = body.content.get(&kind).or_else(|| body.content.get("*/*")) else {
            return vec![("header Content-Type".to_owned(), format!("`{kind}` is not described"))];
        };
        if !kind.contains("json") {
            return Vec::new();
        }
        match serde_json::from_slice(sent.body) {
            Err(error) => one(&format!("is not JSON: {error}")),
            Ok(value) => {
                let breaches =
                    self.shared.schemas.breaches(&format!("{} body", operation.id), schema, Reading::Sent, &value);
                breaches.into_iter().map(|(pointer, message)| (format!("body {pointer}"), message)).collect()
            }
        }
    }

    fn check_answer(&self, operation: &Operation, status: StatusCode, body: &[u8], reading: Reading) -> Vec<Violation> {
        let uses = &mut *locked(&self.uses);
        *uses.entry(operation.id.clone()).or_default().answers.entry(status.as_u16()).or_default() += 1;
        let broken = |place: String, message: String| Violation { operation: operation.id.clone(), place, message };
        let code = status.as_str();
        let range = format!("{}XX", &code[..1]);
        let described = [code, &range, "default"].into_iter().find_map(|key| operation.responses.get(key));
        let Some(schema) = described else {
            return vec![broken("status".to_owned(), format!("{code} is not described"))];
        };
        let Some(schema) = schema else { return Vec::new() };
        if body.is_empty() {
            return Vec::new();
        }
        let value: Value = match serde_json::from_slice(body) {
            Ok(value) => value,
            Err(error) => return vec![broken("body".to_owned(), format!("is not JSON: {error}"))],
        };
        let breaches = self.shared.schemas.breaches(&format!("{} {code}", operation.id), schema, reading, &value);
        breaches.into_iter().map(|(pointer, message)| broken(format!("body {pointer}"), message)).collect()
    }
}

/// The descriptions of one vendor. Empty, and silent, where the specs folder is absent.
#[derive(Debug, Default)]
pub struct SpecSet(Vec<Spec>);

impl From<Spec> for SpecSet {
    fn from(spec: Spec) -> Self {
        Self(vec![spec])
    }
}

impl SpecSet {
    /// Loads e.g. `ebay/sell_fulfillment_v1_oas3.json`. A file that is there and cannot be read is an error.
    pub fn load(files: &[&str]) -> Result<Self, String> {
        let Some(folder) = specs_folder() else {
            SAID.call_once(|| eprintln!("The vendors' API descriptions are not here: nothing is checked against them"));
            return Ok(Self::default());
        };
        files.iter().map(|file| Spec::from_file(&folder.join(file))).collect::<Result<_, _>>().map(Self)
    }

    /// False where nothing is checked.
    pub fn is_present(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn operation(&self, method: &Method, path: &str) -> Option<&Operation> {
        self.find(method, path).map(|(_, operation)| operation)
    }

    fn find(&self, method: &Method, path: &str) -> Option<(&Spec, &Operation)> {
        self.0.iter().find_map(|spec| Some((spec, spec.operation(method, path)?)))
    }

    /// What a request breaks. Always nothing where the descriptions are absent.
    pub fn check_request(&self, sent: &Sent<'_>) -> Vec<Violation> {
        match self.find(sent.method, sent.path) {
            Some((spec, operation)) => spec.check_request(operation, sent),
            None if self.is_present() => vec![not_described(sent.method, sent.path)],
            None => Vec::new(),
        }
    }

    /// What an answer to that request breaks. Always nothing where the descriptions are absent.
    pub fn check_answer(
        &self,
        (method, path): (&Method, &str),
        status: StatusCode,
        body: &[u8],
        reading: Reading,
    ) -> Vec<Violation> {
        match self.find(method, path) {
            Some((spec, operation)) => spec.check_answer(operation, status, body, reading),
            None if self.is_present() => vec![not_described(method, path)],
            None => Vec::new(),
        }
    }

    /// What `value` breaks of a named schema, such as the vendor's `Error`, in the first description that has it.
    pub fn check_named(&self, schema: &str, value: &Value, reading: Reading) -> Vec<Violation> {
        let described = self.0.iter().find_map(|spec| {
            let pointers = [format!("/components/schemas/{schema}"), format!("/definitions/{schema}")];
            Some((spec, pointers.iter().find_map(|pointer| spec.shared.document.pointer(pointer))?))
        });
        let breaches = match described {
            Some((spec, described)) => {
                spec.shared.schemas.breaches(&format!("schema {schema}"), described, reading, value)
            }
            None if self.is_present() => vec![(String::new(), "no such schema".to_owned())],
            None => Vec::new(),
        };
        let violation = |(place, message)| Violation { operation: schema.to_owned(), place, message };
        breaches.into_iter().map(violation).collect()
    }

    /// Every described operation, with what was checked of it.
    pub fn coverage(&self) -> BTreeMap<String, Uses> {
        let mut covered = BTreeMap::new();
        for spec in &self.0 {
            let uses = locked(&spec.uses);
            for operation in spec.operations() {
                covered.insert(operation.id.clone(), uses.get(&operation.id).cloned().unwrap_or_default());
            }
        }
        covered
    }
}

fn not_described(method: &Method, path: &str) -> Violation {
    Violation {
        operation: format!("{method} {path}"),
        place: "path".to_owned(),
        message: "is not described".to_owned(),
    }
}

fn fits(template: &[Segment], path: &[&str]) -> bool {
    template.len() == path.len()
        && template.iter().zip(path).all(|(segment, given)| match segment {
            Segment::Literal(text) => text == given,
            Segment::Variable => !given.is_empty(),
        })
}

fn is_standard_header(name: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str())
}

fn values_of(parameter: &Parameter, sent: &Sent<'_>) -> Vec<String> {
    match parameter.place {
        Place::Query => {
            let plain = parameter.name.trim_end_matches("[]");
            let named = sent.query.iter().filter(|(name, _)| name.trim_end_matches("[]") == plain);
            named.map(|(_, value)| value.clone()).collect()
        }
        Place::Header => {
            let values = sent.headers.get_all(parameter.name.as_str()).iter();
            values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
        }
        Place::Path | Place::Form => Vec::new(),
    }
}

/// The JSON value that a parameter's text stands for, so that a schema can judge it.
fn typed(schema: &Value, text: &str) -> Value {
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find_map(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    let string = || Value::String(text.to_owned());
    match kind {
        Some("integer" | "number") => text.parse::<serde_json::Number>().map_or_else(|_| string(), Value::Number),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| string(), Value::Bool),
        Some("array") => {
            let items = schema.get("items").cloned().unwrap_or_default();
            text.split(',').map(|part| typed(&items, part)).collect()
        }
        _ => string(),
    }
}

#[cfg(test)]
#[path = "spec/tests.rs"]
mod tests;
