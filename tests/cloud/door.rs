//! The front door and the queues: what is refused, and what becomes of what cannot be read.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::stage::{Answer, SECRET, Stage, answered, on_stage, wait_for};

async fn ring(stage: &Stage, connection: &str, body: Vec<u8>, signature: &str) -> Answer {
    let request = stage.aws.client.post(stage.url(&format!("/webhooks/{connection}")));
    let request = request.header("content-type", "application/json").header("x-wc-webhook-signature", signature);
    answered(request.body(body)).await
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[test]
fn a_webhook_with_a_wrong_signature_is_refused_and_queues_nothing() {
    on_stage(async |stage| {
        // Only a webhook rings with a delay, so what is delayed tells webhooks from the schedule.
        let delayed = async || stage.aws.delayed(stage.output("PollsQueueUrl")).await;
        wait_for("earlier rings", async || (delayed().await == 0).then_some(())).await;
        // Not UTF-8: the bytes must arrive as they were sent.
        let body = b"{\"id\": 45, \"note\": \"\xff\xfe\"}".to_vec();

        let wrong = ring(stage, &stage.market_id, body.clone(), &signature(b"{\"id\": 46}")).await;
        assert_eq!(wrong.status, 401, "{}", wrong.json);
        assert_eq!(delayed().await, 0);

        let right = ring(stage, &stage.market_id, body.clone(), &signature(&body)).await;
        assert_eq!(right.status, 200, "{}", right.json);
        assert_eq!(delayed().await, 1);
    });
}

#[test]
fn a_body_over_the_limit_is_refused() {
    on_stage(async |stage| {
        let long = vec![b' '; 1_000_001];
        let webhook = ring(stage, &stage.market_id, long.clone(), &signature(&long)).await;
        assert_eq!(webhook.status, 413, "{}", webhook.json);
        let body = Value::String("x".repeat(1_000_001));
        let api = stage.call(Method::POST, "/connections", Some(&body)).await;
        assert_eq!(api.status, 413, "{}", api.json);
    });
}

#[test]
fn an_unknown_connection_is_not_found() {
    on_stage(async |stage| {
        let body = b"{}".to_vec();
        assert_eq!(ring(stage, "woocommerce-nobody", body.clone(), &signature(&body)).await.status, 404);
        for path in ["/connections/nobody", "/connections/nobody/links", "/connections/nobody/settings"] {
            let answer = stage.call(Method::GET, path, None).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.json);
        }
    });
}

#[test]
fn every_route_but_the_webhooks_wants_a_token() {
    on_stage(async |stage| {
        let routes = [
            (Method::GET, "/connections"),
            (Method::POST, "/connections"),
            (Method::DELETE, "/connections/any"),
            (Method::PUT, "/connections/any/settings"),
            (Method::GET, "/orders"),
            (Method::POST, "/orders/sync"),
            (Method::GET, "/reports/sales?days=1"),
        ];
        for (method, path) in routes {
            let request = || stage.aws.client.request(method.clone(), stage.url(path));
            assert_eq!(answered(request()).await.status, 401, "{method} {path} without a token");
            let forged = request().bearer_auth("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.");
            assert_eq!(answered(forged).await.status, 401, "{method} {path} with a token of our own");
        }
    });
}

#[test]
fn a_setting_out_of_range_names_its_field() {
    on_stage(async |stage| {
        let path = format!("/connections/{}/settings", stage.ebay_id);
        let mut document = stage.get(&path).await;
        let version = document["version"].as_u64().unwrap();
        document["settings"]["tax"]["rates"] = json!([{"basis_points": 1_000_000, "label": "VAT"}]);
        let request = stage.aws.client.put(stage.url(&path)).header("if-match", format!("\"{version}\""));
        let request = stage.as_owner(request).header("content-type", "application/json");
        let answer = answered(request.body(document["settings"].to_string())).await;
        assert_eq!(answer.status, 422, "{}", answer.json);
        let field = answer.json["field"].as_str().unwrap();
        assert!(field.starts_with("tax.rates"), "{}", answer.json);
    });
}

#[test]
fn a_store_at_a_private_address_is_refused_unless_the_parameter_allows_it() {
    on_stage(async |stage| {
        let allowed = stage.aws.environment("serve-connections").await;
        let mut strict = allowed.clone();
        // What the template's parameter AllowPrivateHosts=false deploys.
        strict["Variables"]["ALLOW_PRIVATE_HOSTS"] = json!("false");
        stage.aws.set_environment("serve-connections", &strict).await;
        let mut refused = Vec::new();
        for url in [stage.shop.url(), "https://10.1.2.3", "https://localhost", "https://[::1]"] {
            let connection = json!({
                "platform": "woocommerce", "role": "channel", "name": "Inside", "settings": {"url": url},
                "credentials": {"consumer_key": stage.shop.key(), "consumer_secret": stage.shop.secret()},
            });
            refused.push(stage.call(Method::POST, "/connections", Some(&connection)).await);
        }
        let calls = stage.shop.calls().count("GET *");
        stage.aws.set_environment("serve-connections", &allowed).await;
        for answer in refused {
            assert_eq!(answer.status, 422, "{}", answer.json);
            assert_eq!(answer.json["type"], "urn:tributary:problem:connection-does-not-work", "{}", answer.json);
        }
        let works = stage.call(Method::POST, &format!("/connections/{}/test", stage.shop_id), None).await;
        assert_eq!(works.json["works"], true, "allowed again: {}", works.json);
        assert!(stage.shop.calls().count("GET *") > calls);
    });
}

#[test]
fn a_message_that_cannot_be_read_ends_in_the_dead_letter_queue() {
    on_stage(async |stage| {
        let (queue, dead) = (stage.output("FulfilmentsQueueUrl"), stage.output("FulfilmentsDeadLettersUrl"));
        let poison = format!("{{\"order_id\": \"not an order of {}\"}}", stage.ebay_order);
        // Five receptions at the template's six minutes are half an hour; a second each shows the same.
        stage.aws.set_visibility(queue, 1).await;
        stage.aws.put_message(queue, &poison).await;
        let found = wait_for("the dead letter", async || stage.aws.take_message(dead).await).await;
        stage.aws.set_visibility(queue, 360).await;
        assert_eq!(found, poison);
    });
}

#[test]
fn the_schedule_logs_how_far_the_channels_are_behind_where_the_alarm_reads_it() {
    on_stage(async |stage| {
        let lag = wait_for("a line of schedule-polls", async || {
            let lines = stage.aws.log_lines("schedule-polls").await;
            let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.filter_map(|line| line["fields"]["channel_lag_seconds"].as_u64()).next_back()
        })
        .await;
        assert!(Duration::from_secs(lag) < Duration::from_mins(30), "{lag}");
    });
}
