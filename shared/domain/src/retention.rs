//! R19: who bought and where it went is kept for some days after delivery, and is then removed by an update.

use jiff::{SignedDuration, Timestamp};

use crate::channel_order::{Address, Buyer, Cancel, ChannelOrder, Fulfilment};
use crate::head::{ImportState, Order};

/// Days after delivery for which a buyer's data is kept, where the merchant does not say otherwise.
pub const DEFAULT_DAYS: u16 = 25;
/// The most that a merchant may set.
pub const MAX_DAYS: u16 = 90;

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

/// Since when nobody needs to know the buyer: since it was shipped, which is earlier than its delivery; since it was canceled
/// or given up. `None`: it is not over.
pub fn over_since(order: &Order) -> Option<Timestamp> {
    let source = &order.source;
    let changed = Timestamp::from_millisecond(source.revision.0).ok();
    if source.cancel == Cancel::Canceled || order.store.canceled || matches!(order.import, ImportState::Left(_)) {
        return changed;
    }
    if source.fulfilment < Fulfilment::Shipped && !order.store.completed {
        return None;
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
