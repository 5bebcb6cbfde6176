//! Webhooks: signed as Standard Webhooks says, with the API account's client secret; a hint and nothing more.
//!
//! `webhook-signature` holds `v1,<base64>` of the HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<raw body>`, possibly
//! several, blanks between: <https://developer.bigcommerce.com/docs/integrations/webhooks/https-webhook-overview#webhook-signature>,
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>. An old one that comes again
//! brings a poll forward and no more, so its age is not judged. The `hash` in the body is signed by nobody.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{WebhookHint, WebhookRefused, WebhookRequest};
use hmac::Mac;
use secrecy::SecretString;

use crate::auth::mac;

pub(crate) fn read(secret: Option<&SecretString>, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
    let header = |name: &str| request.headers.get(name).ok_or(WebhookRefused::BadSignature);
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let mut expected = secret.and_then(mac).ok_or(WebhookRefused::BadSignature)?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body] {
        expected.update(part);
    }
    let is_it = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|signature| BASE64_STANDARD.decode(signature).ok());
        bytes.is_some_and(|bytes| expected.clone().verify_slice(&bytes).is_ok())
    };
    if header("webhook-signature")?.split(' ').any(is_it) {
        Ok(WebhookHint::PollSoon)
    } else {
        Err(WebhookRefused::BadSignature)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const BODY: &[u8] = br#"{"scope":"store/order/created","data":{"type":"order","id":250}}"#;
    /// HMAC-SHA256 of `msg_1.1561479335.` and the body above, by another implementation.
    const SIGNATURE: &str = "v1,GyR+26wVlyBCteN1LRQdJBg52iK/gdm/vU0xp8e7qoI=";

    fn hint(signature: &str, body: &[u8], secret: Option<&str>) -> Result<WebhookHint, WebhookRefused> {
        let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", "1561479335"), ("webhook-signature", signature)];
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let secret = secret.map(SecretString::from);
        read(secret.as_ref(), &WebhookRequest { headers: &headers, body })
    }

    #[test]
    fn a_signature_by_the_client_secret_is_genuine_and_any_other_is_not() {
        let secret = Some("secret-b2b2");
        assert_eq!(hint(SIGNATURE, BODY, secret), Ok(WebhookHint::PollSoon));
        // While a secret is exchanged there are two.
        assert_eq!(hint(&format!("v1,AAAA {SIGNATURE}"), BODY, secret), Ok(WebhookHint::PollSoon));
        let refused = Err(WebhookRefused::BadSignature);
        assert_eq!(hint(SIGNATURE, b"{}", secret), refused);
        assert_eq!(hint(SIGNATURE, BODY, Some("secret-b2b3")), refused);
        assert_eq!(hint(SIGNATURE, BODY, None), refused);
        for signature in ["", "v1,", "v1", "v2,AAAA", &SIGNATURE[3..], &SIGNATURE[..SIGNATURE.len() - 1]] {
            assert_eq!(hint(signature, BODY, secret), refused, "{signature}");
        }
    }

    #[test]
    fn without_its_headers_nothing_is_believed() {
        let headers = BTreeMap::from([("webhook-signature".to_owned(), SIGNATURE.to_owned())]);
        let secret = SecretString::from("secret-b2b2");
        let read = read(Some(&secret), &WebhookRequest { headers: &headers, body: BODY });
        assert_eq!(read, Err(WebhookRefused::BadSignature));
    }
}
