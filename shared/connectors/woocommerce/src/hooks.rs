//! The shop's webhooks that call us: registered, mended after the shop has switched them off, taken back.

use connect::{ConnectError, ErrorKind};
use secrecy::ExposeSecret;
use url::Url;

use crate::api::{Api, MOST};
use crate::{body, error, wire};

/// Orders in every way they change, and products for their stock.
const TOPICS: [&str; 5] = ["order.created", "order.updated", "order.deleted", "order.restored", "product.updated"];
const NAME: &str = "Tributary";
const ACTIVE: &str = "active";

/// A shop disables a webhook after the sixth failed delivery in a row (capture 55), so every one of ours is set to active again.
pub(crate) async fn subscribe(api: &Api, to: &Url) -> Result<(), ConnectError> {
    let secret = api.config.webhook_secret.as_ref().ok_or_else(|| {
        let message = "The connection's `webhook_secret` is missing.";
        error::refused("woocommerce.webhooks", ErrorKind::ConfigInvalid, message)
    })?;
    let ours = ours(api, to).await?;
    for topic in TOPICS {
        let known = ours.iter().find(|hook| hook.topic == topic);
        if known.is_some_and(|hook| hook.status == ACTIVE) {
            continue;
        }
        let hook = body::Webhook {
            name: NAME,
            status: ACTIVE,
            topic,
            delivery_url: to.as_str(),
            secret: secret.expose_secret(),
        };
        match known {
            Some(known) => api.update_webhook(known.id, &hook).await?,
            None => api.create_webhook(&hook).await?,
        }
    }
    Ok(())
}

pub(crate) async fn unsubscribe(api: &Api, to: &Url) -> Result<(), ConnectError> {
    for hook in ours(api, to).await? {
        match api.delete_webhook(hook.id).await {
            Err(error) if error.kind == ErrorKind::NotFound => {}
            deleted => deleted?,
        }
    }
    Ok(())
}

async fn ours(api: &Api, to: &Url) -> Result<Vec<wire::Webhook>, ConnectError> {
    let most = MOST.to_string();
    let mut ours = Vec::new();
    let mut page = 1;
    loop {
        let (hooks, pages) = api.webhooks(&[("per_page", &most)], page).await?;
        ours.extend(hooks.into_iter().filter(|hook| hook.delivery_url == to.as_str()));
        if page >= pages {
            return Ok(ours);
        }
        page += 1;
    }
}
