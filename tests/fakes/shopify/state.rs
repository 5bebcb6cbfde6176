//! What a shop holds: orders, customers, products with their stock, locations, webhook subscriptions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::cost::Bucket;
pub use super::goods::{Customer, Level, Location, Variant};
use super::ledger::Ledger;
use super::money::{Bag, Currencies};
use super::oauth::Tokens;
use super::webhooks::Webhooks;
use crate::spec::Violation;

/// The shop itself.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub name: String,
    /// `*.myshopify.com`.
    pub domain: String,
    pub currency: String,
    pub time_zone: String,
    pub taxes_included: bool,
    /// A trial or development shop takes five `orderCreate` a minute:
    /// <https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCreate>.
    pub trial: bool,
    pub owner_mail: String,
    /// Gateways over which money really goes back.
    pub refunding_gateways: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub province: Option<String>,
    pub province_code: Option<String>,
    pub zip: Option<String>,
    pub country_code: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    pub title: String,
    /// A fraction: 0.2 for 20 %.
    pub rate: Option<Decimal>,
    pub amount: Bag,
    /// Whether the channel remits it. `None`: nobody said.
    pub channel_liable: Option<bool>,
}

/// A part of a discount that fell on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Into [`Order::discounts`].
    pub discount: usize,
    pub amount: Bag,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscountKind {
    Code(String),
    Automatic(String),
    Manual(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscountValue {
    Amount(Bag),
    /// 10 for 10 %.
    Percentage(Decimal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    pub kind: DiscountKind,
    pub value: DiscountValue,
    /// Of the whole order, not of single lines.
    pub whole_order: bool,
    pub on_shipping: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: u64,
    pub variant: Option<u64>,
    pub title: String,
    pub variant_title: Option<String>,
    pub sku: Option<String>,
    pub vendor: Option<String>,
    pub quantity: i64,
    /// Taken off by an order edit.
    pub removed: i64,
    pub unit: Bag,
    pub allocations: Vec<Allocation>,
    pub taxes: Vec<Tax>,
    pub taxable: bool,
    pub requires_shipping: bool,
    pub gift_card: bool,
    pub properties: Vec<(String, String)>,
    /// How much of it the shop's stock still holds committed, and where.
    pub committed: i64,
    pub location: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingLine {
    pub id: u64,
    pub title: String,
    pub code: Option<String>,
    pub source: Option<String>,
    pub price: Bag,
    pub allocations: Vec<Allocation>,
    pub taxes: Vec<Tax>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub id: u64,
    pub at: Timestamp,
    /// SALE, AUTHORIZATION, CAPTURE, REFUND, VOID.
    pub kind: String,
    pub status: String,
    pub gateway: String,
    pub amount: Bag,
    pub parent: Option<u64>,
    pub test: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    pub id: u64,
    pub line: u64,
    pub quantity: i64,
    /// CANCEL, RETURN, `NO_RESTOCK`.
    pub restock: String,
    pub restocked: bool,
    pub location: Option<u64>,
    pub subtotal: Bag,
    pub tax: Bag,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundShipping {
    pub id: u64,
    pub line: u64,
    pub subtotal: Bag,
    pub tax: Bag,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: u64,
    pub at: Timestamp,
    pub note: Option<String>,
    pub lines: Vec<RefundLine>,
    pub shipping: Vec<RefundShipping>,
    /// What was given back beyond the lines, or less than they are worth.
    pub adjustment: Bag,
    pub transactions: Vec<u64>,
    /// Written by a cancel, for what it restocked.
    pub by_cancel: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    pub company: Option<String>,
    pub number: Option<String>,
    pub url: Option<String>,
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfillment {
    pub id: u64,
    pub at: Timestamp,
    pub updated: Timestamp,
    pub status: String,
    pub location: u64,
    pub fulfillment_order: u64,
    /// (own id, line, quantity).
    pub lines: Vec<(u64, u64, i64)>,
    pub tracking: Vec<Tracking>,
    pub delivered: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrderLine {
    pub id: u64,
    pub line: u64,
    pub total: i64,
    pub remaining: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrder {
    pub id: u64,
    pub at: Timestamp,
    pub updated: Timestamp,
    pub status: String,
    pub location: u64,
    pub lines: Vec<FulfillmentOrderLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canceled {
    pub at: Timestamp,
    pub reason: String,
    pub staff_note: Option<String>,
}

/// What an application wrote on an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metafield {
    pub id: u64,
    pub namespace: String,
    pub key: String,
    pub kind: String,
    pub value: String,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// A change to the finished JSON: words of the future, or what makes an order unreadable.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// A JSON pointer; the nodes of a connection are under `__nodes`.
    pub pointer: String,
    pub value: Value,
}

#[expect(clippy::struct_excessive_bools, reason = "the API has them so")]
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub id: u64,
    pub number: u64,
    pub name: String,
    pub money: Currencies,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub processed: Timestamp,
    pub closed: Option<Timestamp>,
    pub canceled: Option<Canceled>,
    pub source_name: Option<String>,
    pub source_identifier: Option<String>,
    pub source_url: Option<String>,
    pub note: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub tags: Vec<String>,
    pub attributes: Vec<(String, Option<String>)>,
    pub customer: Option<u64>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub taxes_included: bool,
    pub accepts_marketing: bool,
    pub lines: Vec<Line>,
    pub shipping: Vec<ShippingLine>,
    pub discounts: Vec<Discount>,
    /// As said on `orderCreate`, until a transaction says otherwise.
    pub declared: Option<String>,
    pub transactions: Vec<Transaction>,
    pub refunds: Vec<Refund>,
    pub fulfillments: Vec<Fulfillment>,
    pub fulfillment_orders: Vec<FulfillmentOrder>,
    pub metafields: Vec<Metafield>,
    pub test: bool,
    pub edited: bool,
    pub over_api: bool,
    pub patches: Vec<Patch>,
}

/// An asynchronous cancel: done when it is next looked at.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub order: u64,
    pub due: Timestamp,
    pub done: bool,
    pub cancel: super::cancel::Asked,
}

/// The answer of a call with an idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub arguments: Map<String, Value>,
    pub at: Timestamp,
    pub answer: Value,
}

#[derive(Debug)]
pub(super) struct Shop {
    pub config: Config,
    pub orders: BTreeMap<u64, Order>,
    pub customers: BTreeMap<u64, Customer>,
    pub variants: BTreeMap<u64, Variant>,
    pub locations: BTreeMap<u64, Location>,
    pub jobs: BTreeMap<u64, Job>,
    pub kept: BTreeMap<String, Kept>,
    pub tokens: Tokens,
    pub bucket: Bucket,
    pub webhooks: Webhooks,
    pub ledger: Ledger,
    pub violations: Vec<Violation>,
    /// Requests of `orderCreate`, for the trial's limit.
    pub creates: Vec<Timestamp>,
    /// How long a cancel takes.
    pub cancel_takes: jiff::SignedDuration,
    ids: u64,
    numbers: u64,
}

impl Shop {
    pub fn new(config: Config, now: Timestamp) -> Self {
        let main = Location { id: 70_001, name: "Main warehouse".to_owned(), active: true };
        Self {
            config,
            orders: BTreeMap::new(),
            customers: BTreeMap::new(),
            variants: BTreeMap::new(),
            locations: BTreeMap::from([(main.id, main)]),
            jobs: BTreeMap::new(),
            kept: BTreeMap::new(),
            tokens: Tokens::default(),
            bucket: Bucket::full(now),
            webhooks: Webhooks::default(),
            ledger: Ledger::default(),
            violations: Vec::new(),
            creates: Vec::new(),
            cancel_takes: jiff::SignedDuration::ZERO,
            ids: 5_000_000_000,
            numbers: 1000,
        }
    }

    pub fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    pub fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub fn main_location(&self) -> u64 {
        self.locations.values().find(|location| location.active).map_or(0, |location| location.id)
    }
}

/// `gid://shopify/<type>/<id>`.
pub(super) fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The number of a global id of this type; `None` where it is of another or of none.
pub(super) fn id_of(kind: &str, gid: &str) -> Option<u64> {
    let rest = gid.strip_prefix("gid://shopify/")?.strip_prefix(kind)?.strip_prefix('/')?;
    rest.split('?').next()?.parse().ok()
}
