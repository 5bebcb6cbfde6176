//! Notifications: Amazon sends `ORDER_CHANGE` to a queue of the owner's. Only a hint: it says which order to read.
//!
//! <https://developer-docs.amazon.com/sp-api/docs/set-up-notifications-with-amazon-sqs>. Whoever may send to the queue is the queue's policy;
//! the messages themselves carry no signature.

use connect::{ConnectError, ErrorKind, Method, Notice, Request, Response};
use domain::{AccountId, ChannelOrderId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::PLATFORM;
use crate::api::{self, Api};
use crate::error::Call;
use crate::limits::NOTIFICATIONS;

const TYPE: &str = "ORDER_CHANGE";
const VERSION: &str = "1.0";
/// How the destination is called at Amazon.
const NAME: &str = "tributary";
const BASE: [&str; 2] = ["notifications", "v1"];

/// <https://developer-docs.amazon.com/sp-api/docs/notification-type-values#order_change>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    notification_type: String,
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Payload {
    order_change_notification: OrderChange,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrderChange {
    seller_id: String,
    amazon_order_id: String,
}

pub fn read(message: &[u8]) -> Option<Notice> {
    let read: Notification = json::from_slice(message).ok()?;
    let OrderChange { seller_id, amazon_order_id } = read.payload.order_change_notification;
    if read.notification_type != TYPE {
        return None;
    }
    Some(Notice {
        platform: PLATFORM,
        account: AccountId::new(seller_id).ok()?,
        order: ChannelOrderId::new(amazon_order_id).ok()?,
    })
}

#[derive(Deserialize)]
struct Answer<T> {
    payload: Option<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    destination_id: String,
    resource: Option<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    sqs: Option<Sqs>,
}

#[derive(Deserialize)]
struct Sqs {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    subscription_id: Option<String>,
    destination_id: Option<String>,
}

/// Makes the queue a destination of the application's, and the seller's changed orders its news. A subscription that leads
/// elsewhere is somebody's: there can be only one of a type, so it is left alone and said.
pub async fn subscribe(api: &Api) -> Result<(), ConnectError> {
    let queue = queue(api)?;
    let destination = match destination(api, queue).await? {
        Some(known) => known,
        None => create_destination(api, queue).await?,
    };
    match subscription(api).await? {
        Some(known) if known.destination_id.as_deref() == Some(&destination) => Ok(()),
        Some(_) => {
            let says = "Amazon already tells another destination of changed orders; take that subscription back first.";
            Err(ConnectError::new(ErrorKind::AlreadyExists, "amazon.create_subscription", says).without_effect())
        }
        None => create_subscription(api, &destination).await,
    }
}

/// Takes back the subscription that leads to the queue. The destination stays: other sellers of the application may use it.
pub async fn unsubscribe(api: &Api) -> Result<(), ConnectError> {
    let Some(destination) = destination(api, queue(api)?).await? else { return Ok(()) };
    let known = subscription(api).await?.filter(|known| known.destination_id.as_ref() == Some(&destination));
    let Some(id) = known.and_then(|known| known.subscription_id) else { return Ok(()) };
    // <https://developer-docs.amazon.com/sp-api/reference/deletesubscriptionbyid>
    let url = api::address(&api.config.api, &[&BASE[..], &["subscriptions", TYPE, &id]].concat());
    let request = Request::new("amazon.delete_subscription_by_id", Method::Delete, url);
    api.grantless(request, &NOTIFICATIONS, Call::Notices).await.map(drop)
}

fn queue(api: &Api) -> Result<&str, ConnectError> {
    let none = || ConnectError::unsupported("amazon.subscribe", "Amazon without the setting `notification_queue`");
    api.config.notification_queue.as_deref().ok_or_else(none)
}

/// <https://developer-docs.amazon.com/sp-api/reference/getdestinations>
async fn destination(api: &Api, queue: &str) -> Result<Option<String>, ConnectError> {
    let url = api::address(&api.config.api, &[&BASE[..], &["destinations"]].concat());
    let request = Request::new("amazon.get_destinations", Method::Get, url);
    let answer: Answer<Vec<Destination>> = api::decode(&api.grantless(request, &NOTIFICATIONS, Call::Read).await?)?;
    let leads_there = |destination: &Destination| {
        let sqs = destination.resource.as_ref().and_then(|resource| resource.sqs.as_ref());
        sqs.is_some_and(|sqs| sqs.arn == queue)
    };
    let found = answer.payload.unwrap_or_default().into_iter().find(leads_there);
    Ok(found.map(|destination| destination.destination_id))
}

/// <https://developer-docs.amazon.com/sp-api/reference/createdestination>
async fn create_destination(api: &Api, queue: &str) -> Result<String, ConnectError> {
    let operation = "amazon.create_destination";
    let url = api::address(&api.config.api, &[&BASE[..], &["destinations"]].concat());
    let body = json!({"name": NAME, "resourceSpecification": {"sqs": {"arn": queue}}});
    let request = Request::new(operation, Method::Post, url).json(&body)?;
    let answer: Answer<Destination> = api.grantless(request, &NOTIFICATIONS, Call::Notices).await?.json()?;
    let made = answer.payload.ok_or_else(|| api::lacking(operation, "destination"))?;
    Ok(made.destination_id)
}

/// <https://developer-docs.amazon.com/sp-api/reference/getsubscription>
async fn subscription(api: &Api) -> Result<Option<Subscription>, ConnectError> {
    let mut url = api::address(&api.config.api, &[&BASE[..], &["subscriptions", TYPE]].concat());
    url.query_pairs_mut().append_pair("payloadVersion", VERSION);
    let request = Request::new("amazon.get_subscription", Method::Get, url);
    let response: Response = match api.checked(request, &NOTIFICATIONS, Call::Read).await {
        Ok(response) => response,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(api::decode::<Answer<Subscription>>(&response)?.payload)
}

/// <https://developer-docs.amazon.com/sp-api/reference/createsubscription>
async fn create_subscription(api: &Api, destination: &str) -> Result<(), ConnectError> {
    let url = api::address(&api.config.api, &[&BASE[..], &["subscriptions", TYPE]].concat());
    let body: Value = json!({
        "payloadVersion": VERSION,
        "destinationId": destination,
        "processingDirective": {
            "eventFilter": {"eventFilterType": TYPE, "marketplaceIds": api.config.marketplace_ids},
        },
    });
    let request = Request::new("amazon.create_subscription", Method::Post, url).json(&body)?;
    api.checked(request, &NOTIFICATIONS, Call::Notices).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_order_says_anything() {
        let told = |kind: &str, order: &str| {
            json!({
                "NotificationVersion": "1.0", "NotificationType": kind, "PayloadVersion": "1.0",
                "EventTime": "2026-11-20T12:00:00.000Z",
                "Payload": {"OrderChangeNotification": {
                    "NotificationLevel": "OrderLevel", "SellerId": "A3TH9S8BH6GOGM", "AmazonOrderId": order,
                    "OrderChangeType": "OrderStatusChange",
                    "Summary": {"MarketplaceId": "A1F83G8C2ARO7P", "OrderStatus": "Unshipped"},
                }},
            })
        };
        let read = |message: Value| read(message.to_string().as_bytes());
        let notice = read(told("ORDER_CHANGE", "903-8868176-2219830")).unwrap();
        assert_eq!((notice.platform, notice.account.as_str()), ("amazon", "A3TH9S8BH6GOGM"));
        assert_eq!(notice.order.as_str(), "903-8868176-2219830");
        assert_eq!(read(told("ANY_OFFER_CHANGED", "903-8868176-2219830")), None);
        assert_eq!(read(told("ORDER_CHANGE", "")), None);
        assert_eq!(read(json!({"NotificationType": "ORDER_CHANGE", "Payload": {}})), None);
    }
}
