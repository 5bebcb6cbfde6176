//! What Shopify is sent, named as the schema names its inputs. `Debug` is left out: some of it is a buyer's.

use domain::Money;
use serde::Serialize;
use serde_json::{Value, json};

/// Of the metafields that are Tributary's own.
pub(crate) const NAMESPACE: &str = "tributary";

/// The variables of `orderCreate`.
#[derive(Serialize)]
pub(crate) struct OrderCreate {
    pub order: OrderInput,
    pub options: Options,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateOptionsInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    pub inventory_behaviour: &'static str,
    pub send_receipt: bool,
    pub send_fulfillment_receipt: bool,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateOrderInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderInput {
    pub source_identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub currency: &'static str,
    pub processed_at: String,
    pub financial_status: &'static str,
    pub taxes_included: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub buyer_accepts_marketing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub tags: Vec<String>,
    pub custom_attributes: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<AddressInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<AddressInput>,
    pub line_items: Vec<LineInput>,
    pub shipping_lines: Vec<ShippingLineInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_code: Option<DiscountCodeInput>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<TransactionInput>,
}

#[derive(Serialize)]
pub(crate) struct KeyValue {
    pub key: String,
    pub value: String,
}

impl KeyValue {
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateLineItemInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub quantity: u32,
    pub price_set: MoneyBagInput,
    pub requires_shipping: bool,
    pub taxable: bool,
    pub tax_lines: Vec<TaxLineInput>,
    pub properties: Vec<Property>,
}

#[derive(Serialize)]
pub(crate) struct Property {
    pub name: &'static str,
    pub value: String,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateTaxLineInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxLineInput {
    pub title: String,
    /// A proportion: 0.2 is 20 %.
    pub rate: String,
    pub price_set: MoneyBagInput,
    pub channel_liable: bool,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateShippingLineInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingLineInput {
    pub title: String,
    pub price_set: MoneyBagInput,
    pub tax_lines: Vec<TaxLineInput>,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateDiscountCodeInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiscountCodeInput {
    pub item_fixed_discount_code: FixedDiscount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FixedDiscount {
    pub code: String,
    pub amount_set: MoneyBagInput,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderCreateOrderTransactionInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionInput {
    pub kind: &'static str,
    pub status: &'static str,
    pub gateway: String,
    pub amount_set: MoneyBagInput,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MoneyBagInput {
    shop_money: MoneyInput,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MoneyInput {
    amount: String,
    currency_code: &'static str,
}

impl From<Money> for MoneyBagInput {
    fn from(money: Money) -> Self {
        let (amount, currency_code) = (money.amount().to_string(), money.currency().code());
        Self { shop_money: MoneyInput { amount, currency_code } }
    }
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/MailingAddressInput>. `province` is deprecated there, and
/// the only one that takes a name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressInput {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address1: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address2: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/FulfillmentInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentInput {
    pub notify_customer: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_info: Option<TrackingInput>,
    pub line_items_by_fulfillment_order: Vec<FulfillmentOrderInput>,
}

#[derive(Clone, Serialize)]
pub(crate) struct TrackingInput {
    pub number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentOrderInput {
    pub fulfillment_order_id: String,
    pub fulfillment_order_line_items: Vec<Units>,
}

#[derive(Serialize)]
pub(crate) struct Units {
    pub id: String,
    pub quantity: u32,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/RefundInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundInput {
    pub order_id: String,
    pub note: String,
    pub notify: bool,
    pub currency: &'static str,
    pub refund_line_items: Vec<RefundLineInput>,
    pub transactions: Vec<RefundTransactionInput>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundLineInput {
    pub line_item_id: String,
    pub quantity: u32,
    pub restock_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/OrderTransactionInput>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundTransactionInput {
    pub order_id: String,
    pub parent_id: String,
    pub kind: &'static str,
    pub gateway: String,
    pub amount: String,
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/InventoryQuantityInput>. `changeFromQuantity` must be given:
/// null says that whatever is there is replaced.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InventoryQuantity {
    pub inventory_item_id: String,
    pub location_id: String,
    pub quantity: u32,
    pub change_from_quantity: Option<i64>,
}

/// A relative move of what is available of one product.
pub(crate) struct Adjust<'a> {
    pub inventory_item: &'a str,
    pub location: &'a str,
    pub delta: i64,
    pub key: &'a str,
}

impl Adjust<'_> {
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/input-objects/InventoryAdjustQuantitiesInput>
    pub fn variables(&self) -> Value {
        let change = json!({
            "inventoryItemId": self.inventory_item,
            "locationId": self.location,
            "delta": self.delta,
            "changeFromQuantity": null,
        });
        json!({
            "input": {"name": "available", "reason": "correction", "changes": [change]},
            "key": self.key,
            "location": self.location,
        })
    }
}
