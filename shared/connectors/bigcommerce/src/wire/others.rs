//! Answers about anything but the order itself.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Amount, Rfc2822, Whole, or_default};

/// Version 3 wraps every answer.
#[derive(Deserialize)]
pub(crate) struct Data<T> {
    pub data: T,
}

/// <https://developer.bigcommerce.com/docs/rest-management/store-information>
#[derive(Deserialize)]
pub(crate) struct StoreInformation {
    /// The store hash.
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub domain: String,
    pub currency: String,
}

/// <https://developer.bigcommerce.com/docs/rest-management/settings/inventory>
#[derive(Deserialize)]
pub(crate) struct InventorySettings {
    /// `order_placed` or `order_completed_or_shipped`.
    #[serde(default, deserialize_with = "or_default")]
    pub update_stock_behavior: String,
    /// Stock "automatically adjusts when you refund or cancel an order".
    #[serde(default, deserialize_with = "or_default")]
    pub refund_order_stock_adjustment: bool,
}

/// <https://developer.bigcommerce.com/docs/rest-management/currencies>
#[derive(Deserialize)]
pub(crate) struct Currency {
    #[serde(rename = "currency_code")]
    pub code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub enabled: bool,
    /// False: shown only, never paid in.
    #[serde(default, deserialize_with = "or_default")]
    pub is_transactional: bool,
}

/// <https://developer.bigcommerce.com/docs/rest-management/customers>
#[derive(Deserialize)]
pub(crate) struct Customer {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
}

/// <https://developer.bigcommerce.com/docs/rest-catalog/products>
#[derive(Deserialize)]
pub(crate) struct Product {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub upc: String,
    #[serde(default, deserialize_with = "or_default")]
    pub gtin: String,
    /// `none`, `product` or `variant`.
    #[serde(default, deserialize_with = "or_default")]
    pub inventory_tracking: String,
    #[serde(default)]
    pub inventory_level: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub is_visible: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub availability: String,
    #[serde(default, deserialize_with = "or_default")]
    pub variants: Vec<Variant>,
}

/// <https://developer.bigcommerce.com/docs/rest-catalog/product-variants>
#[derive(Deserialize)]
pub(crate) struct Variant {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub product_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub upc: String,
    #[serde(default, deserialize_with = "or_default")]
    pub gtin: String,
    #[serde(default)]
    pub inventory_level: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub purchasing_disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub option_values: Vec<OptionValue>,
}

#[derive(Deserialize)]
pub(crate) struct OptionValue {
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
}

/// What one location has of an item: <https://developer.bigcommerce.com/docs/rest-management/inventory/items>
#[derive(Deserialize)]
pub(crate) struct LocationItem {
    pub identity: Identity,
    #[serde(default)]
    pub available_to_sell: Amount,
}

#[derive(Deserialize)]
pub(crate) struct Identity {
    #[serde(default, deserialize_with = "or_default")]
    pub product_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub variant_id: u64,
}

/// <https://developer.bigcommerce.com/docs/rest-management/transactions>
#[derive(Deserialize)]
pub(crate) struct Transaction {
    #[serde(default, deserialize_with = "or_default")]
    pub event: String,
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    #[serde(default, deserialize_with = "or_default")]
    pub date_created: Option<Rfc2822>,
}

/// <https://developer.bigcommerce.com/docs/rest-management/transactions/payment-actions>
#[derive(Deserialize)]
pub(crate) struct Refund {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub created: Option<Rfc2822>,
    #[serde(default, deserialize_with = "or_default")]
    pub reason: String,
    #[serde(default)]
    pub total_amount: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub items: Vec<RefundItem>,
    #[serde(default, deserialize_with = "or_default")]
    pub payments: Vec<RefundPayment>,
}

#[derive(Deserialize)]
pub(crate) struct RefundItem {
    #[serde(default, deserialize_with = "or_default")]
    pub item_type: String,
    #[serde(default, deserialize_with = "or_default")]
    pub item_id: Option<Whole>,
    #[serde(default, deserialize_with = "or_default")]
    pub reason: String,
    #[serde(default)]
    pub quantity: Amount,
    #[serde(default)]
    pub requested_amount: Amount,
}

#[derive(Deserialize)]
pub(crate) struct RefundPayment {
    #[serde(default)]
    pub amount: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub is_declined: bool,
}

/// <https://developer.bigcommerce.com/docs/webhooks/webhooks/manage-webhooks-single>
#[derive(Deserialize)]
pub(crate) struct Hook {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub scope: String,
    #[serde(default, deserialize_with = "or_default")]
    pub destination: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_active: bool,
}

/// An error in the vendor's own shape: version 2 gives `[{status, message}]`, version 3 `{status, title, type, errors}`.
pub(crate) struct Refusal {
    /// The names of the fields that were refused, where version 3 gives them.
    pub fields: Vec<String>,
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = json::value(deserializer)?;
        let one = body.get(0).unwrap_or(&body);
        let is_refusal = one.get("status").is_some() && (one.get("message").is_some() || one.get("title").is_some());
        if !is_refusal {
            return Err(serde::de::Error::custom("not the vendor's error"));
        }
        let errors = one.get("errors").and_then(Value::as_object);
        Ok(Self { fields: errors.into_iter().flat_map(|errors| errors.keys().cloned()).collect() })
    }
}
