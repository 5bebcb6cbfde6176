//! Webhooks: base64 of an HMAC-SHA256 over id, time and raw body; a hint and nothing more.
//!
//! <https://developers.etsy.com/documentation/essentials/webhooks>. A replay asks for one poll more, so the time is signed
//! with the rest but not compared with a clock.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{WebhookHint, WebhookRefused, WebhookRequest};
use hmac::digest::array::Array;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::wire;

/// "The endpoint's signing secret", as the portal shows it.
const PREFIX: &str = "whsec_";

pub fn read(secret: Option<&SecretString>, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
    let header = |name: &str| request.headers.get(name).map(String::as_str).ok_or(WebhookRefused::BadSignature);
    let (id, at, signatures) = (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
    let key = key(secret.ok_or(WebhookRefused::BadSignature)?)?;
    let genuine = signatures.split(' ').any(|signature| {
        // The documentation shows it plain; the service that sends it, and the standard that it follows, with a version.
        let signature = signature.strip_prefix("v1,").unwrap_or(signature);
        BASE64_STANDARD
            .decode(signature)
            .is_ok_and(|bytes| mac(&key, id, at, request.body).verify_slice(&bytes).is_ok())
    });
    if !genuine {
        return Err(WebhookRefused::BadSignature);
    }
    let event = json::from_slice::<wire::WebhookEvent>(request.body).unwrap_or_default();
    // `order.paid`, `order.canceled`, `order.shipped`, `order.delivered`, and whatever of orders comes to be.
    let of_order = event.event_type.is_some_and(|kind| kind.to_lowercase().starts_with("order"));
    Ok(if of_order { WebhookHint::PollSoon } else { WebhookHint::Nothing })
}

fn key(secret: &SecretString) -> Result<Vec<u8>, WebhookRefused> {
    let text = secret.expose_secret().trim();
    let key = BASE64_STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
    key.ok().filter(|key| !key.is_empty()).ok_or(WebhookRefused::BadSignature)
}

fn mac(key: &[u8], id: &str, at: &str, body: &[u8]) -> Hmac<Sha256> {
    // A key of any length is taken: the other branch is never reached.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Array::default()));
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const BODY: &[u8] = br#"{"event_type":"order.paid","resource_url":"https://openapi.etsy.com/v3/application/shops/1/receipts/2","shop_id":1}"#;

    fn sign(body: &[u8]) -> String {
        BASE64_STANDARD.encode(mac(b"a key of the portal", "msg_1", "1795000000", body).finalize().into_bytes())
    }

    fn hint(signature: &str, body: &[u8]) -> Result<WebhookHint, WebhookRefused> {
        let secret = SecretString::from(format!("whsec_{}", BASE64_STANDARD.encode("a key of the portal")));
        let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", "1795000000"), ("webhook-signature", signature)];
        let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        read(Some(&secret), &WebhookRequest { headers: &headers, body })
    }

    /// The example of <https://github.com/standard-webhooks/standard-webhooks>, which Etsy's scheme is.
    #[test]
    fn the_standards_own_example_is_accepted() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let headers = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let request = WebhookRequest { headers: &headers, body: br#"{"test": 2432232314}"# };
        assert_eq!(read(Some(&secret), &request), Ok(WebhookHint::Nothing));
        assert_eq!(read(None, &request), Err(WebhookRefused::BadSignature));
        assert_eq!(read(Some(&SecretString::from("whsec_")), &request), Err(WebhookRefused::BadSignature));
    }

    #[test]
    fn an_order_that_changed_asks_for_a_poll() {
        let signature = sign(BODY);
        assert_eq!(hint(&signature, BODY), Ok(WebhookHint::PollSoon));
        assert_eq!(hint(&format!("v1,{signature}"), BODY), Ok(WebhookHint::PollSoon));
        assert_eq!(hint(&format!("v1,AAAA v1,{signature}"), BODY), Ok(WebhookHint::PollSoon));
        let other = br#"{"event_type":"listing.sold"}"#;
        assert_eq!(hint(&sign(other), other), Ok(WebhookHint::Nothing));
        assert_eq!(hint(&sign(b"no json"), b"no json"), Ok(WebhookHint::Nothing));
    }

    #[test]
    fn any_other_signature_is_refused() {
        for signature in ["", "v1,", "v2,AAAA", &sign(b"{}"), &sign(BODY)[1..]] {
            assert_eq!(hint(signature, BODY), Err(WebhookRefused::BadSignature), "{signature}");
        }
    }
}
