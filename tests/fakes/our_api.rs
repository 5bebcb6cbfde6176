//! Tributary's own API as `docs/openapi.json` describes it, to check requests and answers against.

use serde_json::Value;

use crate::spec::{Spec, SpecSet};

const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// The description without what the gateway in front of the functions answers by itself.
pub fn our_api() -> Result<SpecSet, String> {
    let mut document: Value = serde_json::from_str(DOCUMENT).map_err(|error| error.to_string())?;
    // Without the stage, which is the gateway's too.
    document["servers"] = Value::Null;
    let shared = document.pointer_mut("/components/responses").and_then(Value::as_object_mut);
    for answer in shared.into_iter().flatten().map(|(_, answer)| answer) {
        if let Some(content) = answer["content"].as_object_mut()
            && content.contains_key("application/problem+json")
        {
            content.remove("application/json");
        }
    }
    Spec::from_document(document).map(SpecSet::from)
}
