//! Webhooks: <https://developer.bigcommerce.com/docs/webhooks/webhooks>, signed as
//! <https://developer.bigcommerce.com/docs/integrations/webhooks/https-webhook-overview#webhook-signature> says.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::http::{Answer, Asked, Outcome, Refusal};
use super::orders::text;
use super::state::{Delivery, Hook};
use super::{CLIENT_SECRET, HASH, Inner};

impl Inner {
    pub(super) fn list_hooks(&self, asked: &Asked) -> Answer {
        let found = self.store.hooks.iter().filter(|hook| {
            asked.parameter("destination").is_none_or(|wanted| wanted == hook.destination)
                && asked.parameter("scope").is_none_or(|wanted| wanted == hook.scope)
        });
        let found: Vec<Value> = found.map(shown).collect();
        Answer::data(StatusCode::OK, &Value::Array(found))
    }

    pub(super) fn post_hook(&mut self, asked: &Asked) -> Outcome {
        let body = asked.json();
        let (scope, destination) = (text(&body, "scope"), text(&body, "destination"));
        let port = url::Url::parse(destination).ok().filter(|url| url.scheme() == "https").map(|url| url.port());
        if port != Some(None) || !scope.starts_with("store/") {
            return Err(Refusal::new(422, "JSON data is missing or invalid"));
        }
        if self.store.hooks.iter().any(|hook| hook.scope == scope && hook.destination == destination) {
            return Err(Refusal::new(409, "This webhook exists already."));
        }
        let hook = Hook {
            id: self.store.id(),
            scope: scope.to_owned(),
            destination: destination.to_owned(),
            is_active: body.get("is_active") != Some(&Value::Bool(false)),
            headers: body.get("headers").cloned().unwrap_or_default(),
        };
        let answer = Answer::data(StatusCode::OK, &shown(&hook));
        self.store.hooks.push(hook);
        Ok(answer)
    }

    pub(super) fn put_hook(&mut self, id: &str, asked: &Asked) -> Outcome {
        let body = asked.json();
        let hook = self.store.hooks.iter_mut().find(|hook| hook.id.to_string() == id).ok_or_else(Refusal::not_found)?;
        if let Some(active) = body.get("is_active").and_then(Value::as_bool) {
            hook.is_active = active;
        }
        Ok(Answer::data(StatusCode::OK, &shown(hook)))
    }

    pub(super) fn delete_hook(&mut self, id: &str) -> Outcome {
        let at = self.store.hooks.iter().position(|hook| hook.id.to_string() == id).ok_or_else(Refusal::not_found)?;
        let gone = self.store.hooks.remove(at);
        Ok(Answer::data(StatusCode::OK, &shown(&gone)))
    }

    /// What the store sends for what has happened since it was last asked.
    pub(super) fn deliveries(&mut self) -> Vec<Delivery> {
        let at = self.now().as_second();
        let events = std::mem::take(&mut self.store.events);
        let mut sent = Vec::new();
        for (number, (scope, id)) in events.into_iter().enumerate() {
            let fits = |hook: &&Hook| match hook.scope.strip_suffix('*') {
                Some(start) => scope.starts_with(start),
                None => scope == hook.scope,
            };
            for hook in self.store.hooks.iter().filter(|hook| hook.is_active).filter(fits) {
                let body = json!({
                    "scope": scope, "store_id": "4711", "data": {"type": "order", "id": id},
                    "hash": "dd70c0976e06b67aaf671e73f49dcb79230ebf9d", "created_at": at,
                    "producer": format!("stores/{HASH}"),
                });
                let (body, id) = (body.to_string(), format!("msg_{number}_{}", hook.id));
                let mut headers = BTreeMap::from([
                    ("content-type".to_owned(), "application/json".to_owned()),
                    ("webhook-signature".to_owned(), signature(&id, at, &body)),
                    ("webhook-timestamp".to_owned(), at.to_string()),
                    ("webhook-id".to_owned(), id),
                ]);
                for (name, value) in hook.headers.as_object().into_iter().flatten() {
                    headers.insert(name.to_lowercase(), value.as_str().unwrap_or_default().to_owned());
                }
                sent.push(Delivery { destination: hook.destination.clone(), headers, body });
            }
        }
        sent
    }
}

fn signature(id: &str, at: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()) else { return String::new() };
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

fn shown(hook: &Hook) -> Value {
    json!({
        "id": hook.id, "client_id": "client-1", "store_hash": HASH, "scope": hook.scope,
        "destination": hook.destination, "headers": hook.headers, "is_active": hook.is_active,
        "created_at": 1_561_488_106, "updated_at": 1_561_488_106,
    })
}
