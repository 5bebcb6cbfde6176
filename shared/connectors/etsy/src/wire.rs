//! What Etsy sends and takes, named as Etsy names it. Every field may be missing or null; unknown fields are ignored and
//! enumerations stay text, because real answers hold more than the description tells.

use connect::wire::list;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// <https://developers.etsy.com/documentation/reference#operation/getShopReceipts>
#[derive(Deserialize)]
pub struct ShopReceipts {
    #[serde(default)]
    pub count: Option<u64>,
    /// Unread: one receipt that cannot be read must not hide the others.
    #[serde(default)]
    pub results: Option<Vec<Box<RawValue>>>,
}

/// <https://developers.etsy.com/documentation/reference#operation/getShopReceipt>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopReceipt {
    pub receipt_id: Option<u64>,
    pub buyer_email: Option<String>,
    pub name: Option<String>,
    pub first_line: Option<String>,
    pub second_line: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country_iso: Option<String>,
    pub status: Option<String>,
    pub message_from_buyer: Option<String>,
    pub is_paid: Option<bool>,
    pub is_shipped: Option<bool>,
    pub create_timestamp: Option<i64>,
    pub created_timestamp: Option<i64>,
    pub update_timestamp: Option<i64>,
    pub updated_timestamp: Option<i64>,
    pub gift_message: Option<String>,
    pub grandtotal: Option<Money>,
    pub total_price: Option<Money>,
    pub total_shipping_cost: Option<Money>,
    pub total_tax_cost: Option<Money>,
    pub total_vat_cost: Option<Money>,
    pub discount_amt: Option<Money>,
    pub gift_wrap_price: Option<Money>,
    #[serde(deserialize_with = "list")]
    pub shipments: Vec<ShopReceiptShipment>,
    #[serde(deserialize_with = "list")]
    pub transactions: Vec<ShopReceiptTransaction>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<ShopRefund>,
}

/// An amount as a whole number of parts: 100 of them in a euro, 1 in a yen.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Money {
    pub amount: Option<i64>,
    pub divisor: Option<i64>,
    pub currency_code: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopReceiptShipment {
    pub receipt_shipping_id: Option<u64>,
    pub shipment_notification_timestamp: Option<i64>,
    pub carrier_name: Option<String>,
    pub tracking_code: Option<String>,
}

/// One listing of a receipt.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopReceiptTransaction {
    pub transaction_id: Option<u64>,
    pub title: Option<String>,
    pub paid_timestamp: Option<i64>,
    pub quantity: Option<u32>,
    pub is_digital: Option<bool>,
    pub listing_id: Option<u64>,
    pub product_id: Option<u64>,
    pub sku: Option<String>,
    /// Of one unit.
    pub price: Option<Money>,
    #[serde(deserialize_with = "list")]
    pub variations: Vec<TransactionVariations>,
    #[serde(deserialize_with = "list")]
    pub product_data: Vec<ListingPropertyValue>,
    pub shipping_method: Option<String>,
    pub shipping_upgrade: Option<String>,
}

/// What the buyer chose, or, without a `value_id`, wrote.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TransactionVariations {
    pub value_id: Option<u64>,
    pub formatted_name: Option<String>,
    pub formatted_value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopRefund {
    pub amount: Option<Money>,
    pub created_timestamp: Option<i64>,
    pub status: Option<String>,
}

/// <https://developers.etsy.com/documentation/reference#operation/getListingsByShop>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopListings {
    pub count: Option<u64>,
    #[serde(deserialize_with = "list")]
    pub results: Vec<ShopListing>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShopListing {
    pub listing_id: Option<u64>,
    pub title: Option<String>,
    pub state: Option<String>,
    pub quantity: Option<i64>,
    pub inventory: Option<ListingInventory>,
}

/// <https://developers.etsy.com/documentation/reference#operation/getListingInventory>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingInventory {
    #[serde(deserialize_with = "list")]
    pub products: Vec<ListingInventoryProduct>,
    #[serde(deserialize_with = "list")]
    pub price_on_property: Vec<u64>,
    #[serde(deserialize_with = "list")]
    pub quantity_on_property: Vec<u64>,
    #[serde(deserialize_with = "list")]
    pub sku_on_property: Vec<u64>,
    #[serde(deserialize_with = "list")]
    pub readiness_state_on_property: Vec<u64>,
    /// Only where it is asked for.
    pub listing: Option<ListingOfInventory>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingOfInventory {
    pub state: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingInventoryProduct {
    pub product_id: Option<u64>,
    pub sku: Option<String>,
    pub is_deleted: Option<bool>,
    #[serde(deserialize_with = "list")]
    pub offerings: Vec<ListingInventoryProductOffering>,
    #[serde(deserialize_with = "list")]
    pub property_values: Vec<ListingPropertyValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingInventoryProductOffering {
    pub quantity: Option<u32>,
    pub is_enabled: Option<bool>,
    pub is_deleted: Option<bool>,
    pub price: Option<Money>,
    pub readiness_state_id: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingPropertyValue {
    pub property_id: Option<u64>,
    pub property_name: Option<String>,
    pub scale_id: Option<u64>,
    #[serde(deserialize_with = "list")]
    pub value_ids: Vec<u64>,
    #[serde(deserialize_with = "list")]
    pub values: Vec<String>,
}

/// The whole document, without what Etsy only shows: ids of products and offerings, what is deleted, `scale_name`.
/// <https://developers.etsy.com/documentation/reference#operation/updateListingInventory>
#[derive(Serialize)]
pub struct InventoryUpdate {
    pub products: Vec<ProductUpdate>,
    pub price_on_property: Vec<u64>,
    pub quantity_on_property: Vec<u64>,
    pub sku_on_property: Vec<u64>,
    pub readiness_state_on_property: Vec<u64>,
}

#[derive(Serialize)]
pub struct ProductUpdate {
    pub sku: Option<String>,
    pub property_values: Vec<PropertyValueUpdate>,
    pub offerings: Vec<OfferingUpdate>,
}

#[derive(Serialize)]
pub struct PropertyValueUpdate {
    pub property_id: u64,
    pub value_ids: Vec<u64>,
    pub scale_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_name: Option<String>,
    pub values: Vec<String>,
}

#[derive(Serialize)]
pub struct OfferingUpdate {
    /// "A float equal to amount divided by divisor", written exactly.
    pub price: Box<RawValue>,
    pub quantity: u32,
    pub is_enabled: bool,
    pub readiness_state_id: Option<u64>,
}

/// <https://developers.etsy.com/documentation/reference#operation/getMe>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Me {
    pub shop_id: Option<u64>,
}

/// <https://developers.etsy.com/documentation/reference#operation/getShop>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Shop {
    pub shop_id: Option<u64>,
    pub shop_name: Option<String>,
}

/// <https://developers.etsy.com/documentation/essentials/authentication>
#[derive(Deserialize)]
pub struct TokenResponse {
    pub access_token: String,
    pub expires_in: i64,
    #[serde(default)]
    pub refresh_token: Option<String>,
}

/// A refusal: of the token endpoint a word, elsewhere a sentence, for a bad token again a word.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Refusal {
    pub error: Option<String>,
}

/// <https://developers.etsy.com/documentation/essentials/webhooks>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WebhookEvent {
    pub event_type: Option<String>,
}
