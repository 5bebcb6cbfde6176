//! The mutations, one function each.

use std::collections::BTreeMap;

use connect::ConnectError;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::documents::{
    FULFILLMENT_CREATE, FULFILLMENT_TRACKING_INFO_UPDATE, INVENTORY_ADJUST_QUANTITIES, INVENTORY_SET_QUANTITIES,
    METAFIELDS_SET, ORDER_CANCEL, ORDER_CREATE, ORDER_CUSTOMER_SET, ORDER_MARK_AS_PAID, Operation, REFUND_CREATE,
    WEBHOOK_SUBSCRIPTION_CREATE, WEBHOOK_SUBSCRIPTION_DELETE,
};
use super::{Api, lacking};
use crate::body;
use crate::error;
use crate::wire::{self, UserError};

impl Api {
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/orderCreate>
    pub async fn order_create(&self, input: &body::OrderCreate) -> Result<wire::Order, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            order_create: Option<OrderPayload>,
        }
        let answer = self.call::<Data>(ORDER_CREATE, &json!(input)).await?;
        order_of(ORDER_CREATE.name, answer.value.order_create)
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/orderCustomerSet>
    pub async fn order_customer_set(&self, order: &str, customer: &str) -> Result<(), ConnectError> {
        self.change(ORDER_CUSTOMER_SET, &json!({"orderId": order, "customerId": customer})).await
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/orderMarkAsPaid>
    pub async fn order_mark_as_paid(&self, id: &str) -> Result<wire::Order, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            order_mark_as_paid: Option<OrderPayload>,
        }
        let answer = self.call::<Data>(ORDER_MARK_AS_PAID, &json!({"id": id})).await?;
        order_of(ORDER_MARK_AS_PAID.name, answer.value.order_mark_as_paid)
    }

    /// Begins a job; the order shows when it is done:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/orderCancel>
    pub async fn order_cancel(&self, id: &str, restock: bool) -> Result<(), ConnectError> {
        self.change(ORDER_CANCEL, &json!({"orderId": id, "restock": restock})).await
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/refundCreate>
    pub async fn refund_create(&self, input: &body::RefundInput, key: &str) -> Result<wire::Order, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            refund_create: Option<OrderPayload>,
        }
        let answer = self.call::<Data>(REFUND_CREATE, &json!({"input": input, "key": key})).await?;
        order_of(REFUND_CREATE.name, answer.value.refund_create)
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/fulfillmentCreate>
    pub async fn fulfillment_create(&self, input: &body::FulfillmentInput) -> Result<String, ConnectError> {
        #[derive(Deserialize)]
        struct Payload {
            fulfillment: Option<wire::Id>,
        }
        let payload: Payload = self.changed(FULFILLMENT_CREATE, &json!({"fulfillment": input})).await?;
        payload.fulfillment.map(|fulfillment| fulfillment.id).ok_or_else(|| lacking(FULFILLMENT_CREATE.name))
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/fulfillmentTrackingInfoUpdate>
    pub async fn fulfillment_tracking_info_update(
        &self,
        id: &str,
        tracking: &body::TrackingInput,
    ) -> Result<(), ConnectError> {
        self.change(FULFILLMENT_TRACKING_INFO_UPDATE, &json!({"fulfillmentId": id, "tracking": tracking})).await
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/metafieldsSet>
    pub async fn metafield_set(&self, order: &str, key: &str, kind: &str, value: &str) -> Result<(), ConnectError> {
        let field = json!({"ownerId": order, "namespace": body::NAMESPACE, "key": key, "type": kind, "value": value});
        self.change(METAFIELDS_SET, &json!({"metafields": [field]})).await
    }

    /// Moves what is available of one product; the same key moves it once. Answers with the level after it:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/inventoryAdjustQuantities>
    pub async fn inventory_adjust(&self, adjust: &body::Adjust<'_>) -> Result<Option<i64>, ConnectError> {
        #[derive(Deserialize)]
        struct Payload {
            #[serde(rename = "inventoryAdjustmentGroup")]
            group: Option<Group>,
        }
        #[derive(Deserialize)]
        struct Group {
            changes: Vec<Change>,
        }
        #[derive(Deserialize)]
        struct Change {
            item: Option<Item>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Item {
            inventory_level: Option<wire::InventoryLevel>,
        }
        let payload: Payload = self.changed(INVENTORY_ADJUST_QUANTITIES, &adjust.variables()).await?;
        let changes = payload.group.map(|group| group.changes).unwrap_or_default();
        Ok(changes.into_iter().find_map(|change| change.item?.inventory_level?.available()))
    }

    /// Sets what is available, all of it or nothing. `Err` in the answer: what Shopify has against which entry.
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/inventorySetQuantities>
    pub async fn inventory_set(
        &self,
        quantities: &[body::InventoryQuantity],
        key: &str,
    ) -> Result<Result<(), Vec<UserError>>, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            inventory_set_quantities: Option<OnlyErrors>,
        }
        let input = json!({"name": "available", "reason": "correction", "quantities": quantities});
        let answer = self.call::<Data>(INVENTORY_SET_QUANTITIES, &json!({"input": input, "key": key})).await?;
        let payload = answer.value.inventory_set_quantities.ok_or_else(|| lacking(INVENTORY_SET_QUANTITIES.name))?;
        Ok(if payload.errors.is_empty() { Ok(()) } else { Err(payload.errors) })
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/webhookSubscriptionCreate>
    pub async fn webhook_subscription_create(&self, topic: &str, uri: &str) -> Result<(), ConnectError> {
        self.change(WEBHOOK_SUBSCRIPTION_CREATE, &json!({"topic": topic, "uri": uri})).await
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/webhookSubscriptionDelete>
    pub async fn webhook_subscription_delete(&self, id: &str) -> Result<(), ConnectError> {
        self.change(WEBHOOK_SUBSCRIPTION_DELETE, &json!({"id": id})).await
    }

    /// A mutation of which only its refusal matters.
    async fn change(&self, operation: Operation, variables: &Value) -> Result<(), ConnectError> {
        self.changed::<IgnoredAny>(operation, variables).await.map(drop)
    }

    /// A mutation's payload, unless it was refused. The answer's data has the mutation as its one member.
    async fn changed<T: DeserializeOwned>(&self, operation: Operation, variables: &Value) -> Result<T, ConnectError> {
        let answer = self.call::<BTreeMap<String, Option<Box<RawValue>>>>(operation, variables).await?;
        let payload = answer.value.into_values().flatten().next().ok_or_else(|| lacking(operation.name))?;
        let unreadable = |_| lacking(operation.name);
        let refused: OnlyErrors = json::from_str(payload.get()).map_err(unreadable)?;
        if !refused.errors.is_empty() {
            return Err(error::of_user_errors(operation.name, &refused.errors));
        }
        json::from_str(payload.get()).map_err(unreadable)
    }
}

/// A mutation's payload that holds the order as it is then.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderPayload {
    order: Option<wire::Order>,
    #[serde(default)]
    user_errors: Vec<UserError>,
}

/// The refusals in a payload, under either of their names.
#[derive(Deserialize)]
struct OnlyErrors {
    #[serde(default, rename = "userErrors", alias = "orderCancelUserErrors")]
    errors: Vec<UserError>,
}

/// What came of a mutation: where there is an order, it was done.
fn order_of(operation: &'static str, payload: Option<OrderPayload>) -> Result<wire::Order, ConnectError> {
    let payload = payload.ok_or_else(|| lacking(operation))?;
    match payload.order {
        Some(order) if payload.user_errors.is_empty() => Ok(order),
        _ if !payload.user_errors.is_empty() => Err(error::of_user_errors(operation, &payload.user_errors)),
        _ => Err(lacking(operation)),
    }
}
