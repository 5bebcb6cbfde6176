//! The role *channel*: the store's order as the domain states it.

mod money;
mod refunds;

use connect::{Incoming, Unreadable};
use domain::channel_order::{ChannelOrder, Fulfilment, Line, Payment};
use domain::{ChannelOrderId, LineId, ListingKey, Money, MoneyError, Revision, Shipping, Sku, TaxKnowledge};
use jiff::Timestamp;

use crate::ids::Item;
use crate::map_store::{all_shipped, currency, reference};
use crate::packages::{LineNames, shipments, whole};
use crate::people;
use crate::status::Status;
use crate::wire::{self, OrderProduct};

/// Why an order cannot be read, in the engineer's words and without its content.
pub(crate) struct Unread(String);

impl From<MoneyError> for Unread {
    fn from(_: MoneyError) -> Self {
        Self("an amount or a currency cannot be read".to_owned())
    }
}

/// What the order itself does not say.
#[derive(Default)]
pub(crate) struct Extras {
    pub taxes: Vec<wire::OrderTax>,
    pub transactions: Vec<wire::Transaction>,
    pub refunds: Vec<wire::Refund>,
    pub shipments: Vec<wire::Shipment>,
    pub server_time: Option<Timestamp>,
}

/// Which of the [`Extras`] are worth a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each call that may be spared")]
pub(crate) struct Needs {
    pub taxes: bool,
    pub transactions: bool,
    pub refunds: bool,
    pub shipments: bool,
}

impl Needs {
    pub fn of(order: &wire::Order) -> Self {
        let status = Status::of(order);
        let refunded = |line: &&OrderProduct| !line.quantity_refunded.0.is_zero();
        Self {
            taxes: !order.total_tax.0.is_zero(),
            // When it was paid stands nowhere else.
            transactions: status.is_paid(),
            refunds: matches!(status, Status::Refunded | Status::PartiallyRefunded)
                || order.payment_status.contains("refunded")
                || !order.refunded_amount.0.is_zero()
                || order.lines().unwrap_or_default().iter().any(refunded),
            shipments: !order.items_shipped.0.is_zero(),
        }
    }
}

/// Whether it is an order of this channel: not one that we imported, and not a payment page that somebody left.
pub(crate) fn is_of_channel(order: &wire::Order) -> bool {
    reference(order).is_none() && Status::of(order) != Status::Incomplete
}

pub(crate) fn incoming(raw: &[u8], order: &wire::Order, extras: &Extras) -> Incoming {
    match channel_order(order, extras) {
        Ok(order) => Incoming::Order(order),
        Err(why) => Incoming::Unreadable(unreadable(raw, Some(order.id), why)),
    }
}

/// Reads an order as the store wrote it.
pub(crate) fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    let order = read_wire(raw)?;
    channel_order(&order, &Extras::default()).map_err(|why| unreadable(raw, Some(order.id), why))
}

pub(crate) fn read_wire(raw: &[u8]) -> Result<wire::Order, Unreadable> {
    json::from_slice(raw).map_err(|error| {
        // What serde says of a wrong value may quote it, so only the place is kept.
        let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        unreadable(raw, id_of(raw), Unread(place))
    })
}

fn id_of(raw: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: u64,
    }
    json::from_slice::<OnlyId>(raw).ok().map(|order| order.id)
}

fn unreadable(raw: &[u8], id: Option<u64>, why: Unread) -> Unreadable {
    let which = id.map_or_else(|| "An order".to_owned(), |id| format!("Order {id}"));
    Unreadable {
        remote_id: id.map(|id| id.to_string()),
        raw: raw.to_vec(),
        why: format!("{which} came from BigCommerce in a form that Tributary cannot read."),
        context: why.0,
    }
}

fn channel_order(order: &wire::Order, extras: &Extras) -> Result<ChannelOrder, Unread> {
    let currency = currency(order)?;
    let created_at = order.date_created.ok_or_else(|| Unread("no creation date".to_owned()))?.0;
    let modified_at = order.date_modified.map_or(created_at, |date| date.0);
    let products = order.lines().ok_or_else(|| Unread("its lines are not in it".to_owned()))?;
    let status = Status::of(order);
    let mut warnings: Vec<String> = status.warning().into_iter().collect();
    if order.consignments.shipping.len() > 1 {
        warnings.push("This order goes to several addresses: Tributary shows the first one.".to_owned());
    }
    let money = money::charges(order, &products, &extras.taxes, currency, &mut warnings)?;
    let lines = products.iter().zip(money.lines).map(|(product, charge)| line(product, charge));
    let payment = if status.is_paid() { Payment::Paid { at: paid_at(&extras.transactions) } } else { Payment::Unpaid };
    Ok(ChannelOrder {
        id: ChannelOrderId::new(order.id.to_string()).map_err(|error| Unread(error.to_string()))?,
        number: order.id.to_string(),
        revision: revision(modified_at, extras.server_time),
        created_at,
        currency,
        buyer_total: money.buyer_total,
        payment,
        fulfilment: fulfilment(order, status),
        cancel: status.cancel(),
        fulfilled_by_channel: false,
        buyer: people::buyer(order),
        ship_to: people::ship_to(order),
        bill_to: people::address(&order.billing_address),
        lines: lines.collect::<Result<_, _>>()?,
        shipping: Shipping { service: service(order), charge: money.shipping },
        fees: money.fees,
        // Without any tax nobody knows whether the prices hold some.
        tax: if order.total_tax.0.is_zero() { TaxKnowledge::Unknown } else { TaxKnowledge::Known },
        refunds: refunds::refunds(&extras.refunds, currency)?,
        shipments: shipments(order, &extras.shipments, LineNames::Own),
        buyer_note: filled(&order.customer_message),
        gift_message: gift_message(&products),
        warnings,
    })
}

/// An order that was changed within the second in which it was read may change again unseen; a later look must win.
fn revision(modified: Timestamp, server_time: Option<Timestamp>) -> Revision {
    let settled = server_time.is_none_or(|now| now.as_second() > modified.as_second());
    Revision(modified.as_millisecond() - i64::from(!settled))
}

/// The first money that came in.
fn paid_at(transactions: &[wire::Transaction]) -> Option<Timestamp> {
    let came_in = |transaction: &&wire::Transaction| {
        matches!(transaction.event.as_str(), "purchase" | "capture" | "settled") && transaction.status != "error"
    };
    transactions.iter().filter(came_in).filter_map(|transaction| Some(transaction.date_created?.0)).min()
}

/// By the units that were sent; a status that says more counts too.
fn fulfilment(order: &wire::Order, status: Status) -> Fulfilment {
    let by_units = match order.items_shipped.0 {
        sent if sent.is_zero() => Fulfilment::NotStarted,
        _ if all_shipped(order) => Fulfilment::Shipped,
        _ => Fulfilment::Partial,
    };
    by_units.max(status.fulfilment())
}

fn service(order: &wire::Order) -> String {
    let shipped = order.consignments.shipping.iter().map(|group| group.shipping_method.trim());
    let collected = order.consignments.pickups.iter().map(|group| group.pickup_method_display_name.trim());
    let mut names: Vec<&str> = shipped.chain(collected).filter(|name| !name.is_empty()).collect();
    names.dedup();
    names.join(" + ")
}

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.trim().is_empty())
}

fn gift_message(products: &[&OrderProduct]) -> Option<String> {
    let mut messages: Vec<&str> = products.iter().map(|product| product.wrapping_message.trim()).collect();
    messages.retain(|message| !message.is_empty());
    messages.dedup();
    filled(&messages.join("\n"))
}

fn line(product: &OrderProduct, charge: domain::channel_order::Charge) -> Result<Line, Unread> {
    let sku = Sku::new(&product.sku).ok();
    let listing = match (Item::from_wire(product.product_id, product.variant_id), &sku) {
        (Some(item), _) => item.listing(),
        (None, Some(sku)) => ListingKey::Sku(sku.clone()),
        // A custom product or a gift certificate: its name is all that tells it from others.
        (None, None) => ListingKey::Listing(format!("text:{}", product.name.chars().take(60).collect::<String>())),
    };
    Ok(Line {
        id: LineId::new(product.id.to_string()).map_err(|error| Unread(error.to_string()))?,
        listing,
        sku,
        title: product.name.clone(),
        quantity: whole(product.quantity.0)
            .ok_or_else(|| Unread("a line's quantity is not a whole number".to_owned()))?,
        canceled: 0,
        charge,
    })
}

/// For the order's own money: an amount below zero is nobody's price.
fn not_negative(money: Money) -> Result<Money, Unread> {
    if money.is_negative() { Err(Unread("an amount is below zero".to_owned())) } else { Ok(money) }
}

#[cfg(test)]
mod tests;
