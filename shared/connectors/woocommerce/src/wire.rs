//! What the shop answers, named as the vendor names it. No `Debug`: most of it is buyer data.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties>. Fields that nobody reads are left out.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct Order {
    pub id: u64,
    pub number: String,
    pub status: String,
    pub currency: String,
    #[serde(default)]
    pub prices_include_tax: bool,
    #[serde(default)]
    pub date_created_gmt: Option<Gmt>,
    #[serde(default)]
    pub date_modified_gmt: Option<Gmt>,
    #[serde(default)]
    pub date_paid_gmt: Option<Gmt>,
    pub total: Amount,
    #[serde(default)]
    pub billing: Party,
    #[serde(default)]
    pub shipping: Party,
    #[serde(default)]
    pub created_via: String,
    #[serde(default)]
    pub customer_note: String,
    #[serde(default)]
    pub meta_data: Vec<Meta>,
    #[serde(default)]
    pub line_items: Vec<LineItem>,
    #[serde(default)]
    pub tax_lines: Vec<TaxLine>,
    #[serde(default)]
    pub shipping_lines: Vec<ShippingLine>,
    #[serde(default)]
    pub fee_lines: Vec<FeeLine>,
    #[serde(default)]
    pub refunds: Vec<RefundSummary>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Party {
    #[serde(deserialize_with = "or_default")]
    pub first_name: String,
    #[serde(deserialize_with = "or_default")]
    pub last_name: String,
    #[serde(deserialize_with = "or_default")]
    pub company: String,
    #[serde(deserialize_with = "or_default")]
    pub address_1: String,
    #[serde(deserialize_with = "or_default")]
    pub address_2: String,
    #[serde(deserialize_with = "or_default")]
    pub city: String,
    #[serde(deserialize_with = "or_default")]
    pub state: String,
    #[serde(deserialize_with = "or_default")]
    pub postcode: String,
    #[serde(deserialize_with = "or_default")]
    pub country: String,
    #[serde(deserialize_with = "or_default")]
    pub email: String,
    #[serde(deserialize_with = "or_default")]
    pub phone: String,
}

#[derive(Deserialize)]
pub(crate) struct Meta {
    #[serde(default)]
    pub key: String,
    #[serde(default, deserialize_with = "json::value")]
    pub value: Value,
}

/// A line of an order or of a refund; there, its amounts and its quantity are negative.
#[derive(Deserialize)]
pub(crate) struct LineItem {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub product_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub variation_id: u64,
    pub quantity: Amount,
    pub subtotal: Amount,
    #[serde(default)]
    pub subtotal_tax: Amount,
    pub total: Amount,
    #[serde(default)]
    pub total_tax: Amount,
    #[serde(default)]
    pub taxes: Vec<LineTax>,
    #[serde(default)]
    pub meta_data: Vec<Meta>,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
}

/// How much of one rate's tax a line holds. `total` is empty where the rate does not apply.
#[derive(Deserialize)]
pub(crate) struct LineTax {
    pub id: u64,
    #[serde(default, deserialize_with = "empty_is_zero")]
    pub total: Decimal,
}

#[derive(Deserialize)]
pub(crate) struct TaxLine {
    #[serde(default, deserialize_with = "or_default")]
    pub rate_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    #[serde(default)]
    pub rate_percent: Option<Amount>,
}

#[derive(Deserialize)]
pub(crate) struct ShippingLine {
    #[serde(default)]
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub method_title: String,
    pub total: Amount,
    #[serde(default)]
    pub total_tax: Amount,
    #[serde(default)]
    pub taxes: Vec<LineTax>,
}

#[derive(Deserialize)]
pub(crate) struct FeeLine {
    #[serde(default)]
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    pub total: Amount,
    #[serde(default)]
    pub total_tax: Amount,
    #[serde(default)]
    pub taxes: Vec<LineTax>,
}

/// A refund as an order lists it: an amount below zero, without lines.
#[derive(Deserialize)]
pub(crate) struct RefundSummary {
    pub id: u64,
    pub total: Amount,
}

/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refund-properties>
#[derive(Deserialize)]
pub(crate) struct Refund {
    pub id: u64,
    #[serde(default)]
    pub date_created_gmt: Option<Gmt>,
    pub amount: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub reason: String,
    #[serde(default)]
    pub meta_data: Vec<Meta>,
    #[serde(default)]
    pub line_items: Vec<LineItem>,
}

/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-note-properties>
#[derive(Deserialize)]
pub(crate) struct Note {
    #[serde(default, deserialize_with = "or_default")]
    pub note: String,
}

/// A product, or a variation: <https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties>
#[derive(Deserialize)]
pub(crate) struct Product {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub parent_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    /// GTIN, UPC, EAN or ISBN; since 9.4.
    #[serde(default, deserialize_with = "or_default")]
    pub global_unique_id: String,
    /// `parent` on a variation whose stock is its product's.
    #[serde(default, deserialize_with = "json::value")]
    pub manage_stock: Value,
    #[serde(default)]
    pub stock_quantity: Option<Amount>,
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
pub(crate) struct Attribute {
    /// A variation's own choice.
    #[serde(default, deserialize_with = "or_default")]
    pub option: String,
}

/// One entry of a batch's answer: the product, or why not.
#[derive(Deserialize)]
pub(crate) struct BatchEntry {
    pub id: u64,
    #[serde(default, deserialize_with = "json::value")]
    pub manage_stock: Value,
    #[serde(default)]
    pub error: Option<Refusal>,
}

#[derive(Deserialize)]
pub(crate) struct Batch {
    #[serde(default)]
    pub update: Vec<BatchEntry>,
}

#[derive(Deserialize)]
pub(crate) struct Customer {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
}

#[derive(Deserialize)]
pub(crate) struct Currency {
    pub code: String,
}

/// `{code, message, data}`; `data` is an object, but on refunds a bare number (capture 64).
#[derive(Deserialize)]
pub(crate) struct Refusal {
    pub code: String,
    #[serde(default, deserialize_with = "json::value")]
    pub data: Value,
}

impl Refusal {
    /// The names of the parameters that were refused.
    pub fn parameters(&self) -> Vec<&str> {
        let named = self.data.get("params").and_then(Value::as_object);
        named.into_iter().flat_map(|params| params.keys().map(String::as_str)).collect()
    }
}

pub(crate) fn meta<'a>(all: &'a [Meta], key: &str) -> Option<&'a Value> {
    all.iter().find(|meta| meta.key == key).map(|meta| &meta.value)
}

/// A meta's text; plugins write numbers too.
pub(crate) fn meta_text(all: &[Meta], key: &str) -> Option<String> {
    value_text(meta(all, key)?)
}

pub(crate) fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A decimal sent as text, or by some fields and plugins as a number.
#[derive(Clone, Copy, Default)]
pub(crate) struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        // The text itself stays out of the error: errors are logged.
        Decimal::from_str(text.trim()).map(Amount).map_err(|_| E::custom("not a decimal"))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount(number.into()))
    }

    /// By the shortest text that names the number, so that 8.25 stays 8.25.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }
}

fn empty_is_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let amount: Amount = connect::wire::unless(deserializer, |json| matches!(json, "null" | r#""""#))?;
    Ok(amount.0)
}

/// WordPress gives `null`, `""` or `false` for what is not set.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + for<'a> Deserialize<'a>,
    D: Deserializer<'de>,
{
    connect::wire::unless(deserializer, |json| matches!(json, "null" | "false" | r#""""#))
}

/// A time without a zone that is GMT: `2026-11-21T20:54:15`.
#[derive(Clone, Copy)]
pub(crate) struct Gmt(pub Timestamp);

impl<'de> Deserialize<'de> for Gmt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let zoned = DateTime::from_str(text.trim_end_matches('Z')).and_then(|time| time.to_zoned(TimeZone::UTC));
        zoned.map(|time| Self(time.timestamp())).map_err(|_| D::Error::custom("not a date and time"))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Webhook {
    pub id: u64,
    pub status: String,
    pub topic: String,
    pub delivery_url: String,
}
