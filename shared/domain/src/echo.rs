//! What changed between two versions of a channel order, and whether that is only our own work coming back.

use crate::channel_order::{Cancel, ChannelOrder, Fulfilment};
use crate::head::Order;
use crate::shipment::{Origin, key_of};
use crate::status::packages_hold_everything;

/// The newer version differs from the stored one only by packages that we told the channel ourselves.
pub fn is_own_echo(order: &Order, incoming: &ChannelOrder) -> bool {
    let ours = |key: &str| order.packages.iter().any(|package| package.origin != Origin::Channel && package.key == key);
    let explained = match incoming.fulfilment {
        Fulfilment::NotStarted => true,
        Fulfilment::Partial => order.packages.iter().any(|package| package.origin != Origin::Channel),
        Fulfilment::Shipped => packages_hold_everything(order),
        Fulfilment::Delivered => false,
    };
    let same_otherwise = {
        let mut incoming = incoming.clone();
        incoming.revision = order.source.revision;
        incoming.fulfilment = order.source.fulfilment;
        incoming.shipments.clone_from(&order.source.shipments);
        incoming == order.source
    };
    let stored = &order.source.shipments;
    explained && same_otherwise && incoming.shipments.iter().all(|s| stored.contains(s) || ours(&key_of(s)))
}

/// Whether what was bought, what it costs or where it goes is not what it was.
pub fn is_edited(before: &ChannelOrder, after: &ChannelOrder) -> bool {
    before.lines != after.lines
        || before.shipping != after.shipping
        || before.fees != after.fees
        || before.buyer_total != after.buyer_total
        || before.ship_to != after.ship_to
}

/// The changes worth telling, in words for the trace.
pub fn changes(before: &ChannelOrder, after: &ChannelOrder) -> Vec<String> {
    let mut told = Vec::new();
    if before.payment.is_paid() != after.payment.is_paid() {
        told.push(if after.payment.is_paid() { "paid".to_owned() } else { "no longer paid".to_owned() });
    }
    if before.cancel != after.cancel {
        told.push(match after.cancel {
            Cancel::None => "cancellation withdrawn".to_owned(),
            Cancel::Requested => "cancellation requested".to_owned(),
            Cancel::Canceled => "canceled".to_owned(),
        });
    }
    if before.fulfilment != after.fulfilment {
        told.push(match after.fulfilment {
            Fulfilment::NotStarted => "not shipped after all".to_owned(),
            Fulfilment::Partial => "partly shipped".to_owned(),
            Fulfilment::Shipped => "shipped".to_owned(),
            Fulfilment::Delivered => "delivered".to_owned(),
        });
    }
    if before.buyer_total != after.buyer_total {
        told.push(format!("total {} instead of {}", after.buyer_total, before.buyer_total));
    }
    if before.lines != after.lines {
        told.push("its lines".to_owned());
    }
    if before.refunds.len() < after.refunds.len() {
        told.push("a refund".to_owned());
    }
    if before.ship_to != after.ship_to {
        told.push("the address".to_owned());
    }
    told
}
