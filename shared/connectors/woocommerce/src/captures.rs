//! For tests: what a real WooCommerce answered. The recordings are not part of this repository.

use std::path::PathBuf;

use serde_json::Value;

/// The folder of the recordings, where there is one.
pub fn folder() -> Option<PathBuf> {
    let specs = std::env::var_os("TRIBUTARY_SPECS").map(PathBuf::from);
    let shared = match specs {
        Some(specs) => specs.parent()?.to_owned(),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared")),
    };
    let folder = shared.join("captures/woocommerce");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no recordings of WooCommerce at {}", folder.display());
    None
}

/// One recording: `{request, response}`.
pub fn read(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(folder()?.join(format!("{name}.json"))).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// The body of the answer in a recording, as text.
pub fn body(name: &str) -> Option<String> {
    Some(read(name)?["response"]["body"].to_string())
}
