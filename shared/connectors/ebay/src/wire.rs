//! What eBay sends and takes, named as eBay names it. Every field may be missing or null; unknown fields are ignored and
//! enumerations stay text, because real answers hold more than the description tells.

#![expect(clippy::struct_field_names, reason = "the names are eBay's")]

mod feedback;

use connect::wire::{Text, list};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use feedback::{AwaitingFeedback, AwaitingFeedbackResponse, LeaveFeedback};

/// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/methods/getOrders#response.orders>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderSearchPagedCollection {
    #[serde(default)]
    pub total: Option<u64>,
    #[serde(default)]
    pub limit: Option<u64>,
    #[serde(default)]
    pub next: Option<String>,
    /// Unread: one order that cannot be read must not hide the others.
    #[serde(default)]
    pub orders: Option<Vec<Box<RawValue>>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:Order>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Order<'a> {
    pub order_id: Option<Text<'a>>,
    pub creation_date: Option<Text<'a>>,
    pub last_modified_date: Option<Text<'a>>,
    pub order_payment_status: Option<Text<'a>>,
    pub order_fulfillment_status: Option<Text<'a>>,
    pub cancel_status: Option<CancelStatus<'a>>,
    pub buyer: Option<Buyer<'a>>,
    pub buyer_checkout_notes: Option<Text<'a>>,
    pub pricing_summary: Option<PricingSummary<'a>>,
    pub payment_summary: Option<PaymentSummary<'a>>,
    #[serde(deserialize_with = "list")]
    pub fulfillment_start_instructions: Vec<FulfillmentStartInstruction<'a>>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItem<'a>>,
}

/// The pre-conversion pair is the sale's own currency: the other one is a localisation, such as the payout's.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/ba:Amount>
#[derive(Deserialize, Default, Clone)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Amount<'a> {
    pub value: Option<Text<'a>>,
    pub currency: Option<Text<'a>>,
    pub converted_from_value: Option<Text<'a>>,
    pub converted_from_currency: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:CancelStatus>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct CancelStatus<'a> {
    pub cancel_state: Option<Text<'a>>,
    /// Always empty in `getOrders`.
    #[serde(deserialize_with = "list")]
    pub cancel_requests: Vec<CancelRequest<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct CancelRequest<'a> {
    pub cancel_request_state: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:Buyer>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Buyer<'a> {
    pub username: Option<Text<'a>>,
    pub buyer_registration_address: Option<ExtendedContact<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:ExtendedContact>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ExtendedContact<'a> {
    pub full_name: Option<Text<'a>>,
    pub company_name: Option<Text<'a>>,
    pub email: Option<Text<'a>>,
    pub primary_phone: Option<PhoneNumber<'a>>,
    pub contact_address: Option<Address<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct PhoneNumber<'a> {
    pub phone_number: Option<Text<'a>>,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Address<'a> {
    pub address_line1: Option<Text<'a>>,
    pub address_line2: Option<Text<'a>>,
    pub city: Option<Text<'a>>,
    pub state_or_province: Option<Text<'a>>,
    pub county: Option<Text<'a>>,
    pub postal_code: Option<Text<'a>>,
    pub country_code: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:PricingSummary>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct PricingSummary<'a> {
    pub adjustment: Option<Amount<'a>>,
    pub delivery_cost: Option<Amount<'a>>,
    pub delivery_discount: Option<Amount<'a>>,
    pub fee: Option<Amount<'a>>,
    pub price_discount: Option<Amount<'a>>,
    pub total: Option<Amount<'a>>,
}

/// `totalDueSeller` is left out on purpose: on real orders it is what remains after eBay's fees.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:PaymentSummary>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct PaymentSummary<'a> {
    #[serde(deserialize_with = "list")]
    pub payments: Vec<Payment<'a>>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<Refund<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Payment<'a> {
    pub payment_date: Option<Text<'a>>,
    pub payment_status: Option<Text<'a>>,
}

/// `OrderRefund` and `LineItemRefund` alike; only the former has a status and a reference.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:OrderRefund>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Refund<'a> {
    pub amount: Option<Amount<'a>>,
    pub refund_date: Option<Text<'a>>,
    pub refund_id: Option<Text<'a>>,
    pub refund_reference_id: Option<Text<'a>>,
    pub refund_status: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:FulfillmentStartInstruction>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct FulfillmentStartInstruction<'a> {
    pub fulfillment_instructions_type: Option<Text<'a>>,
    pub shipping_step: Option<ShippingStep<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ShippingStep<'a> {
    pub ship_to: Option<ExtendedContact<'a>>,
    /// What an international shipping programme wants on the label.
    pub ship_to_reference_id: Option<Text<'a>>,
    pub shipping_carrier_code: Option<Text<'a>>,
    pub shipping_service_code: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:LineItem>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct LineItem<'a> {
    pub line_item_id: Option<Text<'a>>,
    pub legacy_item_id: Option<Text<'a>>,
    pub legacy_variation_id: Option<Text<'a>>,
    pub sku: Option<Text<'a>>,
    pub title: Option<Text<'a>>,
    pub quantity: Option<u32>,
    pub line_item_cost: Option<Amount<'a>>,
    pub discounted_line_item_cost: Option<Amount<'a>>,
    pub delivery_cost: Option<DeliveryCost<'a>>,
    #[serde(deserialize_with = "list")]
    pub taxes: Vec<Tax<'a>>,
    #[serde(deserialize_with = "list")]
    pub ebay_collect_and_remit_taxes: Vec<Tax<'a>>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<Refund<'a>>,
    pub gift_details: Option<GiftDetails<'a>>,
}

/// `shippingCost` is what is left after `discountAmount`: so on real orders, where `total` holds the former.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:DeliveryCost>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct DeliveryCost<'a> {
    pub discount_amount: Option<Amount<'a>>,
    pub handling_cost: Option<Amount<'a>>,
    pub shipping_cost: Option<Amount<'a>>,
}

/// `Tax` and `EbayCollectAndRemitTax` alike. `taxType` is given with `TAX_BREAKDOWN` only.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:EbayCollectAndRemitTax>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Tax<'a> {
    pub amount: Option<Amount<'a>>,
    pub tax_type: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct GiftDetails<'a> {
    pub message: Option<Text<'a>>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/shipping_fulfillment/methods/getShippingFulfillments>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShippingFulfillmentPagedCollection {
    #[serde(deserialize_with = "list")]
    pub fulfillments: Vec<ShippingFulfillment>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct ShippingFulfillment {
    pub fulfillment_id: Option<String>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItemReference>,
    pub shipment_tracking_number: Option<String>,
    pub shipped_date: Option<String>,
    pub shipping_carrier_code: Option<String>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct LineItemReference {
    pub line_item_id: Option<String>,
    pub quantity: Option<u32>,
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:ShippingFulfillmentDetails>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingFulfillmentDetails {
    pub line_items: Vec<LineItemReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_carrier_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}

/// <https://developer.ebay.com/api-docs/sell/inventory/types/slr:InventoryItems>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct InventoryItems {
    #[serde(deserialize_with = "list")]
    pub inventory_items: Vec<InventoryItem>,
    pub limit: Option<u64>,
    pub next: Option<String>,
    pub total: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct InventoryItem {
    pub sku: Option<String>,
    pub availability: Option<Availability>,
    pub product: Option<Product>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Availability {
    pub ship_to_location_availability: Option<ShipToLocationAvailability>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub struct ShipToLocationAvailability {
    pub quantity: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Product {
    pub title: Option<String>,
    #[serde(deserialize_with = "list")]
    pub ean: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub upc: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub isbn: Vec<String>,
}

/// <https://developer.ebay.com/api-docs/sell/inventory/types/slr:Offers>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Offers {
    #[serde(deserialize_with = "list")]
    pub offers: Vec<Offer>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Offer {
    pub offer_id: Option<String>,
    pub format: Option<String>,
    pub status: Option<String>,
}

/// <https://developer.ebay.com/api-docs/sell/inventory/types/slr:BulkPriceQuantity>
#[derive(Serialize)]
pub struct BulkPriceQuantity {
    pub requests: [PriceQuantity; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceQuantity {
    pub sku: String,
    pub ship_to_location_availability: ShipToLocationAvailability,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferPriceQuantity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferPriceQuantity {
    pub offer_id: String,
    pub available_quantity: u32,
}

/// <https://developer.ebay.com/api-docs/sell/inventory/types/slr:BulkPriceQuantityResponse>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct BulkPriceQuantityResponse {
    #[serde(deserialize_with = "list")]
    pub responses: Vec<PriceQuantityResponse>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct PriceQuantityResponse {
    pub status_code: Option<u16>,
    #[serde(deserialize_with = "list")]
    pub errors: Vec<Error>,
}

/// <https://developer.ebay.com/api-docs/commerce/identity/resources/user/methods/getUser>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct UserResponse {
    pub user_id: Option<String>,
    pub username: Option<String>,
}

/// <https://developer.ebay.com/api-docs/static/handling-error-messages.html>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Errors {
    #[serde(deserialize_with = "list")]
    pub errors: Vec<Error>,
}

/// Its messages are left out: they may repeat what was sent.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Error {
    pub error_id: Option<u64>,
}

/// <https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html>
#[derive(Deserialize)]
pub struct TokenResponse {
    pub access_token: String,
    pub expires_in: i64,
    /// With the seller's consent only: eBay does not rotate it.
    #[serde(default)]
    pub refresh_token: Option<String>,
}

/// The token endpoint's own shape of a refusal.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TokenError {
    pub error: Option<String>,
}
