//! The deployed API against its own document: Schemathesis makes up requests, odd ones too, and reads every answer.

use std::process::Command;

use fakes::woocommerce::WooShop;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::stage::{Stage, on_stage, wait_for, woocommerce};

/// Names the program, which `cargo xtask test` installs.
const PROGRAM: &str = "TRIBUTARY_SCHEMATHESIS";
/// Cases made up for each route, beside those that the document's own limits and examples give.
const CASES: &str = "1";
/// The same requests each time.
const SEED: &str = "1";
/// On a busy machine it ends with fewer cases made up; the document's own limits and examples come first.
const LIMIT_SECONDS: &str = "300";
/// Where `contract_hooks.py` says what is left out, and why.
const HOOKS_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/local");

#[test]
fn no_answer_of_the_deployed_api_is_a_failure_or_unknown_to_its_document() {
    on_stage(async |stage| {
        let program = std::env::var(PROGRAM).unwrap_or_else(|_| panic!("{PROGRAM} does not name schemathesis"));
        // A channel of its own, which may be set, started and synced at random.
        let shop = WooShop::new().currency("GBP").start().await.unwrap();
        let cup = shop.add_product("CUP", "Cup", Decimal::new(500, 2), 5);
        let connection = woocommerce("channel", "The fair", &shop);
        let made = stage.call(Method::POST, "/connections", Some(&connection)).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let channel = made.json["id"].as_str().unwrap();
        let placed = shop.place_checkout_order(&json!({
            "status": "processing", "payment_method": "card", "billing": {"first_name": "Ada", "country": "GB"},
            "line_items": [{"product_id": cup, "quantity": 1}],
        }));
        let number = placed.unwrap().to_string();
        let order = wait_for("the order of the fair", async || taken_in(stage, &number).await).await;

        let mut document = stage.get("/openapi.json").await;
        name_what_is_there(&mut document, channel, &order);
        let folder = std::env::temp_dir().join(format!("tributary-contract-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("openapi.json");
        std::fs::write(&file, document.to_string()).unwrap();
        let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";
        let ran = Command::new(program)
            .current_dir(&folder)
            .env("SCHEMATHESIS_HOOKS", "contract_hooks")
            .env("PYTHONPATH", HOOKS_IN)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("run")
            .arg(&file)
            .args(["--url", &stage.url(""), "--header", &format!("Authorization:Bearer {}", stage.token())])
            .args(["--checks", checks, "--phases", "examples,coverage,fuzzing", "--max-examples", CASES])
            .args(["--seed", SEED, "--generation-deterministic"])
            .args(["--generation-with-security-parameters", "false", "--suppress-health-check", "all"])
            .args(["--continue-on-failure", "--max-time", LIMIT_SECONDS, "--warnings", "off", "--no-color"])
            .output()
            .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let gone = stage.call(Method::DELETE, &format!("/connections/{channel}"), None).await;
        assert_eq!(gone.status, 204, "{}", gone.json);
        let told = String::from_utf8_lossy(&ran.stdout);
        println!("{told}");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        // It must have tried what it was given: a program that skips everything succeeds as well.
        assert!(told.contains("Tested: 42"), "{told}");
    });
}

/// The id of a channel's order, once it is here.
async fn taken_in(stage: &Stage, number: &str) -> Option<String> {
    let rows = stage.get("/orders").await;
    let row = rows["orders"]
        .as_array()?
        .iter()
        .find(|row| row["channel"]["order_number"] == number && row["channel"]["name"] == "The fair")?;
    Some(row["id"].as_str()?.to_owned())
}

/// Ids that were made up name nothing and reach little: in a path they are those of the fair, and one of nobody.
fn name_what_is_there(document: &mut Value, channel: &str, order: &str) {
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        let known = match path.as_str() {
            // A platform's name.
            "/connections/{id}/authorize" => continue,
            path if path.starts_with("/connections/{id}") => json!([channel, "nobody"]),
            path if path.starts_with("/orders/{id}") => json!([order, "01KB1Q3V8F0C7R5M2X9D4T6W8Y"]),
            _ => continue,
        };
        for (method, operation) in item.as_object_mut().unwrap() {
            // Nobody's connection is all that it may disconnect.
            let known = if path == "/connections/{id}" && method == "delete" { &json!(["nobody"]) } else { &known };
            let parameters = operation["parameters"].as_array_mut().unwrap().iter_mut();
            for id in parameters.filter(|parameter| parameter["name"] == "id") {
                id["schema"] = json!({ "type": "string", "enum": known });
            }
        }
    }
}
