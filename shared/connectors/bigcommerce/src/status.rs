//! The vendor's fifteen statuses: <https://developer.bigcommerce.com/docs/rest-management/orders/order-status>.

use domain::channel_order::{Cancel, Fulfilment};

use crate::wire;

pub(crate) const CANCELLED: u64 = 5;
pub(crate) const AWAITING_PAYMENT: u64 = 7;
pub(crate) const COMPLETED: u64 = 10;
pub(crate) const AWAITING_FULFILLMENT: u64 = 11;

/// What a status means; the README has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// 0: the shopper reached the payment page and did not pay. No order yet.
    Incomplete,
    /// 1 and 7: placed, not paid.
    Unpaid,
    /// 12: on hold until somebody has looked at it.
    OnHold,
    /// 8, 9 and 11: paid, nothing sent.
    Paid,
    /// 3
    PartiallyShipped,
    /// 2 and 10
    Completed,
    /// 4: "neither paid nor unpaid".
    Refunded,
    /// 14: what was sent is not said.
    PartiallyRefunded,
    /// 13: paid, and the shopper disputes it.
    Disputed,
    /// 5 and 6: cancelled, or declined by the seller.
    Canceled,
    /// Not on the list: nothing is concluded from it.
    Unknown(u64),
}

impl Status {
    pub const fn of(order: &wire::Order) -> Self {
        match order.status_id.0 {
            0 => Self::Incomplete,
            1 | AWAITING_PAYMENT => Self::Unpaid,
            2 | COMPLETED => Self::Completed,
            3 => Self::PartiallyShipped,
            4 => Self::Refunded,
            CANCELLED | 6 => Self::Canceled,
            8 | 9 | AWAITING_FULFILLMENT => Self::Paid,
            12 => Self::OnHold,
            13 => Self::Disputed,
            14 => Self::PartiallyRefunded,
            other => Self::Unknown(other),
        }
    }

    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    pub const fn is_paid(self) -> bool {
        matches!(
            self,
            Self::Paid
                | Self::PartiallyShipped
                | Self::Completed
                | Self::Refunded
                | Self::PartiallyRefunded
                | Self::Disputed
        )
    }

    pub const fn cancel(self) -> Cancel {
        if matches!(self, Self::Canceled) { Cancel::Canceled } else { Cancel::None }
    }

    pub const fn fulfilment(self) -> Fulfilment {
        match self {
            Self::Completed => Fulfilment::Shipped,
            Self::PartiallyShipped => Fulfilment::Partial,
            _ => Fulfilment::NotStarted,
        }
    }

    /// What a person should know.
    pub fn warning(self) -> Option<String> {
        Some(match self {
            Self::OnHold => "The store holds this order until somebody has checked it; it counts as unpaid.".to_owned(),
            Self::Disputed => "The buyer disputes the payment of this order.".to_owned(),
            Self::Unknown(status) => format!(
                "The store says status `{status}`, which Tributary does not know: the order counts as unpaid and not shipped."
            ),
            _ => return None,
        })
    }
}
