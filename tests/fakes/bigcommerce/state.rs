//! What the store holds: its catalogue, its orders, its settings, and the ledger of what it did.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

/// When the store takes the stock of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockMoves {
    OrderPlaced,
    OrderCompletedOrShipped,
}

impl StockMoves {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order_placed",
            Self::OrderCompletedOrShipped => "order_completed_or_shipped",
        }
    }
}

/// By what the stock of a product is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    None,
    Product,
    Variant,
}

impl Tracking {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Product => "product",
            Self::Variant => "variant",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Variant {
    pub id: u64,
    pub sku: String,
    pub level: i64,
    pub labels: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Product {
    pub id: u64,
    pub name: String,
    pub price: Decimal,
    pub tracking: Tracking,
    /// Where it is kept by product.
    pub level: i64,
    pub variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub id: u64,
    /// 0: a custom product.
    pub product_id: u64,
    pub variant_id: u64,
    pub name: String,
    pub name_merchant: String,
    pub sku: String,
    pub quantity: i64,
    pub shipped: i64,
    pub refunded: i64,
    pub price_ex: Decimal,
    pub price_inc: Decimal,
    /// With tax, for the whole line.
    pub discount: Decimal,
    /// Units that the store has out of stock for it.
    pub taken: i64,
    pub wrapping_message: String,
}

impl Line {
    pub fn total_ex(&self) -> Decimal {
        self.price_ex * Decimal::from(self.quantity)
    }

    pub fn total_inc(&self) -> Decimal {
        self.price_inc * Decimal::from(self.quantity)
    }
}

#[derive(Debug, Clone)]
pub struct Fee {
    pub id: u64,
    pub name: String,
    pub ex: Decimal,
    pub inc: Decimal,
}

#[derive(Debug, Clone)]
pub struct Shipment {
    pub id: u64,
    pub at: Timestamp,
    /// As it was sent.
    pub body: Value,
    pub items: Vec<(u64, i64)>,
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub id: u64,
    pub at: Timestamp,
    pub amount: Decimal,
    pub reason: String,
    /// As it was sent.
    pub items: Value,
    pub payments: Value,
    /// A payment provider was asked to move money.
    pub moved_money: bool,
}

/// Money that came in.
#[derive(Debug, Clone)]
pub struct Transaction {
    pub at: Timestamp,
    pub amount: Decimal,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: u64,
    pub status: u64,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub currency: String,
    pub customer_id: u64,
    pub billing: Value,
    /// The address's id, and the address.
    pub shipping: Option<(u64, Value)>,
    pub lines: Vec<Line>,
    pub fees: Vec<Fee>,
    pub shipping_ex: Decimal,
    pub shipping_inc: Decimal,
    pub handling_ex: Decimal,
    pub handling_inc: Decimal,
    pub discount: Decimal,
    pub coupon_discount: Decimal,
    pub store_credit: Decimal,
    pub tax_inclusive: bool,
    pub payment_method: String,
    pub customer_message: String,
    pub staff_notes: String,
    pub external_order_id: String,
    pub external_source: Option<String>,
    pub transactions: Vec<Transaction>,
    pub shipments: Vec<Shipment>,
    pub refunds: Vec<Refund>,
    pub is_deleted: bool,
    /// Created over the Orders API.
    pub by_api: bool,
    /// What a test changes in its rendering.
    pub patches: Vec<(String, Value)>,
}

impl Order {
    pub fn subtotal_ex(&self) -> Decimal {
        self.lines.iter().map(Line::total_ex).sum()
    }

    pub fn subtotal_inc(&self) -> Decimal {
        self.lines.iter().map(Line::total_inc).sum()
    }

    pub fn total_inc(&self) -> Decimal {
        let fees: Decimal = self.fees.iter().map(|fee| fee.inc).sum();
        let lines = self.subtotal_inc() - self.lines.iter().map(|line| line.discount).sum::<Decimal>();
        lines + self.shipping_inc + self.handling_inc + fees - self.discount
    }

    pub fn total_tax(&self) -> Decimal {
        let fees: Decimal = self.fees.iter().map(|fee| fee.inc - fee.ex).sum();
        let lines: Decimal = self.lines.iter().map(super::render::line_tax).sum();
        lines + (self.shipping_inc - self.shipping_ex) + (self.handling_inc - self.handling_ex) + fees
    }

    pub fn items_total(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    pub fn items_shipped(&self) -> i64 {
        self.lines.iter().map(|line| line.shipped).sum()
    }

    pub fn email(&self) -> &str {
        self.billing.get("email").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn next_line_id(&self) -> u64 {
        self.id * 1000 + u64::try_from(self.lines.len()).unwrap_or(0) + 1
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// The buyer's invoice, of what was bought on the storefront.
    Invoice,
    OwnerNewOrder,
    /// "An order status changes", a shipment is made, money goes back.
    OrderStatus,
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub at: Timestamp,
    pub order_id: u64,
    pub kind: MailKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveReason {
    Order(u64),
    Cancel(u64),
    Api,
    Person,
}

#[derive(Debug, Clone)]
pub struct Movement {
    pub at: Timestamp,
    pub product_id: u64,
    pub by: i64,
    pub reason: MoveReason,
}

/// One order created over the API, also where it was archived later.
#[derive(Debug, Clone)]
pub struct Create {
    pub at: Timestamp,
    pub order_id: u64,
    pub external_order_id: String,
}

#[derive(Debug, Clone)]
pub struct Hook {
    pub id: u64,
    pub scope: String,
    pub destination: String,
    pub is_active: bool,
    pub headers: Value,
}

/// One webhook as it is sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub destination: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Debug)]
pub(super) struct Store {
    pub currency: String,
    /// Currencies that shoppers can pay in.
    pub transactional: Vec<String>,
    pub stock_moves: StockMoves,
    pub restocks: bool,
    pub refuses_sold_out: bool,
    /// What an app of the store adds to each order that is created over the API.
    pub app_fee: Option<Decimal>,
    pub products: BTreeMap<u64, Product>,
    pub orders: BTreeMap<u64, Order>,
    pub customers: Vec<(u64, String)>,
    pub hooks: Vec<Hook>,
    pub next_id: u64,
    pub calls: u32,
    pub creates: Vec<Create>,
    pub mails: Vec<Mail>,
    pub movements: Vec<Movement>,
    pub events: Vec<(String, u64)>,
}

impl Store {
    pub fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}
