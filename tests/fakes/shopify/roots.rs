//! Which root field is answered by what, and the keys that make some of them happen once.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::errors::{Problem, UserError, invalid_id};
use super::people::page_of;
use super::read::Input;
use super::search::{Found, Search};
use super::state::{Kept, Location, Shop, Variant, gid, id_of};
use crate::Faults;

/// The whole answer to a root field, or why there is none.
pub(super) type Outcome = Result<Value, Problem>;

/// Every root field that this fake serves.
pub const QUERIES: [&str; 20] = [
    "app",
    "currentAppInstallation",
    "customer",
    "customerByIdentifier",
    "customers",
    "fulfillmentOrder",
    "inventoryItem",
    "inventoryItems",
    "inventoryLevel",
    "job",
    "location",
    "locations",
    "node",
    "nodes",
    "order",
    "orders",
    "productVariant",
    "productVariants",
    "shop",
    "webhookSubscriptions",
];
pub const MUTATIONS: [&str; 17] = [
    "customerCreate",
    "fulfillmentCancel",
    "fulfillmentCreate",
    "fulfillmentTrackingInfoUpdate",
    "inventoryAdjustQuantities",
    "inventorySetQuantities",
    "metafieldsSet",
    "orderCancel",
    "orderClose",
    "orderCreate",
    "orderCustomerSet",
    "orderMarkAsPaid",
    "orderOpen",
    "orderUpdate",
    "refundCreate",
    "webhookSubscriptionCreate",
    "webhookSubscriptionDelete",
];

/// Mutations that demand `@idempotent` since 2026-04, and how they say what is wrong with a key:
/// <https://shopify.dev/changelog/making-idempotency-mandatory-for-inventory-adjustments-and-refund-mutations>.
const KEYED: [&str; 3] = ["inventoryAdjustQuantities", "inventorySetQuantities", "refundCreate"];
/// <https://shopify.dev/docs/api/usage/idempotent-requests>.
const KEY_LIVES: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct Call<'c> {
    pub mutation: bool,
    pub field: &'c str,
    pub arguments: &'c Map<String, Value>,
    /// Of `@idempotent`.
    pub key: Option<String>,
    pub now: Timestamp,
    pub faults: &'c Faults,
}

impl Shop {
    pub fn call(&mut self, call: &Call<'_>) -> Outcome {
        if !call.mutation {
            return self.query(call);
        }
        if !KEYED.contains(&call.field) {
            return self.mutation(call);
        }
        let Some(key) = call.key.clone() else {
            let message = "The @idempotent directive is required for this mutation but was not provided.";
            return Err(Problem::new(message).code("BAD_REQUEST").path(&[call.field]));
        };
        if key.trim().is_empty() {
            let message = "The idempotency key cannot be empty.";
            return Err(Problem::new(message).code("BAD_REQUEST").path(&[call.field]));
        }
        let name = format!("{} {key}", call.field);
        let kept = self.kept.get(&name).filter(|kept| call.now.duration_since(kept.at) < KEY_LIVES).cloned();
        if let Some(kept) = kept {
            return Ok(replayed(call, &kept));
        }
        let answer = self.mutation(call)?;
        let kept = Kept { arguments: call.arguments.clone(), at: call.now, answer: answer.clone() };
        self.kept.insert(name, kept);
        Ok(answer)
    }

    fn mutation(&mut self, call: &Call<'_>) -> Outcome {
        let (arguments, now) = (call.arguments, call.now);
        match call.field {
            "customerCreate" => Ok(self.customer_create(arguments, now)),
            "fulfillmentCancel" => self.fulfillment_cancel(arguments, now),
            "fulfillmentCreate" => Ok(self.fulfillment_create(arguments, now)),
            "fulfillmentTrackingInfoUpdate" => self.tracking_update(arguments, now),
            "inventoryAdjustQuantities" => self.adjust_quantities(arguments, now),
            "inventorySetQuantities" => self.set_quantities(arguments, now),
            "metafieldsSet" => Ok(self.metafields_set(arguments, now)),
            "orderCancel" => self.order_cancel(arguments, now),
            "orderClose" => self.set_closed(arguments, Some(now), now),
            "orderCreate" => Ok(self.order_create(arguments, now)),
            "orderCustomerSet" => self.order_customer_set(arguments, now),
            "orderMarkAsPaid" => self.order_mark_as_paid(arguments, now),
            "orderOpen" => self.set_closed(arguments, None, now),
            "orderUpdate" => self.order_update(arguments, now),
            "refundCreate" => self.refund_create(arguments, now),
            "webhookSubscriptionCreate" => Ok(self.webhook_create(arguments, now)),
            "webhookSubscriptionDelete" => self.webhook_delete(arguments),
            other => Err(unserved("Mutation", other)),
        }
    }

    fn query(&mut self, call: &Call<'_>) -> Outcome {
        let (arguments, now) = (call.arguments, call.now);
        let whole = Value::Object(arguments.clone());
        let input = Input(&whole);
        let id = |kind: &str| required_id(kind, input, "id");
        Ok(match call.field {
            "order" => self.order_json(id("Order")?),
            "orders" => self.list_orders(arguments, call.faults, now)?,
            "customer" => self.customer_json(id("Customer")?),
            "customers" => self.list_customers(arguments, now)?,
            "customerByIdentifier" => self.customer_by_identifier(arguments),
            "fulfillmentOrder" => self.fulfillment_order(id("FulfillmentOrder")?),
            "job" => self.job(arguments),
            "shop" => self.shop_json(),
            "app" => Self::app_json(),
            "currentAppInstallation" => Self::installation_json(),
            "locations" => self.list_locations(arguments)?,
            "location" => match arguments.get("id") {
                Some(_) => self.locations.get(&id("Location")?).map_or(Value::Null, Location::json),
                None => self.locations.get(&self.main_location()).map_or(Value::Null, Location::json),
            },
            "productVariant" => {
                let id = id("ProductVariant")?;
                self.variants.get(&id).map_or(Value::Null, |variant| self.variant_json(variant))
            }
            "productVariants" => self.list_variants(call, "productVariants")?,
            "inventoryItems" => self.list_variants(call, "inventoryItems")?,
            "inventoryItem" => {
                let variant = self.variant_of_item(id("InventoryItem")?).and_then(|id| self.variants.get(&id));
                variant.map_or(Value::Null, |variant| self.inventory_item_json(variant, true))
            }
            "inventoryLevel" | "node" => self.node(&input.text("id").unwrap_or_default())?,
            "nodes" => {
                let ids = input.items("ids");
                let nodes: Result<Vec<Value>, Problem> =
                    ids.iter().map(|id| self.node(id.0.as_str().unwrap_or_default())).collect();
                Value::Array(nodes?)
            }
            "webhookSubscriptions" => self.list_webhooks(arguments)?,
            other => return Err(unserved("QueryRoot", other)),
        })
    }

    fn node(&self, id: &str) -> Outcome {
        let kind = id.strip_prefix("gid://shopify/").and_then(|rest| rest.split('/').next());
        let kind = kind.ok_or_else(|| invalid_id("Node", id))?;
        let number = id_of(kind, id).ok_or_else(|| invalid_id(kind, id))?;
        Ok(match kind {
            "Order" => self.order_json(number),
            "Customer" => self.customer_json(number),
            "FulfillmentOrder" => self.fulfillment_order(number),
            "Location" => self.locations.get(&number).map_or(Value::Null, Location::json),
            "ProductVariant" => self.variants.get(&number).map_or(Value::Null, |variant| self.variant_json(variant)),
            "InventoryItem" => {
                let variant = self.variant_of_item(number).and_then(|id| self.variants.get(&id));
                variant.map_or(Value::Null, |variant| self.inventory_item_json(variant, true))
            }
            "InventoryLevel" => {
                let item = id.split("inventory_item_id=").nth(1).and_then(|item| item.parse().ok());
                let variant = item.and_then(|item| self.variant_of_item(item)).and_then(|id| self.variants.get(&id));
                let level = variant.and_then(|variant| Some((variant, *variant.levels.get(&number)?)));
                level.map_or(Value::Null, |(variant, level)| self.level_json(variant, number, level, true))
            }
            _ => Value::Null,
        })
    }

    fn list_variants(&self, call: &Call<'_>, field: &str) -> Outcome {
        let query = call.arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let search = Search::parse(query);
        let items = field == "inventoryItems";
        let filter = |variant: &Variant, name: &str| match name {
            "sku" => Found::Texts(vec![variant.sku.clone()]),
            "" => Found::Texts(vec![variant.sku.clone(), variant.product_title.clone()]),
            "barcode" => Found::text(variant.barcode.as_ref()),
            "title" | "product_title" => Found::Texts(vec![variant.title.clone(), variant.product_title.clone()]),
            "id" => Found::Number(if items { variant.inventory_item } else { variant.id }),
            "product_id" => Found::Number(variant.product),
            "updated_at" => Found::Time(variant.updated),
            "created_at" => Found::Time(variant.created),
            _ => Found::Unknown,
        };
        let found = self.variants.values().filter(|variant| search.matches(call.now, |name| filter(variant, name)));
        let ids: Vec<u64> = found.map(|variant| variant.id).collect();
        page_of(&ids, call.arguments, field, call.faults.page_limit(usize::MAX), |id| match self.variants.get(&id) {
            Some(variant) if items => self.inventory_item_json(variant, true),
            Some(variant) => self.variant_json(variant),
            None => Value::Null,
        })
    }

    fn list_locations(&self, arguments: &Map<String, Value>) -> Outcome {
        let inactive = arguments.get("includeInactive") == Some(&Value::Bool(true));
        let ids: Vec<u64> =
            self.locations.values().filter(|known| known.active || inactive).map(|known| known.id).collect();
        page_of(&ids, arguments, "locations", usize::MAX, |id| {
            self.locations.get(&id).map_or(Value::Null, Location::json)
        })
    }

    fn set_closed(&mut self, arguments: &Map<String, Value>, closed: Option<Timestamp>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let id = required_id("Order", input, "id")?;
        let kind = if closed.is_some() { "OrderClosePayload" } else { "OrderOpenPayload" };
        let Some(order) = self.orders.get_mut(&id) else {
            return Ok(super::orders::payload(kind, &[UserError::new(&["id"], "Order does not exist")], "UserError"));
        };
        order.closed = closed;
        self.touched(id, now);
        Ok(self.with_order(kind, id))
    }

    fn app_json() -> Value {
        json!({
            "__typename": "App",
            "id": gid("App", 1),
            "title": "Tributary",
            "handle": "tributary",
            "apiKey": "tributary-application-0001",
            "embedded": false,
            "webhookApiVersion": super::VERSION,
        })
    }

    fn installation_json() -> Value {
        let scope = |handle: &str| json!({"__typename": "AccessScope", "handle": handle, "description": handle});
        let scopes: Vec<Value> = super::oauth::SCOPES.split(',').map(scope).collect();
        json!({
            "__typename": "AppInstallation",
            "id": gid("AppInstallation", 1),
            "accessScopes": scopes,
            "app": Self::app_json(),
        })
    }
}

/// A used key: the same answer to the same question, an error to another.
fn replayed(call: &Call<'_>, kept: &Kept) -> Value {
    let failed = kept.answer["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
    let error = if *call.arguments != kept.arguments {
        let message = "The same idempotency key cannot be used with different operation parameters.";
        UserError::new(&[], message).code("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
    } else if failed && call.field != "refundCreate" {
        let message = "A previous request with this idempotency key failed. Retry with a new idempotency key.";
        UserError::new(&[], message).code("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
    } else {
        return kept.answer.clone();
    };
    match call.field {
        "inventoryAdjustQuantities" => json!({
            "__typename": "InventoryAdjustQuantitiesPayload",
            "inventoryAdjustmentGroup": null,
            "userErrors": [error.json("InventoryAdjustQuantitiesUserError")],
        }),
        "inventorySetQuantities" => json!({
            "__typename": "InventorySetQuantitiesPayload",
            "inventoryAdjustmentGroup": null,
            "userErrors": [error.json("InventorySetQuantitiesUserError")],
        }),
        _ => json!({
            "__typename": "RefundCreatePayload", "order": null, "refund": null, "userErrors": [error.json("UserError")],
        }),
    }
}

/// The number of a global id that must be there.
pub(super) fn required_id(kind: &str, input: Input<'_>, name: &str) -> Result<u64, Problem> {
    let gid = input.text(name).unwrap_or_default();
    id_of(kind, &gid).ok_or_else(|| invalid_id(kind, &gid))
}

fn unserved(kind: &str, field: &str) -> Problem {
    Problem::new(format!("Field '{field}' doesn't exist on type '{kind}'"))
        .code("undefinedField")
        .with("typeName", json!(kind))
        .with("fieldName", json!(field))
}
