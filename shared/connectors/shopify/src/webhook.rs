//! Webhooks: base64 of the HMAC-SHA256 over the raw body, by the application's own secret; a hint and nothing more.
//!
//! <https://shopify.dev/docs/apps/build/webhooks/verify-deliveries>. Headers are not signed, so neither the topic nor the shop
//! that they name is believed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{ConnectError, PrivacyRequest, WebhookHint, WebhookRefused, WebhookRequest};
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
    Ok(compliance(request.body).map_or(WebhookHint::PollSoon, WebhookHint::Privacy))
}

/// The three topics of <https://shopify.dev/docs/apps/build/privacy-law-compliance>, told by the bodies that are their own.
#[derive(Deserialize)]
struct Compliance {
    shop_id: Option<u64>,
    shop_domain: Option<serde::de::IgnoredAny>,
    orders_to_redact: Option<Vec<u64>>,
    orders_requested: Option<Vec<u64>>,
    data_request: Option<DataRequest>,
    /// Of every other webhook.
    id: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct DataRequest {
    id: u64,
}

fn compliance(body: &[u8]) -> Option<PrivacyRequest> {
    let body: Compliance = json::from_slice(body).ok()?;
    if body.id.is_some() || body.shop_id.is_none() || body.shop_domain.is_none() {
        return None;
    }
    let ids = |orders: Vec<u64>| orders.iter().map(u64::to_string).collect();
    Some(match (body.orders_to_redact, body.data_request) {
        (Some(orders), _) => PrivacyRequest::Forget { orders: ids(orders) },
        (None, Some(DataRequest { id })) => {
            PrivacyRequest::Tell { request: id.to_string(), orders: ids(body.orders_requested.unwrap_or_default()) }
        }
        (None, None) => PrivacyRequest::ShopGone,
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
    fn the_three_compliance_topics_carry_the_orders_and_nothing_of_the_buyer() {
        let only = secrets(Some("new"), None);
        let customer = r#""customer":{"id":191167,"email":"john@example.com","phone":"555-625-1199"}"#;
        let shop = r#""shop_id":954889,"shop_domain":"my-shop.myshopify.com""#;
        let orders = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        for (body, asks) in [
            (
                format!(r#"{{{shop},"orders_requested":[299938],{customer},"data_request":{{"id":9999}}}}"#),
                PrivacyRequest::Tell { request: "9999".to_owned(), orders: orders(&["299938"]) },
            ),
            (
                format!(r#"{{{shop},{customer},"orders_to_redact":[299938,280263]}}"#),
                PrivacyRequest::Forget { orders: orders(&["299938", "280263"]) },
            ),
            (format!("{{{shop}}}"), PrivacyRequest::ShopGone),
        ] {
            let body = body.as_bytes();
            assert_eq!(hint(&only, Some(&signed("new", body)), body), Ok(WebhookHint::Privacy(asks)));
            assert_eq!(hint(&only, Some(&signed("old", body)), body), Err(WebhookRefused::BadSignature));
        }
        for other in
            [r#"{"id":1,"shop_id":2}"#, r#"{"inventory_item_id":1,"location_id":2,"available":3}"#, "[]", "", "{"]
        {
            assert_eq!(compliance(other.as_bytes()), None, "{other}");
        }
    }
}
