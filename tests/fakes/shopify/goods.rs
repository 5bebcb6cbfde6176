//! What a shop sells, where it lies, and who buys it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::state::Address;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: u64,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub tags: Vec<String>,
    pub default_address: Option<Address>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Stock of one variant at one location.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    pub available: i64,
    pub committed: i64,
    pub updated: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub id: u64,
    pub product: u64,
    pub inventory_item: u64,
    pub product_title: String,
    /// "Default Title" where the product has no options.
    pub title: String,
    pub sku: String,
    pub barcode: Option<String>,
    pub price: Decimal,
    /// Whether its stock is counted.
    pub tracked: bool,
    /// Whether it is sold when none is left (`CONTINUE`).
    pub oversell: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// By location; absent: not stocked there.
    pub levels: BTreeMap<u64, Level>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: u64,
    pub name: String,
    pub active: bool,
}
