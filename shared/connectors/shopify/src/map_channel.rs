//! The role *channel*: Shopify's order as the domain states it.

use connect::{Incoming, Unreadable};
use domain::channel_order::{Cancel, ChannelOrder, Fulfilment, Payment, Refund};
use domain::{ChannelOrderId, Currency, LineId, MoneyError, Revision, TaxKnowledge};
use jiff::Timestamp;
use serde::Deserialize;

use crate::ids::number;
use crate::map_store::{is_paid, reference};
use crate::packages::{self, LineNames};
use crate::{people, wire};

mod money;

/// Why an order cannot be read, in the engineer's words and without its content.
pub(crate) struct Unread(String);

impl From<MoneyError> for Unread {
    fn from(_: MoneyError) -> Self {
        Self("an amount or a currency cannot be read".to_owned())
    }
}

/// One order of a list. `None`: it is no order of this channel's buyers, but one that we imported.
pub(crate) fn incoming(raw: &[u8], order: &wire::Order, server_time: Option<Timestamp>) -> Option<Incoming> {
    if reference(order).is_some() {
        return None;
    }
    Some(match channel_order(order, server_time) {
        Ok(order) => Incoming::Order(order),
        Err(why) => Incoming::Unreadable(unreadable(raw, Some(number(&order.id)), why)),
    })
}

/// Reads an order as the list gives it.
pub(crate) fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    let order = read_wire(raw)?;
    channel_order(&order, None).map_err(|why| unreadable(raw, Some(number(&order.id)), why))
}

pub(crate) fn read_wire(raw: &[u8]) -> Result<wire::Order, Unreadable> {
    json::from_slice(raw).map_err(|error| {
        // What serde says of a wrong value may quote it, so only the place is kept.
        let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        unreadable(raw, id_of(raw).as_deref(), Unread(place))
    })
}

fn id_of(raw: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: String,
    }
    json::from_slice::<OnlyId>(raw).ok().map(|order| number(&order.id).to_owned())
}

fn unreadable(raw: &[u8], id: Option<&str>, why: Unread) -> Unreadable {
    let which = id.map_or_else(|| "An order".to_owned(), |id| format!("Order {id}"));
    Unreadable {
        remote_id: id.map(str::to_owned),
        raw: raw.to_vec(),
        why: format!("{which} came from Shopify in a form that Tributary cannot read."),
        context: why.0,
    }
}

fn channel_order(order: &wire::Order, server_time: Option<Timestamp>) -> Result<ChannelOrder, Unread> {
    let currency: Currency = order.presentment_currency_code.parse()?;
    let mut warnings = Vec::new();
    let amounts = money::amounts(order, currency)?;
    let refunds = refunds(order, currency)?;
    let mut lines = amounts.lines;
    for line in &mut lines {
        let own = || refunds.canceled.iter().filter(|(id, _)| *id == line.id.as_str()).map(|(_, units)| *units);
        // Where units went without money, those that were paid back count beside them: the larger number is believed.
        let paid_back = refunds.money.iter().filter(|refund| refund.line.as_ref() == Some(&line.id));
        let paid_back: u32 = paid_back.filter_map(|refund| refund.quantity).sum();
        let canceled = if own().next().is_some() { own().sum::<u32>().saturating_add(paid_back) } else { 0 };
        line.canceled = canceled.min(line.quantity);
    }
    if order.test {
        warnings.push("This is a test order in Shopify: nobody paid for it.".to_owned());
    }
    let (payment, fulfilment) = (payment(order, &mut warnings), fulfilment(order, &mut warnings));
    let attribute = |key: &str| wire::attribute(&order.custom_attributes, key).map(str::to_owned);
    Ok(ChannelOrder {
        id: ChannelOrderId::new(number(&order.id)).map_err(|error| Unread(error.to_string()))?,
        number: order.name.clone(),
        revision: revision(order.updated_at, server_time),
        created_at: order.created_at,
        currency,
        buyer_total: amounts.total,
        payment,
        fulfilment,
        cancel: if order.cancelled_at.is_some() { Cancel::Canceled } else { Cancel::None },
        fulfilled_by_channel: false,
        buyer: people::buyer(order),
        ship_to: order.shipping_address.as_ref().and_then(people::address),
        bill_to: order.billing_address.as_ref().and_then(people::address),
        lines,
        shipping: amounts.shipping,
        fees: amounts.fees,
        // Without any tax line Shopify counted no tax; whether the prices hold some, it does not tell.
        tax: if amounts.has_tax { TaxKnowledge::Known } else { TaxKnowledge::Unknown },
        refunds: refunds.money,
        shipments: packages::shipments(order, LineNames::Own),
        buyer_note: order.note.clone().filter(|note| !note.trim().is_empty()),
        gift_message: GIFT_KEYS.iter().find_map(|key| attribute(key)),
        warnings,
    })
}

/// The attributes under which shops commonly keep a gift message; Shopify has no field of its own for it.
const GIFT_KEYS: [&str; 4] = ["Gift message", "gift_message", "Gift Message", "gift-message"];

/// Times count whole seconds: an order that was changed within the second in which it was read may change again unseen, so a
/// later look must win.
fn revision(modified: Timestamp, server_time: Option<Timestamp>) -> Revision {
    let settled = server_time.is_none_or(|now| now.as_second() > modified.as_second());
    Revision(modified.as_millisecond() - i64::from(!settled))
}

/// The status map of the README.
fn payment(order: &wire::Order, warnings: &mut Vec<String>) -> Payment {
    if is_paid(order) {
        let payments = order.transactions.iter().filter(|transaction| transaction.is_payment());
        return Payment::Paid { at: payments.filter_map(|payment| payment.processed_at).max() };
    }
    match order.display_financial_status.as_deref() {
        Some("AUTHORIZED" | "EXPIRED" | "PARTIALLY_PAID" | "PENDING" | "VOIDED") | None => {}
        Some(unknown) => warnings.push(unknown_word("a payment status", unknown, "not paid")),
    }
    Payment::Unpaid
}

fn fulfilment(order: &wire::Order, warnings: &mut Vec<String>) -> Fulfilment {
    let made = packages::made(order);
    let some = if made.is_empty() { Fulfilment::NotStarted } else { Fulfilment::Partial };
    match order.display_fulfillment_status.as_str() {
        "FULFILLED" => {
            let arrived = |one: &wire::Fulfillment| one.display_status.as_deref() == Some("DELIVERED");
            let all = !made.is_empty() && made.iter().all(|(one, _)| arrived(one));
            if all { Fulfilment::Delivered } else { Fulfilment::Shipped }
        }
        "PARTIALLY_FULFILLED" => Fulfilment::Partial,
        "FULFILLMENT_NOT_REQUIRED"
        | "IN_PROGRESS"
        | "ON_HOLD"
        | "OPEN"
        | "PENDING_FULFILLMENT"
        | "REQUEST_DECLINED"
        | "RESTOCKED"
        | "SCHEDULED"
        | "UNFULFILLED" => some,
        unknown => {
            warnings.push(unknown_word("a fulfilment status", unknown, "not shipped"));
            some
        }
    }
}

fn unknown_word(what: &str, word: &str, counts_as: &str) -> String {
    let shown: String = word.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("Shopify says `{shown}`, {what} that Tributary does not know: the order counts as {counts_as}.")
}

struct Refunds {
    money: Vec<Refund>,
    /// Units that were taken off the order without money, by line.
    canceled: Vec<(String, u32)>,
}

/// What each refund returned goes to its lines first, each with its units; the rest is the order's as a whole.
fn refunds(order: &wire::Order, currency: Currency) -> Result<Refunds, Unread> {
    let mut all = Refunds { money: Vec::new(), canceled: Vec::new() };
    for refund in &order.refunds {
        let id = number(&refund.id);
        let mut left = money::exact(&refund.total_refunded_set, currency)?;
        let mut parts = Vec::new();
        for item in &refund.refund_line_items.nodes {
            let line = number(&item.line_item.id);
            let mut worth = money::exact(&item.subtotal_set, currency)?;
            if !order.taxes_included {
                worth = worth.checked_add(money::exact(&item.total_tax_set, currency)?)?;
            }
            let amount = if worth.minor() < left.minor() { worth } else { left };
            if amount.minor() <= 0 {
                all.canceled.push((line.to_owned(), item.quantity));
                continue;
            }
            left = left.checked_sub(amount)?;
            let line = LineId::new(line).map_err(|error| Unread(error.to_string()))?;
            parts.push((amount, Some(line), Some(item.quantity)));
        }
        if !left.is_zero() {
            parts.push((left, None, None));
        }
        let only = parts.len() == 1;
        all.money.extend(parts.into_iter().enumerate().map(|(index, (amount, line, quantity))| Refund {
            id: if only { id.to_owned() } else { format!("{id}/{index}") },
            amount,
            at: refund.created_at,
            line,
            quantity,
        }));
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
