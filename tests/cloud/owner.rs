//! What the owner has of the deployed stack beside the API: their own rule on the bus, and quantities told.

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
