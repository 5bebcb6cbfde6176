//! Making the store call us when an order changes, and taking that back.
//!
//! "Only one webhook is allowed per unique combination of `store_id` + `client_id` + `scope` + `destination`", and the vendor
//! switches one off that was not answered for 48 hours, or not used for 90 days:
//! <https://developer.bigcommerce.com/docs/integrations/webhooks/overview>.

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind};
use url::Url;

use crate::api::Api;
use crate::body::{HookChanges, NewHook};
use crate::error::refused;
use crate::wire::Hook;

/// Everything about orders, their shipments and their refunds:
/// <https://developer.bigcommerce.com/docs/integrations/webhooks/events#orders>.
const SCOPES: [&str; 2] = ["store/order/*", "store/shipment/*"];

pub(crate) async fn subscribe(api: &Api, to: &Url) -> Result<(), ConnectError> {
    if api.config.client_secret.is_none() {
        let says =
            "Without the API account's client secret no webhook of the store can be checked: add it and reconnect.";
        return Err(refused("bigcommerce.subscribe", ErrorKind::ConfigInvalid, says));
    }
    let known = pointing_at(api, to).await?;
    for scope in SCOPES {
        match known.iter().find(|hook| hook.scope == scope) {
            Some(hook) if hook.is_active => {}
            Some(hook) => api.update_hook(hook.id, &HookChanges { is_active: true }).await?,
            None => {
                let new = NewHook { scope, destination: to.as_str(), is_active: true, headers: BTreeMap::new() };
                api.create_hook(&new).await?;
            }
        }
    }
    Ok(())
}

pub(crate) async fn unsubscribe(api: &Api, to: &Url) -> Result<(), ConnectError> {
    for hook in pointing_at(api, to).await? {
        match api.delete_hook(hook.id).await {
            // Somebody else took it back meanwhile.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The list is asked for this address only, and compared all the same.
async fn pointing_at(api: &Api, to: &Url) -> Result<Vec<Hook>, ConnectError> {
    let mut hooks = api.hooks(to.as_str()).await?;
    hooks.retain(|hook| hook.destination == to.as_str());
    Ok(hooks)
}
