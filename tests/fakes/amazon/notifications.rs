//! Notifications v1: queues as destinations, one subscription to `ORDER_CHANGE`, and what Amazon sends for it.
//! <https://developer-docs.amazon.com/sp-api/docs/notifications-api>

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::SELLER_ID;
use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::order::Order;

const ORDER_CHANGE: &str = "ORDER_CHANGE";

#[derive(Debug)]
struct Destination {
    id: String,
    name: String,
    arn: String,
}

#[derive(Debug)]
struct Subscription {
    id: String,
    destination: String,
    directive: Value,
}

#[derive(Debug, Default)]
pub(super) struct Notifications {
    destinations: Vec<Destination>,
    subscription: Option<Subscription>,
    /// Up to which change each order was told.
    told: BTreeMap<String, Timestamp>,
    made: u32,
}

/// "This is a grantless operation."
pub(super) fn is_grantless(method: &Method, path: &[&str]) -> bool {
    matches!(
        (method, path),
        (_, ["notifications", "v1", "destinations", ..])
            | (&Method::DELETE, ["notifications", "v1", "subscriptions", ..])
    )
}

impl Notifications {
    pub(super) fn answer(&mut self, method: &Method, path: &[&str], asked: &Asked) -> Result<Answer, Refusal> {
        match (method, path) {
            (&Method::GET, ["destinations"]) => {
                let all: Vec<Value> = self.destinations.iter().map(Destination::json).collect();
                Ok(Answer::ok(json!({"payload": all})))
            }
            (&Method::POST, ["destinations"]) => self.create_destination(&asked.json()),
            (&Method::GET, ["subscriptions", ORDER_CHANGE]) => {
                let known = self.subscription.as_ref().ok_or_else(|| Refusal::not_found("The subscription"))?;
                Ok(Answer::ok(json!({"payload": known.json()})))
            }
            (&Method::POST, ["subscriptions", ORDER_CHANGE]) => self.create_subscription(&asked.json()),
            (&Method::DELETE, ["subscriptions", ORDER_CHANGE, id]) => {
                if self.subscription.as_ref().is_none_or(|known| known.id != **id) {
                    return Err(Refusal::not_found("The subscription"));
                }
                self.subscription = None;
                Ok(Answer::ok(json!({})))
            }
            _ => Err(Refusal::invalid("The notification type is not served here")),
        }
    }

    fn create_destination(&mut self, body: &Value) -> Result<Answer, Refusal> {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| Refusal::invalid("Invalid Input"));
        let arn = text(&body["resourceSpecification"]["sqs"]["arn"])?;
        if self.destinations.iter().any(|known| known.arn == arn) {
            return Err(Refusal::conflict("A destination with this resource exists already."));
        }
        self.made += 1;
        let made = Destination { id: format!("destination-{}", self.made), name: text(&body["name"])?, arn };
        let shown = made.json();
        self.destinations.push(made);
        Ok(Answer::ok(json!({"payload": shown})))
    }

    fn create_subscription(&mut self, body: &Value) -> Result<Answer, Refusal> {
        let destination = body["destinationId"].as_str().unwrap_or_default();
        if !self.destinations.iter().any(|known| known.id == destination) {
            return Err(Refusal::invalid("The destination does not exist."));
        }
        if self.subscription.is_some() {
            return Err(Refusal::conflict("A subscription of this type exists already."));
        }
        self.made += 1;
        let directive = body["processingDirective"].clone();
        let made =
            Subscription { id: format!("subscription-{}", self.made), destination: destination.to_owned(), directive };
        let shown = made.json();
        self.subscription = Some(made);
        Ok(Answer::ok(json!({"payload": shown})))
    }

    pub(super) fn queues(&self) -> Vec<String> {
        self.destinations.iter().map(|known| known.arn.clone()).collect()
    }

    pub(super) fn told_queue(&self) -> Option<String> {
        let subscription = self.subscription.as_ref()?;
        let destination = self.destinations.iter().find(|known| known.id == subscription.destination)?;
        Some(destination.arn.clone())
    }

    pub(super) fn drop_subscription(&mut self) {
        self.subscription = None;
    }

    pub(super) fn take(&mut self, orders: &BTreeMap<String, Order>) -> Vec<Value> {
        let Some(subscription) = &self.subscription else { return Vec::new() };
        let filter = &subscription.directive["eventFilter"]["marketplaceIds"];
        let mut messages = Vec::new();
        for order in orders.values() {
            let shown = order.json(super::render::Included::of(&[]));
            let marketplace = shown["salesChannel"]["marketplaceId"].clone();
            let wanted = filter.as_array().is_none_or(|wanted| wanted.contains(&marketplace));
            let id = shown["orderId"].as_str().unwrap_or_default().to_owned();
            if !wanted || self.told.get(&id).is_some_and(|told| *told >= order.modified) {
                continue;
            }
            messages.push(json!({
                "NotificationVersion": "1.0", "NotificationType": ORDER_CHANGE, "PayloadVersion": "1.0",
                "EventTime": order.modified,
                "Payload": {"OrderChangeNotification": {
                    "NotificationLevel": "OrderLevel", "SellerId": SELLER_ID, "AmazonOrderId": id,
                    "OrderChangeType": "OrderStatusChange",
                    "OrderChangeTrigger": {"TimeOfOrderChange": order.modified, "ChangeReason": "Unknown"},
                    "Summary": {"MarketplaceId": marketplace, "PurchaseDate": order.created, "FulfillmentType": "MFN"},
                }},
                "NotificationMetadata": {
                    "ApplicationId": "app-id-0", "SubscriptionId": subscription.id,
                    "PublishTime": order.modified, "NotificationId": format!("{id}-{}", order.modified.as_millisecond()),
                },
            }));
            self.told.insert(id, order.modified);
        }
        messages
    }
}

impl Destination {
    fn json(&self) -> Value {
        json!({"destinationId": self.id, "name": self.name, "resource": {"sqs": {"arn": self.arn}}})
    }
}

impl Subscription {
    fn json(&self) -> Value {
        json!({
            "subscriptionId": self.id, "payloadVersion": "1.0", "destinationId": self.destination,
            "processingDirective": self.directive,
        })
    }
}
