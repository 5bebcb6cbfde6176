//! Amazon's notifications on the deployed template: from the queue into which Amazon sends to the order in the main store.

use std::time::SystemTime;

use fakes::SimClock;
use fakes::amazon::{AmazonFake, ListedItem, MARKETPLACES, OrderSpec, REFRESH_TOKEN, SELLER_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, on_stage, wait_for};

/// Connects Amazon with its notifications on; its one listing is linked, and it was polled once.
async fn connect(stage: &Stage, amazon: &AmazonFake) -> String {
    let application = amazon.application();
    let connection = json!({
        "platform": "amazon", "role": "channel", "name": "Amazon",
        "settings": {
            "api_url": amazon.url(), "region": "eu", "seller_id": SELLER_ID, "marketplace_ids": MARKETPLACES[0],
            "notification_queue": stage.output("NotificationsQueueArn"),
        },
        "credentials": {
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "refresh_token": REFRESH_TOKEN,
        },
    });
    let answer = stage.call(Method::POST, "/connections", Some(&connection)).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let id = answer.json["id"].as_str().unwrap().to_owned();
    stage.link_tea(&id).await;
    wait_for("Amazon's first poll", async || {
        let health = stage.get("/health").await;
        let own =
            health["connections"].as_array().unwrap().iter().find(|connection| connection["id"] == id.as_str())?;
        (!own["last_poll"].is_null()).then_some(())
    })
    .await;
    id
}

/// Amazon's own example of a notification, of another seller's order. The local cloud does not tell the API its address, so
/// that nobody subscribes there: `tests/flows/amazon.rs` tries that.
fn notification(seller: &str, order: &str) -> String {
    let event: Value =
        serde_json::from_str(include_str!("../../events/receive-notification/amazon-order-change.json")).unwrap();
    let mut example: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let change = &mut example["Payload"]["OrderChangeNotification"];
    assert!(change["SellerId"].is_string() && change["AmazonOrderId"].is_string(), "{change}");
    change["SellerId"] = json!(seller);
    change["AmazonOrderId"] = json!(order);
    example.to_string()
}

#[test]
fn an_order_that_amazon_tells_of_is_read_by_its_number_and_imported_whatever_else_is_in_the_queue() {
    on_stage(async |stage| {
        let (queue, dead) = (stage.output("NotificationsQueueUrl"), stage.output("NotificationsDeadLettersUrl"));
        let amazon = AmazonFake::start(SimClock::real()).await.unwrap();
        amazon.list(ListedItem::new("TEA", "Tea", 50));
        let id = connect(stage, &amazon).await;

        // Five receptions at the template's three minutes are a quarter of an hour; a second each shows the same.
        stage.aws.set_visibility(queue, 1).await;
        let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let poison = format!("no notification of {run}");
        stage.aws.put_message(queue, &poison).await;
        let number = format!("202-{:07}-{:07}", run / 10_000_000, run % 10_000_000);
        amazon.place(OrderSpec::new(&number).line("TEA", 1, 1200));
        for seller in ["A0000000000000", SELLER_ID, SELLER_ID] {
            stage.aws.put_message(queue, &notification(seller, &number)).await;
        }

        let order = wait_for("the import", async || stage.imported(&number).await).await;
        assert!(
            amazon.calls().count(&format!("GET /orders/2026-01-01/orders/{number}")) > 0,
            "it was asked for by its number"
        );
        assert_eq!(order["channel"]["connection_id"], id.as_str(), "{order}");

        let found = wait_for("the dead letter", async || stage.aws.take_message(dead).await).await;
        assert_eq!(found, poison);
        assert_eq!(stage.aws.take_message(dead).await, None, "nothing else is a dead letter");
        stage.aws.set_visibility(queue, 180).await;
        let lines = stage.aws.log_lines("receive-notification").await;
        assert!(lines.iter().any(|line| line.contains("says nothing to any connection")), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains(&number) || line.contains(&poison)), "bodies are not logged");

        let answer = stage.call(Method::DELETE, &format!("/connections/{id}"), None).await;
        assert_eq!(answer.status, 204, "{}", answer.json);
        assert_eq!(stage.shop.duplicates(), Vec::new());
    });
}
