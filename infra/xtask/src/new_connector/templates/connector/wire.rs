//! __Title__'s JSON, field by field as it names them.

// CHANGE: the vendor's types. What it may leave out is an `Option`; money stays text, so that no digit is lost. No
// `Debug` here: these hold buyers' data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct Account {
    pub id: String,
    pub name: String,
}

/// Each order by its own bytes, so that one that cannot be read does not hide the others.
#[derive(Deserialize)]
pub struct Orders {
    pub orders: Vec<Box<RawValue>>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub struct Order {
    pub id: String,
    pub number: String,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub currency: String,
    pub total: String,
    /// `unpaid`, `paid`
    pub payment: String,
    pub paid_at: Option<Timestamp>,
    /// `none`, `partial`, `sent`
    pub fulfilment: String,
    /// `open`, `cancel_requested`, `canceled`
    pub state: String,
    pub email: Option<String>,
    pub note: Option<String>,
    pub ship_to: Option<Address>,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    pub refunds: Vec<Refund>,
}

#[derive(Deserialize)]
pub struct Address {
    pub name: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub phone: Option<String>,
}

/// `total` is for all units.
#[derive(Deserialize)]
pub struct Line {
    pub id: String,
    pub sku: String,
    pub title: String,
    pub quantity: u32,
    pub total: String,
}

#[derive(Deserialize)]
pub struct Shipping {
    pub service: String,
    pub total: String,
}

#[derive(Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: String,
    pub at: Timestamp,
}

#[derive(Deserialize)]
pub struct Listings {
    pub listings: Vec<Listing>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub struct Listing {
    pub sku: String,
    pub title: String,
    pub active: bool,
    pub quantity: i64,
}

#[derive(Serialize, Deserialize)]
pub struct Quantity {
    pub quantity: u32,
}

#[derive(Deserialize)]
pub struct Packages {
    pub packages: Vec<Package>,
}

#[derive(Deserialize)]
pub struct Package {
    pub id: String,
    pub sent_at: Timestamp,
    pub carrier: Option<String>,
    pub number: Option<String>,
    pub lines: Vec<PackedLine>,
}

/// Without lines it holds all that is left.
#[derive(Serialize)]
pub struct NewPackage {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<PackedLine>,
}

#[derive(Serialize, Deserialize)]
pub struct PackedLine {
    pub line: String,
    pub quantity: u32,
}

/// `{"error": "order_not_found"}`
#[derive(Default, Deserialize)]
pub struct Refusal {
    pub error: Option<String>,
}
