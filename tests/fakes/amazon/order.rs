//! An order as Amazon keeps it.

use jiff::{SignedDuration, Timestamp};

use super::order_spec::{OrderSpec, Placed};

#[derive(Debug, Clone)]
pub struct Order {
    pub spec: OrderSpec,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// Since when the payment is authorised.
    pub released: Option<Timestamp>,
    pub canceled: bool,
    /// The buyer asks for a cancellation of these items.
    pub cancel_requested: Vec<String>,
    pub packages: Vec<Package>,
    /// Sent from Amazon's own warehouse, of which no packages are shown.
    pub sent_by_amazon: bool,
}

/// One confirmed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub reference: String,
    pub carrier: String,
    pub tracking: String,
    /// (item id, quantity)
    pub lines: Vec<(String, u32)>,
    pub shipped: Timestamp,
    pub created: Timestamp,
    /// `SHIPPED`, `DELIVERED`, `CANCELLED` ...
    pub status: String,
    /// How often its details were sent.
    pub told: usize,
}

/// Amazon keeps milliseconds here; whole seconds stand in its examples.
pub(super) fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Order {
    pub(super) fn new(spec: OrderSpec, now: Timestamp) -> Self {
        let now = millis(now);
        let created = spec.created.map_or(now, millis);
        let released = (spec.placed == Placed::Unshipped).then_some(created);
        let canceled = spec.canceled;
        Self {
            created,
            modified: now,
            released,
            canceled,
            cancel_requested: Vec::new(),
            packages: Vec::new(),
            sent_by_amazon: false,
            spec,
        }
    }

    /// Units of an item in packages that were not taken back; `but`: one package less.
    pub(super) fn sent(&self, item_id: &str, but: Option<&str>) -> u32 {
        let packages = self.packages.iter().filter(|package| package.status != "CANCELLED");
        let packages = packages.filter(|package| Some(package.reference.as_str()) != but);
        packages.flat_map(|package| &package.lines).filter(|(id, _)| id == item_id).map(|(_, quantity)| quantity).sum()
    }

    pub(super) fn status(&self) -> &'static str {
        if self.canceled {
            return "CANCELLED";
        }
        if self.released.is_none() {
            return match self.spec.placed {
                Placed::PendingAvailability => "PENDING_AVAILABILITY",
                Placed::Unfulfillable => "UNFULFILLABLE",
                Placed::Pending | Placed::Unshipped => "PENDING",
            };
        }
        if self.sent_by_amazon {
            return "SHIPPED";
        }
        let ids = self.spec.item_ids();
        let ordered: u32 = self.spec.lines.iter().map(|line| line.quantity).sum();
        let sent: u32 = ids.iter().map(|id| self.sent(id, None)).sum();
        match sent {
            0 => "UNSHIPPED",
            sent if sent >= ordered => "SHIPPED",
            _ => "PARTIALLY_SHIPPED",
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.released.is_none() && !self.canceled
    }

    /// The end of the promised delivery.
    pub(super) fn deliver_by(&self) -> Timestamp {
        self.created.saturating_add(SignedDuration::from_hours(24 * 5)).unwrap_or(Timestamp::MAX)
    }
}
