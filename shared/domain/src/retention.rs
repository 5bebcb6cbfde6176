//! R19: who bought and where it went is kept for some days after delivery, and is then removed by an update.

use jiff::{SignedDuration, Timestamp};

use crate::channel_order::{Address, Buyer, ChannelOrder};
use crate::head::{ImportState, Order};
use crate::status::{RefundStatus, is_all_sent, refund_status};

/// Days after delivery for which a buyer's data is kept, where the merchant does not say otherwise.
pub const DEFAULT_DAYS: u16 = 25;
/// The most that a merchant may set.
pub const MAX_DAYS: u16 = 90;
/// Orders placed within so many days are looked through every night.
pub const LOOKED_THROUGH_DAYS: i64 = 180;
/// Nights that may be missed before an order leaves that time.
const MISSED_NIGHTS: i64 = 10;
/// An order that is over by this age is due before it leaves that time, whatever the merchant sets.
const LATE_DAYS: i64 = LOOKED_THROUGH_DAYS - MAX_DAYS as i64 - MISSED_NIGHTS;

impl ChannelOrder {
    /// Whether it says who bought, or where it goes.
    pub fn names_a_person(&self) -> bool {
        let place = |address: &Option<Address>| address.as_ref().is_some_and(|address| *address != place_of(address));
        self.buyer != Buyer { email_is_relay: self.buyer.email_is_relay, ..Buyer::default() }
            || place(&self.ship_to)
            || place(&self.bill_to)
            || self.buyer_note.is_some()
            || self.gift_message.is_some()
    }

    /// The same without names, addresses, phone, e-mail and messages. The country stays: taxes go by it.
    #[must_use]
    pub fn without_person(&self) -> Self {
        Self {
            buyer: Buyer { email_is_relay: self.buyer.email_is_relay, ..Buyer::default() },
            ship_to: self.ship_to.as_ref().map(place_of),
            bill_to: self.bill_to.as_ref().map(place_of),
            buyer_note: None,
            gift_message: None,
            ..self.clone()
        }
    }
}

fn place_of(address: &Address) -> Address {
    Address { country: address.country.clone(), ..Address::default() }
}

/// Since when nobody needs to know the buyer: since it was shipped, which is earlier than its delivery; since it was canceled,
/// refunded in full or given up. `None`: it is not over.
pub fn over_since(order: &Order) -> Option<Timestamp> {
    let source = &order.source;
    let changed = Timestamp::from_millisecond(source.revision.0).ok();
    if order.is_void() || order.store.canceled || matches!(order.import, ImportState::Left(_)) {
        return changed;
    }
    if !is_all_sent(order) {
        return changed.filter(|_| refund_status(order) == RefundStatus::Full);
    }
    let packages = order.packages.iter().map(|package| &package.shipment);
    let shipped = source.shipments.iter().chain(packages).filter_map(|shipment| shipment.shipped_at).max();
    shipped.or(changed)
}

/// Whether the days after its delivery are over.
pub fn is_due(order: &Order, days: u16, now: Timestamp) -> bool {
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    over_since(order).and_then(|since| since.checked_add(kept).ok()).is_some_and(|end| end <= now)
}

/// Whether the order is over so long after it was placed that the nights may not meet it any more when it is due.
pub fn is_late(order: &Order, now: Timestamp) -> bool {
    let age = now.duration_since(order.id.created_at());
    age >= SignedDuration::from_hours(24 * LATE_DAYS) && order.source.names_a_person() && over_since(order).is_some()
}
