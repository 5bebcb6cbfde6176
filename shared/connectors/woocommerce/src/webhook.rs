//! Webhooks: base64 of the HMAC-SHA256 over the raw body; a hint and nothing more.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks>. Its headers are not signed and nothing stops a
//! replay, so neither topic nor content is believed; even a body that is an error message (findings 19) is a hint.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{WebhookHint, WebhookRefused, WebhookRequest};
use hmac::Mac;
use secrecy::{ExposeSecret, SecretString};

use crate::auth::mac;

pub(crate) fn read(secret: Option<&SecretString>, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
    let Some(signature) = request.headers.get("x-wc-webhook-signature") else {
        return if is_ping(request.body) { Ok(WebhookHint::Nothing) } else { Err(WebhookRefused::BadSignature) };
    };
    let secret = secret.ok_or(WebhookRefused::BadSignature)?;
    let signature = BASE64_STANDARD.decode(signature.trim()).map_err(|_| WebhookRefused::BadSignature)?;
    let expected = mac(secret.expose_secret().as_bytes(), request.body);
    expected.verify_slice(&signature).map_err(|_| WebhookRefused::BadSignature)?;
    Ok(WebhookHint::PollSoon)
}

/// What the shop sends, unsigned, when a webhook is switched on (finding 20): `webhook_id=1`.
fn is_ping(body: &[u8]) -> bool {
    let digits = body.strip_prefix(b"webhook_id=").unwrap_or_default();
    !digits.is_empty() && digits.len() <= 20 && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn hint(signature: Option<&str>, body: &[u8]) -> Result<WebhookHint, WebhookRefused> {
        let secret = SecretString::from("hook-secret-1");
        let mut headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
        headers.extend(signature.map(|signature| ("x-wc-webhook-signature".to_owned(), signature.to_owned())));
        read(Some(&secret), &WebhookRequest { headers: &headers, body })
    }

    /// The facts of a delivery that was recorded: its nine bytes and the signature over them.
    #[test]
    fn a_recorded_signature_is_accepted_and_any_other_refused() {
        let signature = "L0XcafVOICQBrrK7TzK53v+zrhXNcXESQti4KVxeC8o=";
        assert_eq!(hint(Some(signature), br#"{"id":45}"#), Ok(WebhookHint::PollSoon));
        assert_eq!(hint(Some(signature), br#"{"id":46}"#), Err(WebhookRefused::BadSignature));
        assert_eq!(hint(Some(&signature[..43]), br#"{"id":45}"#), Err(WebhookRefused::BadSignature));
        assert_eq!(hint(Some("L0XcafVOICQ="), br#"{"id":45}"#), Err(WebhookRefused::BadSignature));
        assert_eq!(hint(Some(""), br#"{"id":45}"#), Err(WebhookRefused::BadSignature));
        assert_eq!(hint(None, br#"{"id":45}"#), Err(WebhookRefused::BadSignature));
    }

    /// Findings 19: of an order that was deleted in the meantime the shop signs an error.
    #[test]
    fn a_delivery_whose_body_is_an_error_is_a_hint_all_the_same() {
        let body =
            br#"{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}"#;
        assert_eq!(hint(Some("lR6CwrCFhEk5uE6wmwDzlbKDHKkCqoXPQNKRisg6Ukw="), body), Ok(WebhookHint::PollSoon));
    }

    #[test]
    fn the_unsigned_ping_asks_for_nothing() {
        assert_eq!(hint(None, b"webhook_id=1"), Ok(WebhookHint::Nothing));
        for body in [&b"webhook_id="[..], b"webhook_id=1&x=2", b"id=1", b""] {
            assert_eq!(hint(None, body), Err(WebhookRefused::BadSignature));
        }
    }

    #[test]
    fn without_a_secret_nothing_is_believed() {
        let headers = BTreeMap::from([(
            "x-wc-webhook-signature".to_owned(),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
        )]);
        assert_eq!(read(None, &WebhookRequest { headers: &headers, body: b"" }), Err(WebhookRefused::BadSignature));
    }

    /// Exact bytes of real deliveries.
    #[test]
    fn recorded_deliveries_are_genuine() {
        let Some(folder) = crate::captures::folder() else { return };
        let mut checked = 0;
        for entry in std::fs::read_dir(folder.join("webhooks")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let delivery: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let Some(signature) = delivery["headers"]["X-WC-Webhook-Signature"].as_str() else { continue };
            let Ok(body) = std::fs::read(path.with_extension("raw")) else { continue };
            assert_eq!(hint(Some(signature), &body), Ok(WebhookHint::PollSoon), "{}", path.display());
            checked += 1;
        }
        assert!(checked >= 4, "only {checked} recorded deliveries were checked");
    }
}
