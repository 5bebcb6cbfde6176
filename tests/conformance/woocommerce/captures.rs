//! The recordings: one request and its answer per file, beside the vendors' descriptions.

use std::path::PathBuf;

use serde_json::Value;

#[derive(Clone)]
pub struct Captures {
    folder: PathBuf,
}

/// What was asked and what a real shop answered.
pub struct Capture {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// `rw`, `ro`, `bad`, or nobody.
    pub auth: Option<String>,
    pub headers: Vec<(String, String)>,
    /// As sent; `None`: no body.
    pub body: Option<String>,
    pub status: u16,
    pub answer_headers: Vec<(String, String)>,
    pub answer: Value,
}

impl Captures {
    /// `None`, with one line that says so, where there are no recordings.
    pub fn find() -> Option<Self> {
        let specs = std::env::var_os("TRIBUTARY_SPECS").map(PathBuf::from);
        let beside_workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs");
        let folder = specs.unwrap_or(beside_workspace).join("../captures/woocommerce");
        if folder.is_dir() {
            return Some(Self { folder });
        }
        println!("skipped: no recordings of a real WooCommerce in {}", folder.display());
        None
    }

    /// Every recording, those of webhooks as `webhooks/<name>`.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (folder, prefix) in [(self.folder.clone(), ""), (self.folder.join("webhooks"), "webhooks/")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    names.push(format!("{prefix}{}", path.file_stem().unwrap().to_str().unwrap()));
                }
            }
        }
        names.sort();
        names
    }

    pub fn json(&self, name: &str) -> Value {
        let path = self.folder.join(format!("{name}.json"));
        serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            .unwrap()
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    pub fn read(&self, name: &str) -> Capture {
        let file = self.json(name);
        let (request, response) = (&file["request"], &file["response"]);
        let url = request["url"].as_str().unwrap();
        let after_scheme = url.split_once("://").unwrap().1;
        let target = after_scheme[after_scheme.find('/').unwrap()..].to_owned();
        let body = match &request["body"] {
            Value::Null => None,
            // A body that was no JSON was recorded as text.
            Value::String(text) => Some(text.clone()),
            body => Some(body.to_string()),
        };
        Capture {
            method: request["method"].as_str().unwrap().to_owned(),
            target,
            auth: request.get("auth").map_or(Some("rw".to_owned()), |auth| auth.as_str().map(str::to_owned)),
            headers: pairs(&request["headers"]),
            body,
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            answer_headers: pairs(&response["headers"]),
            answer: response["body"].clone(),
        }
    }
}

impl Capture {
    pub fn answer_header(&self, name: &str) -> Option<&str> {
        self.answer_headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn pairs(headers: &Value) -> Vec<(String, String)> {
    let object = headers.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}
