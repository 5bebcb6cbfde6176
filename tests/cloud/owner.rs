//! What the owner has of the deployed stack beside the API: their own rule on the bus, mails, quantities told, the night's report.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, on_stage, wait_for};

const RULE: &str = "owners-own-rule";

/// An order of the market with one line, which the market's shop takes at once.
fn placed(stage: &Stage, product: u64) -> String {
    let order = json!({
        "status": "processing", "payment_method": "card",
        "billing": {"first_name": "Grace", "last_name": "Example", "country": "GB"},
        "line_items": [{"product_id": product, "quantity": 1}],
    });
    stage.market.place_checkout_order(&order).unwrap().to_string()
}

/// Our order of this number of the channel's.
async fn row(stage: &Stage, number: &str) -> Option<Value> {
    let rows = stage.get("/orders").await;
    rows["orders"].as_array().unwrap().iter().find(|row| row["channel"]["order_number"] == number).cloned()
}

#[test]
fn an_owners_own_rule_on_the_bus_receives_the_events() {
    on_stage(async |stage| {
        let (queue, arn) = stage.aws.create_queue("owners-own-queue").await;
        let pattern = json!({"source": ["tributary"], "detail-type": ["OrderImported"]});
        stage.aws.put_rule(stage.output("EventBusName"), RULE, &pattern, &arn).await;

        let number = placed(stage, stage.market_tea);
        let order = wait_for("the import", async || stage.imported(&number).await).await;
        let event = wait_for("the event", async || {
            let text = stage.aws.take_message(&queue).await?;
            let event: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(event["detail-type"], "OrderImported", "{event}");
            (event["detail"]["order_id"] == order["id"]).then_some(event)
        })
        .await;
        assert_eq!(event["source"], "tributary");
        assert_eq!(event["detail"]["store_order"], order["store_side"]["order_id"]);
        assert!(!event.to_string().contains("Grace"), "no buyer data: {event}");
    });
}

#[test]
fn an_unlinked_order_is_mailed_to_the_owner() {
    on_stage(async |stage| {
        let cup = stage.market.add_product("CUP-UNLINKED", "Cup", rust_decimal::Decimal::new(500, 2), 5);
        let number = placed(stage, cup);
        wait_for("the order", async || row(stage, &number).await).await;
        let mail = wait_for("the mail", async || {
            let mails = stage.aws.mails().await;
            mails.into_iter().find(|mail| mail["BodyText"].as_str().is_some_and(|text| text.contains("CUP-UNLINKED")))
        })
        .await;
        assert_eq!(mail["To"], json!([mail["Source"]]), "from the owner's own address, to it: {mail}");
        assert!(!mail.to_string().contains("Grace"), "no buyer data: {mail}");
    });
}

#[test]
fn a_started_channel_is_told_the_stores_stock() {
    on_stage(async |stage| {
        let path = format!("/connections/{}/stock/start", stage.ebay_id);
        let started = stage.call(Method::POST, &path, None).await;
        assert_eq!((started.status, &started.json["state"]), (202, &json!("on")), "{}", started.json);
        stage.shop.set_stock("TEA", 23);
        let again = stage.call(Method::POST, &path, None).await;
        assert_eq!(again.status, 202, "{}", again.json);
        wait_for("the quantity at eBay", async || {
            let shown = i64::from(stage.ebay.item("TEA")?.available());
            (shown < 50 && Some(shown) == stage.shop.stock("TEA")).then_some(())
        })
        .await;
    });
}

#[test]
fn the_nightly_comparison_runs_and_its_report_is_read_over_the_api() {
    on_stage(async |stage| {
        stage.aws.put_message(stage.output("ReconcilesQueueUrl"), "{}").await;
        let report = wait_for("the report", async || {
            let answer = stage.call(Method::GET, "/reconcile", None).await;
            (answer.status == 200 && !answer.json["finished_at"].is_null()).then_some(answer.json)
        })
        .await;
        assert_eq!(report["parts_left"], 0, "{report}");
        let parts = report["parts"].as_array().unwrap();
        assert!(parts.iter().all(|part| part["skipped"].is_null()), "{report}");
        for side in ["channel", "ours", "store"] {
            assert!(parts.iter().any(|part| !part[side].is_null()), "{side}: {report}");
        }
    });
}
