//! Debug texts of what holds buyers' data: who it is and what they wrote is left out, since what is debugged may be logged.

use std::fmt;

use crate::channel_order::ChannelOrder;
use crate::draft::StoreOrderDraft;

impl fmt::Debug for ChannelOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each field is named, so that a new one is thought about here.
        let Self {
            id,
            number,
            revision,
            created_at,
            currency,
            buyer_total,
            payment,
            fulfilment,
            cancel,
            fulfilled_by_channel,
            buyer,
            ship_to,
            bill_to,
            lines,
            shipping,
            fees,
            tax,
            refunds,
            shipments,
            buyer_note: _,
            gift_message: _,
            warnings,
        } = self;
        f.debug_struct("ChannelOrder")
            .field("id", id)
            .field("number", number)
            .field("revision", revision)
            .field("created_at", created_at)
            .field("currency", currency)
            .field("buyer_total", buyer_total)
            .field("payment", payment)
            .field("fulfilment", fulfilment)
            .field("cancel", cancel)
            .field("fulfilled_by_channel", fulfilled_by_channel)
            .field("buyer", buyer)
            .field("ship_to", ship_to)
            .field("bill_to", bill_to)
            .field("lines", lines)
            .field("shipping", shipping)
            .field("fees", fees)
            .field("tax", tax)
            .field("refunds", refunds)
            .field("shipments", shipments)
            .field("warnings", warnings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoreOrderDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            reference,
            source,
            currency,
            total,
            paid,
            placed_at,
            lines,
            shipping,
            fees,
            taxes,
            channel_liable,
            billing,
            ship_to,
            email: _,
            email_is_relay,
            note: _,
            information,
            mails,
            remarks,
            takes_stock,
            conversion,
        } = self;
        f.debug_struct("StoreOrderDraft")
            .field("reference", reference)
            .field("source", source)
            .field("currency", currency)
            .field("total", total)
            .field("paid", paid)
            .field("placed_at", placed_at)
            .field("lines", lines)
            .field("shipping", shipping)
            .field("fees", fees)
            .field("taxes", taxes)
            .field("channel_liable", channel_liable)
            .field("billing", billing)
            .field("ship_to", ship_to)
            .field("email_is_relay", email_is_relay)
            .field("information", information)
            .field("mails", mails)
            .field("remarks", remarks)
            .field("takes_stock", takes_stock)
            .field("conversion", conversion)
            .finish_non_exhaustive()
    }
}
