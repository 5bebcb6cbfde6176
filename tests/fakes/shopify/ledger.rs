//! What the shop did, for tests to assert on: creates, mails, stock movements, refunds, money, packages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

/// One order created over the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    pub at: Timestamp,
    pub order_id: u64,
    pub source_identifier: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    OrderConfirmation,
    ShippingConfirmation,
    ShippingUpdate,
    Canceled,
    Refund,
    /// To the owner.
    NewOrder,
}

impl MailKind {
    pub fn to_buyer(self) -> bool {
        self != Self::NewOrder
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub at: Timestamp,
    pub order_id: u64,
    pub kind: MailKind,
    pub to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveReason {
    Order(u64),
    Cancel(u64),
    Refund(u64),
    /// `inventoryAdjustQuantities` or `inventorySetQuantities`.
    Api,
    Person,
}

/// A change of what is available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub at: Timestamp,
    pub sku: String,
    pub location: u64,
    pub from: i64,
    pub to: i64,
    pub reason: MoveReason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundMade {
    pub at: Timestamp,
    pub order_id: u64,
    pub refund_id: u64,
    /// In the order's presentment currency.
    pub amount: Decimal,
    /// Whether a payment gateway was asked to give money back.
    pub gateway_called: bool,
}

/// A package as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageMade {
    pub at: Timestamp,
    pub order_id: u64,
    pub fulfillment_id: u64,
    pub numbers: Vec<String>,
    pub over_api: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    pub creates: Vec<Create>,
    pub mails: Vec<Mail>,
    pub movements: Vec<Movement>,
    pub refunds: Vec<RefundMade>,
    pub packages: Vec<PackageMade>,
    /// Cancels that were asked to give the money back.
    pub cancels_with_refund: Vec<u64>,
}

impl Ledger {
    /// The orders created per source identifier, duplicates included.
    pub fn creates_per_source(&self) -> BTreeMap<String, Vec<u64>> {
        let mut made: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for create in &self.creates {
            if let Some(source) = &create.source_identifier {
                made.entry(source.clone()).or_default().push(create.order_id);
            }
        }
        made
    }

    /// How often the shop was asked to move money.
    pub fn money_moved(&self) -> usize {
        self.refunds.iter().filter(|refund| refund.gateway_called).count() + self.cancels_with_refund.len()
    }
}
