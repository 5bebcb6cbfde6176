//! An order as it stands at eBay: what was bought, and what happened to it since.

use jiff::Timestamp;

use super::order_spec::{OrderSpec, Payment};
use super::time::millis;

/// A package, or what the seller called one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    /// The tracking number, or a number of eBay's where there is none.
    pub id: String,
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    /// (line id, quantity).
    pub lines: Vec<(String, u32)>,
    pub shipped: Timestamp,
    /// Who told eBay.
    pub by: ShippedBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippedBy {
    /// `createShippingFulfillment`.
    Api,
    /// A label bought on eBay.
    Label,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: String,
    /// Without the tax that eBay collected, as eBay reports it.
    pub amount: i64,
    /// `None`: on the order as a whole.
    pub line: Option<String>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    None,
    Requested(Timestamp),
    Canceled(Timestamp),
}

/// An order with its history.
#[derive(Debug, Clone)]
pub struct Order {
    pub spec: OrderSpec,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub paid: Option<Timestamp>,
    pub cancel: Cancel,
    pub refunds: Vec<Refund>,
    pub fulfilments: Vec<Fulfilment>,
}

impl Order {
    pub(super) fn new(spec: OrderSpec, now: Timestamp) -> Self {
        let created = millis(spec.created.unwrap_or(now));
        Self {
            paid: (spec.payment == Payment::Paid).then_some(created),
            cancel: if spec.canceled { Cancel::Canceled(created) } else { Cancel::None },
            spec,
            created,
            modified: created,
            refunds: Vec::new(),
            fulfilments: Vec::new(),
        }
    }

    pub const fn is_canceled(&self) -> bool {
        matches!(self.cancel, Cancel::Canceled(_))
    }

    pub fn ordered(&self, line_id: &str) -> Option<u32> {
        let at = self.spec.line_ids().iter().position(|id| id == line_id)?;
        self.spec.lines.get(at).map(|line| line.quantity)
    }

    pub fn shipped(&self, line_id: &str) -> u32 {
        let lines = self.fulfilments.iter().flat_map(|fulfilment| &fulfilment.lines);
        lines.filter(|(id, _)| id == line_id).map(|(_, quantity)| quantity).sum()
    }

    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:OrderPaymentStatusEnum>
    pub fn payment_status(&self) -> &'static str {
        match (self.paid, self.spec.payment) {
            (None, Payment::Failed) => "FAILED",
            (None, _) => "PENDING",
            (Some(_), _) if self.refunded() == 0 => "PAID",
            (Some(_), _) if self.refunded() >= self.spec.sums(false).store_total => "FULLY_REFUNDED",
            (Some(_), _) => "PARTIALLY_REFUNDED",
        }
    }

    /// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:OrderFulfillmentStatus>
    pub fn fulfilment_status(&self) -> &'static str {
        let lines: Vec<&str> = (0..self.spec.lines.len()).map(|at| self.line_status(at)).collect();
        if lines.iter().all(|status| *status == "NOT_STARTED") {
            "NOT_STARTED"
        } else if lines.iter().all(|status| *status == "FULFILLED") {
            "FULFILLED"
        } else {
            "IN_PROGRESS"
        }
    }

    pub(super) fn line_status(&self, at: usize) -> &'static str {
        let quantity = self.spec.lines.get(at).map_or(0, |line| line.quantity);
        match self.shipped(&self.spec.line_id(at)) {
            0 => "NOT_STARTED",
            shipped if shipped < quantity => "IN_PROGRESS",
            _ => "FULFILLED",
        }
    }
}
