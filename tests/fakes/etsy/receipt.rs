//! A receipt as it stands at Etsy: what was bought, and what happened to it since.

use jiff::Timestamp;

use super::receipt_spec::ReceiptSpec;

/// A package. Etsy does not know what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    pub id: u64,
    /// As Etsy shows it.
    pub carrier: String,
    pub tracking: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub amount: i64,
    pub at: Timestamp,
}

/// A receipt with its history.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub spec: ReceiptSpec,
    /// The listing and product of each line.
    pub sold: Vec<(u64, u64)>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub paid: Option<Timestamp>,
    pub canceled: bool,
    pub shipped: Option<Timestamp>,
    pub refunds: Vec<Refund>,
    pub shipments: Vec<Shipment>,
}

impl Receipt {
    pub(super) fn new(spec: ReceiptSpec, sold: Vec<(u64, u64)>, now: Timestamp) -> Self {
        let created = spec.created.unwrap_or(now);
        Self {
            paid: spec.paid.then_some(created),
            canceled: spec.canceled,
            spec,
            sold,
            created,
            updated: created,
            shipped: None,
            refunds: Vec::new(),
            shipments: Vec::new(),
        }
    }

    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// <https://developers.etsy.com/documentation/reference#tag/Shop-Receipt>
    pub fn status(&self) -> &'static str {
        match self.paid {
            _ if self.canceled => "canceled",
            None => "open",
            Some(_) if !self.refunds.is_empty() && self.refunded() >= self.spec.grandtotal() => "fully refunded",
            Some(_) if !self.refunds.is_empty() => "partially refunded",
            Some(_) if self.shipped.is_some() => "completed",
            Some(_) => "paid",
        }
    }
}
