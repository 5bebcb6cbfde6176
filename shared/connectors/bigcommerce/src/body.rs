//! What we send, named as the vendor names it. Amounts of an order are text, prices of its lines are numbers.

use std::collections::BTreeMap;

use domain::Money;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
pub(crate) struct NewOrder {
    pub external_order_id: String,
    pub external_source: &'static str,
    pub status_id: u64,
    pub customer_id: u64,
    pub default_currency_code: &'static str,
    pub billing_address: Address,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping_addresses: Vec<ShippingAddress>,
    pub products: Vec<NewProduct>,
    pub shipping_cost_ex_tax: String,
    pub shipping_cost_inc_tax: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    pub payment_method: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub customer_message: String,
    pub staff_notes: String,
}

/// Without an e-mail address: the store must not write to the buyer (R13).
#[derive(Serialize, Clone)]
pub(crate) struct Address {
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub street_1: String,
    pub street_2: String,
    pub city: String,
    pub state: String,
    pub zip: String,
    pub country_iso2: String,
    pub phone: String,
}

#[derive(Serialize)]
pub(crate) struct ShippingAddress {
    #[serde(flatten)]
    pub address: Address,
    pub shipping_method: String,
}

/// A catalogue product (`product_id`, `variant_id`) or a custom one (`sku`). With `id`: the change of one that is there.
#[derive(Serialize)]
pub(crate) struct NewProduct {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<u64>,
    pub name: String,
    pub name_merchant: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    pub quantity: u32,
    pub price_ex_tax: Box<RawValue>,
    pub price_inc_tax: Box<RawValue>,
}

#[derive(Serialize)]
pub(crate) struct Fee {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub display_name_customer: String,
    pub display_name_merchant: String,
    pub source: &'static str,
    pub cost_ex_tax: String,
    pub cost_inc_tax: String,
}

/// Lines, costs and fees are left out unless the order is mended: with any of them the store counts it anew.
#[derive(Serialize, Default)]
pub(crate) struct OrderChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_notes: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_cost_ex_tax: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_cost_inc_tax: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<String>,
    /// All fees that the order shall have: those that are not named are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fees: Option<Vec<Fee>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChange {
    Whole(Box<NewProduct>),
    Removed(RemovedProduct),
}

/// "To remove a product from an order, set that product's `quantity` to `0`."
#[derive(Serialize)]
pub(crate) struct RemovedProduct {
    pub id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<u64>,
    pub quantity: u32,
}

#[derive(Serialize)]
pub(crate) struct NewShipment {
    pub order_address_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// Empty: none of those that the vendor knows.
    pub shipping_provider: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comments: String,
    pub items: Vec<ShipmentItem>,
}

#[derive(Serialize)]
pub(crate) struct ShipmentItem {
    pub order_product_id: u64,
    pub quantity: u32,
}

#[derive(Serialize)]
pub(crate) struct ShipmentChanges {
    pub tracking_number: String,
    pub shipping_provider: &'static str,
    pub comments: String,
}

#[derive(Serialize)]
pub(crate) struct NewRefund {
    pub items: Vec<RefundItem>,
    pub payments: Vec<RefundPayment>,
}

/// A part of the order as a whole: "When `item_type` is set to `ORDER`, tax is not re-calculated."
#[derive(Serialize)]
pub(crate) struct RefundItem {
    pub item_type: &'static str,
    pub item_id: u64,
    pub amount: Box<RawValue>,
    pub reason: String,
}

#[derive(Serialize)]
pub(crate) struct RefundPayment {
    pub provider_id: &'static str,
    pub amount: Box<RawValue>,
    /// True: no payment provider is asked.
    pub offline: bool,
}

#[derive(Serialize)]
pub(crate) struct Adjustment {
    pub reason: String,
    pub items: Vec<AdjustedItem>,
}

/// By variant where the product's stock is kept so, else by product.
#[derive(Serialize, Clone)]
pub(crate) struct AdjustedItem {
    pub location_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<u64>,
    pub quantity: i64,
}

#[derive(Serialize)]
pub(crate) struct NewHook<'a> {
    pub scope: &'a str,
    pub destination: &'a str,
    pub is_active: bool,
    pub headers: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
pub(crate) struct HookChanges {
    pub is_active: bool,
}

/// The amount as text, at the currency's scale.
pub(crate) fn amount(money: Money) -> String {
    money.amount().to_string()
}

/// The amount as a JSON number: digits and a dot, never through a float.
pub(crate) fn number(money: Money) -> Box<RawValue> {
    // A decimal's text is a JSON number; zero stands for what cannot be.
    RawValue::from_string(money.amount().to_string()).unwrap_or_else(|_| zero())
}

fn zero() -> Box<RawValue> {
    serde_json::value::to_raw_value(&0).unwrap_or_default()
}
