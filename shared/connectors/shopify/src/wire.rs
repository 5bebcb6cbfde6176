//! The answers of the Admin API, named as the schema names them: <https://shopify.dev/docs/api/admin-graphql/2026-10>.
//!
//! What the documents in `api/` do not ask for is not here. Words of enumerations are texts: a new one must not stop an order.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

mod answer;
mod glance;

pub(crate) use answer::{Cost, Envelope, points};
pub(crate) use glance::{Glance, GlancedLine};

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection<T> {
    pub nodes: Vec<T>,
    #[serde(default)]
    pub page_info: PageInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    #[serde(default)]
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// Where the next page begins, if there is one.
    pub fn next(self) -> Option<String> {
        self.end_cursor.filter(|_| self.has_next_page)
    }
}

/// A decimal that Shopify writes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map(Self).map_err(|_| D::Error::custom("not an amount"))
    }
}

/// A `Float` of the schema, read from its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Percent(pub Decimal);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = serde_json::Number::deserialize(deserializer)?.to_string();
        let number = Decimal::from_str(&digits).or_else(|_| Decimal::from_scientific(&digits));
        number.map(|number| Self(number.normalize())).map_err(|_| D::Error::custom("not a number"))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MoneyV2 {
    pub amount: Amount,
    pub currency_code: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MoneyBag {
    pub presentment_money: MoneyV2,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attribute {
    pub key: String,
    pub value: Option<String>,
}

/// The value of an attribute, if it has one.
pub(crate) fn attribute<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.key == key)?.value.as_deref().filter(|value| !value.is_empty())
}

#[derive(Deserialize)]
pub(crate) struct Metafield {
    pub value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailingAddress {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub province: Option<String>,
    pub province_code: Option<String>,
    pub zip: Option<String>,
    pub country_code_v2: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiscountAllocation {
    pub allocated_amount_set: MoneyBag,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxLine {
    pub title: String,
    pub rate_percentage: Option<Percent>,
    pub channel_liable: Option<bool>,
    pub price_set: MoneyBag,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineItem {
    pub id: String,
    pub name: String,
    pub sku: Option<String>,
    pub quantity: i64,
    pub current_quantity: i64,
    pub original_total_set: MoneyBag,
    pub discount_allocations: Vec<DiscountAllocation>,
    pub tax_lines: Vec<TaxLine>,
    pub custom_attributes: Vec<Attribute>,
    /// `None`: a custom item, or the variant is gone.
    pub variant: Option<LineVariant>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineVariant {
    pub id: String,
    pub inventory_item: LineInventoryItem,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LineInventoryItem {
    pub tracked: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingLine {
    pub title: String,
    pub original_price_set: MoneyBag,
    pub discount_allocations: Vec<DiscountAllocation>,
    pub tax_lines: Vec<TaxLine>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdditionalFee {
    pub name: String,
    pub price: MoneyBag,
    pub tax_lines: Vec<TaxLine>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Id {
    pub id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the schema names it so")]
pub(crate) struct Fulfillment {
    pub id: String,
    pub created_at: Timestamp,
    pub status: String,
    pub display_status: Option<String>,
    pub tracking_info: Vec<TrackingInfo>,
    pub fulfillment_line_items: Nodes<FulfillmentLineItem>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Nodes<T> {
    pub nodes: Vec<T>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TrackingInfo {
    pub company: Option<String>,
    pub number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentLineItem {
    pub quantity: Option<u32>,
    pub line_item: Id,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the schema names it so")]
pub(crate) struct Refund {
    pub id: String,
    pub created_at: Option<Timestamp>,
    pub note: Option<String>,
    pub total_refunded_set: MoneyBag,
    pub refund_line_items: Nodes<RefundLineItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundLineItem {
    pub quantity: u32,
    pub restock_type: String,
    pub subtotal_set: MoneyBag,
    pub total_tax_set: MoneyBag,
    pub line_item: Id,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderTransaction {
    pub id: String,
    pub kind: String,
    pub status: String,
    pub gateway: Option<String>,
    pub processed_at: Option<Timestamp>,
}

impl OrderTransaction {
    /// The buyer's money came in.
    pub fn is_payment(&self) -> bool {
        matches!(self.kind.as_str(), "SALE" | "CAPTURE") && self.status == "SUCCESS"
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
    pub test: bool,
    pub presentment_currency_code: String,
    pub taxes_included: bool,
    pub source_identifier: Option<String>,
    pub email: Option<String>,
    pub note: Option<String>,
    pub display_financial_status: Option<String>,
    pub display_fulfillment_status: String,
    pub custom_attributes: Vec<Attribute>,
    /// What we wrote of packages that bear no number.
    pub packages: Option<Metafield>,
    /// That we put back, after a cancel, what we had deducted.
    pub stock: Option<Metafield>,
    pub total_price_set: MoneyBag,
    pub total_received_set: MoneyBag,
    pub total_refunded_set: MoneyBag,
    pub total_tip_received_set: MoneyBag,
    pub original_total_duties_set: Option<MoneyBag>,
    pub shipping_address: Option<MailingAddress>,
    pub billing_address: Option<MailingAddress>,
    pub line_items: Connection<LineItem>,
    pub shipping_lines: Nodes<ShippingLine>,
    pub additional_fees: Vec<AdditionalFee>,
    pub fulfillments: Vec<Fulfillment>,
    pub refunds: Vec<Refund>,
    pub transactions: Vec<OrderTransaction>,
    /// Only where it was asked for.
    pub fulfillment_orders: Option<Nodes<FulfillmentOrder>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentOrder {
    pub id: String,
    pub status: String,
    pub assigned_location: AssignedLocation,
    pub line_items: Nodes<FulfillmentOrderLineItem>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AssignedLocation {
    pub location: Option<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentOrderLineItem {
    pub id: String,
    pub remaining_quantity: u32,
    pub line_item: Id,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductVariant {
    pub id: String,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    pub display_name: String,
    pub product: Product,
    pub inventory_item: InventoryItem,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    pub status: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InventoryItem {
    pub id: String,
    pub tracked: bool,
    pub inventory_level: Option<InventoryLevel>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct InventoryLevel {
    pub quantities: Vec<InventoryQuantity>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct InventoryQuantity {
    pub name: String,
    pub quantity: i64,
}

impl InventoryLevel {
    pub fn available(&self) -> Option<i64> {
        self.quantities.iter().find(|quantity| quantity.name == "available").map(|quantity| quantity.quantity)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shop {
    pub name: String,
    pub myshopify_domain: String,
    pub currency_code: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    pub id: String,
    pub is_active: bool,
    pub fulfills_online_orders: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WebhookSubscription {
    pub id: String,
    pub topic: String,
    pub uri: String,
}

/// Why a mutation was refused. Its message may name what was sent, so it is not read.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UserError {
    pub code: Option<String>,
    pub field: Option<Vec<String>>,
}
