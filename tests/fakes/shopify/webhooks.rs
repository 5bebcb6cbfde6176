//! Webhooks: subscriptions over the API, events that wait, and their signed delivery.
//!
//! <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>. Eight failures in a row end a subscription that was
//! made over the API: <https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks>. Shopify repeats a failed
//! delivery eight times in four hours (<https://shopify.dev/changelog/updates-to-webhook-retry-mechanism>); this fake
//! sends each once.

use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::errors::UserError;
use super::people::page_of;
use super::read::Input;
use super::roots::{Outcome, required_id};
use super::state::{Shop, gid};
use super::webhook_bodies;

/// Failed deliveries in a row after which a subscription is taken away.
const FAILURES_ALLOWED: u32 = 8;
/// What every application has to be able to take, subscribed or not:
/// <https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance>.
pub const COMPLIANCE_TOPICS: [&str; 3] = ["customers/data_request", "customers/redact", "shop/redact"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: u64,
    /// `ORDERS_UPDATED`.
    pub topic: String,
    pub uri: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    failures: u32,
}

/// Something that happened, and how it is told.
#[derive(Debug, Clone)]
struct Event {
    topic: String,
    body: Value,
    at: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Webhooks {
    pub subscriptions: BTreeMap<u64, Subscription>,
    events: VecDeque<Event>,
    sent: u64,
}

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub subscription: Option<u64>,
    pub uri: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// One webhook request as it was sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub uri: String,
    /// In small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// `None`: nobody answered, or the address is none that this fake dials.
    pub answered: Option<u16>,
}

impl Webhooks {
    fn tell(&mut self, topic: &str, body: Value, at: Timestamp) {
        if self.subscriptions.values().any(|subscription| subscription.topic == topic) {
            self.events.push_back(Event { topic: topic.to_owned(), body, at });
        }
    }

    pub fn inventory_changed(&mut self, item: u64, location: u64, available: i64, at: Timestamp) {
        let body = json!({
            "inventory_item_id": item,
            "location_id": location,
            "available": available,
            "updated_at": at,
            "admin_graphql_api_id": format!("gid://shopify/InventoryLevel/{location}?inventory_item_id={item}"),
        });
        self.tell("INVENTORY_LEVELS_UPDATE", body, at);
    }

    /// Takes everything that waits, signed with the application's secret.
    pub fn take(&mut self, domain: &str, secret: &str) -> Vec<Outgoing> {
        let events: Vec<Event> = self.events.drain(..).collect();
        let mut outgoing = Vec::new();
        for event in events {
            let told: Vec<(u64, String)> = self
                .subscriptions
                .values()
                .filter(|subscription| subscription.topic == event.topic)
                .map(|subscription| (subscription.id, subscription.uri.clone()))
                .collect();
            for (id, uri) in told {
                let topic = topic_header(&event.topic);
                outgoing.push(self.signed(Some(id), uri, &topic, &event.body.to_string(), event.at, domain, secret));
            }
        }
        outgoing
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is in the request")]
    pub fn signed(
        &mut self,
        subscription: Option<u64>,
        uri: String,
        topic: &str,
        body: &str,
        at: Timestamp,
        domain: &str,
        secret: &str,
    ) -> Outgoing {
        self.sent += 1;
        let number = self.sent;
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-shopify-topic", topic.to_owned()),
            ("x-shopify-hmac-sha256", signature(secret, body)),
            ("x-shopify-shop-domain", domain.to_owned()),
            ("x-shopify-api-version", super::VERSION.to_owned()),
            ("x-shopify-webhook-id", format!("b54557e4-bdd9-4b37-8a5f-{number:012}")),
            ("x-shopify-event-id", format!("98880550-7158-44d4-b7cd-{number:012}")),
            ("x-shopify-triggered-at", at.to_string()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        Outgoing { subscription, uri, headers, body: body.to_owned() }
    }

    pub fn delivered(&mut self, outgoing: Outgoing, answered: Option<u16>) -> Delivery {
        if let Some(id) = outgoing.subscription
            && let Some(subscription) = self.subscriptions.get_mut(&id)
        {
            // "Any response outside of the 200 range lets Shopify know that you did not receive your webhook."
            if answered.is_some_and(|status| (200..300).contains(&status)) {
                subscription.failures = 0;
            } else {
                subscription.failures += 1;
                if subscription.failures >= FAILURES_ALLOWED {
                    self.subscriptions.remove(&id);
                }
            }
        }
        Delivery { uri: outgoing.uri, headers: outgoing.headers, body: outgoing.body, answered }
    }
}

/// Base64 of the HMAC-SHA256 of the body, keyed with the application's client secret.
pub(super) fn signature(secret: &str, body: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(body.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    }
}

/// `ORDERS_PARTIALLY_FULFILLED` is `orders/partially_fulfilled`.
fn topic_header(topic: &str) -> String {
    let resources = ["INVENTORY_LEVELS", "ORDERS", "REFUNDS", "FULFILLMENTS", "APP", "CUSTOMERS", "SHOP", "PRODUCTS"];
    let found = resources.iter().find_map(|resource| {
        let event = topic.strip_prefix(resource)?.strip_prefix('_')?;
        Some(format!("{resource}/{event}"))
    });
    found.unwrap_or_else(|| topic.to_owned()).to_lowercase()
}

impl Shop {
    pub fn tell_order(&mut self, topic: &str, id: u64, now: Timestamp) {
        if let Some(order) = self.orders.get(&id) {
            let body = webhook_bodies::order(self, order);
            self.webhooks.tell(topic, body, now);
        }
    }

    pub fn tell_refund(&mut self, order: u64, refund: u64, now: Timestamp) {
        if let Some(order) = self.orders.get(&order)
            && let Some(refund) = order.refunds.iter().find(|known| known.id == refund)
        {
            let body = webhook_bodies::refund(order, refund);
            self.webhooks.tell("REFUNDS_CREATE", body, now);
        }
    }

    pub fn tell_fulfillment(&mut self, topic: &str, order: u64, fulfillment: u64, now: Timestamp) {
        if let Some(order) = self.orders.get(&order)
            && let Some(made) = order.fulfillments.iter().find(|known| known.id == fulfillment)
        {
            let body = webhook_bodies::fulfillment(order, made);
            self.webhooks.tell(topic, body, now);
        }
    }

    pub fn webhook_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Value {
        let whole = Value::Object(arguments.clone());
        let input = Input(&whole);
        let topic = input.text("topic").unwrap_or_default();
        let settings = input.member("webhookSubscription").unwrap_or(Input(&Value::Null));
        let uri = settings.text("uri").or_else(|| settings.text("callbackUrl")).unwrap_or_default();
        let refuse = |message: &str| {
            let error = UserError::new(&["webhookSubscription", "callbackUrl"], message).json("UserError");
            json!({
                "__typename": "WebhookSubscriptionCreatePayload", "webhookSubscription": null, "userErrors": [error],
            })
        };
        if !acceptable(&uri) {
            return refuse("Address protocol http:// is not supported");
        }
        let taken = self.webhooks.subscriptions.values().any(|known| known.topic == topic && known.uri == uri);
        if taken {
            return refuse("Address for this topic has already been taken");
        }
        let id = self.next_id();
        let made = Subscription { id, topic, uri, created: now, updated: now, failures: 0 };
        let shown = made.json();
        self.webhooks.subscriptions.insert(id, made);
        json!({
            "__typename": "WebhookSubscriptionCreatePayload", "webhookSubscription": shown, "userErrors": [],
        })
    }

    pub fn webhook_delete(&mut self, arguments: &Map<String, Value>) -> Outcome {
        let whole = Value::Object(arguments.clone());
        let id = required_id("WebhookSubscription", Input(&whole), "id")?;
        let gone = self.webhooks.subscriptions.remove(&id);
        let errors = match &gone {
            Some(_) => Vec::new(),
            None => vec![UserError::new(&["id"], "Webhook subscription does not exist").json("UserError")],
        };
        Ok(json!({
            "__typename": "WebhookSubscriptionDeletePayload",
            "deletedWebhookSubscriptionId": gone.map(|gone| gid("WebhookSubscription", gone.id)),
            "userErrors": errors,
        }))
    }

    pub fn list_webhooks(&self, arguments: &Map<String, Value>) -> Outcome {
        let topics = arguments.get("topics").and_then(Value::as_array);
        let uri = arguments.get("uri").or_else(|| arguments.get("callbackUrl")).and_then(Value::as_str);
        let wanted = |known: &&Subscription| {
            topics.is_none_or(|topics| topics.iter().any(|topic| topic == known.topic.as_str()))
                && uri.is_none_or(|uri| uri == known.uri)
        };
        let ids: Vec<u64> = self.webhooks.subscriptions.values().filter(wanted).map(|known| known.id).collect();
        page_of(&ids, arguments, "webhookSubscriptions", usize::MAX, |id| {
            self.webhooks.subscriptions.get(&id).map_or(Value::Null, Subscription::json)
        })
    }
}

/// https, or loopback, which no real shop would take: receivers under test are there.
fn acceptable(uri: &str) -> bool {
    let Ok(url) = uri.parse::<url::Url>() else { return false };
    match url.scheme() {
        "https" | "pubsub" | "arn" => true,
        "http" => url.host_str().is_some_and(|host| host == "127.0.0.1" || host == "localhost"),
        _ => false,
    }
}

impl Subscription {
    fn json(&self) -> Value {
        json!({
            "__typename": "WebhookSubscription",
            "id": gid("WebhookSubscription", self.id),
            "legacyResourceId": self.id.to_string(),
            "topic": self.topic,
            "uri": self.uri,
            "callbackUrl": self.uri,
            "format": "JSON",
            "filter": null,
            "name": null,
            "includeFields": [],
            "metafieldNamespaces": [],
            "createdAt": self.created,
            "updatedAt": self.updated,
            "apiVersion": {
                "__typename": "ApiVersion",
                "handle": super::VERSION, "displayName": super::VERSION, "supported": true,
            },
        })
    }
}
