//! Webhooks: base64 of the HMAC-SHA256 over the raw body, by the application's own secret; a hint and nothing more.
//!
//! <https://shopify.dev/docs/apps/build/webhooks/verify-deliveries>. Headers are not signed, so neither the topic nor the shop
//! that they name is believed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{ConnectError, WebhookHint, WebhookRefused, WebhookRequest};
use serde::Deserialize;
use url::Url;

use crate::api::Api;
use crate::auth::is_signed;
use crate::config::Secrets;

const SIGNATURE: &str = "x-shopify-hmac-sha256";

/// What either role is told of. Compliance topics are set in the application itself.
/// <https://shopify.dev/docs/api/admin-graphql/2026-10/enums/WebhookSubscriptionTopic>
const TOPICS: [&str; 6] = [
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_CANCELLED",
    "REFUNDS_CREATE",
    "FULFILLMENTS_CREATE",
    "FULFILLMENTS_UPDATE",
];
/// What a main store tells beside them.
const STOCK_TOPIC: &str = "INVENTORY_LEVELS_UPDATE";

/// During a rotation Shopify signs with the older secret until it is taken away:
/// <https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets/rotate-revoke-client-credentials>
pub(crate) fn read(secrets: &Secrets, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
    let signature = request.headers.get(SIGNATURE).ok_or(WebhookRefused::BadSignature)?;
    let signature = BASE64_STANDARD.decode(signature.trim()).map_err(|_| WebhookRefused::BadSignature)?;
    let known = [&secrets.client_secret, &secrets.client_secret_before];
    if !known.into_iter().flatten().any(|secret| is_signed(secret, request.body, &signature)) {
        return Err(WebhookRefused::BadSignature);
    }
    Ok(match compliance(request.body) {
        None => WebhookHint::PollSoon,
        // Nothing acts on it yet: whoever reads the log knows which orders are meant.
        Some((asks, orders)) => {
            tracing::warn!(webhook = asks, ?orders, "Shopify asks, as the law wants it: {asks}");
            WebhookHint::Nothing
        }
    })
}

/// The three topics of <https://shopify.dev/docs/apps/build/privacy-law-compliance>, told by the bodies that are their own.
#[derive(Deserialize)]
struct Compliance {
    shop_id: Option<u64>,
    shop_domain: Option<serde::de::IgnoredAny>,
    orders_to_redact: Option<Vec<u64>>,
    data_request: Option<serde::de::IgnoredAny>,
    /// Of every other webhook.
    id: Option<serde::de::IgnoredAny>,
}

/// What is asked, and of which orders.
fn compliance(body: &[u8]) -> Option<(&'static str, Vec<u64>)> {
    let body: Compliance = serde_json::from_slice(body).ok()?;
    if body.id.is_some() || body.shop_id.is_none() || body.shop_domain.is_none() {
        return None;
    }
    Some(match (body.orders_to_redact, body.data_request) {
        (Some(orders), _) => ("customers/redact", orders),
        (None, Some(_)) => ("customers/data_request", Vec::new()),
        (None, None) => ("shop/redact", Vec::new()),
    })
}

/// Creates the subscriptions that are missing: Shopify deletes one whose deliveries keep failing.
pub(crate) async fn subscribe(api: &Api, to: &Url, with_stock: bool) -> Result<(), ConnectError> {
    let known = api.webhook_subscriptions().await?;
    for topic in TOPICS.into_iter().chain(with_stock.then_some(STOCK_TOPIC)) {
        if !known.iter().any(|one| one.topic == topic && one.uri == to.as_str()) {
            api.webhook_subscription_create(topic, to.as_str()).await?;
        }
    }
    Ok(())
}

pub(crate) async fn unsubscribe(api: &Api, to: &Url) -> Result<(), ConnectError> {
    for one in api.webhook_subscriptions().await?.iter().filter(|one| one.uri == to.as_str()) {
        api.webhook_subscription_delete(&one.id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::SecretString;

    use super::*;

    fn hint(secrets: &Secrets, signature: Option<&str>, body: &[u8]) -> Result<WebhookHint, WebhookRefused> {
        let mut headers = BTreeMap::from([("x-shopify-topic".to_owned(), "orders/create".to_owned())]);
        headers.extend(signature.map(|signature| (SIGNATURE.to_owned(), signature.to_owned())));
        read(secrets, &WebhookRequest { headers: &headers, body })
    }

    fn secrets(now: Option<&str>, before: Option<&str>) -> Secrets {
        let secret = |text: &str| SecretString::from(text);
        Secrets { client_secret: now.map(secret), client_secret_before: before.map(secret) }
    }

    /// `openssl dgst -sha256 -hmac hush -binary | base64`
    const OF_HUSH: &str = "RbzIbNGEHBVJKKuILyQ9cBCpJ8D0BbEW2HvvrEkZRbA=";

    fn signed(secret: &str, body: &[u8]) -> String {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn both_secrets_of_a_rotation_are_believed_and_no_other() {
        let body = br#"{"id":450789469}"#;
        let rotating = secrets(Some("new"), Some("old"));
        for secret in ["new", "old"] {
            assert_eq!(hint(&rotating, Some(&signed(secret, body)), body), Ok(WebhookHint::PollSoon));
        }
        let bad = Err(WebhookRefused::BadSignature);
        assert_eq!(hint(&rotating, Some(&signed("other", body)), body), bad);
        assert_eq!(hint(&secrets(Some("new"), None), Some(&signed("old", body)), body), bad);
        assert_eq!(hint(&secrets(None, None), Some(&signed("", body)), body), bad);
        for signature in [None, Some(""), Some("not base64"), Some(OF_HUSH)] {
            assert_eq!(hint(&rotating, signature, body), bad);
        }
        assert_eq!(hint(&rotating, Some(&signed("new", body)), br#"{"id":450789460}"#), bad);
    }

    #[test]
    fn the_three_compliance_topics_are_genuine_and_ask_for_no_poll() {
        let only = secrets(Some("new"), None);
        let customer = r#""customer":{"id":191167,"email":"john@example.com","phone":"555-625-1199"}"#;
        let shop = r#""shop_id":954889,"shop_domain":"my-shop.myshopify.com""#;
        for (topic, body) in [
            (
                "customers/data_request",
                format!(r#"{{{shop},"orders_requested":[299938],{customer},"data_request":{{"id":9999}}}}"#),
            ),
            ("customers/redact", format!(r#"{{{shop},{customer},"orders_to_redact":[299938,280263]}}"#)),
            ("shop/redact", format!("{{{shop}}}")),
        ] {
            let (asks, orders) = compliance(body.as_bytes()).unwrap();
            assert_eq!((asks, orders.len()), (topic, if topic == "customers/redact" { 2 } else { 0 }));
            assert_eq!(hint(&only, Some(&signed("new", body.as_bytes())), body.as_bytes()), Ok(WebhookHint::Nothing));
        }
        for other in
            [r#"{"id":1,"shop_id":2}"#, r#"{"inventory_item_id":1,"location_id":2,"available":3}"#, "[]", "", "{"]
        {
            assert_eq!(compliance(other.as_bytes()), None, "{other}");
        }
    }
}
