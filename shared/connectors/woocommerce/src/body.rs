//! What we send, named as the vendor names it. Amounts are text with a dot at the currency's scale (capture 80b).

use domain::Money;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(crate) struct NewOrder {
    pub created_via: String,
    /// Left out for a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<u64>,
    pub status: &'static str,
    pub currency: &'static str,
    pub billing: Party,
    pub shipping: Party,
    pub payment_method: String,
    pub payment_method_title: String,
    pub transaction_id: String,
    pub customer_note: String,
    pub line_items: Vec<NewLine>,
    pub shipping_lines: Vec<NewShippingLine>,
    pub fee_lines: Vec<NewFee>,
    pub meta_data: Vec<NewMeta>,
}

#[derive(Serialize)]
pub(crate) struct Party {
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub postcode: String,
    pub country: String,
    pub phone: String,
    /// Left out altogether where it must stay empty: an empty text is no e-mail address to the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A line of a product (`product_id`, `variation_id`) or of text (`sku` of nothing, `name`).
#[derive(Serialize)]
pub(crate) struct NewLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variation_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub quantity: u32,
    pub subtotal: String,
    pub total: String,
    pub meta_data: Vec<NewMeta>,
}

#[derive(Serialize)]
pub(crate) struct NewShippingLine {
    pub method_id: &'static str,
    pub method_title: String,
    pub total: String,
}

#[derive(Serialize)]
pub(crate) struct NewFee {
    pub name: String,
    pub total: String,
    pub tax_status: &'static str,
}

#[derive(Serialize)]
pub(crate) struct NewMeta {
    pub key: String,
    pub value: Value,
}

impl NewMeta {
    pub fn new(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// Never lines, fees or addresses: with any of them the shop counts the whole order anew.
#[derive(Serialize, Default)]
pub(crate) struct OrderChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meta_data: Vec<NewMeta>,
}

/// Lines, shipping and fees by their ids: the shop counts the whole order anew.
#[derive(Serialize)]
pub(crate) struct Mending {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub line_items: Vec<MendedLine>,
    pub shipping_lines: Vec<MendedShipping>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fee_lines: Vec<MendedFee>,
    /// Without the exemption the shop would tax what it counts.
    pub meta_data: Vec<NewMeta>,
}

/// A quantity of 0 takes the line off.
#[derive(Serialize)]
pub(crate) struct MendedLine {
    pub id: u64,
    pub quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct MendedShipping {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_title: Option<String>,
    pub total: String,
}

#[derive(Serialize)]
pub(crate) struct MendedFee {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub total: String,
    pub tax_status: &'static str,
}

#[derive(Serialize)]
pub(crate) struct NewNote<'a> {
    pub note: &'a str,
    pub customer_note: bool,
}

#[derive(Serialize)]
pub(crate) struct NewRefund<'a> {
    pub amount: String,
    pub reason: &'a str,
    /// True would ask the payment gateway to move money; that is also the default.
    pub api_refund: bool,
    /// True puts the refunded lines back into stock; that is also the default.
    pub api_restock: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub line_items: Vec<RefundedLine>,
    pub meta_data: Vec<NewMeta>,
}

/// Units of a line that a refund brings back, and how much of it they are.
#[derive(Serialize)]
pub(crate) struct RefundedLine {
    pub id: u64,
    pub quantity: u32,
    pub refund_total: String,
}

#[derive(Serialize, Default)]
pub(crate) struct ProductChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_quantity: Option<u32>,
    /// Added to the stock by the shop itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory_delta: Option<i64>,
}

#[derive(Serialize)]
pub(crate) struct Batch {
    pub update: Vec<BatchEntry>,
}

#[derive(Serialize)]
pub(crate) struct BatchEntry {
    pub id: u64,
    #[serde(flatten)]
    pub changes: ProductChanges,
}

/// The amount as the shop reads it: `10.50`, never `10,50`, which it takes for 1050.
pub(crate) fn amount(money: Money) -> String {
    money.amount().to_string()
}

#[derive(Serialize)]
pub(crate) struct Webhook<'a> {
    pub name: &'static str,
    pub status: &'static str,
    pub topic: &'static str,
    pub delivery_url: &'a str,
    pub secret: &'a str,
}
