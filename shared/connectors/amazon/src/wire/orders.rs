//! Orders 2026-01-01, and the shipment confirmation of Orders v0.

#![expect(clippy::struct_field_names, reason = "the names are Amazon's")]

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Count, Text, list};

/// <https://developer-docs.amazon.com/sp-api/reference/searchorders>
#[derive(Deserialize)]
pub struct SearchOrdersResponse {
    /// Unread: one order that cannot be read must not hide the others.
    #[serde(default)]
    pub orders: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    pub pagination: Option<Pagination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    #[serde(default)]
    pub next_token: Option<String>,
}

/// <https://developer-docs.amazon.com/sp-api/reference/getorder-3>
#[derive(Deserialize)]
pub struct GetOrderResponse {
    #[serde(default)]
    pub order: Option<Box<RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Order {
    pub order_id: Option<String>,
    pub created_time: Option<String>,
    pub last_updated_time: Option<String>,
    #[serde(deserialize_with = "list")]
    pub programs: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub associated_orders: Vec<AssociatedOrder>,
    pub sales_channel: Option<SalesChannel>,
    pub buyer: Option<Buyer>,
    pub recipient: Option<Recipient>,
    pub proceeds: Option<OrderProceeds>,
    pub payment: Option<OrderPayment>,
    pub fulfillment: Option<OrderFulfillment>,
    #[serde(deserialize_with = "list")]
    pub order_items: Vec<OrderItem>,
    #[serde(deserialize_with = "list")]
    pub packages: Vec<OrderPackage>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct AssociatedOrder {
    pub order_id: Option<String>,
    pub association_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct SalesChannel {
    pub marketplace_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Buyer {
    pub buyer_name: Option<String>,
    pub buyer_email: Option<String>,
    pub buyer_company_name: Option<String>,
    pub buyer_purchase_order_number: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Recipient {
    pub delivery_address: Option<CustomerAddress>,
    pub delivery_preference: Option<DeliveryPreference>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerAddress {
    pub name: Option<String>,
    pub company_name: Option<String>,
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub address_line3: Option<String>,
    pub city: Option<String>,
    pub district_or_county: Option<String>,
    pub state_or_region: Option<String>,
    pub municipality: Option<String>,
    pub postal_code: Option<String>,
    pub country_code: Option<String>,
    pub phone: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct DeliveryPreference {
    pub drop_off_location: Option<String>,
    pub address_instruction: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Money {
    pub amount: Option<Text>,
    pub currency_code: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderProceeds {
    pub grand_total: Option<Money>,
    #[serde(deserialize_with = "list")]
    pub breakdowns: Vec<Breakdown>,
}

/// Of an order or of an item; only the item's has `detailedBreakdowns`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Breakdown {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub subtotal: Option<Money>,
    #[serde(deserialize_with = "list")]
    pub detailed_breakdowns: Vec<DetailedBreakdown>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DetailedBreakdown {
    pub subtype: Option<String>,
    pub value: Option<Money>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderPayment {
    #[serde(deserialize_with = "list")]
    pub payment_executions: Vec<PaymentExecution>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct PaymentExecution {
    pub payment_method: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderFulfillment {
    pub fulfillment_status: Option<String>,
    pub fulfilled_by: Option<String>,
    pub fulfillment_service_level: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderItem {
    pub order_item_id: Option<String>,
    pub quantity_ordered: Option<Count>,
    pub product: Option<ItemProduct>,
    pub proceeds: Option<ItemProceeds>,
    pub cancellation: Option<ItemCancellation>,
    pub fulfillment: Option<ItemFulfillment>,
    pub tax: Option<ItemTax>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemProduct {
    pub asin: Option<String>,
    pub title: Option<String>,
    pub seller_sku: Option<String>,
    pub price: Option<ItemPrice>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemPrice {
    pub unit_price: Option<Money>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemProceeds {
    pub proceeds_total: Option<Money>,
    #[serde(deserialize_with = "list")]
    pub breakdowns: Vec<Breakdown>,
}

/// What was asked, by whom and why is not read: that it was asked is enough.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemCancellation {
    pub cancellation_request: Option<Present>,
    pub cancellation_execution: Option<Present>,
}

/// An object whose content does not matter.
#[derive(Deserialize)]
pub struct Present {}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemFulfillment {
    pub quantity_fulfilled: Option<Count>,
    pub quantity_unfulfilled: Option<Count>,
    pub packing: Option<ItemPacking>,
    pub shipping: Option<ItemShipping>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemPacking {
    pub gift_option: Option<GiftOption>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct GiftOption {
    pub gift_message: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemShipping {
    pub international_shipping: Option<ItemInternationalShipping>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemInternationalShipping {
    pub ioss_number: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemTax {
    #[serde(deserialize_with = "list")]
    pub tax_calculation_breakdowns: Vec<TaxCalculationBreakdown>,
    #[serde(deserialize_with = "list")]
    pub tax_collections: Vec<TaxCollection>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct TaxCalculationBreakdown {
    pub reporting_scheme: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TaxCollection {
    pub model: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderPackage {
    pub package_reference_id: Option<Text>,
    pub package_status: Option<PackageStatus>,
    pub carrier: Option<String>,
    pub ship_time: Option<String>,
    pub tracking_number: Option<Text>,
    #[serde(deserialize_with = "list")]
    pub package_items: Vec<PackageItem>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PackageStatus {
    pub status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct PackageItem {
    pub order_item_id: Option<String>,
    pub quantity: Option<Count>,
}

/// <https://developer-docs.amazon.com/sp-api/reference/confirmshipment>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmShipmentRequest {
    pub marketplace_id: String,
    pub package_detail: PackageDetail,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageDetail {
    /// Digits, yet a text: Amazon refuses a number since 2026.
    /// <https://github.com/amzn/selling-partner-api-models/issues/5094>
    pub package_reference_id: String,
    pub carrier_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_name: Option<String>,
    pub tracking_number: String,
    pub ship_date: String,
    pub order_items: Vec<ConfirmShipmentOrderItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmShipmentOrderItem {
    pub order_item_id: String,
    pub quantity: u32,
}
