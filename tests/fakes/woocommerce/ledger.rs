//! What the shop did, for tests to assert on: creates, stock movements, mails, refunds, deliveries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

/// One order created over the API, also where it was deleted later.
#[derive(Debug, Clone)]
pub struct Create {
    pub at: Timestamp,
    pub order_id: u64,
    /// As the caller sent it, also where the shop ignores it.
    pub created_via: Option<String>,
    /// As the caller sent it.
    pub meta: Vec<(String, Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveReason {
    /// Taken by the shop for this order.
    Order(u64),
    /// Given back because this order was cancelled (or became pending again).
    Cancel(u64),
    /// Put back by a refund of this order.
    Refund(u64),
    /// Set over the API.
    Api,
    /// Set by the shop's people.
    Person,
}

#[derive(Debug, Clone)]
pub struct Movement {
    pub at: Timestamp,
    pub sku: String,
    pub product_id: u64,
    pub from: i64,
    pub to: i64,
    pub reason: MoveReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    OwnerNewOrder,
    OwnerCancelled,
    OwnerFailed,
    Processing,
    OnHold,
    Completed,
    Refunded,
    PartiallyRefunded,
    CustomerNote,
}

impl MailKind {
    pub fn to_buyer(self) -> bool {
        !matches!(self, Self::OwnerNewOrder | Self::OwnerCancelled | Self::OwnerFailed)
    }

    /// As the order's notes name it.
    pub(super) fn subject(self) -> &'static str {
        match self {
            Self::OwnerNewOrder => "New order",
            Self::OwnerCancelled => "Cancelled order",
            Self::OwnerFailed => "Failed order",
            Self::Processing => "Processing order",
            Self::OnHold => "Order on-hold",
            Self::Completed => "Completed order",
            Self::Refunded => "Refunded order",
            Self::PartiallyRefunded => "Partially refunded order",
            Self::CustomerNote => "Customer note",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub at: Timestamp,
    pub order_id: u64,
    pub kind: MailKind,
    pub to: String,
}

#[derive(Debug, Clone)]
pub struct RefundMade {
    pub at: Timestamp,
    pub order_id: u64,
    pub refund_id: u64,
    pub amount: Decimal,
    /// Whether the payment gateway was asked to move money.
    pub gateway_called: bool,
    pub restocked: bool,
}

/// One webhook request, or the ping of an activation.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub at: Timestamp,
    pub webhook_id: u64,
    /// `None`: a ping.
    pub topic: Option<String>,
    pub delivery_id: Option<String>,
    pub url: String,
    pub body: String,
    pub signature: Option<String>,
    /// `None`: nobody answered.
    pub answered: Option<u16>,
}

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub creates: Vec<Create>,
    pub movements: Vec<Movement>,
    pub mails: Vec<Mail>,
    pub refunds: Vec<RefundMade>,
    pub deliveries: Vec<Delivery>,
}

impl Ledger {
    /// The orders created per reference: `created_via` as sent, else the meta named `reference_meta`.
    pub fn creates_per_reference(&self, reference_meta: &str) -> BTreeMap<String, Vec<u64>> {
        let mut made: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for create in &self.creates {
            let in_meta =
                create.meta.iter().find(|(key, _)| key == reference_meta).and_then(|(_, value)| value.as_str());
            if let Some(reference) = create.created_via.as_deref().or(in_meta) {
                made.entry(reference.to_owned()).or_default().push(create.order_id);
            }
        }
        made
    }
}
