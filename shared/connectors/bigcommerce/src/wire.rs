//! What the shop answers, named as the vendor names it. No `Debug`: most of it is buyer data.
//!
//! <https://developer.bigcommerce.com/docs/rest-management/orders>. Fields that nobody reads are left out. Amounts come as
//! text with four decimals, as numbers or as integers ("Float, Float-As-String, Integer").

mod kinds;
mod others;

use rust_decimal::Decimal;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use kinds::{Amount, Rfc2822, Whole, or_default};
pub(crate) use others::{
    Currency, Customer, Data, Hook, InventorySettings, LocationItem, Product, Refund, RefundItem, Refusal,
    StoreInformation, Transaction, Variant,
};

/// An order with its consignments inside: `include=consignments.line_items,fees&consignment_structure=object`.
#[derive(Deserialize)]
pub(crate) struct Order {
    pub id: u64,
    pub status_id: Whole,
    #[serde(default, deserialize_with = "or_default")]
    pub date_created: Option<Rfc2822>,
    #[serde(default, deserialize_with = "or_default")]
    pub date_modified: Option<Rfc2822>,
    /// What the shopper pays in; `currency_code` is only what was shown.
    #[serde(default, deserialize_with = "or_default")]
    pub default_currency_code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub currency_code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_tax_inclusive_pricing: bool,
    #[serde(default)]
    pub shipping_cost_ex_tax: Amount,
    #[serde(default)]
    pub shipping_cost_inc_tax: Amount,
    #[serde(default)]
    pub handling_cost_ex_tax: Amount,
    #[serde(default)]
    pub handling_cost_inc_tax: Amount,
    #[serde(default)]
    pub wrapping_cost_ex_tax: Amount,
    #[serde(default)]
    pub wrapping_cost_inc_tax: Amount,
    pub total_inc_tax: Amount,
    #[serde(default)]
    pub total_tax: Amount,
    #[serde(default)]
    pub discount_amount: Amount,
    #[serde(default)]
    pub coupon_discount: Amount,
    #[serde(default)]
    pub store_credit_amount: Amount,
    #[serde(default)]
    pub gift_certificate_amount: Amount,
    #[serde(default)]
    pub refunded_amount: Amount,
    #[serde(default)]
    pub items_total: Amount,
    #[serde(default)]
    pub items_shipped: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub payment_status: String,
    #[serde(default, deserialize_with = "or_default")]
    pub customer_message: String,
    #[serde(default, deserialize_with = "or_default")]
    pub staff_notes: String,
    #[serde(default, deserialize_with = "or_default")]
    pub external_order_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_deleted: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub billing_address: Address,
    #[serde(default)]
    pub consignments: Consignments,
    /// A link, or, in a file that somebody put together, the lines themselves.
    #[serde(default)]
    pub products: Lines,
    #[serde(default)]
    pub fees: Fees,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "or_default")]
    pub first_name: String,
    #[serde(deserialize_with = "or_default")]
    pub last_name: String,
    #[serde(deserialize_with = "or_default")]
    pub company: String,
    #[serde(deserialize_with = "or_default")]
    pub street_1: String,
    #[serde(deserialize_with = "or_default")]
    pub street_2: String,
    #[serde(deserialize_with = "or_default")]
    pub city: String,
    #[serde(deserialize_with = "or_default")]
    pub state: String,
    #[serde(deserialize_with = "or_default")]
    pub zip: String,
    #[serde(deserialize_with = "or_default")]
    pub country: String,
    #[serde(deserialize_with = "or_default")]
    pub country_iso2: String,
    #[serde(deserialize_with = "or_default")]
    pub phone: String,
    #[serde(deserialize_with = "or_default")]
    pub email: String,
}

/// Empty where they were not asked for, or came as links.
#[derive(Default)]
pub(crate) struct Consignments {
    pub shipping: Vec<ShippingConsignment>,
    pub pickups: Vec<PickupConsignment>,
    pub downloads: Vec<OtherConsignment>,
    pub gift_certificates: Vec<OtherConsignment>,
    /// Whether the answer held them at all.
    pub given: bool,
}

#[derive(Deserialize)]
struct Groups {
    resource: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "or_default")]
    shipping: Vec<ShippingConsignment>,
    #[serde(default, deserialize_with = "or_default")]
    pickups: Vec<PickupConsignment>,
    #[serde(default, deserialize_with = "or_default")]
    downloads: Vec<OtherConsignment>,
    #[serde(default, deserialize_with = "or_default")]
    email: Email,
}

#[derive(Deserialize, Default)]
struct Email {
    #[serde(default, deserialize_with = "or_default")]
    gift_certificates: Vec<OtherConsignment>,
}

impl<'de> Deserialize<'de> for Consignments {
    /// `{url, resource}` where they were not asked for, `[]` in the old structure of an order without any.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if !json.starts_with('{') {
            return Ok(Self::default());
        }
        let wrong = |_| D::Error::custom("the consignments are of another shape");
        let Groups { resource, shipping, pickups, downloads, email } = json::from_str(json).map_err(wrong)?;
        if resource.is_some() {
            return Ok(Self::default());
        }
        Ok(Self { shipping, pickups, downloads, gift_certificates: email.gift_certificates, given: true })
    }
}

pub(crate) struct ShippingConsignment {
    pub id: u64,
    pub address: Address,
    pub shipping_method: String,
    pub line_items: Lines,
}

#[derive(Deserialize)]
struct Delivery {
    id: u64,
    #[serde(default, deserialize_with = "or_default")]
    shipping_method: String,
    #[serde(default)]
    line_items: Lines,
}

impl<'de> Deserialize<'de> for ShippingConsignment {
    /// The fields of the address stand among the others.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let Delivery { id, shipping_method, line_items } = json::from_str(json).map_err(D::Error::custom)?;
        let address = json::from_str(json).map_err(D::Error::custom)?;
        Ok(Self { id, address, shipping_method, line_items })
    }
}

#[derive(Deserialize)]
pub(crate) struct PickupConsignment {
    #[serde(default, deserialize_with = "or_default")]
    pub pickup_method_display_name: String,
    #[serde(default)]
    pub line_items: Lines,
}

#[derive(Deserialize)]
pub(crate) struct OtherConsignment {
    #[serde(default)]
    pub line_items: Lines,
}

/// `None`: only links to them were given.
#[derive(Default)]
pub(crate) struct Lines(pub Option<Vec<OrderProduct>>);

/// `{url, resource}` in the place of what it leads to.
#[derive(Deserialize)]
struct Link {
    resource: Option<IgnoredAny>,
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if !json.starts_with('[') {
            return Ok(Self(None));
        }
        let wrong = |_| D::Error::custom("a line is of another shape");
        let links: Vec<Link> = json::from_str(json).map_err(wrong)?;
        if links.iter().any(|link| link.resource.is_some()) {
            return Ok(Self(None));
        }
        json::from_str(json).map(|lines| Self(Some(lines))).map_err(wrong)
    }
}

/// <https://developer.bigcommerce.com/docs/rest-management/orders/order-products>
#[derive(Deserialize)]
pub(crate) struct OrderProduct {
    pub id: u64,
    /// 0: a custom product, which is not in the catalogue.
    #[serde(default, deserialize_with = "or_default")]
    pub product_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub variant_id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name_merchant: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    pub quantity: Amount,
    #[serde(default)]
    pub quantity_shipped: Amount,
    #[serde(default)]
    pub quantity_refunded: Amount,
    #[serde(default)]
    pub price_ex_tax: Amount,
    #[serde(default)]
    pub price_inc_tax: Amount,
    pub total_ex_tax: Amount,
    pub total_inc_tax: Amount,
    #[serde(default)]
    pub total_tax: Amount,
    /// With tax, after every discount. Older orders have none.
    #[serde(default, deserialize_with = "or_default")]
    pub discounted_total_inc_tax: Option<Amount>,
    #[serde(default, deserialize_with = "or_default")]
    pub applied_discounts: Vec<AppliedDiscount>,
    #[serde(default, deserialize_with = "or_default")]
    pub wrapping_message: String,
}

#[derive(Deserialize)]
pub(crate) struct AppliedDiscount {
    #[serde(default)]
    pub amount: Amount,
}

/// The order's own fees, or a link to them.
#[derive(Default)]
pub(crate) struct Fees(pub Vec<Fee>);

impl<'de> Deserialize<'de> for Fees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut json = <&RawValue>::deserialize(deserializer)?.get();
        let wrong = |_| D::Error::custom("a fee is of another shape");
        if json.starts_with('{') {
            let wrapped: WrappedFees<'_> = json::from_str(json).map_err(wrong)?;
            json = wrapped.fees.map_or("", RawValue::get);
        }
        if !json.starts_with('[') {
            return Ok(Self::default());
        }
        json::from_str(json).map(Self).map_err(wrong)
    }
}

/// The endpoint of its own wraps them.
#[derive(Deserialize)]
struct WrappedFees<'a> {
    #[serde(borrow)]
    fees: Option<&'a RawValue>,
}

/// <https://developer.bigcommerce.com/docs/rest-management/orders/order-fees>
#[derive(Deserialize)]
pub(crate) struct Fee {
    #[serde(default, deserialize_with = "or_default")]
    pub display_name_customer: String,
    #[serde(default, deserialize_with = "or_default")]
    pub display_name_merchant: String,
    /// Spelt `cost_exc_tax` in some of the vendor's answers.
    #[serde(default, alias = "cost_exc_tax")]
    pub cost_ex_tax: Amount,
    #[serde(default)]
    pub cost_inc_tax: Amount,
}

/// <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments>
#[derive(Deserialize)]
pub(crate) struct Shipment {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub date_created: Option<Rfc2822>,
    #[serde(default, deserialize_with = "or_default")]
    pub tracking_number: String,
    #[serde(default, deserialize_with = "or_default")]
    pub tracking_carrier: String,
    #[serde(default, deserialize_with = "or_default")]
    pub shipping_provider: String,
    #[serde(default, deserialize_with = "or_default")]
    pub comments: String,
    #[serde(default, deserialize_with = "or_default")]
    pub items: Vec<ShipmentItem>,
}

#[derive(Deserialize)]
pub(crate) struct ShipmentItem {
    pub order_product_id: u64,
    pub quantity: Amount,
}

/// <https://developer.bigcommerce.com/docs/rest-management/orders/order-taxes>
#[derive(Deserialize)]
pub(crate) struct OrderTax {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub rate: Amount,
    #[serde(default)]
    pub line_amount: Amount,
    #[serde(default, deserialize_with = "or_default")]
    pub line_item_type: String,
    /// Text, or a number, or null for what is no item.
    #[serde(default, deserialize_with = "or_default")]
    pub order_product_id: Option<Whole>,
}

impl Order {
    /// Every line, in the order of their ids. `None`: the answer holds links to them only.
    pub fn lines(&self) -> Option<Vec<&OrderProduct>> {
        let groups = &self.consignments;
        let in_groups = groups.shipping.iter().map(|group| &group.line_items);
        let in_groups = in_groups.chain(groups.pickups.iter().map(|group| &group.line_items));
        let others = groups.downloads.iter().chain(&groups.gift_certificates);
        let in_groups = in_groups.chain(others.map(|group| &group.line_items));
        let mut lines = Vec::new();
        if let Some(own) = &self.products.0 {
            lines.extend(own);
        } else if groups.given {
            for group in in_groups {
                lines.extend(group.0.as_ref()?);
            }
        } else {
            return None;
        }
        lines.sort_unstable_by_key(|line| line.id);
        Some(lines)
    }

    /// Whether the answer held every line: the order says how many units it has in all.
    pub fn has_all_lines(&self) -> bool {
        let units = |lines: Vec<&OrderProduct>| lines.iter().map(|line| line.quantity.0).sum::<Decimal>();
        self.lines().is_some_and(|lines| units(lines) >= self.items_total.0)
    }
}

#[cfg(test)]
mod tests;
