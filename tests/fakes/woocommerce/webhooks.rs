//! Webhooks: queued, merged while they wait, built at delivery, signed, never retried, disabled after the seventh failure.
//!
//! Captures 50 to 55 and `webhooks/`; <https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks>.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::auth::hmac_sha256_base64;
use super::dates;
use super::http::{Answer, Outcome, Refusal, Request};
use super::ledger::Delivery;
use super::list::{paged, paging};
use super::orders::Fields;
use super::shop::Shop;

/// More failures in a row than this, and the next one disables the webhook.
const FAILURES_ALLOWED: u32 = 5;

#[derive(Debug, Clone)]
pub(super) struct Webhook {
    name: String,
    status: String,
    topic: String,
    url: String,
    secret: String,
    created: Timestamp,
    modified: Option<Timestamp>,
    failures: u32,
    /// Until a ping is answered with 200, every save sends another.
    ping_pending: bool,
}

#[derive(Debug, Default)]
pub(super) struct Webhooks {
    hooks: BTreeMap<u64, Webhook>,
    last_id: u64,
    /// (webhook, resource), each at most once: changes in between are merged.
    queue: Vec<(u64, u64)>,
    queued: HashSet<(u64, u64)>,
    pings: Vec<u64>,
}

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub webhook_id: u64,
    pub url: String,
    pub body: String,
    /// `None`: a ping, which has neither signature nor topic.
    pub signed: Option<Signed>,
}

#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub topic: String,
    pub signature: String,
    pub delivery_id: String,
}

impl Webhooks {
    /// A new order is told as created and as updated.
    pub fn order_created(&mut self, id: u64) {
        self.enqueue("order.created", id);
        self.enqueue("order.updated", id);
    }

    pub fn order_updated(&mut self, id: u64) {
        self.enqueue("order.updated", id);
    }

    pub fn order_deleted(&mut self, id: u64) {
        self.enqueue("order.deleted", id);
    }

    pub fn product_updated(&mut self, id: u64) {
        self.enqueue("product.updated", id);
    }

    fn enqueue(&mut self, topic: &str, resource: u64) {
        for (id, hook) in &self.hooks {
            let entry = (*id, resource);
            if hook.topic == topic && hook.status == "active" && self.queued.insert(entry) {
                self.queue.push(entry);
            }
        }
    }
}

impl Shop {
    /// Takes everything that waits, with bodies as of now.
    pub fn take_deliveries(&mut self) -> Vec<Outgoing> {
        let waiting = std::mem::take(&mut self.webhooks.queue);
        self.webhooks.queued.clear();
        waiting.into_iter().filter_map(|(hook, resource)| self.prepare(hook, resource)).collect()
    }

    pub fn take_pings(&mut self) -> Vec<Outgoing> {
        let waiting = std::mem::take(&mut self.webhooks.pings);
        let ping = |id: u64| {
            let url = self.webhooks.hooks.get(&id)?.url.clone();
            Some(Outgoing { webhook_id: id, url, body: format!("webhook_id={id}"), signed: None })
        };
        waiting.into_iter().filter_map(ping).collect()
    }

    fn prepare(&self, webhook_id: u64, resource: u64) -> Option<Outgoing> {
        let hook = self.webhooks.hooks.get(&webhook_id).filter(|hook| hook.status == "active")?;
        let built = match hook.topic.as_str() {
            "order.deleted" => Ok(Answer::ok(json!({"id": resource}))),
            "product.updated" => self.get_product(resource),
            _ => self.get_order(resource),
        };
        // An order that is gone by now is told as a signed error without its id.
        let body = built.map_or_else(|refusal| refusal.body, |answer| answer.body).to_string();
        let signature = hmac_sha256_base64(hook.secret.as_bytes(), body.as_bytes());
        // A hash of webhook and second: two deliveries of one second share it.
        let digest = Sha256::digest(format!("{webhook_id}{}", self.now().as_second()));
        let number = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let delivery_id = format!("{number:032x}");
        let signed = Some(Signed { topic: hook.topic.clone(), signature, delivery_id });
        Some(Outgoing { webhook_id, url: hook.url.clone(), body, signed })
    }

    /// Notes how a request ended, and what that does to its webhook.
    pub fn delivered(&mut self, sent: Outgoing, answered: Option<u16>) -> Delivery {
        let now = self.now();
        let mut ping_again = false;
        if let Some(hook) = self.webhooks.hooks.get_mut(&sent.webhook_id) {
            if sent.signed.is_none() {
                hook.ping_pending = answered != Some(200);
            } else if answered.is_some_and(|status| (200..303).contains(&status)) {
                hook.failures = 0;
                ping_again = hook.ping_pending;
            } else if hook.failures > FAILURES_ALLOWED {
                "disabled".clone_into(&mut hook.status);
                hook.modified = Some(now);
            } else {
                hook.failures += 1;
                ping_again = hook.ping_pending;
            }
        }
        if ping_again {
            self.webhooks.pings.push(sent.webhook_id);
        }
        let (topic, delivery_id, signature) = match sent.signed {
            Some(signed) => (Some(signed.topic), Some(signed.delivery_id), Some(signed.signature)),
            None => (None, None, None),
        };
        let (webhook_id, url, body) = (sent.webhook_id, sent.url, sent.body);
        let delivery = Delivery { at: now, webhook_id, topic, delivery_id, url, body, signature, answered };
        self.ledger.deliveries.push(delivery.clone());
        delivery
    }

    /// Newest first, page by page as every list of the shop.
    pub fn list_webhooks(&self, request: &Request) -> Outcome {
        let (page, asked) = paging(request)?;
        let per_page = self.faults.page_limit(asked);
        let hooks = &self.webhooks.hooks;
        let on_page = hooks.iter().rev().skip((page - 1) * per_page).take(per_page);
        let list = on_page.map(|(id, hook)| self.webhook_json(*id, hook)).collect();
        Ok(paged(&self.url("/webhooks"), request, list, page, per_page, hooks.len()))
    }

    /// Where active webhooks call, once for each.
    pub fn active_webhooks(&self) -> Vec<String> {
        let active = self.webhooks.hooks.values().filter(|hook| hook.status == "active");
        active.map(|hook| hook.url.clone()).collect()
    }

    pub fn disable_webhooks(&mut self) {
        for hook in self.webhooks.hooks.values_mut() {
            "disabled".clone_into(&mut hook.status);
        }
    }

    pub fn get_webhook(&self, id: u64) -> Outcome {
        let hook = self.webhooks.hooks.get(&id).ok_or_else(invalid_webhook)?;
        Ok(Answer::ok(self.webhook_json(id, hook)))
    }

    pub fn post_webhook(&mut self, body: &Fields) -> Outcome {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let topic = text("topic").filter(|topic| known_topic(topic)).ok_or_else(invalid_topic)?;
        let url = text("delivery_url").filter(|url| known_url(url)).ok_or_else(invalid_url)?;
        let created = self.now();
        self.webhooks.last_id += 1;
        let id = self.webhooks.last_id;
        let secret = text("secret").map_or_else(|| format!("secret-of-webhook-{id}"), str::to_owned);
        let hook = Webhook {
            name: text("name").unwrap_or("Webhook created on the REST API").to_owned(),
            status: text("status").unwrap_or("active").to_owned(),
            topic: topic.to_owned(),
            url: url.to_owned(),
            secret,
            created,
            modified: None,
            failures: 0,
            ping_pending: true,
        };
        if hook.status == "active" {
            self.webhooks.pings.push(id);
        }
        self.webhooks.hooks.insert(id, hook);
        let mut answer = self.get_webhook(id)?;
        answer.status = 201;
        answer.headers.push(("location", self.url(&format!("/webhooks/{id}"))));
        Ok(answer)
    }

    pub fn put_webhook(&mut self, id: u64, body: &Fields) -> Outcome {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("topic").is_some_and(|topic| !known_topic(&topic)) {
            return Err(invalid_topic());
        }
        if text("delivery_url").is_some_and(|url| !known_url(&url)) {
            return Err(invalid_url());
        }
        let now = self.now();
        let hook = self.webhooks.hooks.get_mut(&id).ok_or_else(invalid_webhook)?;
        for (field, value) in
            [(&mut hook.name, text("name")), (&mut hook.topic, text("topic")), (&mut hook.secret, text("secret"))]
        {
            if let Some(value) = value {
                *field = value;
            }
        }
        if let Some(url) = text("delivery_url") {
            hook.ping_pending |= url != hook.url;
            hook.url = url;
        }
        if let Some(status) = text("status") {
            if status == "active" {
                hook.failures = 0;
            }
            hook.status = status;
        }
        hook.modified = Some(now);
        if hook.ping_pending && hook.status == "active" {
            self.webhooks.pings.push(id);
        }
        self.get_webhook(id)
    }

    pub fn delete_webhook(&mut self, id: u64, force: bool) -> Outcome {
        let answer = self.get_webhook(id)?;
        if !force {
            let message = "Webhooks do not support trashing.";
            return Err(Refusal::new(501, "woocommerce_rest_trash_not_supported", message));
        }
        self.webhooks.hooks.remove(&id);
        Ok(answer)
    }

    fn webhook_json(&self, id: u64, hook: &Webhook) -> Value {
        let (zone, utc) = (&self.config.time_zone, jiff::tz::TimeZone::UTC);
        let (resource, event) = hook.topic.split_once('.').unwrap_or((&hook.topic, ""));
        json!({
            "id": id,
            "name": hook.name,
            "status": hook.status,
            "topic": hook.topic,
            "resource": resource,
            "event": event,
            "hooks": hook_names(&hook.topic),
            "delivery_url": hook.url,
            "date_created": dates::show(hook.created, zone),
            "date_created_gmt": dates::show(hook.created, &utc),
            "date_modified": dates::show_optional(hook.modified, zone),
            "date_modified_gmt": dates::show_optional(hook.modified, &utc),
            "_links": self.links(&format!("/webhooks/{id}"), "/webhooks", None),
        })
    }
}

fn known_topic(topic: &str) -> bool {
    let (resource, event) = topic.split_once('.').unwrap_or((topic, ""));
    ["coupon", "customer", "order", "product"].contains(&resource)
        && ["created", "updated", "deleted", "restored"].contains(&event)
}

fn known_url(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

fn hook_names(topic: &str) -> &'static [&'static str] {
    match topic {
        "order.created" => &["woocommerce_new_order"],
        "order.updated" => &["woocommerce_update_order", "woocommerce_order_refunded"],
        "order.deleted" => &["wp_trash_post", "woocommerce_trash_order"],
        "order.restored" => &["untrashed_post", "woocommerce_untrash_order"],
        "product.updated" => {
            &["woocommerce_process_product_meta", "woocommerce_update_product", "woocommerce_update_product_variation"]
        }
        _ => &[],
    }
}

fn invalid_webhook() -> Refusal {
    Refusal::new(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
}

fn invalid_topic() -> Refusal {
    let message = "Webhook topic is required and must be valid.";
    Refusal::new(400, "woocommerce_rest_shop_webhook_invalid_topic", message)
}

fn invalid_url() -> Refusal {
    let message = "Webhook delivery URL must be a valid URL starting with http:// or https://.";
    Refusal::new(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", message)
}
