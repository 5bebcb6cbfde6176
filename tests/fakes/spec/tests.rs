//! What the checker refuses and what it lets pass, on a small description.

use serde_json::json;

use super::*;

fn set() -> SpecSet {
    let document = json!({
        "openapi": "3.0.0",
        "servers": [{"url": "https://api.example.com{base}", "variables": {"base": {"default": "/v1"}}}],
        "paths": {
            "/order/{id}/parcel": {"post": {
                "operationId": "createParcel",
                "security": [{"auth": ["orders", "orders.write"]}],
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "notify", "in": "query", "required": true, "schema": {"type": "boolean"}},
                    {"name": "Content-Language", "in": "header", "required": true, "schema": {"type": "string"}}
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}},
                "responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}, "4XX": {}}
            }},
            "/order/latest/parcel": {"post": {"operationId": "latest", "responses": {"200": {}}}}
        },
        "components": {"schemas": {
            "Parcel": {"type": "object", "required": ["lines"], "properties": {
                "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                "service": {"type": "string", "enum": ["FAST", "SLOW"]}
            }},
            "Line": {"type": "object", "properties": {"quantity": {"type": "integer", "minimum": 1}}}
        }}
    });
    SpecSet(vec![Spec::from_document(document).unwrap()])
}

fn request(specs: &SpecSet, path: &str, query: &[(&str, &str)], body: &Value) -> Vec<String> {
    let query: Vec<(String, String)> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
    headers.insert("content-language", "en-GB".parse().unwrap());
    let body = body.to_string();
    let sent = Sent { method: &Method::POST, path, query: &query, headers: &headers, body: body.as_bytes() };
    specs.check_request(&sent).iter().map(ToString::to_string).collect()
}

fn answer(set: &SpecSet, status: StatusCode, body: &Value, reading: Reading) -> usize {
    set.check_answer((&Method::POST, "/v1/order/7/parcel"), status, body.to_string().as_bytes(), reading).len()
}

#[test]
fn a_described_request_has_no_violation_and_is_covered() {
    let set = set();
    let body = json!({"lines": [{"quantity": 2}], "service": "FAST"});
    assert!(request(&set, "/v1/order/7/parcel", &[("notify", "true")], &body).is_empty());
    assert_eq!(set.coverage()["createParcel"].requests, 1);
    assert_eq!(set.coverage()["latest"].requests, 0);
    assert_eq!(set.operation(&Method::POST, "/v1/order/7/parcel").unwrap().scopes, ["orders", "orders.write"]);
}

#[test]
fn each_departure_of_a_request_is_named() {
    let set = set();
    let body = json!({"lines": [{"quantity": "2", "colour": "red"}], "service": null});
    let found = request(&set, "/v1/order/7/parcel", &[("notify", "maybe"), ("fast", "1")], &body);
    for expected in
        ["query fast: is not described", "query notify: \"maybe\"", "body /lines/0/quantity", "colour", "body /service"]
    {
        assert!(found.iter().any(|violation| violation.contains(expected)), "{expected} in {found:#?}");
    }
    assert_eq!(request(&set, "/v1/elsewhere", &[], &body), ["POST /v1/elsewhere: path: is not described"]);
}

#[test]
fn a_literal_path_wins_over_a_variable_one() {
    assert_eq!(set().operation(&Method::POST, "/v1/order/latest/parcel").unwrap().id, "latest");
}

#[test]
fn an_answer_may_hold_null_and_new_values_but_no_wrong_type() {
    let set = set();
    let unusual = json!({"lines": [{"quantity": null, "new": 1}], "service": "TELEPORT"});
    assert_eq!(answer(&set, StatusCode::CREATED, &unusual, Reading::Received), 0);
    assert_eq!(answer(&set, StatusCode::CREATED, &unusual, Reading::Imitated), 1);
    assert_eq!(answer(&set, StatusCode::CREATED, &json!({"lines": "none"}), Reading::Received), 1);
    assert_eq!(answer(&set, StatusCode::NOT_FOUND, &json!({}), Reading::Received), 0);
    assert_eq!(answer(&set, StatusCode::ACCEPTED, &json!({}), Reading::Received), 1);
    assert_eq!(set.coverage()["createParcel"].answers[&201], 3);
}

#[test]
fn an_absent_description_checks_nothing() {
    let absent = SpecSet::default();
    assert!(request(&absent, "/anything", &[], &json!({})).is_empty());
    assert!(absent.check_named("Error", &json!(1), Reading::Sent).is_empty());
}

#[test]
fn every_json_description_at_hand_can_be_read() {
    let Some(folder) = specs_folder() else { return eprintln!("no API descriptions here: skipped") };
    let mut read = 0;
    for vendor in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(vendor).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let Ok(document) = serde_json::from_slice::<Value>(&bytes) else { continue };
            if document.get("openapi").or_else(|| document.get("swagger")).is_some() {
                let spec =
                    Spec::from_document(document).unwrap_or_else(|reason| panic!("{}: {reason}", file.display()));
                assert!(!spec.operations().is_empty(), "{}", file.display());
                read += 1;
            }
        }
    }
    assert!(read > 0);
}
