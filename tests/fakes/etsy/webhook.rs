//! Webhooks as Etsy's service sends them, to an endpoint that was entered in its portal.
//! <https://developers.etsy.com/documentation/essentials/webhooks>

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::{EtsyFake, SHOP_ID};
use crate::locked;

/// The endpoint's signing secret, as the portal shows it.
pub const SIGNING_SECRET: &str = "whsec_dGhlIHBvcnRhbCdzIG93biBzZWNyZXQ=";

/// One webhook as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl EtsyFake {
    /// What is sent of an event such as `order.paid`.
    pub fn webhook(&self, event: &str, receipt_id: u64) -> Sent {
        let number = locked(&self.shared.state).next_number();
        let resource = format!("https://openapi.etsy.com/v3/application/shops/{SHOP_ID}/receipts/{receipt_id}");
        let body = json!({"event_type": event, "resource_url": resource, "shop_id": SHOP_ID}).to_string().into_bytes();
        let (id, at) = (format!("msg_{number}"), self.clock().now().as_second().to_string());
        let key = BASE64_STANDARD.decode(SIGNING_SECRET.trim_start_matches("whsec_")).unwrap_or_default();
        let signature = Hmac::<Sha256>::new_from_slice(&key).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(format!("{id}.{at}.").as_bytes());
                mac.update(&body);
                BASE64_STANDARD.encode(mac.finalize().into_bytes())
            },
        );
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", at),
            ("webhook-signature", signature),
        ];
        Sent { headers: headers.map(|(name, value)| (name.to_owned(), value)).into(), body }
    }
}
