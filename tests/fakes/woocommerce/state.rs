//! The shop's configuration, and what an order, a product and a refund are.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

/// An API key with what it may do.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub key: String,
    pub secret: String,
    pub may_write: bool,
}

/// One row of the shop's tax table. An empty `state` or `country` covers all of them.
#[derive(Debug, Clone)]
pub struct TaxRate {
    pub id: u64,
    pub country: String,
    pub state: String,
    pub percent: Decimal,
    pub label: String,
    /// Whether shipping is taxed too.
    pub shipping: bool,
}

/// Which WooCommerce this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 11.0.1 with its own order tables: `created_via` is kept and filters, `search` looks at `transaction_id`.
    V11,
    /// 9.4.2 with orders stored as posts: `created_via` is ignored on create and as a filter.
    V9_4,
}

impl Version {
    pub(super) fn number(self) -> &'static str {
        match self {
            Self::V11 => "11.0.1",
            Self::V9_4 => "9.4.2",
        }
    }

    pub(super) fn wordpress(self) -> &'static str {
        match self {
            Self::V11 => "7.0.4",
            Self::V9_4 => "6.7.7",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Config {
    pub version: Version,
    /// The shop's configured address, which OAuth signatures must name, without a slash at the end.
    pub home: String,
    /// Requests count as https, as behind a proxy that ends TLS.
    pub behind_tls: bool,
    pub time_zone: TimeZone,
    pub currency: String,
    pub base_country: String,
    pub base_state: String,
    pub rates: Vec<TaxRate>,
    pub keys: Vec<ApiKey>,
    pub owner_mail: String,
    /// Statuses that a plugin adds.
    pub plugin_statuses: Vec<String>,
    /// Payment methods whose gateway can refund. `bacs` always exists and cannot.
    pub refunding_gateways: Vec<String>,
    /// The order meta in which a client keeps its reference where `created_via` is not honoured.
    pub reference_meta: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    AutoDraft,
    CheckoutDraft,
    Pending,
    Processing,
    OnHold,
    Completed,
    Cancelled,
    Refunded,
    Failed,
    Trash,
    /// One that a plugin registered.
    Plugin(String),
}

impl Status {
    pub const CORE: [Self; 9] = [
        Self::AutoDraft,
        Self::Pending,
        Self::Processing,
        Self::OnHold,
        Self::Completed,
        Self::Cancelled,
        Self::Refunded,
        Self::Failed,
        Self::CheckoutDraft,
    ];

    pub fn as_str(&self) -> &str {
        match self {
            Self::AutoDraft => "auto-draft",
            Self::CheckoutDraft => "checkout-draft",
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::OnHold => "on-hold",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Trash => "trash",
            Self::Plugin(name) => name,
        }
    }

    /// The word shown to people.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Pending => "Pending payment",
            Self::Processing => "Processing",
            Self::OnHold => "On hold",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
            Self::Refunded => "Refunded",
            Self::Failed => "Failed",
            other => other.as_str(),
        }
    }

    /// Stock is taken in these.
    pub(super) fn takes_stock(&self) -> bool {
        matches!(self, Self::Processing | Self::Completed | Self::OnHold)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub postcode: String,
    pub country: String,
    /// Only on a billing address.
    pub email: String,
    pub phone: String,
}

#[derive(Debug, Clone)]
pub struct Meta {
    pub id: u64,
    pub key: String,
    pub value: Value,
}

#[derive(Debug, Clone, Copy)]
pub struct ItemTax {
    pub rate_id: u64,
    pub total: Decimal,
    /// Only lines have one.
    pub subtotal: Option<Decimal>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub id: u64,
    pub name: String,
    /// 0: text without a product.
    pub product_id: u64,
    pub variation_id: u64,
    pub quantity: i64,
    pub subtotal: Decimal,
    pub total: Decimal,
    pub taxes: Vec<ItemTax>,
    pub meta: Vec<Meta>,
}

#[derive(Debug, Clone)]
pub struct ShippingLine {
    pub id: u64,
    pub method_id: String,
    pub method_title: String,
    pub total: Decimal,
    pub taxes: Vec<ItemTax>,
    pub meta: Vec<Meta>,
}

#[derive(Debug, Clone)]
pub struct FeeLine {
    pub id: u64,
    pub name: String,
    pub taxable: bool,
    pub total: Decimal,
    pub taxes: Vec<ItemTax>,
    pub meta: Vec<Meta>,
}

#[derive(Debug, Clone, Copy)]
pub struct TaxLine {
    pub id: u64,
    pub rate_id: u64,
    pub tax_total: Decimal,
    pub shipping_tax_total: Decimal,
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub id: u64,
    pub created: Timestamp,
    pub amount: Decimal,
    pub reason: String,
    /// Whether the payment gateway was asked to move money.
    pub paid_back: bool,
    pub full: bool,
    pub lines: Vec<RefundLine>,
    pub shipping_lines: Vec<ShippingLine>,
    pub fees: Vec<FeeLine>,
    pub taxes: Vec<TaxLine>,
}

#[derive(Debug, Clone)]
pub struct RefundLine {
    pub line: Line,
    pub of_line: u64,
}

#[derive(Debug, Clone)]
pub struct Note {
    pub id: u64,
    pub created: Timestamp,
    pub text: String,
    pub to_customer: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub discount: Decimal,
    pub discount_tax: Decimal,
    pub shipping: Decimal,
    pub shipping_tax: Decimal,
    pub cart_tax: Decimal,
    pub total: Decimal,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: u64,
    pub status: Status,
    pub currency: String,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub paid: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    pub customer_id: u64,
    pub billing: Address,
    pub shipping: Address,
    pub payment_method: String,
    pub payment_method_title: String,
    pub transaction_id: String,
    pub created_via: String,
    pub customer_note: String,
    pub meta: Vec<Meta>,
    pub lines: Vec<Line>,
    pub shipping_lines: Vec<ShippingLine>,
    pub fees: Vec<FeeLine>,
    pub tax_lines: Vec<TaxLine>,
    pub refunds: Vec<Refund>,
    pub notes: Vec<Note>,
    pub totals: Totals,
    /// `_order_stock_reduced`: what a later cancel goes by. Never shown.
    pub stock_reduced: bool,
    /// `_new_order_email_sent`: keeps the owner's mail back. Never shown.
    pub new_order_mail_sent: bool,
}

impl Order {
    pub fn meta_value(&self, key: &str) -> Option<&Value> {
        self.meta.iter().find(|meta| meta.key == key).map(|meta| &meta.value)
    }

    pub fn refunded(&self) -> Decimal {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    pub(super) fn needs_payment(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Failed) && self.totals.total > Decimal::ZERO
    }
}

#[derive(Debug, Clone)]
pub struct Product {
    pub id: u64,
    /// The variable product that this is a variation of; 0 for a product of its own.
    pub parent_id: u64,
    pub name: String,
    pub sku: String,
    pub price: Decimal,
    /// `None`: stock is not managed.
    pub stock: Option<i64>,
    /// A variation's option, e.g. `("Size", "S")`.
    pub option: Option<(String, String)>,
    pub taxable: bool,
    /// Needs no shipping: an order of only such products is completed when paid.
    pub downloadable: bool,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub total_sales: i64,
}
